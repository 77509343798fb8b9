//! The table, for people and for tools.

use crate::measure::Cost;
use crate::workload::{Decides, Goal, OURS, Workload};
use serde_json::{Value, json};

/// Prints rows as they come, or all at the end as JSON.
pub(crate) struct Report {
    json: Option<Vec<Value>>,
}

/// A goal, and what became of it.
struct Outcome {
    goal: String,
    value: f64,
    met: bool,
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Report {
            json: json.then(Vec::new),
        }
    }

    /// A workload, with the cost of each of its contenders.
    pub(crate) fn row(&mut self, workload: &Workload, costs: &[Cost]) {
        match &mut self.json {
            Some(rows) => rows.push(to_json(workload, costs)),
            None => print(workload, costs),
        }
    }

    pub(crate) fn finish(self) {
        if let Some(rows) = self.json {
            println!("{:#}", Value::from(rows));
        }
    }
}

/// Prints the names that can be picked.
pub(crate) fn list(workloads: &[Workload]) {
    for workload in workloads {
        println!("{}: {}", workload.name, workload.about);
        for contender in &workload.contenders {
            println!("    {}", contender.name);
        }
    }
}

fn print(workload: &Workload, costs: &[Cost]) {
    println!("{}: {}", workload.name, workload.about);
    for (contender, cost) in workload.contenders.iter().zip(costs) {
        let ratio = workload.value(*cost) / ours(workload, costs);
        let numbers = match cost {
            Cost::Bytes(bytes) => format!("{bytes:>10.1} bytes"),
            Cost::Time { wall, cpu } => format!("{wall:>10.1} ns   cpu {cpu:>10.1} ns"),
        };
        println!("    {:<32}{numbers}   {ratio:>8.2}x", contender.name);
    }
    for Outcome { goal, value, met } in outcomes(workload, costs) {
        let met = if met { "met" } else { "NOT MET" };
        println!("    goal: {goal}: {value:.2}, {met}");
    }
    println!();
}

fn to_json(workload: &Workload, costs: &[Cost]) -> Value {
    let contenders = workload
        .contenders
        .iter()
        .zip(costs)
        .map(|(contender, cost)| {
            let ratio = workload.value(*cost) / ours(workload, costs);
            match cost {
                Cost::Bytes(bytes) => {
                    json!({"name": contender.name, "bytes": bytes, "ratio": ratio})
                }
                Cost::Time { wall, cpu } => {
                    json!({"name": contender.name, "wall_ns": wall, "cpu_ns": cpu, "ratio": ratio})
                }
            }
        });
    let goals = outcomes(workload, costs)
        .into_iter()
        .map(|Outcome { goal, value, met }| json!({"goal": goal, "value": value, "met": met}));
    json!({
        "workload": workload.name,
        "about": workload.about,
        "operation": workload.operation,
        "decides": match workload.decides {
            Decides::Wall => "wall_ns",
            Decides::Cpu => "cpu_ns",
            Decides::Bytes => "bytes",
        },
        "contenders": contenders.collect::<Vec<_>>(),
        "goals": goals.collect::<Vec<_>>(),
    })
}

/// What decides, of ours; not a number where we failed.
fn ours(workload: &Workload, costs: &[Cost]) -> f64 {
    let ours = workload.contenders.iter().position(|c| c.name == OURS);
    ours.map_or(f64::NAN, |index| workload.value(costs[index]))
}

/// The goals that the contenders present can decide.
fn outcomes(workload: &Workload, costs: &[Cost]) -> Vec<Outcome> {
    let value = |index: usize| workload.value(costs[index]);
    let ours = ours(workload, costs);
    let goals = workload.goals.iter();
    let judge = |goal: &Goal| match *goal {
        Goal::AtMost(limit) => Some(Outcome {
            goal: format!("at most {limit:.0} for each {}", workload.operation),
            value: ours,
            met: ours <= limit,
        }),
        Goal::Against(peer, times) => {
            let index = workload.contenders.iter().position(|c| c.name == peer)?;
            let ratio = value(index) / ours;
            Some(Outcome {
                goal: format!("at least {times:.2}x {peer}"),
                value: ratio,
                met: ratio >= times,
            })
        }
        Goal::Fastest(times) => {
            let is_peer = |index: &usize| !workload.contenders[*index].name.starts_with(OURS);
            let peers = (0..costs.len()).filter(is_peer);
            let fastest = peers.min_by(|a, b| value(*a).total_cmp(&value(*b)))?;
            let ratio = value(fastest) / ours;
            Some(Outcome {
                goal: format!(
                    "at least {times:.2}x the fastest peer, {}",
                    workload.contenders[fastest].name
                ),
                value: ratio,
                met: ratio >= times,
            })
        }
    };
    goals.filter_map(judge).collect()
}
