//! What the lock-free pieces are built from, imported in one place.
//!
//! Everything in this crate that touches shared memory takes its atomics, cells, locks and sleeping from
//! here, so that under `--cfg loom` the same code is explored by loom's scheduler instead of running on the
//! machine's.

#[cfg(not(loom))]
mod real {
    use std::io;
    pub(crate) use std::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize,
    };
    use std::sync::atomic::{Ordering::SeqCst, compiler_fence};
    pub(crate) use std::sync::{Arc, Mutex, MutexGuard};

    /// `std`'s cell with the closure interface that loom's has.
    #[derive(Debug)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            UnsafeCell(std::cell::UnsafeCell::new(value))
        }

        #[inline]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }

    /// Stands between a thread's own announcement and its look at the others', all of them sequentially
    /// consistent: nothing more is needed here.
    #[inline]
    pub(crate) fn announced() {}

    /// Stands between a thread's own announcement and its look at that of one who calls
    /// [`fence_everywhere`] in between: only the compiler must leave them in order.
    #[inline(always)]
    pub(crate) fn fence_here() {
        compiler_fence(SeqCst);
    }

    /// Whether the kernel can do [that](fence_everywhere).
    pub(crate) fn can_fence_everywhere() -> bool {
        const BOTH: libc::c_long = (libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED
            | libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
            as libc::c_long;
        membarrier(libc::MEMBARRIER_CMD_QUERY).is_ok_and(|commands| commands & BOTH == BOTH)
    }

    /// A sequentially consistent fence in this thread, and in each other thread of the process somewhere in
    /// what that does meanwhile.
    pub(crate) fn fence_everywhere() -> io::Result<()> {
        membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)?;
        membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED).map(|_| ())
    }

    fn membarrier(command: libc::c_int) -> io::Result<libc::c_long> {
        // SAFETY: it takes two numbers more, and no pointer.
        let done = unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) };
        match done {
            -1 => Err(io::Error::last_os_error()),
            done => Ok(done),
        }
    }

    #[inline]
    pub(crate) fn spin() {
        std::hint::spin_loop();
    }

    /// Asks the processor for the cache line of what will be touched soon. A locked instruction keeps those
    /// behind it from asking for theirs; this does not wait.
    #[inline(always)]
    pub(crate) fn prefetch<T>(soon: &T) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: it reads and writes nothing, whatever the address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(soon).cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = soon;
    }

    /// The number of the processor that the thread runs on, if the kernel tells.
    #[inline]
    pub(crate) fn processor() -> Option<u32> {
        // SAFETY: it takes nothing.
        u32::try_from(unsafe { libc::sched_getcpu() }).ok()
    }

    pub(crate) fn yield_now() {
        std::thread::yield_now();
    }

    pub(crate) fn nap() {
        std::thread::sleep(std::time::Duration::from_micros(50));
    }
}

#[cfg(loom)]
mod real {
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::atomic::{
        AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize,
    };
    pub(crate) use loom::sync::{Arc, Mutex, MutexGuard};

    /// Loom takes sequentially consistent accesses for acquiring and releasing ones, so what makes the
    /// difference is said by a fence.
    pub(crate) fn announced() {
        loom::sync::atomic::fence(super::SeqCst);
    }

    pub(crate) use announced as fence_here;

    pub(crate) fn can_fence_everywhere() -> bool {
        true
    }

    pub(crate) fn fence_everywhere() -> std::io::Result<()> {
        announced();
        Ok(())
    }

    pub(crate) fn prefetch<T>(_: &T) {}

    pub(crate) fn processor() -> Option<u32> {
        None
    }

    pub(crate) use loom::thread::yield_now as spin;
    pub(crate) use loom::thread::yield_now;
    pub(crate) use loom::thread::yield_now as nap;
}

pub(crate) use real::*;
pub(crate) use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

/// Locks, whether or not a holder panicked: what these locks guard is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Keeps what several threads write apart, so that one's writing does not take the other's cache line away.
///
/// Two lines wide, because processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(pub(crate) T);

impl<T> std::ops::Deref for Padded<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

/// Waiting for a step that another thread has begun and needs only a few instructions to finish.
///
/// Not for waiting until something happens: that sleeps (see `futex`). It pauses the processor a few times,
/// then gives the rest of its time slice away, then, for the case that the other thread was taken off its
/// processor by one of a lower priority, naps.
#[derive(Debug, Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    /// Under loom a pause gives way to the others, so one at a time is enough.
    const SPINS: u32 = if cfg!(loom) { 0 } else { 6 };
    const YIELDS: u32 = 24;

    #[cold]
    #[inline(never)]
    pub(crate) fn wait(&mut self) {
        if self.0 < Self::SPINS {
            for _ in 0..1 << self.0 {
                spin();
            }
        } else if self.0 < Self::YIELDS {
            yield_now();
        } else {
            nap();
        }
        self.0 = self.0.saturating_add(1);
    }
}

/// After losing a race for an index: pauses while others go on.
///
/// Long enough for one of them to do many of the same, on cache lines that stay its own: where all try again
/// at once, each takes the lines away from all, and that takes longer than the rest. So who comes back and
/// sees that many were done, by one who is at it, pauses again, twice as long, up to so many `times`.
#[cold]
#[inline(never)]
pub(crate) fn give_way(index: &AtomicU64, times: u32) {
    /// How often it pauses the first time: less than a microsecond.
    const PAUSES: u32 = if cfg!(loom) { 1 } else { 32 };
    /// By how much the index grows in the first pause where somebody is at it.
    const MANY: u64 = 16;

    let mut before = index.load(Relaxed);
    for doublings in 0..times {
        (0..PAUSES << doublings).for_each(|_| spin());
        let now = index.load(Relaxed);
        if now.wrapping_sub(before) < MANY << doublings {
            return;
        }
        before = now;
    }
}
