//! Signals that come again and again during every kind of call, with a handler that lets no call
//! restart: nothing is lost, and no call fails for it.

use insideout::net::{TcpListener, TcpStream, UdpSocket};
use insideout::prelude::*;
use insideout::{Flags, Futex, Semaphore, WaitGroup, Want};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver as Heard};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

const SIGNAL: i32 = libc::SIGUSR2;
/// No wait here takes so long unless something is lost.
const PATIENCE: Duration = Duration::from_secs(120);

static HANDLED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn handle(_: i32) {
    HANDLED.fetch_add(1, SeqCst);
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let handler: extern "C" fn(i32) = handle;
        // SAFETY: zeros are an action without flags (so without `SA_RESTART`), mask or handler.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as usize;
        // SAFETY: `action` is whole and lives until the call returns; its handler only counts.
        let installed = unsafe { libc::sigaction(SIGNAL, &raw const action, std::ptr::null_mut()) };
        assert_eq!(installed, 0);
    });
}

/// Signals the workers of a pool, and threads, until it is dropped.
struct Fire {
    pool: Pool,
    threads: Arc<Mutex<Vec<thread::JoinHandle<()>>>>,
    over: Arc<AtomicBool>,
    gunner: Option<thread::JoinHandle<()>>,
}

impl Fire {
    fn open(workers: usize) -> Fire {
        install();
        let (pool, threads) = (Pool::new(workers), Arc::default());
        let over = Arc::new(AtomicBool::new(false));
        let targets: Vec<_> = pool.iter().collect();
        let (others, ends): (Arc<Mutex<Vec<thread::JoinHandle<()>>>>, _) =
            (Arc::clone(&threads), over.clone());
        let gunner = thread::spawn(move || {
            while !ends.load(SeqCst) {
                for worker in &targets {
                    worker.signal(SIGNAL).unwrap();
                }
                for thread in others.lock().unwrap().iter() {
                    // SAFETY: nobody joins the thread before the fire is over, so its id is its own.
                    unsafe { libc::pthread_kill(thread.as_pthread_t(), SIGNAL) };
                }
                thread::sleep(Duration::from_micros(20));
            }
        });
        Fire {
            pool,
            threads,
            over,
            gunner: Some(gunner),
        }
    }

    /// Has a thread do something; what it returns is heard.
    fn thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Heard<T> {
        let (tell, heard) = mpsc::channel();
        let thread = thread::spawn(move || drop(tell.send(work())));
        self.threads.lock().unwrap().push(thread);
        heard
    }

    /// As [`thread`](Fire::thread): a thread that joins a call on the pool.
    fn joins<T: Send + 'static>(&self, call: Thunk<'static, T>) -> Heard<T> {
        let handle = self.pool.spawn(call);
        self.thread(move || handle.join().unwrap())
    }
}

impl Drop for Fire {
    fn drop(&mut self) {
        self.over.store(true, SeqCst);
        self.gunner.take().unwrap().join().unwrap();
        if thread::panicking() {
            // What is lost would be waited for.
            return self.pool.halt();
        }
        assert!(HANDLED.load(SeqCst) > 0);
    }
}

fn said<T>(heard: Heard<T>) -> T {
    heard.recv_timeout(PATIENCE).expect("it is done in time")
}

fn anywhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[cps]
fn echo(stream: TcpStream) -> io::Result<()> {
    let mut buf = [0; 1000];
    loop {
        let count = call!(stream.read(&mut buf))?;
        if count == 0 {
            return Ok(());
        }
        call!(stream.write_all(&buf[..count]))?;
    }
}

#[cps]
fn serve(listener: TcpListener, connections: usize) -> io::Result<()> {
    for _ in 0..connections {
        let (stream, _) = call!(listener.accept())?;
        let _ = spawn_detached(thunk!(echo(stream)));
    }
    Ok(())
}

/// Connects again and again, and sends more than there is room for on the way.
#[cps]
fn clients(to: SocketAddr, connections: usize) -> io::Result<()> {
    for number in 0..connections {
        let stream = Arc::new(call!(TcpStream::connect(to))?);
        let sent = vec![number as u8; 300_000];
        let writes = spawn(thunk!(write(stream.clone(), sent.clone())));
        let mut back = vec![0; sent.len()];
        call!(stream.read_exact(&mut back))?;
        join!(writes).unwrap()?;
        assert_eq!(sent, back);
    }
    Ok(())
}

#[cps]
fn write(stream: Arc<TcpStream>, bytes: Vec<u8>) -> io::Result<()> {
    call!(stream.write_all(&bytes))
}

#[test]
fn streams_lose_nothing() {
    let fire = Fire::open(2);
    let listener = TcpListener::bind(anywhere()).unwrap();
    let address = listener.get_ref().local_addr().unwrap();
    let serving = fire.joins(thunk!(serve(listener, 60)));
    let suspended: Vec<_> = (0..4)
        .map(|_| fire.joins(thunk!(clients(address, 10))))
        .collect();
    let blocked = [0; 2].map(|_| fire.thread(move || clients(address, 10)));
    for client in suspended.into_iter().chain(blocked) {
        said(client).unwrap();
    }
    said(serving).unwrap();
}

#[cps]
fn reply(socket: UdpSocket, times: u32) -> io::Result<u32> {
    let mut buf = [0; 8];
    for _ in 0..times {
        let (count, from) = call!(socket.recv_from(&mut buf))?;
        call!(socket.send_to(&buf[..count], from))?;
    }
    Ok(times)
}

