//! Makes what was found smaller while it stays what it is, and shows it.

use crate::batch::{Batch, Source, Verdict};
use crate::program::Program;
use std::collections::BTreeMap;
use std::io;

/// How much is tried at once.
const TRIALS: usize = 12_000;

/// How often.
const ROUNDS: usize = 40;

/// A smaller program of which the same is true, looked for beside the crate that is called `place`.
///
/// # Errors
///
/// If cargo cannot be run.
pub fn shrink(program: &Program, verdict: &Verdict, place: &str) -> io::Result<(Program, Verdict)> {
    let batch = Batch::new(&format!("{place}-smaller"))?;
    let mut best = (program.clone(), verdict.clone());
    let mut skip = 0;
    for _ in 0..ROUNDS {
        let mut room = TRIALS;
        let all = best.0.reductions().into_iter().skip(skip);
        let trials: Vec<_> = all
            .take_while(|trial| {
                let fits = room > 0;
                room = room.saturating_sub(trial.size());
                fits
            })
            .collect();
        if trials.is_empty() {
            break;
        }
        let found = still(&batch, &trials, verdict)?;
        if found.is_empty() {
            skip += trials.len();
            continue;
        }
        // Many of them may go together.
        let base = best.0.clone();
        let mut together = Vec::<Program>::new();
        for (program, _) in &found {
            let next = match together.last() {
                Some(last) => base.merged(last, program),
                None => program.clone(),
            };
            together.push(next);
        }
        let halves = (0..)
            .map(|by| together.len() >> by)
            .take_while(|count| *count > 1);
        let several: Vec<_> = halves.map(|count| together[count - 1].clone()).collect();
        let smallest = still(&batch, &several, verdict)?.into_iter().next();
        best = smallest.unwrap_or_else(|| found[0].clone());
        skip = 0;
    }
    Ok(best)
}

/// Those of some programs of which the same is true, in order.
fn still(
    batch: &Batch,
    programs: &[Program],
    verdict: &Verdict,
) -> io::Result<Vec<(Program, Verdict)>> {
    let named = programs.iter().enumerate();
    let sources: BTreeMap<_, _> = named
        .map(|(at, program)| (format!("p{at:04}"), Source::of(program)))
        .collect();
    let verdicts = batch.judge(&sources)?;
    let like = programs.iter().zip(verdicts.into_values());
    Ok(like
        .filter(|(_, other)| is_like(verdict, other))
        .map(|(program, other)| (program.clone(), other))
        .collect())
}

fn is_like(one: &Verdict, other: &Verdict) -> bool {
    match (one, other) {
        (Verdict::Refused(one), Verdict::Refused(other)) => code(one) == code(other),
        (Verdict::Differs(_), Verdict::Differs(_)) | (Verdict::Lost(_), Verdict::Lost(_)) => true,
        _ => false,
    }
}

/// The first line of a message up to what it names.
fn code(text: &str) -> &str {
    text.split(['`', '\n']).next().unwrap_or_default()
}

/// Prints a program and what is wrong with it.
pub fn report(program: &Program, verdict: &Verdict) {
    println!("---- seed {}", program.seed);
    for function in &program.functions {
        println!("{}", function.text("    "));
    }
    match verdict {
        Verdict::Differs(text) => println!(
            "---- seed {} differs: {}",
            program.seed,
            first_difference(text)
        ),
        Verdict::Refused(text) => println!("---- seed {} is refused:\n{text}", program.seed),
        Verdict::Lost(text) => println!("---- seed {}: {text}", program.seed),
        other => println!("---- seed {}: {other:?}", program.seed),
    }
}

/// What two observations have in common is left out.
fn first_difference(text: &str) -> String {
    let Some((words, rest)) = text.split_once("left:") else {
        return text.to_owned();
    };
    let (left, right) = rest.split_once("\n right:").unwrap_or((rest, ""));
    let split =
        |side: &str| -> Vec<String> { side.trim().split("\", \"").map(str::to_owned).collect() };
    let (left, right) = (split(left), split(right));
    let same = left
        .iter()
        .zip(&right)
        .take_while(|(one, other)| one == other)
        .count();
    let show = |side: &[String]| {
        let from = same.saturating_sub(3);
        side.iter()
            .skip(from)
            .take(9)
            .cloned()
            .collect::<Vec<_>>()
            .join(" | ")
    };
    format!(
        "{words}\n  {same} events are the same; then\n  as #[cps]: {}\n  as a plain function: {}",
        show(&left),
        show(&right)
    )
}
