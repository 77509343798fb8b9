//! Signals as something to wait for.
//!
//! The first wait for a signal installs a handler for it, which stays. All the handler does is to
//! count, and to ring an eventfd, which every waiter watches at its edges and nobody reads: so each
//! waiter is told of each delivery. What a waiter goes by is the count.
//!
//! Guarantee: a signal that is delivered after a wait for it began ends that wait. Several deliveries
//! in short order may end it together, as the system itself merges them.

use super::points::Watching;
use super::source::Source;
use super::{EventQueue, Interest};

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicI32, AtomicU64};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Linux has 64.
const SIGNALS: usize = 65;

struct Signal {
    deliveries: AtomicU64,
    /// The bell, or 0 before there is one.
    bell: AtomicI32,
}

static ALL: [Signal; SIGNALS] = [const {
    Signal {
        deliveries: AtomicU64::new(0),
        bell: AtomicI32::new(0),
    }
}; SIGNALS];

/// Held while a handler is installed.
static INSTALLING: Mutex<()> = Mutex::new(());

/// Tells a wait from deliveries before it began.
#[derive(Debug)]
pub(super) struct Listening {
    signal: usize,
    heard: u64,
    bell: Source<OwnedFd>,
}

impl Listening {
    /// Listens from now on.
    pub(super) fn to(signal: i32) -> io::Result<Self> {
        let number = usize::try_from(signal)
            .ok()
            .filter(|number| (1..SIGNALS).contains(number));
        let number = number.ok_or(io::ErrorKind::InvalidInput)?;
        let bell = bell(number, signal)?;
        let source = EventQueue::here()?.register(bell.try_clone()?)?;
        let heard = ALL[number].deliveries.load(Acquire);
        Ok(Listening {
            signal: number,
            heard,
            bell: source,
        })
    }

    /// Whom to wait with; None when the signal was delivered.
    pub(super) fn wait_with(&self) -> io::Result<Option<Watching>> {
        loop {
            if ALL[self.signal].deliveries.load(Acquire) != self.heard {
                return Ok(None);
            }
            if let Some(watching) = Watching::unless_ready(&self.bell, Interest::Read)? {
                return Ok(Some(watching));
            }
            // An edge that rang for an earlier delivery.
            let _: io::Result<()> = self
                .bell
                .attempt(Interest::Read, |_| Err(io::ErrorKind::WouldBlock.into()));
        }
    }
}

/// The bell of a signal, which the handler rings.
fn bell(number: usize, signal: i32) -> io::Result<&'static OwnedFd> {
    static BELLS: [OnceLock<OwnedFd>; SIGNALS] = [const { OnceLock::new() }; SIGNALS];
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bell) = BELLS[number].get() {
        return Ok(bell);
    }
    install(signal)?;
    // SAFETY: the call takes no pointers.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    ALL[number].bell.store(fd, Release);
    // SAFETY: the descriptor was made for us, and nobody else has it; the handler, which writes to it,
    // knows that it is never closed.
    Ok(BELLS[number].get_or_init(|| unsafe { OwnedFd::from_raw_fd(fd) }))
}

fn install(signal: i32) -> io::Result<()> {
    let handler: extern "C" fn(i32) = delivered;
    // SAFETY: a `sigaction` of zeros is one without flags, mask or handler.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: `action` is whole and lives until the call returns. Its handler does nothing but what a
    // handler may: atomics and `write`.
    match unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

extern "C" fn delivered(signal: i32) {
    let Some(signal) = usize::try_from(signal)
        .ok()
        .and_then(|number| ALL.get(number))
    else {
        return;
    };
    signal.deliveries.fetch_add(1, Release);
    let bell: RawFd = signal.bell.load(Acquire);
    if bell != 0 {
        let one = 1_u64.to_ne_bytes();
        // SAFETY: the location of the thread's error code is valid as long as the thread is.
        let (errno, before) = unsafe { (libc::__errno_location(), *libc::__errno_location()) };
        // SAFETY: the kernel reads eight bytes from `one`; the interrupted code finds the error code as
        // it was.
        unsafe {
            libc::write(bell, one.as_ptr().cast(), one.len());
            *errno = before;
        }
    }
}
