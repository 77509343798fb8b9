//! What `#[cps]` costs the compiler, beside `async fn`.
//!
//! ```text
//! cargo run --release --manifest-path bench/Cargo.toml -p compile -- [FUNCTIONS]
//! ```
//!
//! Writes the same functions three times, as `#[cps]`, as `async` and plain, each in a crate of its
//! own, and has `cargo check` and a debug `cargo build` compile just that crate: what it depends on
//! is built before, and nothing is incremental. What is measured is the processor time of cargo and
//! rustc, user and system; the crates take turns, and the table has the medians of five rounds.

mod functions;

use functions::Kind;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROUNDS: usize = 5;
const FUNCTIONS: usize = 200;

/// What is measured, and how many times the time of `async` it may take.
const COMMANDS: [(&str, f64); 2] = [("check", 2.0), ("build", 2.0)];

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args()
        .nth(1)
        .map_or(Ok(FUNCTIONS), |n| n.parse())?;
    let crates = [Kind::Cps, Kind::Async, Kind::Plain].map(|kind| (kind, place(kind)));
    for (kind, place) in &crates {
        write(*kind, place, count)?;
    }
    println!("{count} functions, seconds of processor time");
    for (command, limit) in COMMANDS {
        let medians = measure(command, &crates)?;
        println!("cargo {command}");
        for ((kind, _), seconds) in crates.iter().zip(&medians) {
            let ratio = seconds / medians[1];
            println!("    {:<8}{seconds:>6.2}   {ratio:.2}x", kind.name());
        }
        let ratio = medians[0] / medians[1];
        let met = if ratio <= limit { "met" } else { "NOT MET" };
        println!("    goal: at most {limit:.2}x async: {ratio:.2}, {met}");
    }
    Ok(())
}

/// Where the crate of one kind is written.
fn place(kind: Kind) -> PathBuf {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    bench.join("target").join("compile").join(kind.name())
}

fn write(kind: Kind, place: &Path, count: usize) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(place.join("src"))?;
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime");
    let runtime = runtime.canonicalize()?;
    let dependency = match kind {
        Kind::Cps => format!(
            "insideout = {{ path = {:?} }}\n",
            runtime.display().to_string()
        ),
        Kind::Async | Kind::Plain => String::new(),
    };
    let name = kind.name();
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"compiled-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\n{dependency}"
    );
    fs::write(place.join("Cargo.toml"), manifest)?;
    fs::write(place.join("src/lib.rs"), functions::source(kind, count))?;
    Ok(())
}

/// The median seconds that the command takes for each crate.
fn measure(command: &str, crates: &[(Kind, PathBuf)]) -> Result<Vec<f64>, Box<dyn Error>> {
    for (_, place) in crates {
        cargo(command, place)?;
    }
    let mut seconds = vec![Vec::new(); crates.len()];
    for _ in 0..ROUNDS {
        for ((_, place), seconds) in crates.iter().zip(&mut seconds) {
            let source = place.join("src/lib.rs");
            fs::File::options()
                .append(true)
                .open(source)?
                .set_modified(std::time::SystemTime::now())?;
            let before = children()?;
            cargo(command, place)?;
            seconds.push(children()? - before);
        }
    }
    let median = |mut seconds: Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    };
    Ok(seconds.into_iter().map(median).collect())
}

fn cargo(command: &str, place: &Path) -> Result<(), Box<dyn Error>> {
    let status = Command::new("cargo")
        .args([command, "--quiet"])
        .current_dir(place)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", place.join("target"))
        .status()?;
    status
        .success()
        .then_some(())
        .ok_or("the crate does not compile".into())
}

/// Seconds of processor time that children which have ended took, user and system.
fn children() -> Result<f64, Box<dyn Error>> {
    /// What Linux counts in, for every program: ticks of a hundredth.
    const TICK: f64 = 0.01;
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The second word is the program's name in parentheses, which may have spaces in it.
    let (_, words) = stat.rsplit_once(')').ok_or("the name is in parentheses")?;
    let words: Vec<&str> = words.split_whitespace().collect();
    let ticks = words[13].parse::<f64>()? + words[14].parse::<f64>()?;
    Ok(ticks * TICK)
}