#[cps]
fn ask(to: SocketAddr, times: u32) -> io::Result<u32> {
    let socket = UdpSocket::bind(([127, 0, 0, 1], 0).into())?;
    let mut buf = [0; 8];
    for number in 0..times {
        call!(socket.send_to(&number.to_ne_bytes(), to))?;
        let (count, _) = call!(socket.recv_from(&mut buf))?;
        assert_eq!(buf[..count], number.to_ne_bytes());
    }
    Ok(times)
}

#[test]
fn packets_come_once() {
    let fire = Fire::open(2);
    let socket = UdpSocket::bind(anywhere()).unwrap();
    let address = socket.get_ref().local_addr().unwrap();
    let replies = fire.joins(thunk!(reply(socket, 4_000)));
    let asks = fire.joins(thunk!(ask(address, 2_000)));
    let blocked = fire.thread(move || ask(address, 2_000));
    assert_eq!(said(asks).unwrap() + said(blocked).unwrap(), 4_000);
    assert_eq!(said(replies).unwrap(), 4_000);
}

#[cps]
fn naps(times: u32) -> Duration {
    let began = Instant::now();
    for _ in 0..times {
        sleep!(Duration::from_millis(1));
    }
    began.elapsed()
}

#[cps]
fn reads(mut from: io::PipeReader, bytes: usize) -> io::Result<usize> {
    for _ in 0..bytes {
        readable!(&from)?;
        from.read_exact(&mut [0])?;
    }
    Ok(bytes)
}

#[cps]
fn writes(mut to: io::PipeWriter, bytes: usize) -> io::Result<usize> {
    for _ in 0..bytes {
        writable!(&to)?;
        to.write_all(&[1])?;
    }
    Ok(bytes)
}

#[cps]
fn has_children(count: i32) -> io::Result<()> {
    for code in 0..count {
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &format!("sleep 0.01; exit {code}")]);
        let child = { command }.spawn()?;
        assert_eq!(child!(child)?.code(), Some(code));
    }
    Ok(())
}

#[test]
fn sleeps_descriptors_and_children_end_in_their_time() {
    let fire = Fire::open(2);
    let naps = [
        fire.joins(thunk!(naps(200))),
        fire.thread(move || naps(200)),
    ];
    let (from, to) = io::pipe().unwrap();
    let pipe = [
        fire.joins(thunk!(reads(from, 3_000))),
        fire.joins(thunk!(writes(to, 3_000))),
    ];
    let children = fire.joins(thunk!(has_children(20)));
    for slept in naps {
        assert!(said(slept) >= Duration::from_millis(200));
    }
    for moved in pipe {
        assert_eq!(said(moved).unwrap(), 3_000);
    }
    said(children).unwrap();
}

#[cps]
fn sends(to: Sender<u32>, upto: u32) {
    for number in 0..upto {
        send!(to, number).unwrap();
    }
}

#[cps]
fn sums(from: Receiver<u32>) -> u32 {
    let mut sum = 0;
    while let Ok(number) = recv!(from) {
        sum += number;
    }
    sum
}

#[test]
fn messages_are_neither_lost_nor_interrupted() {
    let fire = Fire::open(2);
    let upto = 5_000;
    let all = (0..upto).sum::<u32>();
    // Suspended to suspended, suspended to blocked, blocked to suspended, blocked to blocked.
    for (sender_blocks, receiver_blocks) in
        [(false, false), (false, true), (true, false), (true, true)]
    {
        let (to, from) = Mailbox::bounded(1).split();
        let sent = match sender_blocks {
            false => fire.joins(thunk!(sends(to, upto))),
            true => fire.thread(move || (0..upto).for_each(|number| to.send(number).unwrap())),
        };
        let sum = match receiver_blocks {
            false => fire.joins(thunk!(sums(from))),
            true => fire.thread(move || from.iter().sum()),
        };
        said(sent);
        assert_eq!(said(sum), all);
    }
}

#[cps]
fn takes_turns(semaphore: Semaphore, times: u32) {
    for _ in 0..times {
        let _permit = call!(semaphore.acquire());
        coop!();
    }
}

#[test]
fn waits_end_once_and_for_a_reason() {
    let fire = Fire::open(2);
    let (semaphore, group) = (Semaphore::new(1), WaitGroup::new());
    let turns: Vec<_> = (0..3)
        .map(|_| fire.joins(thunk!(takes_turns(semaphore.clone(), 500))))
        .collect();
    let member = group.member();
    let (futex, flags) = (Arc::new(Futex::new(0)), Arc::new(Flags::default()));
    let waits = {
        let (group, futex, flags) = (group.clone(), futex.clone(), flags.clone());
        [
            fire.thread({
                let semaphore = semaphore.clone();
                move || (0..500).for_each(|_| drop(semaphore.acquire()))
            }),
            fire.thread(move || group.wait()),
            fire.thread(move || {
                while futex.load(SeqCst) == 0 {
                    futex.wait(0, None);
                }
            }),
            fire.thread(move || assert_eq!(flags.wait(Want::AllSet(1)), 1)),
        ]
    };
    turns.into_iter().for_each(said);
    futex.store(1, SeqCst);
    futex.wake_all();
    flags.set(1);
    drop(member);
    waits.into_iter().for_each(said);
    assert_eq!(semaphore.available(), 1);
    // A deadline that is far is not met early.
    let (_to, from) = Mailbox::<u32>::bounded(1).split();
    let began = Instant::now();
    let timed_out = fire.thread(move || from.recv_deadline(began + Duration::from_millis(100)));
    assert!(said(timed_out).is_err() && began.elapsed() >= Duration::from_millis(100));
}
