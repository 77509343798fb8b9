//! The `echo` example, with many peers, rude ones, and too many.
//!
//! `cargo test` and `cargo test -p insideout` build the examples first; with `--test echo` alone that is for you to do.

mod programs;

use programs::{Server, example};
use std::io::{Read, Write};

#[test]
fn echo_serves_many_and_ends_when_they_are_done() {
    let mut program = example("echo");
    program.args(["127.0.0.1:0", "2"]);
    let server = Server::start(program);
    let mut peers: Vec<_> = (0..200).map(|_| server.connect()).collect();
    for round in 0..5 {
        for (number, peer) in peers.iter_mut().enumerate() {
            let sent = vec![round; 1 + 40 * number];
            peer.write_all(&sent).unwrap();
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            let mut back = vec![0; 1 + 40 * number];
            peer.read_exact(&mut back).unwrap();
            assert!(back.iter().all(|byte| *byte == round));
        }
    }
    server.tell_to_end();
    let mut last = peers.pop().unwrap();
    drop(peers);
    last.write_all(b"still there").unwrap();
    let mut back = [0; 11];
    last.read_exact(&mut back).unwrap();
    drop(last);
    assert_eq!(server.exit_code(), Some(0));
}
