//! The `echo` example, with many peers, rude ones, too many, and signals meanwhile.
//!
//! The suite takes 500 peers; with `INSIDEOUT_PEERS=10000` as many as that, and says how much memory an
//! idle one takes. Both sides need a descriptor for each, so `ulimit -n` has to allow for it.
//!
//! `cargo test` and `cargo test -p insideout` build the examples first; with `--test echo` alone that
//! is for you to do.

mod programs;

use programs::{Server, example};
use std::env;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

fn serve() -> Server {
    let mut program = example("echo");
    program.args(["127.0.0.1:0", "2"]);
    Server::start(program)
}

/// One that sends, and expects it back within a minute.
fn exchange(peer: &mut TcpStream, sent: &[u8]) {
    peer.write_all(sent).unwrap();
    let mut back = vec![0; sent.len()];
    peer.set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    peer.read_exact(&mut back).unwrap();
    assert_eq!(back, sent);
}

#[test]
fn echo_serves_many_and_ends_when_they_are_done() {
    let server = serve();
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

#[test]
fn each_of_very_many_has_ten_round_trips() {
    let count = env::var("INSIDEOUT_PEERS").map_or(500, |count| count.parse().unwrap());
    let server = serve();
    let before = server.resident();
    let mut peers: Vec<_> = (0..count).map(|_| server.connect()).collect();
    exchange(&mut peers[count - 1], b"the last one is served");
    let each = (server.resident() - before) * 1024 / count;
    println!("{count} idle peers take {each} bytes each");
    for round in 0..10_u8 {
        let sent = [round; 64];
        peers
            .iter_mut()
            .for_each(|peer| peer.write_all(&sent).unwrap());
        for peer in &mut peers {
            let mut back = [0; 64];
            peer.read_exact(&mut back).unwrap();
            assert_eq!(back, sent);
        }
    }
    drop(peers);
    server.tell_to_end();
    assert_eq!(server.exit_code(), Some(0));
}

/// Who closes with something unread resets the connection; when that is depends on how far the server
/// has got.
#[test]
fn peers_that_reset_the_connection_hurt_nobody_else() {
    let server = serve();
    thread::scope(|scope| {
        for seed in 0..4_usize {
            let server = &server;
            scope.spawn(move || {
                for turn in 0..150 {
                    let mut peer = server.connect();
                    let size = 1 + (seed * 7919 + turn * 104_729) % 60_000;
                    // It may be full, since nobody reads what comes back.
                    peer.set_write_timeout(Some(Duration::from_millis(50)))
                        .unwrap();
                    let _ = peer.write_all(&vec![1; size]);
                    if turn % 3 == 0 {
                        let _ = peer.read(&mut [0; 7]);
                    }
                    drop(peer);
                }
            });
        }
        let mut patient = server.connect();
        for round in 0..100 {
            exchange(&mut patient, &vec![round; 1000]);
        }
    });
    server.tell_to_end();
    assert_eq!(server.exit_code(), Some(0));
}

/// With no descriptor left it accepts nobody, serves who is there, and goes on accepting when somebody
/// has left.
#[test]
fn out_of_descriptors_it_recovers() {
    let mut program = Command::new("sh");
    let echo = example("echo");
    program
        .args(["-c", "ulimit -n 40 && exec \"$0\" 127.0.0.1:0 1"])
        .arg(echo.get_program());
    let server = Server::start(program);
    let mut peers: Vec<_> = (0..60).map(|_| server.connect()).collect();
    exchange(&mut peers[0], b"first");
    let mut unserved = peers.split_off(50);
    for peer in &mut unserved {
        peer.set_read_timeout(Some(Duration::from_millis(10)))
            .unwrap();
        peer.write_all(b"?").unwrap();
        assert!(
            peer.read(&mut [0]).is_err(),
            "there is no descriptor for it"
        );
    }
    exchange(&mut peers[0], b"still");
    drop(peers);
    for peer in &mut unserved {
        peer.set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        peer.read_exact(&mut [0]).unwrap();
        exchange(peer, b"served after all");
    }
    drop(unserved);
    server.tell_to_end();
    assert_eq!(server.exit_code(), Some(0));
}

/// A process that is stopped and goes on finds its waits interrupted.
#[test]
fn signals_interrupt_nothing() {
    let server = serve();
    let mut peers: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for round in 0..60 {
        server.signal("-STOP");
        for peer in &mut peers {
            peer.write_all(&[round; 100]).unwrap();
        }
        server.signal("-CONT");
        server.signal("-WINCH");
        for peer in &mut peers {
            let mut back = [0; 100];
            peer.read_exact(&mut back).unwrap();
            assert_eq!(back, [round; 100]);
        }
    }
    drop(peers);
    server.tell_to_end();
    assert_eq!(server.exit_code(), Some(0));
}
