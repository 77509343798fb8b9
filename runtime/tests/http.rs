//! The `http` example, against clients that are polite, hasty, slow, rude or gone.
//!
//! It is told to end after a second of load; with `INSIDEOUT_LOAD_SECONDS=15` after as many. Where
//! there is wrk, that asks too, for twice as long.

mod programs;

use programs::{Server, example};
use std::env;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

fn serve(patience: &str) -> Server {
    let mut program = example("http");
    program.args(["127.0.0.1:0", env!("CARGO_MANIFEST_DIR"), "2", patience]);
    Server::start(program)
}

const HELLO: &str = "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n";
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\nconnection: keep-alive\r\n\r\nHello, world!";

/// What a server says to bytes, until it ends the connection.
fn said_to(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = server.connect();
    // It may end the connection before it has read everything.
    let _ = stream.write_all(bytes.as_ref());
    let _ = stream.shutdown(Shutdown::Write);
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    String::from_utf8_lossy(&said).into_owned()
}

fn status(said: &str) -> &str {
    said.lines().next().unwrap_or_default()
}

#[test]
fn requests_in_one_packet_are_answered_in_order_on_one_connection() {
    let server = serve("5000");
    let mixed =
        "GET /hello HTTP/1.1\r\n\r\nHEAD /hello HTTP/1.1\r\n\r\nGET /nowhere HTTP/1.1\r\n\r\n";
    let said = said_to(&server, mixed.repeat(200));
    let statuses: Vec<_> = said
        .split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| &answer[..3])
        .collect();
    assert_eq!(statuses, ["200", "200", "404"].repeat(200));
    assert_eq!(said.matches("Hello, world!").count(), 200);
}

#[test]
fn a_request_may_come_byte_by_byte_and_with_a_body() {
    let server = serve("60000");
    let mut stream = server.connect();
    let request = "GET /hello HTTP/1.1\r\ncontent-length: 5\r\n\r\n12345";
    for _ in 0..2 {
        for byte in request.bytes() {
            stream.write_all(&[byte]).unwrap();
        }
        let mut answer = vec![0; ANSWER.len()];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, ANSWER.as_bytes());
    }
}

#[test]
fn files_are_served_whole_and_nothing_outside() {
    let server = serve("5000");
    let said = said_to(&server, "GET /Cargo.toml HTTP/1.0\r\n\r\n");
    let (_, content) = said.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        content,
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap()
    );
    for outside in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd"] {
        let said = said_to(&server, format!("GET {outside} HTTP/1.0\r\n\r\n"));
        assert_eq!(status(&said), "HTTP/1.1 400 Bad Request", "{outside}");
    }
}

#[test]
fn what_makes_no_sense_or_is_too_much_is_refused() {
    let server = serve("5000");
    let refused = |request: String| status(&said_to(&server, request)).to_string();
    assert_eq!(
        refused("\u{1}\u{2}garbage\r\n\r\n".into()),
        "HTTP/1.1 400 Bad Request"
    );
    assert_eq!(
        refused("DELETE / HTTP/1.1\r\n\r\n".into()),
        "HTTP/1.1 405 Method Not Allowed"
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n".into()),
        "HTTP/1.1 411 Length Required"
    );
    assert_eq!(
        refused("GET / HTTP/1.1\r\ncontent-length: 2000000000\r\n\r\n".into()),
        "HTTP/1.1 413 Content Too Large"
    );
    assert_eq!(
        refused(format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100_000))),
        "HTTP/1.1 431 Request Header Fields Too Large"
    );
    assert_eq!(status(&said_to(&server, HELLO)), "HTTP/1.1 200 OK");
}

#[test]
fn the_slow_are_turned_out_and_others_served_meanwhile() {
    let server = serve("300");
    let mut slow: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /hello HTT").unwrap();
    }
    assert_eq!(status(&said_to(&server, HELLO)), "HTTP/1.1 200 OK");
    for mut stream in slow {
        // The end, or a reset: never an answer.
        assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0);
    }
}

#[test]
fn those_who_leave_in_the_middle_harm_nobody() {
    let server = serve("5000");
    for round in 0..200 {
        let mut stream = server.connect();
        stream
            .write_all(&HELLO.repeat(50).as_bytes()[..10 + 7 * round])
            .unwrap();
        if round % 2 == 0 {
            // Closed with unread answers, a connection is reset.
            thread::yield_now();
        }
    }
    assert_eq!(status(&said_to(&server, HELLO)), "HTTP/1.1 200 OK");
}

/// How many answers these bytes are; None if the last one is not whole.
fn answers(mut bytes: &[u8]) -> Option<usize> {
    let mut count = 0;
    while !bytes.is_empty() {
        let mut headers = [httparse::EMPTY_HEADER; 8];
        let mut answer = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(head) = answer.parse(bytes).unwrap() else {
            return None;
        };
        assert_eq!(answer.code, Some(200));
        let body = bytes[head..].strip_prefix(b"Hello, world!")?;
        (bytes, count) = (body, count + 1);
    }
    Some(count)
}

/// Asks so often, before it reads anything; what the server says until then or until it ends the
/// connection, which is true.
fn ask(stream: &mut TcpStream, times: usize) -> (Vec<u8>, bool) {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    // It may have ended the connection.
    let _ = stream.write_all(HELLO.repeat(times).as_bytes());
    let (mut said, mut buf) = (Vec::new(), [0; 4096]);
    while answers(&said) != Some(times) {
        match stream.read(&mut buf) {
            Ok(0) => return (said, true),
            Ok(count) => said.extend_from_slice(&buf[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (said, true),
            Err(error) => panic!("neither an answer nor the end: {error}"),
        }
    }
    (said, false)
}

/// Comes, asks, and leaves, again and again, until it finds the house closed; whether all that was
/// answered was answered whole.
fn load(server: &Server, number: usize, answered: &AtomicUsize) -> bool {
    loop {
        let Ok(mut stream) = server.try_connect() else {
            return true;
        };
        for round in 0..50 {
            let (said, ended) = ask(&mut stream, 1 + (number + round) % 4);
            let Some(count) = answers(&said) else {
                return false;
            };
            answered.fetch_add(count, SeqCst);
            if ended {
                break;
            }
        }
    }
}

#[test]
fn told_to_end_it_answers_whole_or_not_at_all() {
    let seconds = env::var("INSIDEOUT_LOAD_SECONDS").map_or(1, |seconds| seconds.parse().unwrap());
    let server = serve("5000");
    let (answered, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for number in 0..16 {
            let (server, answered, broken) = (&server, &answered, &broken);
            scope.spawn(move || {
                if !load(server, number, answered) {
                    broken.store(true, SeqCst);
                }
            });
        }
        let wrk = server.under_wrk("/hello", 2 * seconds);
        thread::sleep(Duration::from_secs(seconds));
        while answered.load(SeqCst) < 2000 {
            thread::yield_now();
        }
        server.tell_to_end();
        if let Some(wrk) = wrk {
            let said = wrk.wait_with_output().unwrap().stdout;
            let said = String::from_utf8(said).unwrap();
            println!("{said}");
            assert!(
                said.contains("requests in") && !said.contains("Non-2xx"),
                "{said}"
            );
        }
    });
    println!("{} requests were answered", answered.load(SeqCst));
    assert!(!broken.load(SeqCst));
    assert_eq!(server.exit_code(), Some(0));
}
