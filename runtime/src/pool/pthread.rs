//! Threads of the operating system, by `pthread_create`.

use std::ffi::{CString, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The system's limit on a thread's name, without the terminating zero.
const NAME: usize = 15;

type Body = Box<dyn FnOnce() + Send>;

/// A thread that runs. Dropping it lets it run on by itself.
#[derive(Debug)]
pub(crate) struct Thread {
    id: libc::pthread_t,
}

// SAFETY: a `pthread_t` is a name that any thread may use.
unsafe impl Send for Thread {}
// SAFETY: as above.
unsafe impl Sync for Thread {}

impl Thread {
    /// Starts a thread. The name is cut to 15 bytes.
    ///
    /// A panic of the body ends the process: bodies catch what may panic in them.
    pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Thread> {
        let name = cut(name);
        let body: Box<Body> = Box::new(Box::new(move || {
            set_name(&name);
            body();
        }));
        let argument = Box::into_raw(body).cast::<c_void>();
        let mut id = MaybeUninit::uninit();
        // SAFETY: `id` has room for what is written; null attributes are the defaults; `main` is a function of the
        // right type, which takes over the box behind `argument`.
        let error =
            unsafe { libc::pthread_create(id.as_mut_ptr(), std::ptr::null(), main, argument) };
        if error != 0 {
            // SAFETY: no thread was started, so the box is still ours; it came from `into_raw` above.
            drop(unsafe { Box::from_raw(argument.cast::<Body>()) });
            return Err(io::Error::from_raw_os_error(error));
        }
        Ok(Thread {
            // SAFETY: written, since there was no error.
            id: unsafe { id.assume_init() },
        })
    }

    /// Waits until the thread has ended. A thread that joins itself lets itself go instead.
    pub(crate) fn join(self) {
        if self.is_current() {
            return;
        }
        let id = self.id;
        std::mem::forget(self);
        // SAFETY: the thread is joined or let go once: `self` is forgotten, so it will not be let go.
        let error = unsafe { libc::pthread_join(id, std::ptr::null_mut()) };
        assert_eq!(error, 0, "a thread of a pool can be joined");
    }

    /// Whether the calling thread is this one.
    pub(crate) fn is_current(&self) -> bool {
        // SAFETY: both are ids of threads that were neither joined nor let go.
        unsafe { libc::pthread_equal(libc::pthread_self(), self.id) != 0 }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: the thread is joined or let go once: joining forgets `self`.
        unsafe { libc::pthread_detach(self.id) };
    }
}

extern "C" fn main(argument: *mut c_void) -> *mut c_void {
    // SAFETY: `argument` is the box that `spawn` gave to this thread alone.
    let body = unsafe { Box::from_raw(argument.cast::<Body>()) };
    if catch_unwind(AssertUnwindSafe(body)).is_err() {
        // There is nobody above to hear of it.
        std::process::abort();
    }
    std::ptr::null_mut()
}

/// The longest beginning of a name that the system takes.
fn cut(name: &str) -> CString {
    let name: Vec<u8> = name.bytes().filter(|byte| *byte != 0).take(NAME).collect();
    CString::new(name).unwrap_or_default()
}

fn set_name(name: &CString) {
    // SAFETY: the name ends in a zero and is short enough; the thread is the calling one. A failure leaves it unnamed.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
}

/// The name of the calling thread, as the system and debuggers show it: for a pool's worker `pool-0` and the like.
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
