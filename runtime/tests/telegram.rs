//! The `telegram` example does what it says, from the outside: what it prints, how it ends, and in how much
//! memory.
//!
//! `cargo test` and `cargo test -p insideout` build the examples first; with `--test telegram` alone that is
//! for you to do.

mod programs;

use programs::example;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write, pipe};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread;

/// A file for one test.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

fn telegram<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    example("telegram").args(arguments).output().unwrap()
}

/// What `telegram` makes of a text, on as many pools as it may and on one.
fn wrapped(name: &str, text: impl AsRef<[u8]>, width: usize) -> String {
    let (path, width) = (file(name, text), width.to_string());
    let path = path.to_str().unwrap();
    let apart = telegram([path, &width]);
    let together = telegram([path, &width, "--one-pool"]);
    for run in [&apart, &together] {
        assert_eq!(run.status.code(), Some(0));
        check_report(&run.stderr);
    }
    assert!(apart.stdout == together.stdout);
    String::from_utf8(apart.stdout).unwrap()
}

/// The same, by a loop.
fn reference(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= width;
            lines.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        lines.push_str(word);
        column += length;
    }
    if column > 0 {
        lines.push('\n');
    }
    lines
}

/// All the numbers in a text.
fn numbers(text: &str) -> Vec<u64> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}

/// The report has a line for all and one for each component, which add up; returns the numbers in
/// the first: continuations, their bytes, migrations, bytes of each, messages, bytes of each, bytes
/// of text.
fn check_report(stderr: &[u8]) -> [u64; 7] {
    let report = str::from_utf8(stderr).unwrap();
    let mut lines = report.lines();
    let all = lines.next().unwrap();
    let [
        continuations,
        bytes,
        migrations,
        moved,
        messages,
        message,
        text,
    ] = *numbers(all).as_slice()
    else {
        panic!("{report}");
    };
    assert_eq!(
        all,
        format!(
            "{continuations} continuations of {bytes} bytes in all, \
             {migrations} migrations of {moved} bytes each, \
             {messages} messages of {message} bytes each with {text} bytes of text"
        )
    );
    let mut sums = [0; 4];
    for (line, name) in lines.zip(["reader", "decomposer", "recomposer", "writer"]) {
        assert!(
            line.trim_start().starts_with(&format!("{name}: ")),
            "{report}"
        );
        for (sum, number) in sums.iter_mut().zip(numbers(line)) {
            *sum += number;
        }
    }
    assert_eq!(sums, [bytes, migrations, messages, text], "{report}");
    assert_eq!(report.lines().count() as u64, 1 + continuations);
    [
        continuations,
        bytes,
        migrations,
        moved,
        messages,
        message,
        text,
    ]
}

/// Numbers that follow from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn choose<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A text of about so many bytes, of words and whitespace of every kind.
    fn text(&mut self, bytes: usize) -> String {
        const LETTERS: &[&str] = &["a", "b", "-", "é", "ß", "語", "🦀", "\u{301}", "\0"];
        const SPACES: &[&str] = &[
            " ", " ", " ", "\n", "\r\n", "\t", "\n\n", "  \n ", "\u{a0}", "\u{2003}", "\u{85}",
        ];
        let mut text = String::new();
        if self.below(2) == 0 {
            text += self.choose(SPACES);
        }
        while text.len() < bytes {
            let length = match self.below(100) {
                0 => self.below(300),
                _ => 1 + self.below(9),
            };
            for _ in 0..length {
                text += self.choose(LETTERS);
            }
            text += self.choose(SPACES);
        }
        if self.below(2) == 0 {
            text += "end";
        }
        text
    }
}

#[test]
fn telegram_wraps_as_a_loop_does() {
    let mut random = Random(20);
    for round in 0..30 {
        let bytes = random.below([10, 1_000, 300_000][round % 3]);
        let text = random.text(bytes);
        for width in [1, 2, 7, 60 + random.below(60), usize::MAX] {
            let lines = wrapped("generated", &text, width);
            assert!(
                lines == reference(&text, width),
                "width {width}: {text:.200}"
            );
        }
    }
}

