//! Names of hosts.

use crate::offload::blocking;
use cps_macro::{call, cps};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// The addresses that a name stands for, such as `"localhost:80"`: never none.
///
/// Suspends while the system, which can only block, finds out on a thread made for that.
///
/// # Errors
///
/// With the system's, such as that there is no such name.
///
/// ```
/// use insideout::net::resolve;
///
/// assert!(resolve("127.0.0.1:80")?.contains(&([127, 0, 0, 1], 80).into()));
/// # Ok::<(), std::io::Error>(())
/// ```
#[cps]
pub fn resolve<A: ToSocketAddrs + Send + 'static>(name: A) -> io::Result<Vec<SocketAddr>> {
    let addresses = call!(blocking(move || {
        name.to_socket_addrs().map(Iterator::collect::<Vec<_>>)
    }))?;
    if addresses.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no address",
        ));
    }
    Ok(addresses)
}
