//! The system calls that a server makes most, without what the C library puts around them: in a program of
//! several threads it lets each of them be cancelled inside of these calls, which takes two locked
//! instructions. No thread is cancelled here.
//!
//! Each fails as the one of its name does, also when a signal interrupts it (`Interrupted`).

use std::io;
use std::os::fd::AsRawFd;

/// Takes out of a socket what is there; returns how many bytes.
#[inline]
pub(crate) fn recv(socket: &impl AsRawFd, buf: &mut [u8]) -> io::Result<usize> {
    let (room, from) = (buf.as_mut_ptr(), std::ptr::null::<libc::sockaddr>());
    // SAFETY: the kernel writes at most `buf.len()` bytes to `buf`, which lives until the call returns; it is
    // asked for no address.
    counted(unsafe {
        libc::syscall(
            libc::SYS_recvfrom,
            socket.as_raw_fd(),
            room,
            buf.len(),
            0,
            from,
            from,
        )
    })
}

/// Puts into a socket what there is room for; returns how many bytes. Raises no signal.
#[inline]
pub(crate) fn send(socket: &impl AsRawFd, buf: &[u8]) -> io::Result<usize> {
    let (bytes, to) = (buf.as_ptr(), std::ptr::null::<libc::sockaddr>());
    // SAFETY: the kernel reads `buf.len()` bytes of `buf`, which lives until the call returns; it is told no
    // address.
    counted(unsafe {
        libc::syscall(
            libc::SYS_sendto,
            socket.as_raw_fd(),
            bytes,
            buf.len(),
            libc::MSG_NOSIGNAL,
            to,
            0,
        )
    })
}

/// Waits for events, for so many milliseconds (for ever, if that is negative); returns how many there are
/// now in `events`.
#[cfg(not(loom))]
pub(crate) fn epoll_wait(
    epoll: &impl AsRawFd,
    events: &mut [std::mem::MaybeUninit<libc::epoll_event>],
    timeout: i32,
) -> io::Result<usize> {
    let mask = std::ptr::null::<libc::sigset_t>();
    // SAFETY: the kernel writes at most `events.len()` events to `events`, which lives until the call
    // returns; it is given no mask.
    counted(unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait,
            epoll.as_raw_fd(),
            events.as_mut_ptr(),
            events.len() as i32,
            timeout,
            mask,
            0_usize,
        )
    })
}

#[inline]
fn counted(returned: libc::c_long) -> io::Result<usize> {
    usize::try_from(returned).map_err(|_| io::Error::last_os_error())
}
