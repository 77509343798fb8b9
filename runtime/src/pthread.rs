//! Threads of the operating system, by `pthread_create`: made with attributes, signalled, pinned, joined.
//!
//! *Interrupting.* One real-time signal has a handler that was installed without `SA_RESTART`: so a system
//! call that blocks in a thread that gets it returns `EINTR`. Threads are never cancelled.
//!
//! *One at a time.* Such signals queue, and a thread gets all that are queued before it goes on: whoever asks
//! faster than they are delivered would keep it from ever going on. So a thread has at most one on its way,
//! and the handler says when it has arrived. An interrupt that is asked for meanwhile is that one.

use std::cell::Cell;
use std::ffi::{CString, c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

/// The system's limit on a thread's name, without the terminating zero.
const NAME: usize = 15;

type Body = Box<dyn FnOnce() + Send>;

/// What a thread is made with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attributes {
    /// Cut to 15 bytes.
    pub(crate) name: String,
    /// In bytes; the system's default if none.
    pub(crate) stack: Option<usize>,
    /// Policy and priority; its creator's if none.
    pub(crate) scheduling: Option<(c_int, c_int)>,
    /// Signals that it blocks, besides those that its creator does.
    pub(crate) masked: Vec<c_int>,
}

/// A thread that runs. Dropping it lets it run on by itself.
#[derive(Debug)]
pub(crate) struct Thread {
    joinable: Joinable,
    interrupt: Arc<OnItsWay>,
}

/// The id of a thread that was neither joined nor let go.
#[derive(Debug)]
struct Joinable(libc::pthread_t);

/// Whether an interrupt is on its way to a thread.
#[derive(Debug, Default)]
struct OnItsWay(AtomicBool);

std::thread_local! {
    /// That of this thread, for the handler. Without a destructor, and touched before the first signal that
    /// counts, so reading it in a handler is no more than a load.
    static MINE: Cell<*const OnItsWay> = const { Cell::new(null()) };
}

impl OnItsWay {
    /// Runs a thread's body, to which interrupts are delivered.
    fn around(&self, body: impl FnOnce()) {
        MINE.set(self);
        // One that came before that has arrived unseen.
        self.0.store(false, SeqCst);
        body();
        MINE.set(null());
    }

    extern "C" fn arrived(_: c_int) {
        // SAFETY: the pointer is there while `around`, which borrows what it points to, runs the body in this
        // thread. It ends the process if the body unwinds.
        if let Some(mine) = unsafe { MINE.get().as_ref() } {
            mine.0.store(false, SeqCst);
        }
    }
}

// SAFETY: a `pthread_t` is a name that any thread may use.
unsafe impl Send for Joinable {}
// SAFETY: as above.
unsafe impl Sync for Joinable {}

