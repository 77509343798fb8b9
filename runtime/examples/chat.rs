//! A chat server: rooms are continuations, and everything goes through mailboxes.
//!
//!     cargo run --release --example chat -- 127.0.0.1:7001 2 1000
//!
//! listens at the address with a pool of two workers (the defaults; port 0 takes a free one). A
//! client's first line is its name and the room it enters, `ann kitchen`; each line after that goes to
//! everyone else in the room as `ann: line`.
//!
//! Each guest has two continuations: one reads what it types and sends it to its room, one writes what
//! comes out of its own mailbox. A room is a third kind, one for each room, which stays open.
//! *Backpressure:* all mailboxes are bounded, so a room waits for a guest who reads slowly, and who
//! types faster than the room passes on waits for the room. *Policy:* a room waits so long and no
//! longer, the third argument, in milliseconds; who has not made room by then is shown the door. So who
//! stays has missed nothing.

use insideout::net::{Reader, TcpListener, TcpStream};
use insideout::prelude::*;
use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Lines that wait for a guest to read them, or for a room to pass them on.
const LINES: usize = 64;
/// The longest line, in bytes.
const LINE: usize = 1024;

/// What happens in a room.
enum Event {
    Enter(Guest),
    Say(Arc<str>, String),
    Leave(Arc<str>),
}

struct Guest {
    name: Arc<str>,
    lines: Sender<Line>,
    stream: Arc<TcpStream>,
}

type Line = Arc<[u8]>;

/// The rooms, each opened by the first who enters.
struct House {
    rooms: Mutex<HashMap<String, Sender<Event>>>,
    patience: Duration,
}

impl House {
    fn room(&self, name: &str) -> Sender<Event> {
        let open = || {
            let (sender, events) = Mailbox::bounded(LINES).split();
            let _ = spawn_detached(thunk!(room(events, self.patience)));
            sender
        };
        let mut rooms = self.rooms.lock().unwrap();
        rooms.entry(name.to_string()).or_insert_with(open).clone()
    }
}

#[cps]
fn room(events: Receiver<Event>, patience: Duration) {
    let mut guests = Vec::new();
    while let Ok(event) = recv!(events) {
        match event {
            Event::Enter(guest) => {
                let line = format!("* {} is here\n", guest.name).into_bytes();
                guests.push(guest);
                call!(tell(&guests, Line::from(line), None, patience));
            }
            Event::Say(name, line) => {
                let line = format!("{name}: {line}\n").into_bytes();
                call!(tell(&guests, Line::from(line), Some(name), patience));
            }
            Event::Leave(name) => {
                guests.retain(|guest: &Guest| !Arc::ptr_eq(&guest.name, &name));
                let line = format!("* {name} is gone\n").into_bytes();
                call!(tell(&guests, Line::from(line), None, patience));
            }
        }
    }
}

/// Passes a line on to all but one. Who does not take it in time is shown the door: its reader sees the
/// end, and says that it leaves.
#[cps]
fn tell(guests: &[Guest], line: Line, but: Option<Arc<str>>, patience: Duration) {
    for guest in guests {
        if but
            .as_ref()
            .is_some_and(|but| Arc::ptr_eq(but, &guest.name))
        {
            continue;
        }
        let until = Instant::now() + patience;
        if send_deadline!(guest.lines, line.clone(), until).is_err() {
            let _ = guest.stream.shutdown(Shutdown::Both);
            guest.lines.close();
        }
    }
}

#[cps]
fn write(stream: Arc<TcpStream>, lines: Receiver<Line>) {
    while let Ok(line) = recv!(lines) {
        if call!(stream.write_all(&line)).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

#[cps]
fn welcome(stream: TcpStream, house: Arc<House>) -> io::Result<()> {
    let stream = Arc::new(stream);
    let mut reader = Reader::with_capacity(LINE);
    let first = call!(line(&stream, &mut reader))?;
    let Some(first) = first else {
        return Ok(());
    };
    let Some((name, room)) = first.split_once(' ') else {
        return call!(stream.write_all(b"say who you are and which room you want: ann kitchen\n"));
    };
    let (name, room): (Arc<str>, _) = (name.into(), house.room(room));
    let (sender, lines) = Mailbox::bounded(LINES).split();
    let _ = spawn_detached(thunk!(write(stream.clone(), lines)));
    let guest = Guest {
        name: name.clone(),
        lines: sender,
        stream: stream.clone(),
    };
    let _ = send!(room, Event::Enter(guest));
    while let Ok(Some(line)) = call!(line(&stream, &mut reader)) {
        let _ = send!(room, Event::Say(name.clone(), line));
    }
    let _ = send!(room, Event::Leave(name));
    Ok(())
}

/// The next line without its end; None when there is no more. One that is too long is an error.
#[cps]
fn line(stream: &TcpStream, reader: &mut Reader) -> io::Result<Option<String>> {
    loop {
        let end = reader.buffered().iter().position(|byte| *byte == b'\n');
        if let Some(end) = end {
            let line = String::from_utf8_lossy(&reader.buffered()[..end]);
            let line = line.trim_end_matches('\r').to_string();
            reader.consume(end + 1);
            return Ok(Some(line));
        }
        if call!(reader.fill(stream))? == 0 {
            return Ok(None);
        }
    }
}

#[cps]
fn accept(listener: Arc<TcpListener>, house: Arc<House>) -> io::Result<()> {
    while !listener.is_closed() {
        match call!(listener.accept()) {
            Ok((stream, _peer)) => {
                let _ = spawn_detached(thunk!(welcome(stream, house.clone())));
            }
            // Out of descriptors, most likely: there will be some when a guest leaves.
            Err(_) => sleep!(Duration::from_millis(100)),
        }
    }
    Ok(())
}

#[cps]
fn end(signal: i32, listener: Arc<TcpListener>) -> io::Result<()> {
    signal!(signal)?;
    listener.close();
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:7001".into());
    let address: SocketAddr = address.parse().map_err(|_| ErrorKind::InvalidInput)?;
    let workers = arguments.next().map_or(Ok(2), |workers| workers.parse());
    let workers = workers.map_err(|_| ErrorKind::InvalidInput)?;
    let patience = arguments
        .next()
        .map_or(Ok(1000), |patience| patience.parse());
    let patience = Duration::from_millis(patience.map_err(|_| ErrorKind::InvalidInput)?);

    let pool = Pool::named("chat", workers);
    let listener = Arc::new(TcpListener::bind(address)?);
    println!("listening at {}", listener.get_ref().local_addr()?);
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let _ = pool.spawn_detached(thunk!(end(signal, listener.clone())));
    }
    let house = House {
        rooms: Mutex::default(),
        patience,
    };
    let accepting = pool.spawn(thunk!(accept(listener, Arc::new(house))));
    accepting
        .join()
        .map_err(|error| io::Error::other(error.to_string()))?
}
