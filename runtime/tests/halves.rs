//! The halves of a stream: each is owned by itself, and what becomes of the other is told.

use insideout::net::{ReadHalf, Reader, TcpListener, TcpStream, UnixStream, WriteHalf};
use insideout::prelude::*;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream as StdTcp;
use std::os::unix::net::UnixStream as StdUnix;
use std::time::Duration;

#[cps]
fn connected() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    let here = call!(TcpStream::connect(listener.get_ref().local_addr()?))?;
    let (there, _) = call!(listener.accept())?;
    Ok((here, there))
}

/// Sends a megabyte in pieces, then the end.
#[cps]
fn pour(half: WriteHalf<StdTcp>) -> io::Result<()> {
    for byte in 0..16 {
        writable!(half)?;
        timeout!(Duration::from_secs(10), half.write_all(&[byte; 1 << 16]))??;
    }
    Ok(())
}

#[cps]
fn drain(half: ReadHalf<StdTcp>) -> io::Result<usize> {
    let (mut all, mut buf) = (0, vec![0; 4096]);
    loop {
        match timeout!(Duration::from_secs(10), half.read(&mut buf))?? {
            0 => return Ok(all),
            count => all += count,
        }
    }
}

#[test]
fn both_ends_read_and_write_at_once() {
    let pool = Pool::new(2);
    let (here, there) = pool.spawn(thunk!(connected())).join().unwrap().unwrap();
    let ends = [here.split(), there.split()].map(|(read, write)| {
        let pours = pool.spawn(thunk!(pour(write)));
        (pours, pool.spawn(thunk!(drain(read))))
    });
    for (pours, drains) in ends {
        pours.join().unwrap().unwrap();
        assert_eq!(drains.join().unwrap().unwrap(), 1 << 20);
    }
}

/// More than the system keeps, so that it comes in pieces.
#[test]
fn read_exact_waits_for_all() {
    let (here, there) = UnixStream::pair().unwrap();
    let pool = Pool::new(1);
    let (read, _write) = there.split();
    #[cps]
    fn pour(stream: UnixStream) -> io::Result<()> {
        call!(stream.write_all(&vec![7; 1 << 20]))
    }
    let pours = pool.spawn(thunk!(pour(here)));
    let mut all = vec![0; 1 << 20];
    read.read_exact(&mut all).unwrap();
    assert!(all.iter().all(|byte| *byte == 7));
    pours.join().unwrap().unwrap();
}

#[cps]
fn at_once(read: ReadHalf<StdUnix>, write: WriteHalf<StdUnix>) -> io::Result<[u8; 3]> {
    let mut buf = [0; 3];
    timeout!(Duration::ZERO, read.read(&mut buf[..1]))??;
    timeout!(Duration::ZERO, read.read_exact(&mut buf[1..]))??;
    timeout!(Duration::ZERO, write.write(b"a"))??;
    timeout!(Duration::ZERO, write.write_all(b"b"))??;
    Ok(buf)
}

/// As with the stream itself: the first leg of a call always runs.
#[test]
fn what_need_not_wait_is_done_though_the_time_is_over() {
    let (here, there) = UnixStream::pair().unwrap();
    let (read, write) = there.split();
    here.write_all(b"all").unwrap();
    assert_eq!(&at_once(read, write).unwrap(), b"all");
    let mut heard = [0; 2];
    here.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"ab");
}

#[test]
fn dropped_or_shut_down_a_half_that_writes_ends_its_direction_only() {
    for drops in [false, true] {
        let (mut here, there) = StdUnix::pair().unwrap();
        here.set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let (read, write) = UnixStream::try_from(there).unwrap().split();
        write.write_all(b"last").unwrap();
        let kept = match drops {
            true => {
                drop(write);
                None
            }
            false => {
                write.shutdown().unwrap();
                Some(write)
            }
        };
        let mut all = Vec::new();
        here.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"last");
        here.write_all(b"more").unwrap();
        let mut buf = [0; 4];
        read.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"more");
        assert!(kept.is_none_or(|write| write.try_write(b"x").is_err()));
    }
}

#[test]
fn a_half_that_reads_ends_nothing_and_the_stream_ends_with_both() {
    let (here, there) = UnixStream::pair().unwrap();
    let (read, write) = there.split();
    drop(read);
    here.write_all(b"unread").unwrap();
    write.write_all(b"hi").unwrap();
    assert_eq!(here.read(&mut [0; 8]).unwrap(), 2);
    drop(write);
    let ended = here.write_all(b"x").unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::BrokenPipe);
}

#[test]
fn put_together_they_are_the_stream_again_which_has_not_ended() {
    let (here, there) = UnixStream::pair().unwrap();
    let (other_read, other_write) = here.split();
    let (read, write) = there.split();
    let apart = read.reunite(other_write).unwrap_err();
    assert_eq!(apart.to_string(), "the halves are of different streams");
    let there = apart.0.reunite(write).unwrap();
    let here = other_read.reunite(apart.1).unwrap();
    for (from, to) in [(&here, &there), (&there, &here)] {
        from.write_all(b"hi").unwrap();
        assert_eq!(to.read(&mut [0; 8]).unwrap(), 2);
    }
    assert!(there.into_std().is_ok());
}

#[cps]
fn lines(half: ReadHalf<StdUnix>) -> io::Result<Vec<String>> {
    let (mut reader, mut lines) = (Reader::with_capacity(16), Vec::new());
    readable!(half)?;
    loop {
        let mut line = Vec::new();
        if call!(reader.read_until(half.stream(), b'\n', &mut line))? == 0 {
            return Ok(lines);
        }
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

#[test]
fn a_reader_reads_from_a_half() {
    let (here, there) = UnixStream::pair().unwrap();
    let (read, _write) = there.split();
    let pool = Pool::new(1);
    let reading = pool.spawn(thunk!(lines(read)));
    here.write_all(b"one\ntwo").unwrap();
    drop(here);
    assert_eq!(reading.join().unwrap().unwrap(), ["one", "two"]);
}

#[test]
fn halves_go_to_any_thread() {
    fn assert_any<T: Send + Sync>() {}
    assert_any::<(ReadHalf<StdTcp>, WriteHalf<StdTcp>)>();
    assert_any::<(ReadHalf<StdUnix>, WriteHalf<StdUnix>)>();
}
