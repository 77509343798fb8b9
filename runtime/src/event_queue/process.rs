//! Child processes as something to wait for: by a descriptor that is readable when the process has ended.

use super::points::Watching;
use super::source::Source;
use super::{EventQueue, Interest};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::{Child, ExitStatus};

/// A child that is waited for. Dropped, it lets the child go on.
#[derive(Debug)]
pub struct Process {
    child: Child,
    ends: Option<Source<OwnedFd>>,
}

impl Process {
    pub(super) fn new(child: Child) -> Self {
        Process { child, ends: None }
    }

    /// How the child ended, or whom to wait with.
    pub(super) fn wait_with(&mut self) -> io::Result<Result<ExitStatus, Watching>> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Ok(status));
            }
            let ends = match &self.ends {
                Some(ends) => ends,
                None => self
                    .ends
                    .insert(EventQueue::here()?.register(open(&self.child)?)?),
            };
            if let Some(watching) = Watching::unless_ready(ends, Interest::Read)? {
                return Ok(Err(watching));
            }
            let _: io::Result<()> =
                ends.attempt(Interest::Read, |_| Err(io::ErrorKind::WouldBlock.into()));
        }
    }
}

fn open(child: &Child) -> io::Result<OwnedFd> {
    let flags = 0;
    // SAFETY: the call takes no pointers. The child was not waited for, so its number is still its own.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id(), flags) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor was made for us, and nobody else has it. It is small, as all descriptors are.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}
