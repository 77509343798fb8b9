//! The conversation with one client.

use crate::House;
use crate::request::{self, Request};
use crate::site::Answer;
use insideout::net::{Reader, TcpStream};
use insideout::prelude::*;
use std::io;
use std::net::Shutdown;
use std::sync::Arc;

/// Answers are gathered up to so many bytes while more requests are there already.
const GATHERED: usize = 64 * 1024;

/// Answers one request after another. `_alive` says that the conversation is not over.
#[cps]
pub(crate) fn talk(stream: TcpStream, house: Arc<House>, _alive: Sender<()>) {
    let stream = Arc::new(stream);
    let guest = house.guests.enter(&stream);
    // A client that is gone, or was turned out, is no concern of ours.
    let _ = call!(answer_all(&stream, &house, guest));
    house.guests.leave(guest);
}

#[cps]
fn answer_all(stream: &TcpStream, house: &House, guest: u64) -> io::Result<()> {
    let (mut reader, mut out) = (Reader::with_capacity(request::HEAD), Vec::new());
    loop {
        let request = match call!(next(stream, house, guest, &mut reader, &mut out))? {
            Asked::This(request) => request,
            Asked::Nonsense(answer) => {
                answer.write(&mut out, false, true);
                call!(stream.write_all(&out))?;
                return call!(say_goodbye(stream, &mut reader));
            }
            Asked::NoMore => return Ok(()),
        };
        reader.consume(request.head);
        if request.expects_continue && request.body > 0 {
            out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            call!(stream.write_all(&out))?;
            out.clear();
        }
        call!(skip(stream, &mut reader, request.body))?;
        let answer = call!(house.site.answer(&request.target));
        let last = !request.keep_alive || house.guests.are_leaving();
        answer.write(&mut out, request.head_only, last);
        if last {
            call!(stream.write_all(&out))?;
            return call!(say_goodbye(stream, &mut reader));
        }
    }
}

enum Asked {
    This(Request),
    Nonsense(Answer),
    NoMore,
}

/// The next request. What was gathered goes out before there is anything to wait for.
#[cps]
fn next(
    stream: &TcpStream,
    house: &House,
    guest: u64,
    reader: &mut Reader,
    out: &mut Vec<u8>,
) -> io::Result<Asked> {
    let mut begun = false;
    loop {
        let parsed = match reader.buffered() {
            // Empty lines before a request are to be passed over.
            [b'\r' | b'\n', ..] => {
                reader.consume(1);
                continue;
            }
            bytes => request::parse(bytes),
        };
        match parsed {
            Ok(Some(request)) => {
                if !begun {
                    house.guests.note(guest, false);
                }
                if out.len() >= GATHERED {
                    call!(stream.write_all(out))?;
                    out.clear();
                }
                return Ok(Asked::This(request));
            }
            Ok(None) => {}
            Err(status) => return Ok(Asked::Nonsense(Answer::bare(status))),
        }
        if !out.is_empty() {
            call!(stream.write_all(out))?;
            out.clear();
        }
        let idle = reader.buffered().is_empty();
        if begun != !idle || idle {
            begun = !idle;
            if !house.guests.note(guest, idle) {
                return Ok(Asked::NoMore);
            }
        }
        if call!(reader.fill(stream))? == 0 {
            return Ok(Asked::NoMore);
        }
    }
}

/// Reads over a body.
#[cps]
fn skip(stream: &TcpStream, reader: &mut Reader, body: usize) -> io::Result<()> {
    let mut left = body;
    loop {
        let there = reader.buffered().len().min(left);
        reader.consume(there);
        left -= there;
        if left == 0 {
            return Ok(());
        }
        if call!(reader.fill(stream))? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Ends a connection so that the client gets all that was sent: what it still sends is read over for a
/// while, since closing with unread bytes would reset the connection.
#[cps]
fn say_goodbye(stream: &TcpStream, reader: &mut Reader) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let mut read = 0;
    loop {
        let count = reader.buffered().len();
        reader.consume(count);
        let more = call!(reader.fill(stream))?;
        read += more;
        if more == 0 || read > request::BODY {
            return Ok(());
        }
    }
}