impl Thread {
    /// Starts a thread.
    ///
    /// A panic of the body ends the process: bodies catch what may panic in them.
    pub(crate) fn spawn(
        attributes: &Attributes,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<Thread> {
        let system = System::new(attributes)?;
        let name = cut(&attributes.name);
        let own = mask(libc::SIG_BLOCK, &set_of(&attributes.masked)?)?;
        // What the thread inherits: the creator's mask and what it is to block; what interrupts it comes
        // through.
        let inherited =
            interrupt_signal().and_then(|signal| mask(libc::SIG_UNBLOCK, &set_of(&[signal])?));
        let interrupt = Arc::new(OnItsWay::default());
        let told = interrupt.clone();
        let id = inherited.and_then(|_| {
            system.create(Box::new(Box::new(move || {
                set_name(&name);
                told.around(body);
            })))
        });
        mask(libc::SIG_SETMASK, &own)?;
        Ok(Thread {
            joinable: Joinable(id?),
            interrupt,
        })
    }

    /// Waits until the thread has ended, and frees its stack. A thread that joins itself lets itself go
    /// instead.
    pub(crate) fn join(self) {
        if self.is_current() {
            return;
        }
        let Thread { joinable, .. } = self;
        let id = joinable.0;
        std::mem::forget(joinable);
        // SAFETY: the thread is joined or let go once: `joinable` is forgotten, so it will not be let go.
        let error = unsafe { libc::pthread_join(id, null_mut()) };
        assert_eq!(error, 0, "a thread that was not let go can be joined");
    }

    /// Whether the calling thread is this one.
    pub(crate) fn is_current(&self) -> bool {
        // SAFETY: both are ids of threads that were neither joined nor let go.
        unsafe { libc::pthread_equal(libc::pthread_self(), self.joinable.0) != 0 }
    }

    /// Sends a signal to the thread, which has not ended.
    pub(crate) fn signal(&self, signal: c_int) -> io::Result<()> {
        // SAFETY: the id is that of a thread that was neither joined nor let go.
        checked(unsafe { libc::pthread_kill(self.joinable.0, signal) })
    }

    /// Makes a blocking system call of the thread, which has not ended, return `EINTR`. For one caller at a
    /// time.
    pub(crate) fn interrupt(&self) -> io::Result<()> {
        let signal = interrupt_signal()?;
        if self.interrupt.0.swap(true, SeqCst) {
            return Ok(());
        }
        self.signal(signal)
            .inspect_err(|_| self.interrupt.0.store(false, SeqCst))
    }

    /// Lets the thread, which has not ended, run on these processors only.
    pub(crate) fn pin(&self, cpus: &[usize]) -> io::Result<()> {
        let set = cpu_set(cpus)?;
        // SAFETY: the id is that of a thread that was neither joined nor let go; the set is of the size that
        // is said.
        checked(unsafe {
            libc::pthread_setaffinity_np(self.joinable.0, size_of_val(&set), &raw const set)
        })
    }
}

impl Drop for Joinable {
    fn drop(&mut self) {
        // SAFETY: the thread is joined or let go once: joining forgets `self`.
        unsafe { libc::pthread_detach(self.0) };
    }
}

/// Attributes as the system has them.
struct System {
    attr: libc::pthread_attr_t,
}

impl System {
    fn new(attributes: &Attributes) -> io::Result<System> {
        let mut attr = MaybeUninit::uninit();
        // SAFETY: there is room for what is written.
        checked(unsafe { libc::pthread_attr_init(attr.as_mut_ptr()) })?;
        let mut system = System {
            // SAFETY: written, since there was no error.
            attr: unsafe { attr.assume_init() },
        };
        let attr = &raw mut system.attr;
        if let Some(stack) = attributes.stack {
            // SAFETY: the attributes are initialised.
            checked(unsafe { libc::pthread_attr_setstacksize(attr, stack) })?;
        }
        if let Some((policy, priority)) = attributes.scheduling {
            let parameters = libc::sched_param {
                sched_priority: priority,
            };
            // SAFETY: the attributes are initialised.
            checked(unsafe {
                libc::pthread_attr_setinheritsched(attr, libc::PTHREAD_EXPLICIT_SCHED)
            })?;
            // SAFETY: as above.
            checked(unsafe { libc::pthread_attr_setschedpolicy(attr, policy) })?;
            // SAFETY: as above; the parameters are only read.
            checked(unsafe { libc::pthread_attr_setschedparam(attr, &raw const parameters) })?;
        }
        Ok(system)
    }

