//! The `http` example, against clients that are polite, hasty, slow, rude or gone.

mod programs;

use programs::{Server, example};
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

/// Asks again and again until the connection ends; whether all that came was whole.
fn ask(mut stream: TcpStream, answered: &AtomicUsize) -> bool {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    loop {
        if stream.write_all(HELLO.as_bytes()).is_err() {
            return true;
        }
        let mut answer = vec![0; ANSWER.len()];
        let mut read = 0;
        while read < answer.len() {
            match stream.read(&mut answer[read..]) {
                Ok(0) => return read == 0 || answer[..read].ends_with(b"Hello, world!"),
                Ok(count) => read += count,
                Err(error) => return read == 0 && error.kind() == ErrorKind::ConnectionReset,
            }
        }
        answered.fetch_add(1, SeqCst);
    }
}

#[test]
fn told_to_end_it_answers_whole_or_not_at_all() {
    let server = serve("5000");
    let (answered, broken) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..16 {
            let stream = server.connect();
            scope.spawn(|| {
                if !ask(stream, &answered) {
                    broken.store(true, SeqCst);
                }
            });
        }
        while answered.load(SeqCst) < 2000 {
            thread::yield_now();
        }
        server.tell_to_end();
    });
    assert!(!broken.load(SeqCst));
    assert_eq!(server.exit_code(), Some(0));
}
