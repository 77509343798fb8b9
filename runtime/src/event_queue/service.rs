//! The event queue that serves a thread: its own, that of the crew it works for, or else one that all
//! other threads share.
//!
//! A thread that blocks in a plain call counts as one of the others while it does: nobody may be left
//! to wait on its own.
//!
//! The shared queue has a thread of its own, started when first asked for, which waits on it for as
//! long as the program runs. It only wakes; what it wakes runs at home.

use super::EventQueue;
use cps_core::dispatch;
use std::cell::RefCell;
use std::io;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

impl EventQueue {
    /// The queue that serves the calling thread: the one it has [entered](EventQueue::enter), or else
    /// one that serves the whole program.
    ///
    /// # Errors
    ///
    /// If it is the program's, and cannot be started: it takes two descriptors and a thread.
    ///
    /// ```
    /// use insideout::EventQueue;
    ///
    /// let source = EventQueue::here()?.register(std::io::pipe()?.0)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn here() -> io::Result<EventQueue> {
        here()
    }

    /// Makes this the queue on which what runs on the calling thread waits, until the guard is dropped.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::EventQueue;
    /// use std::time::Duration;
    ///
    /// #[cps]
    /// fn nap(told: std::sync::mpsc::Sender<&'static str>) {
    ///     sleep!(Duration::from_millis(1));
    ///     told.send("awake").unwrap();
    /// }
    ///
    /// let queue = EventQueue::new()?;
    /// let _entered = queue.enter();
    /// let (told, heard) = std::sync::mpsc::channel();
    /// thunk!(nap(told)).into_continuation().run();
    /// while !queue.is_empty() {
    ///     queue.wait(None)?;
    /// }
    /// assert_eq!(heard.recv(), Ok("awake"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn enter(&self) -> EnteredQueue {
        EnteredQueue {
            before: OWN
                .try_with(|own| own.replace(Own::Queue(self.clone())))
                .unwrap_or(Own::Nothing),
            stays: PhantomData,
        }
    }
}

/// The thread waits on an event queue until this is dropped; then on the one before.
#[must_use = "the event queue is left when the guard is dropped"]
#[derive(Debug)]
pub struct EnteredQueue {
    before: Own,
    /// It belongs to the thread.
    stays: PhantomData<*mut ()>,
}

impl Drop for EnteredQueue {
    fn drop(&mut self) {
        drop(OWN.try_with(|own| own.replace(std::mem::replace(&mut self.before, Own::Nothing))));
    }
}

thread_local! {
    static OWN: RefCell<Own> = const { RefCell::new(Own::Nothing) };
}

/// What serves a thread.
#[derive(Clone, Debug)]
enum Own {
    Nothing,
    Queue(EventQueue),
    /// That of the crew it works for.
    Crew(Arc<OnDemand>),
}

/// A crew's event queue, made when first asked for.
#[derive(Default, Debug)]
pub(crate) struct OnDemand(OnceLock<EventQueue>);

impl OnDemand {
    /// The calling thread is one of those who wait on it.
    pub(crate) fn serve_this_thread(self: Arc<Self>) {
        drop(OWN.try_with(|own| own.replace(Own::Crew(self))));
    }

    pub(crate) fn get(&self) -> Option<&EventQueue> {
        self.0.get()
    }

    fn start(&self) -> io::Result<EventQueue> {
        match self.0.get() {
            Some(queue) => Ok(queue.clone()),
            None => {
                let queue = EventQueue::new()?;
                Ok(self.0.get_or_init(|| queue).clone())
            }
        }
    }
}

static SHARED: Mutex<Option<EventQueue>> = Mutex::new(None);

pub(super) fn here() -> io::Result<EventQueue> {
    if dispatch::blocks() {
        return shared();
    }
    match OWN.try_with(|own| own.borrow().clone()) {
        Ok(Own::Queue(own)) => Ok(own),
        // Without descriptors for its own, the program's does.
        Ok(Own::Crew(own)) => own.start().or_else(|_| shared()),
        _ => shared(),
    }
}

fn shared() -> io::Result<EventQueue> {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(queue) = &*shared {
        return Ok(queue.clone());
    }
    let queue = EventQueue::of(true)?;
    let served = queue.clone();
    thread::Builder::new()
        .name("events".into())
        .spawn(move || serve(&served))?;
    Ok(shared.insert(queue).clone())
}

fn serve(queue: &EventQueue) -> ! {
    loop {
        // A continuation without a home runs here; whoever waits for it hears of its panic, and the others
        // are served on.
        if let Ok(Err(_)) = catch_unwind(AssertUnwindSafe(|| queue.wait(None))) {
            // Somebody else waits there, as anyone may, and will not do so for ever.
            thread::sleep(Duration::from_millis(1));
        }
    }
}
