//! The `chat` example, with guests who listen, who do not, and who leave.

mod programs;

use programs::{Server, example};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn open() -> Server {
    let mut program = example("chat");
    program.args(["127.0.0.1:0", "2"]);
    Server::start(program)
}

struct Guest(BufReader<TcpStream>);

impl Guest {
    fn enter(server: &Server, name: &str, room: &str) -> Guest {
        let mut guest = Guest(BufReader::new(server.connect()));
        guest
            .0
            .get_ref()
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        guest.say(&format!("{name} {room}"));
        assert_eq!(guest.hears(), format!("* welcome, {name}"));
        guest
    }

    fn say(&mut self, line: &str) {
        self.0
            .get_mut()
            .write_all(format!("{line}\n").as_bytes())
            .unwrap();
    }

    fn hears(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }
}

#[test]
fn lines_go_to_everyone_else_in_the_room() {
    let server = open();
    let mut ann = Guest::enter(&server, "ann", "kitchen");
    let mut bob = Guest::enter(&server, "bob", "kitchen");
    assert_eq!(ann.hears(), "* bob is here");
    ann.say("one");
    assert_eq!(bob.hears(), "ann: one");
    let mut eve = Guest::enter(&server, "eve", "cellar");
    eve.say("two");
    bob.say("three");
    assert_eq!(ann.hears(), "bob: three");
    drop(bob);
    assert_eq!(ann.hears(), "* bob is gone");
}

#[test]
fn who_does_not_read_is_shown_the_door_and_holds_nobody_up() {
    let server = open();
    let mut deaf = Guest::enter(&server, "deaf", "hall");
    let mut ears = Guest::enter(&server, "ears", "hall");
    assert_eq!(deaf.hears(), "* ears is here");
    let mut loud = Guest::enter(&server, "loud", "hall");
    assert_eq!(ears.hears(), "* loud is here");
    let line = "x".repeat(1000);
    let listens = std::thread::spawn(move || {
        loop {
            let heard = ears.hears();
            if heard == "* deaf is gone" {
                return;
            }
        }
    });
    while !listens.is_finished() {
        loud.say(&line);
    }
    listens.join().unwrap();
    // What had been written for it before comes, and then the end.
    let _ = deaf.0.read_to_end(&mut Vec::new());
}

#[test]
fn a_line_without_end_ends_the_visit() {
    let server = open();
    let mut guest = Guest::enter(&server, "ann", "attic");
    let _ = guest.0.get_mut().write_all(&[b'a'; 100_000]);
    let mut rest = Vec::new();
    let _ = guest.0.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn told_to_end_it_ends() {
    let server = open();
    let _guest = Guest::enter(&server, "ann", "porch");
    server.tell_to_end();
    assert_eq!(server.exit_code(), Some(0));
}
