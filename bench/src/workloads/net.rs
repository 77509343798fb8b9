//! Servers: processor time of the server for an exchange over a connection, and memory for a connection
//! that is idle.

use crate::measure::{Cost, bytes, until};
use crate::net::client::{self, Talk};
use crate::net::{echo, http, serve};
use crate::peers::tokio::{CurrentThread, MultiThread};
use crate::workload::{Decides, Goal, OURS, Workload};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Stdio;

const EXCHANGES: usize = 400_000;
const IDLE: usize = 10_000;

pub(crate) fn workloads() -> Vec<Workload> {
    vec![
        Workload::new(
            "echo",
            "64 bytes there and back on each of 64 connections",
            "round trip",
        )
        .decides(Decides::Cpu)
        .in_parts(5)
        .with(OURS, EXCHANGES, |n| serve(n, Talk::Echo, || echo::ours(1)))
        .with("itself with 2 workers", EXCHANGES, |n| {
            serve(n, Talk::Echo, || echo::ours(2))
        })
        .with("bare epoll loop", EXCHANGES, |n| {
            serve(n, Talk::Echo, echo::bare)
        })
        .with("tokio current-thread", EXCHANGES, |n| {
            serve(n, Talk::Echo, || echo::tokio::<CurrentThread>(1))
        })
        .with("tokio multi-thread", EXCHANGES, |n| {
            serve(n, Talk::Echo, || echo::tokio::<MultiThread>(2))
        })
        .with("smol", EXCHANGES, |n| serve(n, Talk::Echo, echo::smol))
        .with("may", EXCHANGES, |n| serve(n, Talk::Echo, echo::may))
        .goal(Goal::Against("bare epoll loop", 0.952)),
        Workload::new(
            "http",
            match client::wrk() {
                true => "requests for /hello on each of 64 connections, by wrk",
                false => "requests for /hello on each of 64 connections, by a client of our own",
            },
            "request",
        )
        .decides(Decides::Cpu)
        .with(OURS, EXCHANGES, |n| serve(n, Talk::Http, || http::ours(1)))
        .with("hyper on tokio current-thread", EXCHANGES, |n| {
            serve(n, Talk::Http, || http::hyper::<CurrentThread>(1))
        })
        .with("hyper on tokio multi-thread", EXCHANGES, |n| {
            serve(n, Talk::Http, || http::hyper::<MultiThread>(2))
        })
        .with("bare epoll loop", EXCHANGES, |n| {
            serve(n, Talk::Http, http::bare)
        })
        .with("smol", EXCHANGES, |n| serve(n, Talk::Http, http::smol))
        .with("may_minihttp", EXCHANGES, |n| {
            serve(n, Talk::Http, http::may)
        })
        .goal(Goal::Against("hyper on tokio current-thread", 1.11)),
        Workload::new(
            "bytes-idle",
            "connections to an echo server that say nothing",
            "connection",
        )
        .decides(Decides::Bytes)
        .with(OURS, IDLE, |n| idle(n, || echo::ours(1)))
        .with("bare epoll loop", IDLE, |n| idle(n, echo::bare))
        .with("tokio current-thread", IDLE, |n| {
            idle(n, || echo::tokio::<CurrentThread>(1))
        })
        .with("tokio current-thread, readable", IDLE, |n| {
            idle(n, || echo::tokio_readable::<CurrentThread>(1))
        })
        .with("smol", IDLE, |n| idle(n, echo::smol))
        .goal(Goal::Against("tokio current-thread", 3.0)),
    ]
}

/// What a connection needs that says nothing. The first ones pay for what grows by doubling and for the
/// threads.
fn idle(connections: usize, start: impl FnOnce() -> SocketAddr) -> Cost {
    raise_limit();
    let address = start();
    let connect = |count: usize| {
        let mut command = Talk::Idle.command(address, count, 0);
        let mut client = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut said = String::new();
        let mut out = BufReader::new(client.stdout.take().expect("it is piped"));
        out.read_line(&mut said).expect("it says when it is done");
        client
    };
    let first = connect(64);
    until_open(64);
    let cost = bytes(connections, || {
        let client = connect(connections);
        until_open(64 + connections);
        client
    });
    std::mem::forget(first);
    cost
}

/// Waits until the process has so many connections open, each of which its server has then accepted.
fn until_open(connections: usize) {
    until(|| std::fs::read_dir("/proc/self/fd").is_ok_and(|all| all.count() > connections));
    std::thread::sleep(std::time::Duration::from_millis(100));
}

fn raise_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("up to the maximum");
}
