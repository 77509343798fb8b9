//! What a piece of work costs: time on the wall, time of the processor, memory.

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::fs;
use std::time::{Duration, Instant};

/// What one operation costs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cost {
    /// Nanoseconds: on the wall, and of the processor in all threads of the process.
    Time { wall: f64, cpu: f64 },
    /// Bytes of resident memory.
    Bytes(f64),
}

/// What it costs to do `work`, which is `operations` operations.
pub(crate) fn time<R>(operations: usize, work: impl FnOnce() -> R) -> Cost {
    let clock = Clock::start();
    std::hint::black_box(work());
    clock.stop(operations)
}

/// A running measurement, for work that is not one call.
pub(crate) struct Clock {
    wall: Instant,
    cpu: f64,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock {
            wall: Instant::now(),
            cpu: cpu(),
        }
    }

    pub(crate) fn stop(self, operations: usize) -> Cost {
        let wall = self.wall.elapsed().as_nanos() as f64;
        let cpu = cpu() - self.cpu;
        Cost::Time {
            wall: wall / operations as f64,
            cpu: cpu / operations as f64,
        }
    }
}

/// The bytes that become resident in `make`, for each of `objects` that it leaves alive.
pub(crate) fn bytes<R>(objects: usize, make: impl FnOnce() -> R) -> Cost {
    let before = resident();
    let made = make();
    let after = resident();
    // Tearing down millions of objects is not the question; the process ends soon.
    std::mem::forget(made);
    Cost::Bytes((after - before) / objects as f64)
}

/// Waits until `done`, looking often enough that the error is small beside work of milliseconds, and
/// seldom enough to leave the processor to the work.
pub(crate) fn until(done: impl Fn() -> bool) {
    while !done() {
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// Nanoseconds of processor time that this process has used.
fn cpu() -> f64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(ClockId::ProcessCPUTime);
    tv_sec as f64 * 1e9 + tv_nsec as f64
}

/// Bytes of memory that this process has resident.
fn resident() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let pages = statm.split(' ').nth(1).and_then(|word| word.parse().ok());
    let pages: f64 = pages.expect("the second word is a number");
    pages * rustix::param::page_size() as f64
}
