//! The suspension points that wait on an event queue, as expansions call them. How such a point is
//! tried is told in [`crate::points`].

use super::process::Process;
use super::signals::Listening;
use super::source::Source;
use super::watched::{Readiness, Watched};
use super::{Interest, Interests, Waiting, alarm, here};
use crate::timeout;
use cps_core::Continuation;
use cps_core::expansion::Attempt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The moment at which a duration that begins now is over; None is never.
#[must_use]
pub fn after(duration: Duration) -> Option<Instant> {
    Instant::now().checked_add(duration)
}

/// A deadline as [`after`] makes it.
#[must_use]
pub fn at(deadline: Instant) -> Option<Instant> {
    Some(deadline)
}

/// Waits until a deadline is over.
pub fn sleep(
    deadline: Option<Instant>,
) -> Attempt<(), Option<Instant>, impl FnOnce(Continuation) -> Option<Continuation> + use<>> {
    if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
        return Attempt::Ready(());
    }
    // Here, where whoever calls hears of it.
    let queue = match here() {
        Ok(queue) => queue,
        Err(error) => panic!("cannot wait for a time: {error}"),
    };
    Attempt::Wait(deadline, move |continuation| {
        timeout::suspend(
            continuation,
            |continuation, home| {
                // A queue that is closed drops it.
                drop(queue.set(deadline, Waiting::Continuation(continuation, home)));
                None
            },
            || deadline.map(alarm),
        )
    })
}

/// Watches a descriptor for one wait, if nothing else does.
#[derive(Default)]
#[allow(missing_debug_implementations)]
pub struct Lent(Option<Box<Source<OwnedFd>>>);

/// Nothing is watched yet.
#[must_use]
pub fn unwatched() -> Lent {
    Lent::default()
}

/// What `readable!` and `writable!` can wait for: a [`Source`], or anything else that has a descriptor.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no descriptor to wait for",
    label = "not a `Source`, and does not implement `AsFd`",
    note = "an `Arc<Source<_>>` is dereferenced: `readable!(*source)`"
)]
pub trait Pollable {
    /// Whom to wait with; None when it is ready.
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>>;
}

/// Where a continuation is left that waits for a descriptor.
#[allow(missing_debug_implementations)]
pub struct Watching(Arc<Watched>);

impl Watching {
    #[inline]
    pub(super) fn unless_ready<F: AsFd>(
        source: &Source<F>,
        interest: Interest,
    ) -> io::Result<Option<Self>> {
        let watched = source.watched();
        if watched.is_ready(interest)? {
            return Ok(None);
        }
        source.ask_for(interest)?;
        Ok(Some(Watching(watched.clone())))
    }

    /// What leaves a continuation there.
    fn give(self, interest: Interest) -> impl FnOnce(Continuation) -> Option<Continuation> + use<> {
        move |continuation| {
            timeout::suspend(
                continuation,
                |continuation, home| {
                    let waiting = Waiting::Continuation(continuation, home);
                    match self.0.wait(interest, waiting) {
                        Err(Waiting::Continuation(continuation, _)) => Some(continuation),
                        _ => None,
                    }
                },
                || Some(Arc::new(Readiness(self.0.clone(), interest))),
            )
        }
    }
}

impl<F: AsFd> Pollable for Source<F> {
    #[inline]
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
        let watching = Watching::unless_ready(self, interest)?;
        if watching.is_none() || !self.is_unattended() {
            return Ok(watching);
        }
        let watching = self.get_ref().wait_with(interest, lent)?;
        if watching.is_none() {
            self.watched().assume(interest);
        }
        Ok(watching)
    }
}

macro_rules! behind {
    ($($pointer:ty),+) => {$(
        impl<F: AsFd> Pollable for $pointer {
            fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
                (**self).wait_with(interest, lent)
            }
        }
    )+};
}

behind!(&Source<F>, &mut Source<F>, Box<Source<F>>);

