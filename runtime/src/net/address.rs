//! Sockets that std has no words for: those that connect without blocking, and a listener that shares
//! its address.

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// How many connections wait to be accepted.
const BACKLOG: i32 = 1024;

/// A TCP stream that has begun to connect, without blocking; it is writable when it is connected or has
/// failed.
pub(super) fn begin_to_connect(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket(family(to))?;
    let (address, length) = in_system_words(to);
    // SAFETY: `address` is a socket address of `length` bytes, which lives until the call returns.
    let connected = unsafe { libc::connect(socket.as_raw_fd(), address.as_ptr().cast(), length) };
    match checked(connected) {
        // Interrupted, it goes on as well.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR)) => {}
        outcome => drop(outcome?),
    }
    Ok(socket.into())
}

/// A Unix stream that is connected, without blocking. `WouldBlock`: who listens there has no room for
/// it now, and the system does not tell when it has.
pub(super) fn connect_at_once(to: &Path) -> io::Result<UnixStream> {
    let socket = socket(libc::AF_UNIX)?;
    let mut address = libc::sockaddr_un {
        sun_family: libc::AF_UNIX as libc::sa_family_t,
        sun_path: [0; 108],
    };
    let path = to.as_os_str().as_bytes();
    // A path ends with a zero, so it has none and is shorter than there is room.
    if path.is_empty() || path.contains(&0) || path.len() >= address.sun_path.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a path for a socket",
        ));
    }
    for (place, byte) in address.sun_path.iter_mut().zip(path) {
        *place = byte.cast_signed() as libc::c_char;
    }
    let length = size_of::<libc::sockaddr_un>() as libc::socklen_t;
    loop {
        // SAFETY: `address` is a socket address of `length` bytes, which lives until the call returns.
        let connected =
            unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), length) };
        match checked(connected) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome.map(|_| socket.into()),
        }
    }
}

/// A listener at an address that others may listen at too.
pub(super) fn listen_shared(at: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(family(at))?;
    for option in [libc::SO_REUSEADDR, libc::SO_REUSEPORT] {
        let on: libc::c_int = 1;
        let length = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the value is an int of `length` bytes, which lives until the call returns.
        checked(unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                (&raw const on).cast(),
                length,
            )
        })?;
    }
    let (address, length) = in_system_words(at);
    // SAFETY: `address` is a socket address of `length` bytes, which lives until the call returns.
    checked(unsafe { libc::bind(socket.as_raw_fd(), address.as_ptr().cast(), length) })?;
    // SAFETY: the call takes no pointers.
    checked(unsafe { libc::listen(socket.as_raw_fd(), BACKLOG) })?;
    Ok(socket.into())
}

fn family(address: SocketAddr) -> i32 {
    match address {
        SocketAddr::V4(_) => libc::AF_INET,
        SocketAddr::V6(_) => libc::AF_INET6,
    }
}

fn socket(family: i32) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: the call takes no pointers.
    let fd = checked(unsafe { libc::socket(family, kind, 0) })?;
    // SAFETY: the descriptor was made for us, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn checked(outcome: i32) -> io::Result<i32> {
    if outcome == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(outcome)
}

/// An address as the system lays it out, and how many bytes of it count.
fn in_system_words(address: SocketAddr) -> (MaybeUninit<libc::sockaddr_storage>, libc::socklen_t) {
    let mut storage = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let length = match address {
        SocketAddr::V4(v4) => {
            let words = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes(v4.ip().octets()),
                },
                sin_zero: [0; 8],
            };
            // SAFETY: a `sockaddr_storage` has room and alignment for every kind of socket address.
            unsafe {
                storage
                    .as_mut_ptr()
                    .cast::<libc::sockaddr_in>()
                    .write(words)
            };
            size_of::<libc::sockaddr_in>()
        }
        SocketAddr::V6(v6) => {
            let words = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr {
                    s6_addr: v6.ip().octets(),
                },
                sin6_scope_id: v6.scope_id(),
            };
            // SAFETY: as above.
            unsafe {
                storage
                    .as_mut_ptr()
                    .cast::<libc::sockaddr_in6>()
                    .write(words)
            };
            size_of::<libc::sockaddr_in6>()
        }
    };
    (storage, length as libc::socklen_t)
}
