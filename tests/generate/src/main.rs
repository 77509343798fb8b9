//! Generates programs, compiles and runs them, and says which are not the same as ordinary functions.

use generate::batch::{Batch, Source, Verdict};
use generate::{Program, shrink};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage: generate [--seed S] [--count FUNCTIONS] [--batch FUNCTIONS] [--place NAME] [--show] [--whole]

Makes at least so many functions from the seed, and compares each with itself as an ordinary function.
Fails if one of them is refused or differs.
  --place   compiles them in a crate of this name, so that several runs can go on at once
  --show    prints the program of the seed, and does nothing else
  --whole   does not make what was found smaller";

struct Options {
    seed: u64,
    count: usize,
    batch: usize,
    place: String,
    show: bool,
    whole: bool,
}

fn options() -> Option<Options> {
    let mut options = Options {
        seed: 1,
        count: 100,
        batch: 120,
        place: "batch".to_owned(),
        show: false,
        whole: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seed" => options.seed = words.next()?.parse().ok()?,
            "--count" => options.count = words.next()?.parse().ok()?,
            "--batch" => options.batch = words.next()?.parse().ok()?,
            "--place" => options.place = words.next()?,
            "--show" => options.show = true,
            "--whole" => options.whole = true,
            _ => return None,
        }
    }
    Some(options)
}

/// How many functions there were, and how many programs of each kind.
#[derive(Default)]
struct Counts {
    functions: usize,
    programs: usize,
    invalid: usize,
    refused: usize,
    differing: usize,
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    if options.show {
        println!("{}", Program::new(options.seed).text(true));
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    match run(&options) {
        Ok(counts) => {
            println!(
                "{} functions compared, in {} programs from seed {}; of the programs {} refused, {} different; \
                 {} functions left out, invalid as ordinary ones; {} s",
                counts.functions,
                counts.programs,
                options.seed,
                counts.refused,
                counts.differing,
                counts.invalid,
                began.elapsed().as_secs()
            );
            ExitCode::from(u8::from(counts.refused + counts.differing > 0))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> std::io::Result<Counts> {
    let batch = Batch::new(&options.place)?;
    let mut counts = Counts::default();
    let mut seed = options.seed;
    while counts.functions < options.count {
        let mut programs = BTreeMap::new();
        let mut functions = 0;
        while functions < options.batch.min(options.count - counts.functions) {
            let program = Program::new(seed);
            functions += program.functions.len();
            programs.insert(format!("p{seed}"), program);
            seed += 1;
        }
        let sources = programs
            .iter()
            .map(|(name, program)| (name.clone(), Source::of(program)));
        let verdicts = batch.judge(&sources.collect())?;
        for (name, verdict) in verdicts {
            let program = &programs[&name];
            match &verdict {
                Verdict::Same => {}
                Verdict::Invalid(text) => {
                    counts.invalid += program.functions.len();
                    functions -= program.functions.len();
                    eprintln!(
                        "seed {}: invalid as ordinary functions\n{text}",
                        program.seed
                    );
                }
                other => {
                    match other {
                        Verdict::Refused(_) => counts.refused += 1,
                        _ => counts.differing += 1,
                    }
                    let found = if options.whole {
                        (program.clone(), verdict.clone())
                    } else {
                        shrink::shrink(program, &verdict, &options.place)?
                    };
                    shrink::report(&found.0, &found.1);
                }
            }
        }
        counts.functions += functions;
        counts.programs += programs.len();
        eprintln!("{} functions, up to seed {}", counts.functions, seed - 1);
    }
    Ok(counts)
}
