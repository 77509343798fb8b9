//! All connections: how long each may take for what it does now, and who may be turned out.

use insideout::net::TcpStream;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often the slow are looked for.
pub(crate) const GLANCE: Duration = Duration::from_millis(100);
/// Who is there.
pub(crate) struct Guests {
    /// How long a request may take to come, and an answer to go.
    patience: Duration,
    all: Mutex<HashMap<u64, Guest>>,
    next: AtomicU64,
    leaving: AtomicBool,
}

struct Guest {
    stream: Arc<TcpStream>,
    until: Instant,
    idle: bool,
}

impl Guests {
    /// Nobody yet. Who takes longer than `patience` with one request is turned out, and who is idle for
    /// ten times that.
    pub(crate) fn new(patience: Duration) -> Self {
        Guests {
            patience,
            all: Mutex::default(),
            next: AtomicU64::new(0),
            leaving: AtomicBool::new(false),
        }
    }

    fn until(&self, idle: bool) -> Instant {
        Instant::now()
            + if idle {
                10 * self.patience
            } else {
                self.patience
            }
    }

    /// Welcomes a connection, which is idle at first.
    pub(crate) fn enter(&self, stream: &Arc<TcpStream>) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let guest = Guest {
            stream: stream.clone(),
            until: self.until(true),
            idle: true,
        };
        self.all.lock().unwrap().insert(id, guest);
        id
    }

    pub(crate) fn leave(&self, id: u64) {
        self.all.lock().unwrap().remove(&id);
    }

    /// Notes that a connection has begun or ended a request. It is told whether it may go on.
    pub(crate) fn note(&self, id: u64, idle: bool) -> bool {
        let mut all = self.all.lock().unwrap();
        if let Some(guest) = all.get_mut(&id) {
            guest.idle = idle;
            guest.until = self.until(idle);
        }
        !(idle && self.are_leaving())
    }

    /// Whether the server ends.
    pub(crate) fn are_leaving(&self) -> bool {
        self.leaving.load(Ordering::Acquire)
    }

    pub(crate) fn turn_out_the_slow(&self) {
        let now = Instant::now();
        self.turn_out(|guest| guest.until <= now);
    }

    /// Turns out who is idle; from now on whoever becomes so leaves by itself.
    pub(crate) fn turn_out_the_idle(&self) {
        self.leaving.store(true, Ordering::Release);
        self.turn_out(|guest| guest.idle);
    }

    fn turn_out(&self, which: impl Fn(&Guest) -> bool) {
        let all = self.all.lock().unwrap();
        let streams: Vec<_> = all
            .values()
            .filter(|guest| which(guest))
            .map(|guest| guest.stream.clone())
            .collect();
        drop(all);
        for stream in streams {
            stream.source().cancel();
        }
    }
}
