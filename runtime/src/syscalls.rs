//! The system calls that are made most, without what the C library puts around them: in a program of several
//! threads it lets each of them be cancelled inside of most, which takes two locked instructions, and no
//! thread is cancelled here; and to return behind one may take as long as the call itself (see `enter`).
//!
//! Each fails as the one of its name does, also when a signal interrupts it (`Interrupted`).

mod enter;

use enter::enter;
use std::io;
use std::os::fd::AsRawFd;
#[cfg(not(loom))]
use std::sync::atomic::AtomicU32;

/// Takes out of a socket what is there; returns how many bytes.
#[inline]
pub(crate) fn recv(socket: &impl AsRawFd, buf: &mut [u8]) -> io::Result<usize> {
    let (socket, room) = (socket.as_raw_fd() as usize, buf.as_mut_ptr() as usize);
    // SAFETY: the kernel writes at most `buf.len()` bytes to `buf`, which lives until the call returns; it is
    // asked for no address.
    counted(unsafe { enter(libc::SYS_recvfrom, [socket, room, buf.len(), 0, 0, 0]) })
}

/// Puts into a socket what there is room for; returns how many bytes. Raises no signal.
#[inline]
pub(crate) fn send(socket: &impl AsRawFd, buf: &[u8]) -> io::Result<usize> {
    let (socket, bytes) = (socket.as_raw_fd() as usize, buf.as_ptr() as usize);
    let flags = libc::MSG_NOSIGNAL as usize;
    // SAFETY: the kernel reads `buf.len()` bytes of `buf`, which lives until the call returns; it is told no
    // address.
    counted(unsafe { enter(libc::SYS_sendto, [socket, bytes, buf.len(), flags, 0, 0]) })
}

/// Writes to a descriptor; returns how many bytes.
#[cfg(not(loom))]
pub(crate) fn write(to: &impl AsRawFd, buf: &[u8]) -> io::Result<usize> {
    let (to, bytes) = (to.as_raw_fd() as usize, buf.as_ptr() as usize);
    // SAFETY: the kernel reads `buf.len()` bytes of `buf`, which lives until the call returns.
    counted(unsafe { enter(libc::SYS_write, [to, bytes, buf.len(), 0, 0, 0]) })
}

/// Waits for events, for so many milliseconds (for ever, if that is negative); returns how many there are
/// now in `events`.
#[cfg(not(loom))]
pub(crate) fn epoll_wait(
    epoll: &impl AsRawFd,
    events: &mut [std::mem::MaybeUninit<libc::epoll_event>],
    timeout: i32,
) -> io::Result<usize> {
    let (epoll, room) = (epoll.as_raw_fd() as usize, events.as_mut_ptr() as usize);
    let arguments = [epoll, room, events.len(), timeout as usize, 0, 0];
    // SAFETY: the kernel writes at most `events.len()` events to `events`, which lives until the call
    // returns; it is given no mask of signals.
    counted(unsafe { enter(libc::SYS_epoll_pwait, arguments) })
}

/// Sleeps until the word is woken, if it is the expected one, for so long at most, if that is said.
#[cfg(not(loom))]
#[inline]
pub(crate) fn futex_wait(
    word: &AtomicU32,
    expected: u32,
    timeout: Option<&libc::timespec>,
) -> io::Result<usize> {
    let timeout = timeout.map_or(std::ptr::null(), std::ptr::from_ref) as usize;
    let operation = (libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG) as usize;
    let word = word.as_ptr() as usize;
    let arguments = [word, operation, expected as usize, timeout, 0, 0];
    // SAFETY: the word is borrowed for the whole call, and so is the time, if there is one: the kernel reads
    // live memory, and writes to neither.
    counted(unsafe { enter(libc::SYS_futex, arguments) })
}

/// Wakes so many of those who sleep on the word.
#[cfg(not(loom))]
#[inline]
pub(crate) fn futex_wake(word: &AtomicU32, sleepers: i32) {
    let operation = (libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG) as usize;
    let arguments = [
        word.as_ptr() as usize,
        operation,
        sleepers as usize,
        0,
        0,
        0,
    ];
    // SAFETY: it reads no memory of ours: the address only names who sleeps there.
    unsafe { enter(libc::SYS_futex, arguments) };
}

#[inline]
fn counted(returned: isize) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| io::Error::from_raw_os_error(-returned as i32))
}
