//! What one can tell a pool: more workers or fewer, and what one can tell each of them.

use super::Pool;
use crate::join::JoinHandle;
use crate::runtime::{EndError, Runtime};
use crate::sync::{Relaxed, lock};
use cps_core::Thunk;
use std::io;
use std::time::{Duration, Instant};

impl Pool {
    /// Starts several calls: see [`spawn`](Pool::spawn). Does not block.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn square(n: u32) -> u32 { n * n }
    /// let pool = Pool::new(2);
    /// let handles = pool.spawn_many((1..=3).map(|n| thunk!(square(n))));
    /// let squares: Vec<u32> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
    /// assert_eq!(squares, [1, 4, 9]);
    /// ```
    pub fn spawn_many<T: Send + 'static>(
        &self,
        thunks: impl IntoIterator<Item = Thunk<'static, T>>,
    ) -> Vec<JoinHandle<T>> {
        thunks.into_iter().map(|thunk| self.spawn(thunk)).collect()
    }

    /// Adds workers, made with the pool's options.
    ///
    /// # Errors
    ///
    /// If the system has no more threads, if it cannot make the worker that was alone see the others
    /// (`membarrier`), or if the pool has ended. The workers that could be added stay.
    ///
    /// ```
    /// let pool = insideout::Pool::new(1);
    /// pool.grow(2).unwrap();
    /// assert_eq!(pool.workers(), 3);
    /// ```
    pub fn grow(&self, workers: usize) -> io::Result<()> {
        for _ in 0..workers {
            let n = self.hired.fetch_add(1, Relaxed);
            let worker = self.builder.hire(&self.crew, n)?;
            let mut staff = lock(&self.staff);
            staff.retain(|worker| !worker.is_dead());
            staff.push(worker);
        }
        Ok(())
    }

    /// Tells one worker to leave after its current leg, and returns it, for who wants to wait; none if all
    /// have been told. Does not block.
    ///
    /// What the worker held goes back to the pool. Without a worker, what is queued waits for
    /// [`grow`](Pool::grow), or is dropped when the pool ends.
    ///
    /// ```
    /// let pool = insideout::Pool::new(2);
    /// pool.drain().unwrap().join().unwrap();
    /// assert_eq!(pool.workers(), 1);
    /// ```
    pub fn drain(&self) -> Option<Runtime> {
        let workers = self.crew.workers();
        let told = workers.into_iter().rev().find(|worker| worker.drain())?;
        Some(Runtime::new_handle(told, self.home()))
    }

    /// Tells so many workers to leave, or all if there are fewer: see [`drain`](Pool::drain). Returns how
    /// many. Does not block.
    ///
    /// ```
    /// let pool = insideout::Pool::new(3);
    /// assert_eq!(pool.shrink(2), 2);
    /// ```
    pub fn shrink(&self, workers: usize) -> usize {
        (0..workers).map_while(|_| self.drain()).count()
    }

    /// Its workers, as runtimes: to name, pin, freeze or link each by itself.
    ///
    /// ```
    /// let pool = insideout::Pool::named("io", 2);
    /// let names: Vec<String> = pool.iter().map(|worker| worker.name().to_string()).collect();
    /// assert_eq!(names, ["io-0", "io-1"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = Runtime> + use<> {
        let home = self.home();
        let workers = self.crew.workers().into_iter();
        workers.map(move |worker| Runtime::new_handle(worker, home.clone()))
    }

    /// Ends it: each worker after its current leg, and what is queued is dropped. Does not block.
    ///
    /// ```
    /// use insideout::prelude::*;
    ///
    /// #[cps]
    /// fn forever() {
    ///     loop {
    ///         coop!();
    ///     }
    /// }
    ///
    /// let pool = Pool::new(2);
    /// let handle = pool.spawn(thunk!(forever()));
    /// pool.halt();
    /// assert!(matches!(handle.join(), Err(JoinError::Cancelled)));
    /// ```
    pub fn halt(&self) {
        self.crew.halt();
    }

    /// Lets all workers rest after their current legs, and those that are added meanwhile, until the pool
    /// thaws. Does not block.
    ///
    /// ```
    /// use insideout::{Pool, Status};
    ///
    /// let pool = Pool::new(2);
    /// pool.freeze();
    /// assert!(pool.iter().all(|worker| worker.wait(Status::FROZEN)));
    /// ```
    pub fn freeze(&self) {
        self.crew.freeze();
    }

    /// Lets all workers go on. Does not block.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// # #[cps] fn one() -> u32 { 1 }
    /// let pool = Pool::new(1);
    /// pool.freeze();
    /// pool.thaw();
    /// assert_eq!(pool.spawn(thunk!(one())).join().unwrap(), 1);
    /// ```
    pub fn thaw(&self) {
        self.crew.thaw();
    }

    /// Makes system calls that block in the workers' current legs return `EINTR`: see [`Runtime::interrupt`].
    /// Does not block.
    ///
    /// ```
    /// insideout::Pool::new(2).interrupt();
    /// ```
    pub fn interrupt(&self) {
        for worker in self.crew.workers() {
            // One whose thread has ended has no leg.
            let _ = worker.with_thread(|thread| thread.interrupt());
        }
    }

    /// [Halts](Pool::halt) it, and [interrupts](Pool::interrupt) the current legs. Does not block.
    ///
    /// ```
    /// insideout::Pool::new(2).cancel();
    /// ```
    pub fn cancel(&self) {
        let workers = self.crew.workers();
        self.halt();
        for worker in workers {
            // One whose thread has ended has no leg.
            let _ = worker.with_thread(|thread| thread.interrupt());
        }
    }

    /// [Shuts it down](Pool::shutdown) and blocks until its threads have ended, but not past a deadline: then
    /// it is [cancelled](Pool::cancel).
    ///
    /// # Errors
    ///
    /// With [`Timeout`](EndError::Timeout) if it had to be cancelled, or as for [`join`](Runtime::join) of a
    /// runtime.
    ///
    /// ```
    /// use insideout::prelude::*;
    /// use insideout::EndError;
    /// use std::time::Instant;
    ///
    /// # #[cps] fn forever() { loop { coop!(); } }
    /// let pool = Pool::new(1);
    /// pool.spawn_detached(thunk!(forever())).unwrap();
    /// assert!(matches!(pool.shutdown_deadline(Instant::now()), Err(EndError::Timeout)));
    /// ```
    pub fn shutdown_deadline(&self, deadline: Instant) -> Result<(), EndError> {
        self.shutdown();
        let ended = self.wait(Some(deadline));
        if let Err(EndError::Timeout) = ended {
            self.cancel();
        }
        ended
    }

    /// As [`shutdown_deadline`](Pool::shutdown_deadline), after `timeout`.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// ```
    /// use std::time::Duration;
    /// insideout::Pool::new(1).shutdown_timeout(Duration::MAX).unwrap();
    /// ```
    pub fn shutdown_timeout(&self, timeout: Duration) -> Result<(), EndError> {
        match Instant::now().checked_add(timeout) {
            Some(deadline) => self.shutdown_deadline(deadline),
            None => {
                self.shutdown();
                self.wait(None)
            }
        }
    }

    fn wait(&self, deadline: Option<Instant>) -> Result<(), EndError> {
        let staff = lock(&self.staff).clone();
        if staff.iter().any(|worker| worker.is_current()) {
            return Err(EndError::Itself);
        }
        if !staff.iter().all(|worker| worker.wait_for_end(deadline)) {
            return Err(EndError::Timeout);
        }
        match self.crew.panics.take() {
            Some(panic) => Err(EndError::Panicked(panic)),
            None => Ok(()),
        }
    }
}