#[test]
fn telegram_makes_characters_whole_that_lie_in_two_blocks() {
    for letter in ["é", "語", "🦀"] {
        for start in ["", "x", "xx", "xxx"] {
            let text = format!("{start}{}", letter.repeat(200_000 / letter.len()));
            assert!(wrapped("letters", &text, 10) == text.clone() + "\n");
            let words = format!("{start} {}", format!("{letter} ").repeat(70_000));
            assert!(wrapped("words", &words, 10) == reference(&words, 10));
        }
    }
}

#[test]
fn telegram_fills_lines() {
    let text = "To be, or not to be: that is the question";
    let lines = wrapped("fills", text, 14);
    assert_eq!(lines, "To be, or not\nto be: that is\nthe question\n");
    assert_eq!(wrapped("fills_all", text, 41), format!("{text}\n"));
}

#[test]
fn telegram_leaves_long_words_whole() {
    let lines = wrapped("long_words", "a incomprehensibilities b c", 5);
    assert_eq!(lines, "a\nincomprehensibilities\nb c\n");
}

#[test]
fn telegram_counts_characters() {
    assert_eq!(wrapped("characters", "ééé ééé ééé", 7), "ééé ééé\nééé\n");
}

#[test]
fn telegram_takes_any_whitespace_for_a_gap() {
    let text = "\u{2003}one\r\ntwo\t\tthree\r\n\r\n\n four\u{a0}five ";
    assert_eq!(wrapped("whitespace", text, 80), "one two three four five\n");
}

#[test]
fn telegram_makes_nothing_of_nothing() {
    assert_eq!(wrapped("empty", "", 10), "");
    assert_eq!(wrapped("blank", " \r\n\t\n".repeat(50_000), 10), "");
}

#[test]
fn telegram_wraps_one_huge_line_and_one_huge_word() {
    let line = "word ".repeat(400_000);
    assert!(wrapped("huge_line", &line, 72) == reference(&line, 72));
    assert!(wrapped("huge_line_wide", &line, usize::MAX) == reference(&line, usize::MAX));
    let word = "w".repeat(2_000_000);
    assert!(wrapped("huge_word", &word, 72) == word + "\n");
}

#[test]
fn telegram_says_what_it_took() {
    let run = telegram([file("report", "one two\n").as_os_str(), OsStr::new("3")]);
    assert_eq!(run.stdout, b"one\ntwo\n");
    let [continuations, _, migrations, moved, messages, message, text] = check_report(&run.stderr);
    // The reader goes to open, to and fro for the block, and back from the end; the writer to and
    // fro for each of two messages, and to flush. Of the words' last batch a part goes on when the
    // next has come, the rest at the end.
    assert_eq!((continuations, migrations, messages), (4, 4 + 5, 1 + 1 + 2));
    assert_eq!((moved, message), (8, 24));
    assert_eq!(text, 3 * 8);
}

/// Runs that fail say why in one line, and write the words before the failure.
fn fails(run: &Output, code: i32, stdout: &str, stderr: &str) {
    assert_eq!(str::from_utf8(&run.stderr).unwrap(), stderr);
    assert_eq!(str::from_utf8(&run.stdout).unwrap(), stdout);
    assert_eq!(run.status.code(), Some(code));
}

#[test]
fn telegram_names_the_byte_that_is_not_utf8() {
    let wrong = |name: &str, bytes: &[u8], at: usize, before: &str| {
        let path = file(name, bytes);
        let run = telegram([path.as_os_str(), OsStr::new("10")]);
        let why = format!("telegram: {}: not UTF-8 at byte {at}\n", path.display());
        fails(&run, 1, before, &why);
    };
    wrong("latin", b"caf\xe9 au lait", 3, "caf\n");
    wrong("first", b"\xff", 0, "");
    wrong("cut_off", b"ab \xe2\x82", 3, "ab\n");
    wrong("surrogate", b"a\xed\xa0\x80", 1, "a\n");
    let late = [&b"w ".repeat(100_000)[..], b"\x80"].concat();
    wrong(
        "late",
        &late,
        200_000,
        &reference(&"w ".repeat(100_000), 10),
    );
    let cut = [&b"x".repeat(65_535)[..], "é".as_bytes(), b"\xe2\x28"].concat();
    wrong(
        "over_blocks",
        &cut,
        65_537,
        &format!("{}é\n", "x".repeat(65_535)),
    );
}

