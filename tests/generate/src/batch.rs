//! Many programs as one crate: compiled, what is refused also as blocking functions alone, and run, each held
//! to a time and all of them to an amount of memory.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{fs, io, thread};

/// How long one program may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much memory a run may have, in KiB.
const MEMORY: usize = 8_000_000;

/// How often the crate is compiled anew without what was refused.
const ROUNDS: usize = 8;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The halves cannot be told apart.
    Same,
    /// It is no Rust as an ordinary function: the generator's own defect.
    Invalid(String),
    /// Only its `#[cps]` half was refused.
    Refused(String),
    /// The halves differ.
    Differs(String),
    /// It did not end, or took the process with it.
    Lost(String),
}

/// A place to compile and run programs in.
#[derive(Debug)]
pub struct Batch {
    folder: PathBuf,
    target: PathBuf,
}

/// The text of a program, as an ordinary function and as both.
#[derive(Clone, Debug)]
pub struct Source {
    /// The blocking half alone.
    pub plain: String,
    /// Both halves, and their comparison.
    pub both: String,
}

impl Batch {
    /// A crate called `name` under the workspace's target directory.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn new(name: &str) -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .canonicalize()?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = target.join("generated").join(name);
        fs::create_dir_all(folder.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"generated-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nbehaviour = {{ path = {:?} }}\ninsideout = {{ path = {:?} }}\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n",
            root.join("tests"),
            root.join("runtime")
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(
            folder.join("src/prelude.rs"),
            include_str!("../crate/prelude.rs"),
        )?;
        fs::write(
            folder.join("src/canary.rs"),
            include_str!("../crate/canary.rs"),
        )?;
        Ok(Batch { folder, target })
    }

    /// What becomes of each program, by its name.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run, or says something that is about none of the programs.
    pub fn judge(
        &self,
        sources: &BTreeMap<String, Source>,
    ) -> io::Result<BTreeMap<String, Verdict>> {
        let mut verdicts = BTreeMap::new();
        let mut left = sources.clone();
        let mut refused = BTreeMap::new();
        self.compile(
            &mut left,
            "build",
            |source| &source.both,
            |name, text| {
                refused.insert(name, text);
            },
        )?;
        // Of what is refused, the blocking half may be to blame.
        let mut blamed = sources.clone();
        blamed.retain(|name, _| refused.contains_key(name));
        if !blamed.is_empty() {
            self.compile(
                &mut blamed,
                "check",
                |source| &source.plain,
                |name, text| {
                    refused.remove(&name);
                    verdicts.insert(name, Verdict::Invalid(text));
                },
            )?;
        }
        let refused = refused.into_iter();
        verdicts.extend(refused.map(|(name, text)| (name, Verdict::Refused(text))));
        let names = left.keys().cloned().chain(["canary".to_owned()]);
        verdicts.extend(self.run(names.collect())?);
        match verdicts.remove("canary") {
            Some(Verdict::Differs(_)) => Ok(verdicts),
            other => Err(io::Error::other(format!(
                "a function that differs was not found to: {other:?}"
            ))),
        }
    }

    /// Compiles what is left, and takes out of it what is refused.
    fn compile(
        &self,
        left: &mut BTreeMap<String, Source>,
        command: &str,
        text: impl Fn(&Source) -> &String,
        mut refused: impl FnMut(String, String),
    ) -> io::Result<()> {
        for _ in 0..ROUNDS {
            self.write(left, &text)?;
            let mut cargo =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.arg(command).arg("--quiet").args(["--color", "never"]);
            cargo
                .current_dir(&self.folder)
                .env("CARGO_TARGET_DIR", &self.target);
            let output = cargo.stdin(Stdio::null()).output()?;
            if output.status.success() {
                return Ok(());
            }
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let errors = by_program(&said);
            let known = errors.keys().filter(|name| left.contains_key(*name));
            if known.count() == 0 {
                return Err(io::Error::other(format!("cargo {command} failed:\n{said}")));
            }
            for (name, text) in errors {
                if left.remove(&name).is_some() {
                    refused(name, text);
                }
            }
        }
        Err(io::Error::other("new errors appear without end"))
    }

