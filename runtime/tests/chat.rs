//! The `chat` example, with guests who listen, who do not, and who leave.

mod programs;

use programs::{Server, example};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

fn open() -> Server {
    let mut program = example("chat");
    program.args(["127.0.0.1:0", "2", "1000"]);
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
        assert_eq!(guest.hears(), format!("* {name} is here"));
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

/// Who types waits for who does not read, until that one has to go; everyone else hears every line.
#[test]
fn who_does_not_read_is_shown_the_door_and_nobody_misses_a_line() {
    let server = open();
    let mut deaf = Guest::enter(&server, "deaf", "hall");
    let mut ears = Guest::enter(&server, "ears", "hall");
    assert_eq!(deaf.hears(), "* ears is here");
    let mut loud = Guest::enter(&server, "loud", "hall");
    assert_eq!(ears.hears(), "* loud is here");
    let (told, gone) = std::sync::mpsc::channel();
    let listens = std::thread::spawn(move || {
        let mut next = 0;
        loop {
            let heard = ears.hears();
            if heard == "* deaf is gone" {
                told.send(()).unwrap();
                continue;
            }
            if heard == "* loud is gone" {
                return next;
            }
            let number = heard.split(' ').nth(1).unwrap();
            assert_eq!(number.parse(), Ok(next));
            next += 1;
        }
    });
    let filling = "x".repeat(1000);
    let mut said = 0;
    while gone.try_recv().is_err() {
        assert!(said < 200_000 && !listens.is_finished());
        loud.say(&format!("{said} {filling}"));
        said += 1;
    }
    // Not dropped: that would reset the connection, for what it has not read.
    loud.0.get_ref().shutdown(Shutdown::Write).unwrap();
    assert_eq!(listens.join().unwrap(), said);
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
