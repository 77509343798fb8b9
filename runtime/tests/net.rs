//! Sockets: what is sent arrives whole and in order, ends and errors are told, and nobody who waits is
//! forgotten.

use insideout::net::{Reader, TcpListener, TcpStream, UdpSocket, UnixDatagram};
use insideout::net::{UnixListener, UnixStream};
use insideout::prelude::*;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(anywhere()).unwrap();
    let address = listener.get_ref().local_addr().unwrap();
    (listener, address)
}

#[cps]
fn echo(stream: TcpStream) -> io::Result<u64> {
    let mut buf = [0; 1024];
    let mut total = 0;
    loop {
        let count = call!(stream.read(&mut buf))?;
        if count == 0 {
            return Ok(total);
        }
        call!(stream.write_all(&buf[..count]))?;
        total += count as u64;
    }
}

#[cps]
fn serve(listener: TcpListener, connections: usize) -> io::Result<u64> {
    let mut served = Vec::new();
    for _ in 0..connections {
        let (stream, _) = call!(listener.accept())?;
        served.push(spawn(thunk!(echo(stream))));
    }
    let mut total = 0;
    for echo in served {
        total += join!(echo).unwrap()?;
    }
    Ok(total)
}

#[cps]
fn client(to: SocketAddr, rounds: u8) -> io::Result<u64> {
    let stream = call!(TcpStream::connect(to))?;
    let mut total = 0;
    for round in 0..rounds {
        let sent = vec![round; 100 * usize::from(round) + 1];
        let mut back = vec![0; sent.len()];
        call!(stream.write_all(&sent))?;
        call!(stream.read_exact(&mut back))?;
        assert_eq!(sent, back);
        total += sent.len() as u64;
    }
    Ok(total)
}

#[test]
fn five_hundred_clients_get_back_what_they_sent() {
    let (listener, address) = listen();
    let pool = Pool::new(2);
    let serving = pool.spawn(thunk!(serve(listener, 500)));
    let clients: Vec<_> = (0..500)
        .map(|_| pool.spawn(thunk!(client(address, 10))))
        .collect();
    let sent: u64 = clients
        .into_iter()
        .map(|client| client.join().unwrap().unwrap())
        .sum();
    assert_eq!(serving.join().unwrap().unwrap(), sent);
}

#[test]
fn a_plain_call_blocks_the_thread() {
    let (listener, address) = listen();
    let pool = Pool::new(1);
    let serving = pool.spawn(thunk!(serve(listener, 1)));
    assert_eq!(client(address, 3).unwrap(), 1 + 101 + 201);
    assert_eq!(serving.join().unwrap().unwrap(), 303);
}

#[test]
fn the_end_of_a_direction_is_read_when_all_before_it_is() {
    let (listener, address) = listen();
    let pool = Pool::new(1);
    let serving = pool.spawn(thunk!(serve(listener, 1)));
    let mut peer = std::net::TcpStream::connect(address).unwrap();
    peer.write_all(&[9; 100_000]).unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let mut back = Vec::new();
    peer.read_to_end(&mut back).unwrap();
    assert_eq!(back, [9; 100_000]);
    assert_eq!(serving.join().unwrap().unwrap(), 100_000);
}

