//! Runtimes as the system has them: how their threads are made, and interrupts of their system calls.

mod support;

use insideout::prelude::*;
use insideout::{Builder, EndError, Scheduling, Status};
use std::io::{ErrorKind, PipeReader, Read, pipe};
use support::{Alive, Counter, asked_until, once, turns, until};

/// A call that takes turns for ever, holding `held`.
fn forever(held: Alive) -> Thunk<'static, ()> {
    turns(move || {
        let _held = &held;
        None
    })
}

/// Reads until it is interrupted; returns how often.
fn interruptions(mut blocked: PipeReader, started: Counter, upto: usize) -> usize {
    let mut interrupted = 0;
    while interrupted < upto {
        started.add(1);
        let read = blocked.read(&mut [0]);
        assert_eq!(read.unwrap_err().kind(), ErrorKind::Interrupted);
        interrupted += 1;
    }
    interrupted
}

/// A line of what the system says of the calling thread.
fn system_says(key: &str) -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.expect("a key that exists").trim().to_string()
}

#[test]
fn an_interrupt_ends_a_system_call() {
    let (blocked, _writer) = pipe().unwrap();
    let (started, runtime) = (Counter::default(), Runtime::new());
    let count = started.clone();
    let handle = runtime.spawn(once(move || interruptions(blocked, count, 3)));
    asked_until(|| runtime.interrupt().unwrap(), || handle.is_finished());
    assert_eq!(handle.join().unwrap(), 3);
    // One that sleeps is not disturbed.
    runtime.interrupt().unwrap();
    assert_eq!(runtime.spawn(once(|| 1)).join().unwrap(), 1);
    runtime.halt();
    assert!(runtime.wait(Status::DEAD));
    assert_eq!(
        runtime.interrupt().unwrap_err().raw_os_error(),
        Some(libc::ESRCH)
    );
    assert_eq!(
        runtime.signal(0).unwrap_err().raw_os_error(),
        Some(libc::ESRCH)
    );
    assert!(runtime.pin_to_cpu(0).is_err());
}

#[test]
fn a_cancelled_runtime_leaves_its_system_call_and_ends() {
    let (blocked, _writer) = pipe().unwrap();
    let (started, alive) = (Counter::default(), Alive::default());
    let (count, held) = (started.clone(), alive.clone());
    let runtime = Builder::new()
        .spawn(once(move || {
            let _held = held;
            interruptions(blocked, count, 1)
        }))
        .unwrap();
    until(|| started.get() == 1);
    asked_until(
        || runtime.cancel(),
        || runtime.status().contains(Status::DEAD),
    );
    // The leg was the last.
    assert_eq!(alive.others(), 0);
    assert!(matches!(runtime.join(), Err(EndError::Cancelled)));
}

#[test]
fn a_thread_is_made_as_it_was_asked_for() {
    let runtime = Builder::new()
        .name("a name of many letters")
        .stack_size(64 << 20)
        .cpus([0])
        .mask([libc::SIGUSR1, libc::SIGRTMAX()])
        .start()
        .unwrap();
    assert_eq!(runtime.name(), "a name of many ");
    let says = runtime.spawn(once(|| {
        let deep = std::hint::black_box([1_u8; 10 << 20]);
        let size = deep.iter().map(|byte| usize::from(*byte)).sum::<usize>();
        let says = ["Name:", "Cpus_allowed_list:", "SigBlk:"].map(system_says);
        (size, says)
    }));
    let (size, [name, cpus, blocked]) = says.join().unwrap();
    assert_eq!(size, 10 << 20);
    assert_eq!(name, "a name of many");
    assert_eq!(cpus, "0");
    let blocked = u64::from_str_radix(&blocked, 16).unwrap();
    assert_ne!(blocked & 1 << (libc::SIGUSR1 - 1), 0);
    // Whatever is masked, it can be interrupted.
    let (pipe, _writer) = pipe().unwrap();
    let handle = runtime.spawn(once(move || interruptions(pipe, Counter::default(), 1)));
    asked_until(|| runtime.interrupt().unwrap(), || handle.is_finished());
    assert_eq!(handle.join().unwrap(), 1);
}

#[test]
fn a_thread_that_cannot_be_made_so_is_an_error() {
    let alive = Alive::default();
    let impossible = [
        Builder::new().stack_size(1),
        Builder::new().cpus([1 << 20]),
        Builder::new().cpus([libc::CPU_SETSIZE as usize - 1]),
        Builder::new().mask([-1]),
        Builder::new().scheduling(Scheduling::Fifo(200)),
    ];
    for builder in impossible {
        assert!(
            builder.clone().spawn(forever(alive.clone())).is_err(),
            "{builder:?}"
        );
        assert!(builder.pool(2).is_err());
    }
    assert_eq!(alive.others(), 0);
}

#[test]
fn a_policy_is_that_of_the_thread_or_not_permitted() {
    let policy = || {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, fields) = stat.rsplit_once(") ").unwrap();
        fields.split(' ').nth(38).unwrap().parse::<i32>().unwrap()
    };
    let builder = |scheduling| Builder::new().scheduling(scheduling).start();
    let other = builder(Scheduling::Other).unwrap();
    assert_eq!(other.spawn(once(policy)).join().unwrap(), libc::SCHED_OTHER);
    match builder(Scheduling::RoundRobin(1)) {
        Ok(urgent) => assert_eq!(urgent.spawn(once(policy)).join().unwrap(), libc::SCHED_RR),
        Err(error) => assert_eq!(error.kind(), ErrorKind::PermissionDenied),
    }
}

#[test]
fn a_running_thread_can_be_pinned() {
    let runtime = Runtime::new();
    runtime.pin_to_cpu(0).unwrap();
    let cpus = runtime.spawn(once(|| system_says("Cpus_allowed_list:")));
    assert_eq!(cpus.join().unwrap(), "0");
    assert!(runtime.pin_to_cpu(1 << 20).is_err());
}
