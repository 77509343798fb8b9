//! The command line.

use crate::workload::{OURS, Workload};

/// What is asked for.
pub(crate) enum Args {
    Bench(Plan),
    List,
    /// Of the process itself: one sample, measured here.
    Sample(Sample),
    /// Of the process itself: it talks to a server.
    Client(std::vec::IntoIter<String>),
}

/// Which workloads and peers, and how thoroughly.
#[derive(Default)]
pub(crate) struct Plan {
    workloads: Vec<String>,
    peers: Vec<String>,
    pub(crate) quick: bool,
    pub(crate) json: bool,
}

/// One sample: which contender of which workload, and how many operations.
pub(crate) struct Sample {
    pub(crate) workload: String,
    pub(crate) contender: String,
    pub(crate) operations: usize,
}

impl Sample {
    /// The arguments that [`Args::parse`] makes it of.
    pub(crate) fn to_args(&self) -> [String; 4] {
        [
            "--sample".into(),
            self.workload.clone(),
            self.contender.clone(),
            self.operations.to_string(),
        ]
    }
}

impl Args {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
        let mut plan = Plan::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} needs a value"));
            match word.as_str() {
                "--workload" => plan.workloads.push(value()?),
                "--peer" => plan.peers.push(value()?),
                "--quick" => plan.quick = true,
                "--json" => plan.json = true,
                "--list" => return Ok(Args::List),
                "--client" => {
                    let words: Vec<_> = words.collect();
                    return Ok(Args::Client(words.into_iter()));
                }
                "--sample" => {
                    return Ok(Args::Sample(Sample {
                        workload: value()?,
                        contender: value()?,
                        operations: value()?.parse().map_err(|_| "not a number")?,
                    }));
                }
                _ => {
                    return Err(format!(
                        "{word}: not an option; there are --workload W, --peer P, --quick, --json, --list"
                    ));
                }
            }
        }
        Ok(Args::Bench(plan))
    }
}

impl Plan {
    /// The workload with the contenders that were asked for; none if it was not asked for itself.
    pub(crate) fn select(&self, mut workload: Workload) -> Option<Workload> {
        let named = |word: &String| workload.name.contains(word.as_str());
        if !self.workloads.is_empty() && !self.workloads.iter().any(named) {
            return None;
        }
        if !self.peers.is_empty() {
            let asked = |name: &str| self.peers.iter().any(|peer| is(name, peer));
            workload
                .contenders
                .retain(|contender| contender.name == OURS || asked(contender.name));
        }
        Some(workload)
    }

    /// How many rounds are measured.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    /// How many of a workload's operations are done.
    pub(crate) fn operations(&self, full: usize) -> usize {
        if self.quick { full.div_ceil(10) } else { full }
    }
}

/// Whether `peer` takes part in the contender: `tokio` and `flume` do in `flume on tokio`.
fn is(contender: &str, peer: &str) -> bool {
    contender == peer || contender.split(' ').any(|word| word == peer)
}
