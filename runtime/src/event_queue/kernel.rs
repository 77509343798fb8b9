//! The kernel's part of an event queue: an epoll instance, and an eventfd in it by which other threads
//! end a wait.
//!
//! Guarantees: a descriptor is watched at its edges, in the directions that were asked for, from
//! [`Kernel::watch`] to [`Kernel::forget`], and what happens to it comes out of [`Kernel::wait`] under the
//! token it was watched with; a [`Kernel::ring`] ends the wait that is under way, or the next one. What a
//! token means, and when to wait, is left to the event queue.

use super::event::Event;
use super::interest::{Interest, Interests};
use crate::syscalls;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// The token of the bell; no other may be equal.
const BELL: u64 = u64::MAX;
/// How many events one wait takes out of the kernel; the others come with the next.
const ROOM: usize = 256;

#[derive(Debug)]
pub(super) struct Kernel {
    epoll: OwnedFd,
    bell: OwnedFd,
}

impl Kernel {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers.
        let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: the call takes no pointers.
        let bell = owned(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
        let kernel = Kernel { epoll, bell };
        kernel.control(
            libc::EPOLL_CTL_ADD,
            kernel.bell.as_raw_fd(),
            libc::EPOLLIN | libc::EPOLLET,
            BELL,
        )?;
        Ok(kernel)
    }

    /// Begins to watch a descriptor. The kernel knows each descriptor once: watching it again is an
    /// error (`AlreadyExists`), and so is watching a file that is always ready (`PermissionDenied`).
    pub(super) fn watch(
        &self,
        fd: BorrowedFd<'_>,
        token: u64,
        interests: Interests,
    ) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_ADD, fd.as_raw_fd(), edges(interests), token)
    }

    /// Watches a descriptor for something else. What it is ready for already is told again.
    pub(super) fn change(&self, fd: RawFd, token: u64, interests: Interests) -> io::Result<()> {
        self.control(libc::EPOLL_CTL_MOD, fd, edges(interests), token)
    }

    /// No longer watches a descriptor. One that was closed under its number has been forgotten already.
    pub(super) fn forget(&self, fd: RawFd) {
        let _ = self.control(libc::EPOLL_CTL_DEL, fd, 0, 0);
    }

    fn control(&self, operation: i32, fd: RawFd, events: i32, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: events as u32,
            u64: token,
        };
        // SAFETY: `event` lives until the call returns; the kernel copies it. A descriptor that is not
        // open is an error to it.
        match unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd, &raw mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Ends the wait that is under way, or else the next one.
    pub(super) fn ring(&self) {
        // When the count is full it fails, and the bell rings already.
        let _ = syscalls::write(&self.bell, &1_u64.to_ne_bytes());
    }

    /// Blocks until something happens, the bell rings, `timeout` is over (None: never) or a signal
    /// comes; puts what happened into `batch`.
    pub(super) fn wait(&self, timeout: Option<Duration>, batch: &mut Batch) -> io::Result<()> {
        // Rounded up: who is woken too early would only wait again.
        let timeout = timeout.map_or(-1, |left| {
            i32::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
        });
        match syscalls::epoll_wait(&self.epoll, &mut batch.events, timeout) {
            Ok(count) => batch.count = count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// What one wait has taken out of the kernel.
pub(super) struct Batch {
    /// As many are written as `count` says.
    events: [MaybeUninit<libc::epoll_event>; ROOM],
    count: usize,
}

impl Batch {
    pub(super) fn new() -> Self {
        Batch {
            events: [const { MaybeUninit::uninit() }; ROOM],
            count: 0,
        }
    }

    /// At most how many events there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn events(&self) -> impl Iterator<Item = Event> {
        // SAFETY: the kernel has written so many.
        let told = (self.events[..self.count].iter()).map(|event| unsafe { event.assume_init() });
        // Each ring of the bell is an edge, so what it counts up to needs not be read.
        told.filter(|event| event.u64 != BELL).map(|event| {
            let bits = event.events as i32;
            let failed = bits & (libc::EPOLLERR | libc::EPOLLHUP) != 0;
            let ended = failed || bits & libc::EPOLLRDHUP != 0;
            Event {
                token: event.u64,
                readable: ended || bits & libc::EPOLLIN != 0,
                writable: failed || bits & libc::EPOLLOUT != 0,
                ended,
            }
        })
    }
}

/// How the kernel calls them.
fn edges(interests: Interests) -> i32 {
    let read = libc::EPOLLIN | libc::EPOLLRDHUP;
    let bits = [
        (interests.has(Interest::Read), read),
        (interests.has(Interest::Write), libc::EPOLLOUT),
        (interests.is_once(), libc::EPOLLONESHOT),
    ];
    let asked = bits.into_iter().filter(|(asked, _)| *asked);
    asked.fold(libc::EPOLLET, |all, (_, bits)| all | bits)
}

fn owned(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was made for us, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
