//! Programs to test from the outside: examples, which `cargo test` has built beside the tests.
#![allow(dead_code)]

use std::env;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

/// The program of an example, which `cargo test` has built beside this one. `INSIDEOUT_UNDER` says
/// what to run it under, valgrind with its options, say.
pub(crate) fn example(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    let program = profile.join("examples").join(name);
    assert!(
        program.exists(),
        "{name} is not built: `cargo build --examples`"
    );
    let Ok(tool) = env::var("INSIDEOUT_UNDER") else {
        return Command::new(program);
    };
    let mut words = tool.split_whitespace();
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words).arg(program);
    command
}

/// A server that runs until it is dropped, and where it listens.
pub(crate) struct Server(Child, SocketAddr);

impl Server {
    pub(crate) fn start(mut program: Command) -> Server {
        let mut child = program.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("listening at ").unwrap();
        Server(child, address.parse().unwrap())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.1).unwrap()
    }

    /// An error if it does not accept any more.
    pub(crate) fn try_connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.1)
    }

    /// Has wrk ask it for something with 32 connections, for so many seconds; None if there is no wrk.
    pub(crate) fn under_wrk(&self, path: &str, seconds: u64) -> Option<Child> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "-c32", &format!("-d{seconds}s")]);
        wrk.arg(format!("http://{}{path}", self.1));
        wrk.stdout(Stdio::piped()).spawn().ok()
    }

    pub(crate) fn tell_to_end(&self) {
        self.signal("-TERM");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.0.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// The memory that it has resident, in KiB.
    pub(crate) fn resident(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse().unwrap()
    }

    pub(crate) fn exit_code(mut self) -> Option<i32> {
        self.0.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