#[test]
fn telegram_reads_no_further_than_what_is_not_utf8() {
    let mut run = example("telegram")
        .args(["/dev/stdin", "10"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = run.stdin.take().unwrap();
    let block = [b'\xff'; 1 << 20];
    let stopped = (0..16).find_map(|_| pipe.write_all(&block).err());
    assert_eq!(
        stopped.map(|error| error.kind()),
        Some(ErrorKind::BrokenPipe)
    );
    let run = run.wait_with_output().unwrap();
    fails(&run, 1, "", "telegram: /dev/stdin: not UTF-8 at byte 0\n");
}

#[test]
fn telegram_names_the_file_that_it_cannot_read() {
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("missing");
    let run = telegram([missing.as_os_str(), OsStr::new("10")]);
    let why = "No such file or directory (os error 2)";
    fails(
        &run,
        1,
        "",
        &format!("telegram: {}: {why}\n", missing.display()),
    );
    let run = telegram(["/", "10"]);
    fails(&run, 1, "", "telegram: /: Is a directory (os error 21)\n");
}

#[test]
fn telegram_explains_its_arguments() {
    let path = file("arguments", "text");
    let path = path.to_str().unwrap();
    let wrong: [&[&str]; 9] = [
        &[],
        &[path],
        &[path, "0"],
        &[path, "-1"],
        &[path, "wide"],
        &[path, ""],
        &[path, "99999999999999999999999"],
        &[path, "10", "20"],
        &["--one-pool", path],
    ];
    for arguments in wrong {
        let run = telegram(arguments);
        assert_eq!(run.status.code(), Some(2), "{arguments:?}");
        assert_eq!(run.stdout, b"");
        assert!(run.stderr.starts_with(b"usage: telegram "));
    }
}

#[test]
fn telegram_ends_quietly_when_nobody_reads() {
    let path = file("unread", "some words ".repeat(400_000));
    let mut run = example("telegram")
        .arg(path)
        .arg("20")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(run.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let run = run.wait_with_output().unwrap();
    assert_eq!(line, "some words some\n");
    assert_eq!(run.stderr, b"");
    assert_eq!(run.status.code(), Some(0));
}

#[test]
fn telegram_ends_quietly_when_nobody_reads_its_report() {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let run = example("telegram")
        .arg(file("unreported", "some words"))
        .arg("20")
        .stderr(writer)
        .output()
        .unwrap();
    assert_eq!(run.stdout, b"some words\n");
    assert_eq!(run.status.code(), Some(0));
}

#[test]
fn telegram_says_when_it_cannot_write() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let run = example("telegram")
        .arg(file("full", "words"))
        .arg("20")
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let run = run.wait_with_output().unwrap();
    fails(
        &run,
        1,
        "",
        "telegram: stdout: No space left on device (os error 28)\n",
    );
}

/// The most memory that a process has had, in KiB.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    numbers(line)[0]
}

/// Feeds `mebibytes` of text through a pipe, and looks at the peak before the text ends.
fn peak_of(mebibytes: usize, text: &str, width: &str) -> u64 {
    let mut run = example("telegram")
        .args(["/dev/stdin", width])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = run.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        let (mut buffer, mut sum) = (vec![0; 1 << 16], 0);
        loop {
            match lines.read(&mut buffer).unwrap() {
                0 => return sum,
                bytes => sum += bytes,
            }
        }
    });
    let mut pipe = run.stdin.take().unwrap();
    let block = text.repeat((1 << 20) / text.len());
    for _ in 0..mebibytes {
        pipe.write_all(block.as_bytes()).unwrap();
    }
    let peak = peak(run.id());
    drop(pipe);
    assert!(run.wait().unwrap().success());
    assert!(reader.join().unwrap() >= mebibytes * block.len());
    peak
}

#[test]
fn telegram_needs_no_more_memory_for_more_text() {
    for (text, width) in [
        ("some wörds ", "72"),
        ("some words ", "18446744073709551615"),
        ("x", "72"),
    ] {
        let peak = peak_of(32, text, width);
        assert!(
            peak < 16 * 1024,
            "{peak} KiB for {text:?} in lines of {width}"
        );
    }
}
