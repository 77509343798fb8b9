//! The workloads: one module for each kind of work, with a way to do it for each contender.

mod calls;
mod frames;
mod hops;
mod mailbox;
mod memory;
mod net;
mod pingpong_tasks;
mod pingpong_threads;
mod queue;
mod ring;
mod skynet;
mod timers;
mod yielding;

use crate::workload::Workload;

/// All, in the order of the table.
pub(crate) fn all() -> Vec<Workload> {
    let kinds = [
        queue::workloads(),
        memory::workloads(),
        yielding::workloads(),
        calls::workloads(),
        mailbox::workloads(),
        pingpong_threads::workloads(),
        pingpong_tasks::workloads(),
        hops::workloads(),
        skynet::workloads(),
        ring::workloads(),
        frames::workloads(),
        net::workloads(),
        timers::workloads(),
    ];
    kinds.into_iter().flatten().collect()
}
