//! Samples: each is measured in a process of its own, contenders in turn, round after round.

use crate::args::{Plan, Sample};
use crate::measure::Cost;
use crate::workload::{Contender, Decides, Workload};
use std::io;
use std::process::{Command, ExitCode, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a sample may take before its contender is taken out.
const PATIENCE: Duration = Duration::from_secs(60);

/// The median cost of each contender, in their order. One that fails is taken out, with a word.
pub(crate) fn collect(workload: &mut Workload, plan: &Plan) -> Vec<Cost> {
    let mut costs = Vec::new();
    let mut samples = vec![Ok(Vec::new()); workload.contenders.len()];
    for _ in 0..plan.rounds() * workload.parts {
        for (contender, samples) in workload.contenders.iter().zip(&mut samples) {
            let sample = Sample {
                workload: workload.name.into(),
                contender: contender.name.into(),
                operations: plan.operations(contender.operations) / workload.parts,
            };
            if let Ok(costs) = samples {
                match spawn(&sample) {
                    Ok(cost) => costs.push(cost),
                    Err(why) => *samples = Err(why),
                }
            }
        }
    }
    let mut samples = samples.into_iter();
    workload
        .contenders
        .retain(|contender| match samples.next() {
            Some(Ok(samples)) => {
                costs.push(median(&samples));
                true
            }
            outcome => {
                let why = outcome.and_then(Result::err).unwrap_or_default();
                eprintln!("bench: {}: {}: {why}", workload.name, contender.name);
                false
            }
        });
    costs
}

/// Has a process measure the sample.
fn spawn(sample: &Sample) -> Result<Cost, String> {
    let output = run(sample).map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let numbers: Option<Vec<f64>> = said
        .split(' ')
        .map(|word| word.trim().parse().ok())
        .collect();
    match numbers.as_deref() {
        Some([bytes]) => Ok(Cost::Bytes(*bytes)),
        Some([wall, cpu]) => Ok(Cost::Time {
            wall: *wall,
            cpu: *cpu,
        }),
        _ => Err(format!("said {said:?}")),
    }
}

/// The process's output, which is short. It is killed when it takes too long.
fn run(sample: &Sample) -> io::Result<Output> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(sample.to_args())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let start = Instant::now();
    while child.try_wait()?.is_none() {
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::other("takes too long"));
        }
        sleep(Duration::from_millis(2));
    }
    child.wait_with_output()
}

/// Measures the sample in this process, after a warm-up, and prints it for [`spawn`].
pub(crate) fn take(workloads: &[Workload], sample: &Sample) -> ExitCode {
    let workload = workloads.iter().find(|w| w.name == sample.workload);
    let Some((workload, contender)) = workload.and_then(|w| Some((w, contender(w, sample)?)))
    else {
        eprintln!("no such workload or contender");
        return ExitCode::from(2);
    };
    if workload.decides != Decides::Bytes {
        (contender.run)(sample.operations.div_ceil(10));
    }
    match (contender.run)(sample.operations) {
        Cost::Bytes(bytes) => println!("{bytes}"),
        Cost::Time { wall, cpu } => println!("{wall} {cpu}"),
    }
    // Threads that some peers leave running are no reason to wait, nor is what they hold to be freed.
    std::process::exit(0)
}

fn contender<'w>(workload: &'w Workload, sample: &Sample) -> Option<&'w Contender> {
    let mut contenders = workload.contenders.iter();
    contenders.find(|contender| contender.name == sample.contender)
}

fn median(samples: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = samples.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    match samples[0] {
        Cost::Bytes(_) => Cost::Bytes(middle(|cost| match cost {
            Cost::Bytes(bytes) => *bytes,
            Cost::Time { .. } => f64::NAN,
        })),
        Cost::Time { .. } => Cost::Time {
            wall: middle(|cost| match cost {
                Cost::Time { wall, .. } => *wall,
                Cost::Bytes(_) => f64::NAN,
            }),
            cpu: middle(|cost| match cost {
                Cost::Time { cpu, .. } => *cpu,
                Cost::Bytes(_) => f64::NAN,
            }),
        },
    }
}
