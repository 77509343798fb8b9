//! This runtime and its peers on the same work, in one run.
//!
//! ```text
//! cargo run --release --manifest-path bench/Cargo.toml -- [OPTIONS]
//!
//! --workload W   only workloads whose name contains W; may be repeated
//! --peer P       only this peer, beside insideout; may be repeated
//! --quick        a tenth of the work, three rounds
//! --json         for tools
//! --list         the workloads, with their peers
//! ```
//!
//! Every sample is measured in a process of its own, so that no peer finds the heap, the threads or
//! the caches as another left them; a round takes one sample of each peer, in turn, and the table
//! has the medians of five rounds, or of more and shorter ones. What decides is the ratio of two
//! medians of the same run: absolute times depend on the machine, and on what else it does.

mod args;
mod measure;
mod net;
mod peers;
mod report;
mod samples;
mod workload;
mod workloads;

use args::Args;
use net::client::Talk;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args,
        Err(message) => {
            eprintln!("bench: {message}");
            return ExitCode::from(2);
        }
    };
    let workloads = workloads::all();
    match args {
        Args::List => report::list(&workloads),
        Args::Sample(sample) => return samples::take(&workloads, &sample),
        Args::Client(words) => return ExitCode::from(u8::from(Talk::from_args(words).is_none())),
        Args::Bench(plan) => {
            let mut report = report::Report::new(plan.json);
            for workload in workloads {
                if let Some(mut workload) = plan.select(workload) {
                    let costs = samples::collect(&mut workload, &plan);
                    report.row(&workload, &costs);
                }
            }
            report.finish();
        }
    }
    ExitCode::SUCCESS
}