    fn create(&self, body: Box<Body>) -> io::Result<libc::pthread_t> {
        let argument = Box::into_raw(body).cast::<c_void>();
        let mut id = MaybeUninit::uninit();
        // SAFETY: `id` has room for what is written; the attributes are initialised; `main` is a function of
        // the right type, which takes over the box behind `argument`.
        let error =
            unsafe { libc::pthread_create(id.as_mut_ptr(), &raw const self.attr, main, argument) };
        if error != 0 {
            // SAFETY: no thread was started, so the box is still ours; it came from `into_raw` above.
            drop(unsafe { Box::from_raw(argument.cast::<Body>()) });
            return Err(io::Error::from_raw_os_error(error));
        }
        // SAFETY: written, since there was no error.
        Ok(unsafe { id.assume_init() })
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // SAFETY: the attributes are initialised, and destroyed here alone.
        unsafe { libc::pthread_attr_destroy(&raw mut self.attr) };
    }
}

extern "C" fn main(argument: *mut c_void) -> *mut c_void {
    // SAFETY: `argument` is the box that `create` gave to this thread alone.
    let body = unsafe { Box::from_raw(argument.cast::<Body>()) };
    if catch_unwind(AssertUnwindSafe(body)).is_err() {
        // There is nobody above to hear of it.
        std::process::abort();
    }
    null_mut()
}

/// The signal that interrupts: the last real-time signal that the program does nothing with, from its first
/// use on.
pub(crate) fn interrupt_signal() -> io::Result<c_int> {
    static SIGNAL: OnceLock<Option<c_int>> = OnceLock::new();
    let signal = SIGNAL.get_or_init(|| {
        let real_time = libc::SIGRTMIN()..=libc::SIGRTMAX();
        real_time.rev().find(|signal| take_over(*signal))
    });
    signal.ok_or_else(|| io::Error::other("the program handles all real-time signals itself"))
}

/// Gives a signal that has no handler ours; whether it had none.
fn take_over(signal: c_int) -> bool {
    let mut before = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: nothing is changed, and there is room for what is written.
    if unsafe { libc::sigaction(signal, std::ptr::null(), before.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: zeroed, which is valid for integers and pointers, and then written.
    if unsafe { before.assume_init() }.sa_sigaction != libc::SIG_DFL {
        return false;
    }
    // SAFETY: zero is valid for each field: an empty mask, and no flags, so no `SA_RESTART`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = OnItsWay::arrived as extern "C" fn(c_int) as usize;
    // SAFETY: the handler stores a flag, which is allowed at any point of a program.
    unsafe { libc::sigaction(signal, &raw const action, null_mut()) == 0 }
}

/// Changes the calling thread's mask, and returns the one before.
fn mask(how: c_int, set: &libc::sigset_t) -> io::Result<libc::sigset_t> {
    let mut before = MaybeUninit::uninit();
    // SAFETY: the set is initialised, and there is room for what is written.
    checked(unsafe { libc::pthread_sigmask(how, set, before.as_mut_ptr()) })?;
    // SAFETY: written, since there was no error.
    Ok(unsafe { before.assume_init() })
}

fn set_of(signals: &[c_int]) -> io::Result<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: there is room for what is written, and this writes all of it.
    let mut set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    };
    for signal in signals {
        // SAFETY: the set is initialised.
        if unsafe { libc::sigaddset(&raw mut set, *signal) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(set)
}

fn cpu_set(cpus: &[usize]) -> io::Result<libc::cpu_set_t> {
    // SAFETY: a set is an array of integers, and zero is the empty one.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for cpu in cpus {
        if *cpu >= libc::CPU_SETSIZE as usize {
            let words = "there is no processor of that number";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        // SAFETY: the number is within the set.
        unsafe { libc::CPU_SET(*cpu, &mut set) };
    }
    Ok(set)
}

/// The error that the `pthread` functions return.
fn checked(error: c_int) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// The longest beginning of a name that the system takes.
pub(crate) fn cut(name: &str) -> CString {
    let name: Vec<u8> = name.bytes().filter(|byte| *byte != 0).take(NAME).collect();
    CString::new(name).unwrap_or_default()
}

fn set_name(name: &CString) {
    // SAFETY: the name ends in a zero and is short enough; the thread is the calling one. A failure leaves it
    // unnamed.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
}

/// The name of the calling thread, as the system and debuggers show it: for a pool's worker `pool-0` and the
/// like.
///
/// ```
/// use insideout::prelude::*;
///
/// #[cps]
/// fn whereabouts() -> String {
///     insideout::thread_name()
/// }
///
/// let pool = Pool::named("io", 1);
/// assert_eq!(pool.spawn(thunk!(whereabouts())).join().unwrap(), "io-0");
/// ```
#[must_use]
pub fn thread_name() -> String {
    let mut name = [0u8; NAME + 1];
    // SAFETY: the system writes at most `name.len()` bytes, zero-terminated.
    unsafe { libc::pthread_getname_np(libc::pthread_self(), name.as_mut_ptr().cast(), name.len()) };
    let length = name.iter().position(|byte| *byte == 0).unwrap_or(NAME);
    String::from_utf8_lossy(&name[..length]).into_owned()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;

    /// How many interrupts wait for the calling thread, which has masked them; takes them.
    fn pending(signal: c_int) -> usize {
        let (set, now) = (set_of(&[signal]).unwrap(), no_time());
        // SAFETY: the set and the time are initialised, and nothing is written.
        let take = || unsafe { libc::sigtimedwait(&raw const set, null_mut(), &raw const now) };
        std::iter::repeat_with(take)
            .take_while(|taken| *taken == signal)
            .count()
    }

    fn no_time() -> libc::timespec {
        libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }
    }

    #[test]
    fn one_interrupt_at_most_is_on_its_way() {
        let signal = interrupt_signal().unwrap();
        let masked = move |how| mask(how, &set_of(&[signal]).unwrap()).unwrap();
        let steps = Arc::new(Barrier::new(2));
        let theirs = steps.clone();
        let thread = Thread::spawn(&Attributes::default(), move || {
            masked(libc::SIG_BLOCK);
            for _ in 0..2 {
                theirs.wait();
                // Asked for.
                theirs.wait();
                assert_eq!(pending(signal), 1);
                theirs.wait();
                // Sent once more, to arrive here.
                theirs.wait();
                masked(libc::SIG_UNBLOCK);
                masked(libc::SIG_BLOCK);
            }
        })
        .unwrap();
        for _ in 0..2 {
            steps.wait();
            (0..1000).for_each(|_| thread.interrupt().unwrap());
            steps.wait();
            steps.wait();
            thread.signal(signal).unwrap();
            steps.wait();
        }
        thread.join();
    }

    #[test]
    fn a_thread_goes_on_however_often_it_is_interrupted() {
        static ROUNDS: AtomicUsize = AtomicUsize::new(0);
        let last = Arc::new(Barrier::new(2));
        let theirs = last.clone();
        let thread = Thread::spawn(&Attributes::default(), move || {
            while ROUNDS.fetch_add(1, SeqCst) < 1000 {
                // SAFETY: no descriptors are given.
                let slept = unsafe { libc::poll(null_mut(), 0, -1) };
                assert_eq!(slept, -1);
            }
            theirs.wait();
        })
        .unwrap();
        while ROUNDS.load(SeqCst) <= 1000 {
            thread.interrupt().unwrap();
        }
        last.wait();
        thread.join();
    }
}