#[test]
fn a_peer_that_resets_is_an_error_and_one_that_is_not_there_too() {
    let (listener, address) = listen();
    let pool = Pool::new(1);
    let serving = pool.spawn(thunk!(serve(listener, 1)));
    let mut peer = std::net::TcpStream::connect(address).unwrap();
    peer.write_all(&[1; 10]).unwrap();
    // Closed with unread bytes, a connection is reset.
    let mut first = [0];
    peer.read_exact(&mut first).unwrap();
    drop(peer);
    assert_eq!(
        serving.join().unwrap().unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    // Nobody listens there any more.
    assert_eq!(
        TcpStream::connect(address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
}

#[test]
fn a_stream_that_ends_too_early_says_so() {
    let (here, there) = UnixStream::pair().unwrap();
    there.write_all(b"abc").unwrap();
    drop(there);
    let mut buf = [0; 4];
    assert_eq!(
        here.read_exact(&mut buf).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    assert_eq!(&buf[..3], b"abc");
}

#[cps]
fn pump(stream: Arc<UnixStream>, count: usize) -> io::Result<()> {
    let bytes = vec![5; count];
    call!(stream.write_all(&bytes))?;
    stream.shutdown(Shutdown::Write)
}

#[cps]
fn drain(stream: Arc<UnixStream>) -> io::Result<usize> {
    let (mut total, mut buf) = (0, [0; 100]);
    loop {
        match call!(stream.read(&mut buf))? {
            0 => return Ok(total),
            count => total += count,
        }
    }
}

#[test]
fn both_directions_go_on_at_once() {
    let (here, there) = std::os::unix::net::UnixStream::pair().unwrap();
    let pool = Pool::new(2);
    let ends = [here, there].map(|end| Arc::new(UnixStream::try_from(end).unwrap()));
    let pumps = ends
        .clone()
        .map(|end| pool.spawn(thunk!(pump(end, 1_000_000))));
    let drains = ends.map(|end| pool.spawn(thunk!(drain(end))));
    pumps
        .into_iter()
        .for_each(|pump| pump.join().unwrap().unwrap());
    for drained in drains {
        assert_eq!(drained.join().unwrap().unwrap(), 1_000_000);
    }
}

#[cps]
fn lines(stream: UnixStream) -> io::Result<Vec<String>> {
    let (mut reader, mut lines) = (Reader::with_capacity(8), Vec::new());
    loop {
        let mut line = Vec::new();
        if call!(reader.read_until(&stream, b'\n', &mut line))? == 0 {
            return Ok(lines);
        }
        lines.push(String::from_utf8(line).unwrap());
    }
}

#[test]
fn lines_are_read_whole_however_they_come() {
    let (here, mut there) = std::os::unix::net::UnixStream::pair().unwrap();
    let pool = Pool::new(1);
    let reading = pool.spawn(thunk!(lines(here.try_into().unwrap())));
    for piece in [
        "a li",
        "ne that is longer than the buffer\n\nsec",
        "ond\nlast",
    ] {
        there.write_all(piece.as_bytes()).unwrap();
    }
    drop(there);
    let expected = [
        "a line that is longer than the buffer\n",
        "\n",
        "second\n",
        "last",
    ];
    assert_eq!(reading.join().unwrap().unwrap(), expected);
}

#[cps]
fn answer(socket: UdpSocket) -> io::Result<usize> {
    let mut buf = [0; 16];
    let (count, from) = call!(socket.recv_from(&mut buf))?;
    call!(socket.send_to(&buf[..count], from))
}

#[test]
fn packets_go_and_come_back() {
    let socket = UdpSocket::bind(anywhere()).unwrap();
    let address = socket.get_ref().local_addr().unwrap();
    let pool = Pool::new(1);
    let answering = pool.spawn(thunk!(answer(socket)));
    let peer = std::net::UdpSocket::bind(anywhere()).unwrap();
    peer.send_to(b"ping", address).unwrap();
    let mut buf = [0; 16];
    assert_eq!(peer.recv_from(&mut buf).unwrap(), (4, address));
    assert_eq!(answering.join().unwrap().unwrap(), 4);
}

#[test]
fn packets_go_over_unix_sockets_too() {
    #[cps]
    fn relay(from: UnixDatagram, to: UnixDatagram) -> io::Result<usize> {
        let mut buf = [0; 16];
        let count = call!(from.recv(&mut buf))?;
        call!(to.send(&buf[..count]))
    }
    let ((a, b), (c, d)) = (UnixDatagram::pair().unwrap(), UnixDatagram::pair().unwrap());
    let pool = Pool::new(1);
    let relaying = pool.spawn(thunk!(relay(b, c)));
    a.send(b"whole").unwrap();
    assert_eq!(relaying.join().unwrap().unwrap(), 5);
    let mut buf = [0; 16];
    // What has no room is lost.
    assert_eq!(d.recv(&mut buf[..2]).unwrap(), 2);
    assert_eq!(&buf[..2], b"wh");
    let path = std::env::temp_dir().join(format!("insideout-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let named = UnixDatagram::bind(&path).unwrap();
    let sender = UnixDatagram::try_from(std::os::unix::net::UnixDatagram::unbound().unwrap());
    let to = named.get_ref().local_addr().unwrap();
    assert_eq!(sender.unwrap().send_to(b"hi", to).unwrap(), 2);
    let (count, from) = named.recv_from(&mut buf).unwrap();
    assert!(count == 2 && from.is_unnamed());
    std::fs::remove_file(path).unwrap();
}

/// The system takes no more than a few who are not accepted yet, and does not say when it takes more.
#[test]
fn who_connects_to_a_full_listener_waits_for_room_or_until_the_deadline() {
    let path = std::env::temp_dir().join(format!("insideout-full-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    assert_eq!(
        UnixStream::connect(path.clone()).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let listener = UnixListener::bind(&path).unwrap();
    let soon = || Instant::now() + Duration::from_millis(20);
    let mut waiting = Vec::new();
    let full = loop {
        match UnixStream::connect_deadline(path.clone(), soon()) {
            Ok(stream) => waiting.push(stream),
            Err(error) => break error,
        }
    };
    assert_eq!(full.kind(), ErrorKind::TimedOut);
    let pool = Pool::new(1);
    let one_more = pool.spawn(thunk!(UnixStream::connect(path.clone())));
    let accept = || listener.accept().unwrap().0;
    let first = accept();
    let stream = one_more.join().unwrap().unwrap();
    let others: Vec<_> = waiting[1..].iter().map(|_| accept()).collect();
    let last = accept();
    stream.write_all(b"here").unwrap();
    let mut heard = [0; 4];
    last.read_exact(&mut heard).unwrap();
    drop((first, others));
    assert_eq!(&heard, b"here");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn listeners_can_share_an_address() {
    let first = TcpListener::bind_shared(anywhere()).unwrap();
    let address = first.get_ref().local_addr().unwrap();
    let second = TcpListener::bind_shared(address).unwrap();
    let pool = Pool::new(1);
    let serving = [first, second].map(|listener| pool.spawn(thunk!(serve(listener, 1))));
    let mut clients = 0;
    while !serving.iter().all(|serving| serving.is_finished()) {
        // The system chooses who accepts it; one that has accepted already listens no more.
        clients += u32::from(client(address, 2).is_ok());
    }
    assert!(clients >= 2);
}

#[test]
fn sockets_go_to_std_and_back() {
    let (here, mut there) = std::os::unix::net::UnixStream::pair().unwrap();
    let stream = UnixStream::try_from(here).unwrap();
    let mut std = stream.into_std().unwrap();
    let writing = std::thread::spawn(move || there.write_all(b"x").unwrap());
    std.read_exact(&mut [0]).unwrap();
    writing.join().unwrap();
}

#[cps]
fn blocks_its_worker(stream: UnixStream) -> [u8; 3] {
    // Suspended once, so that it is the pool's event queue that watches the stream.
    let mut buf = [0; 3];
    call!(stream.read_exact(&mut buf[..1])).unwrap();
    stream.read_exact(&mut buf[1..]).unwrap();
    std::thread::sleep(std::time::Duration::ZERO);
    stream.write_all(b"!").unwrap();
    buf
}

#[test]
fn a_plain_call_on_the_only_worker_waits_for_nobody_else() {
    let (here, mut there) = std::os::unix::net::UnixStream::pair().unwrap();
    let pool = Pool::new(1);
    let stream = here.try_into().unwrap();
    let reading = pool.spawn(thunk!(blocks_its_worker(stream)));
    for byte in [1, 2, 3] {
        there.write_all(&[byte]).unwrap();
        std::thread::yield_now();
    }
    there.read_exact(&mut [0]).unwrap();
    assert_eq!(reading.join().unwrap(), [1, 2, 3]);
}

#[cps]
fn sleeps_on(millis: u64) {
    sleep!(std::time::Duration::from_millis(millis));
}

#[test]
fn a_worker_that_never_rests_looks_at_events_too() {
    #[cps]
    fn never_rests(until: Receiver<()>) -> u64 {
        let mut turns = 0;
        while until.try_recv().is_err() {
            coop!();
            turns += 1;
        }
        turns
    }
    let pool = Pool::new(1);
    let (sender, until) = Mailbox::bounded(1).split();
    let busy = pool.spawn(thunk!(never_rests(until)));
    pool.spawn(thunk!(sleeps_on(5))).join().unwrap();
    sender.send(()).unwrap();
    assert!(busy.join().unwrap() > 0);
}

#[test]
fn a_pool_that_ends_drops_those_who_wait_on_its_event_queue() {
    let pool = Pool::new(2);
    let sleepers: Vec<_> = (0..10)
        .map(|_| pool.spawn(thunk!(sleeps_on(3_600_000))))
        .collect();
    let naps: Vec<_> = (0..10).map(|_| pool.spawn(thunk!(sleeps_on(1)))).collect();
    naps.into_iter().for_each(|nap| nap.join().unwrap());
    drop(pool);
    for sleeper in sleepers {
        assert!(matches!(sleeper.join(), Err(JoinError::Cancelled)));
    }
}