/// A descriptor that nobody watches: its duplicate is watched until it is ready, so that any number of
/// waits can be under way for one descriptor, and none of them minds if it is closed.
impl<F: AsFd> Pollable for F {
    fn wait_with(&self, interest: Interest, lent: &mut Lent) -> io::Result<Option<Watching>> {
        let fd = self.as_fd();
        let source = match &mut lent.0 {
            Some(source) => source,
            None if poll(fd, interest)? => return Ok(None),
            empty => {
                let source = here()?
                    .register_for(fd.try_clone_to_owned()?, Interests::NONE.and(interest))?;
                empty.insert(Box::new(source))
            }
        };
        loop {
            let watching = source.wait_with(interest, &mut Lent(None))?;
            if watching.is_some() {
                return Ok(watching);
            }
            match source.attempt(interest, |fd| ready(fd.as_fd(), interest)) {
                Ok(()) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn ready(fd: BorrowedFd<'_>, interest: Interest) -> io::Result<()> {
    match poll(fd, interest)? {
        true => Ok(()),
        false => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Whether a descriptor is ready now.
fn poll(fd: BorrowedFd<'_>, interest: Interest) -> io::Result<bool> {
    let events = match interest {
        Interest::Read => libc::POLLIN,
        Interest::Write => libc::POLLOUT,
    };
    let mut polled = libc::pollfd {
        fd: fd.as_raw_fd(),
        events,
        revents: 0,
    };
    loop {
        // SAFETY: one `pollfd`, which lives until the call returns.
        match unsafe { libc::poll(&raw mut polled, 1, 0) } {
            -1 => {
                let error = io::Error::last_os_error();
                // A signal that is on its way interrupts even a call that does not wait.
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
            count => return Ok(count > 0),
        }
    }
}

/// Waits until a descriptor can be read from.
pub fn readable(
    fd: &dyn Pollable,
    lent: Lent,
) -> Attempt<io::Result<()>, Lent, impl FnOnce(Continuation) -> Option<Continuation> + use<>> {
    wait_for(fd, lent, Interest::Read)
}

/// Waits until a descriptor can be written to.
pub fn writable(
    fd: &dyn Pollable,
    lent: Lent,
) -> Attempt<io::Result<()>, Lent, impl FnOnce(Continuation) -> Option<Continuation> + use<>> {
    wait_for(fd, lent, Interest::Write)
}

#[inline]
fn wait_for(
    fd: &dyn Pollable,
    mut lent: Lent,
    interest: Interest,
) -> Attempt<io::Result<()>, Lent, impl FnOnce(Continuation) -> Option<Continuation> + use<>> {
    match fd.wait_with(interest, &mut lent) {
        Ok(Some(watching)) => Attempt::Wait(lent, watching.give(interest)),
        Ok(None) => Attempt::Ready(Ok(())),
        Err(error) => Attempt::Ready(Err(error)),
    }
}

/// A wait for a signal, from now on.
#[derive(Debug)]
pub struct Signalled(io::Result<Listening>);

/// Listens for a signal from now on.
#[must_use]
pub fn listen(signal: i32) -> Signalled {
    Signalled(Listening::to(signal))
}

/// Waits for a signal.
pub fn signal(
    signalled: Signalled,
) -> Attempt<io::Result<()>, Signalled, impl FnOnce(Continuation) -> Option<Continuation> + use<>> {
    let listening = match signalled.0 {
        Ok(listening) => listening,
        Err(error) => return Attempt::Ready(Err(error)),
    };
    match listening.wait_with() {
        Ok(Some(watching)) => {
            Attempt::Wait(Signalled(Ok(listening)), watching.give(Interest::Read))
        }
        Ok(None) => Attempt::Ready(Ok(())),
        Err(error) => Attempt::Ready(Err(error)),
    }
}

/// A child to wait for.
#[must_use]
pub fn process(child: Child) -> Process {
    Process::new(child)
}

/// Waits until a child has ended.
pub fn child(
    mut process: Process,
) -> Attempt<
    io::Result<ExitStatus>,
    Process,
    impl FnOnce(Continuation) -> Option<Continuation> + use<>,
> {
    match process.wait_with() {
        Ok(Ok(status)) => Attempt::Ready(Ok(status)),
        Ok(Err(watching)) => Attempt::Wait(process, watching.give(Interest::Read)),
        Err(error) => Attempt::Ready(Err(error)),
    }
}