    fn write(
        &self,
        left: &BTreeMap<String, Source>,
        text: impl Fn(&Source) -> &String,
    ) -> io::Result<()> {
        let mut main = include_str!("../crate/main.rs").to_owned();
        let mut table = String::new();
        main.push_str("\nmod canary;\n");
        for (name, source) in left {
            fs::write(self.folder.join(format!("src/{name}.rs")), text(source))?;
            writeln!(main, "mod {name};").map_err(io::Error::other)?;
        }
        for name in left.keys().map(String::as_str).chain(["canary"]) {
            writeln!(table, "    (\"{name}\", {name}::compare),").map_err(io::Error::other)?;
        }
        main.push_str(&format!(
            "\nconst PROGRAMS: &[(&str, fn())] = &[\n{table}];\n"
        ));
        fs::write(self.folder.join("src/main.rs"), main)
    }

    /// Runs the programs one after the other, and begins anew behind one that was lost.
    fn run(&self, mut names: Vec<String>) -> io::Result<BTreeMap<String, Verdict>> {
        let package = self
            .folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let program = self
            .target
            .join("debug")
            .join(format!("generated-{package}"));
        let mut verdicts = BTreeMap::new();
        while !names.is_empty() {
            let mut child = Command::new("sh")
                .arg("-c")
                .arg(format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\""))
                .arg(&program)
                .args(&names)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()?;
            let lost = listen(&mut child, &mut verdicts)?;
            let _ = child.kill();
            child.wait()?;
            names.retain(|name| !verdicts.contains_key(name));
            if !names.is_empty() && !lost {
                return Err(io::Error::other(format!("{program:?} ended early")));
            }
        }
        Ok(verdicts)
    }
}

/// Hears how programs end; says whether one of them was lost.
fn listen(child: &mut Child, verdicts: &mut BTreeMap<String, Verdict>) -> io::Result<bool> {
    let output = child
        .stdout
        .take()
        .ok_or_else(|| io::Error::other("no output"))?;
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if line.is_err() || sender.send(line.unwrap_or_default()).is_err() {
                return;
            }
        }
    });
    let mut current = None;
    loop {
        let ended = match lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                if let Some(name) = line.strip_prefix("begin ") {
                    current = Some(name.to_owned());
                } else if let Some(name) = current.take() {
                    let verdict = match line.strip_prefix("differs ") {
                        Some(text) => Verdict::Differs(text.replace('\u{b6}', "\n")),
                        None => Verdict::Same,
                    };
                    verdicts.insert(name, verdict);
                }
                continue;
            }
            Err(RecvTimeoutError::Timeout) => "it did not end in five minutes",
            Err(RecvTimeoutError::Disconnected) => "the process ended",
        };
        return Ok(match current {
            Some(name) => {
                verdicts.insert(name, Verdict::Lost(ended.to_owned()));
                true
            }
            None => false,
        });
    }
}

/// The errors of a compiler's output, by the program that they are about.
fn by_program(said: &str) -> BTreeMap<String, String> {
    let mut errors = BTreeMap::<String, String>::new();
    let mut blocks = Vec::<String>::new();
    for line in said.lines() {
        if line.starts_with("error") || blocks.is_empty() {
            blocks.push(String::new());
        }
        let last = blocks.len() - 1;
        blocks[last].push_str(line);
        blocks[last].push('\n');
    }
    for block in blocks.iter().filter(|block| block.starts_with("error")) {
        let file = block
            .split("src/")
            .nth(1)
            .and_then(|rest| rest.split(".rs:").next());
        if let Some(name) = file {
            errors.entry(name.to_owned()).or_default().push_str(block);
        }
    }
    errors
}
