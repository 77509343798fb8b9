//! The client: so many connections, each of which sends when it has got what it sent for.
//!
//! One thread with an epoll instance. It says how many exchanges it has made. Where there is wrk, that
//! asks for HTTP in its stead.

use rustix::event::{Timespec, epoll};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Talk {
    /// 64 bytes, which come back.
    Echo,
    /// A request for `/hello`.
    Http,
    /// Nothing.
    Idle,
}

const REQUEST: &[u8] = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

impl Talk {
    fn name(self) -> &'static str {
        match self {
            Talk::Echo => "echo",
            Talk::Http => "http",
            Talk::Idle => "idle",
        }
    }

    /// Has another process make so many exchanges or more, or, if it is wrk, about so many; returns how many.
    pub(crate) fn drive(self, with: SocketAddr, connections: usize, exchanges: usize) -> usize {
        if self == Talk::Http && wrk() {
            return drive_wrk(with, connections, exchanges);
        }
        let output = self.command(with, connections, exchanges).output();
        let output = output.expect("the client starts");
        assert!(output.status.success(), "the client fails");
        let said = String::from_utf8_lossy(&output.stdout);
        said.trim().parse().expect("it says a number")
    }

    /// The client as a process.
    pub(crate) fn command(self, with: SocketAddr, connections: usize, exchanges: usize) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("it runs"));
        command
            .args(["--client", self.name(), &with.to_string()])
            .args([connections.to_string(), exchanges.to_string()])
            .stdin(Stdio::piped())
            .stderr(Stdio::inherit());
        command
    }

    /// What the process does with its arguments.
    pub(crate) fn from_args(mut words: impl Iterator<Item = String>) -> Option<()> {
        let name = words.next()?;
        let all = [Talk::Echo, Talk::Http, Talk::Idle];
        let talk = *all.iter().find(|talk| talk.name() == name)?;
        let with = words.next()?.parse().ok()?;
        let (connections, exchanges) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        println!("{}", talk.talk(with, connections, exchanges));
        if talk == Talk::Idle {
            // Until the server has been measured.
            std::io::stdin().read_to_end(&mut Vec::new()).ok()?;
        }
        Some(())
    }

    fn talk(self, with: SocketAddr, connections: usize, exchanges: usize) -> usize {
        let mut peers: Vec<_> = (0..connections).map(|_| Peer::new(with)).collect();
        if self == Talk::Idle {
            std::mem::forget(peers);
            return connections;
        }
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC).expect("there are descriptors");
        let (sent, expected) = match self {
            Talk::Http => (REQUEST, None),
            _ => (&[b'x'; 64][..], Some(64)),
        };
        for (number, peer) in peers.iter_mut().enumerate() {
            let data = epoll::EventData::new_u64(number as u64);
            epoll::add(&poll, &peer.stream, data, epoll::EventFlags::IN).expect("it is a socket");
            peer.expected = expected;
            peer.say(sent);
        }
        let mut done = 0;
        let mut events: Vec<epoll::Event> = Vec::with_capacity(connections);
        while done < exchanges {
            events.clear();
            let patience = Timespec::try_from(Duration::from_secs(10)).expect("it is short");
            epoll::wait(
                &poll,
                rustix::buffer::spare_capacity(&mut events),
                Some(&patience),
            )
            .expect("it waits");
            assert!(!events.is_empty(), "the server says nothing");
            for event in &events {
                let number = event.data.u64() as usize;
                if peers[number].hears() {
                    done += 1;
                    peers[number].say(sent);
                }
            }
        }
        done
    }
}

/// Whether there is wrk, the benchmark of web servers.
pub(crate) fn wrk() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| Command::new("wrk").arg("--version").output().is_ok())
}

/// wrk is told for how long to ask, in seconds: here as many as a server needs that answers 100,000
/// requests in one.
fn drive_wrk(with: SocketAddr, connections: usize, exchanges: usize) -> usize {
    let seconds = exchanges.div_ceil(100_000);
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s")]);
    let output = command.arg(format!("http://{with}/hello")).output();
    let said = String::from_utf8(output.expect("wrk starts").stdout).expect("wrk says text");
    assert!(
        !said.contains("Non-2xx") && !said.contains("Socket errors"),
        "{said}"
    );
    let done = said
        .lines()
        .find_map(|line| line.split_once(" requests in "));
    let done = done.and_then(|(count, _)| count.trim().parse().ok());
    done.unwrap_or_else(|| panic!("wrk says how many: {said}"))
}

struct Peer {
    stream: TcpStream,
    heard: Vec<u8>,
    count: usize,
    /// How many bytes an answer has; all have the same number.
    expected: Option<usize>,
}

impl Peer {
    fn new(with: SocketAddr) -> Peer {
        // The server accepts as fast as it can, which may be too slow for its backlog.
        let stream = loop {
            match TcpStream::connect(with) {
                Ok(stream) => break stream,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => panic!("cannot connect: {error}"),
            }
        };
        stream.set_nodelay(true).expect("it is TCP");
        stream.set_nonblocking(true).expect("it is a socket");
        Peer {
            stream,
            heard: vec![0; 4096],
            count: 0,
            expected: None,
        }
    }

    fn say(&mut self, what: &[u8]) {
        self.stream.write_all(what).expect("there is room");
    }

    /// Whether the answer is all there.
    fn hears(&mut self) -> bool {
        match self.stream.read(&mut self.heard[self.count..]) {
            Ok(0) => panic!("the server has ended"),
            Ok(count) => self.count += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => panic!("cannot read: {error}"),
        }
        if self.expected.is_none() {
            self.expected = length(&self.heard[..self.count]);
        }
        let whole = self.expected.is_some_and(|expected| self.count >= expected);
        if whole {
            self.count = 0;
        }
        whole
    }
}

/// How many bytes an HTTP answer has, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut parsed = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = parsed.parse(answer).expect("it is HTTP") else {
        return None;
    };
    assert_eq!(parsed.code, Some(200), "the server refuses");
    let is_length =
        |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case("content-length");
    let length = parsed.headers.iter().find(is_length)?;
    let length = std::str::from_utf8(length.value).ok()?.trim();
    Some(head + length.parse::<usize>().ok()?)
}
