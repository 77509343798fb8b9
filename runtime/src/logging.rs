//! A backend for the crate `log` that writes from a thread of its own.
//!
//! Who logs formats its record and leaves it in a bounded mailbox; if that is full it waits, so that a slow
//! disk holds back those who log rather than losing what they say. The writer's thread writes what it finds
//! and flushes when it finds nothing more.
//!
//! *Nothing is lost at exit.* Dropping the [`Backlog`] writes what is left and joins the thread, and so does
//! the end of the process, by `exit` or a return from `main`. What is logged after that is written at once,
//! by who logs it.

use crate::mailbox::{Mailbox, Receiver, Sender};
use crate::promise::{Promise, promise};
use crate::sync::{Mutex, lock};
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};
use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

/// What the writer's thread finds in its mailbox.
enum Entry {
    Line(String),
    /// To be kept when all before it is written.
    Flush(Promise<()>),
}

/// Where records go: a mailbox and the thread that writes what is in it.
///
/// ```no_run
/// use insideout::logging::Backlog;
///
/// fn main() -> Result<(), log::SetLoggerError> {
///     let _backlog = Backlog::new(1024, std::io::stderr()).install(log::LevelFilter::Info)?;
///     log::info!("written by another thread");
///     Ok(())
/// }
/// ```
#[must_use = "what is left is written when it is dropped"]
pub struct Backlog(Arc<Shared>);

struct Shared {
    sender: Sender<Entry>,
    out: Arc<Mutex<Box<dyn Write + Send>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

thread_local! {
    /// The writer's thread itself must not wait for itself.
    static WRITES: Cell<bool> = const { Cell::new(false) };
}

impl Backlog {
    /// Starts a thread, named `log`, that writes to `out`; up to `capacity` records wait for it.
    ///
    /// # Panics
    ///
    /// If the system has no more threads.
    ///
    /// ```
    /// use insideout::logging::Backlog;
    /// use log::{Level, Log, Record};
    ///
    /// let backlog = Backlog::new(16, std::io::sink());
    /// let record = Record::builder().level(Level::Info).args(format_args!("hello")).build();
    /// backlog.log(&record);
    /// backlog.flush();
    /// ```
    pub fn new(capacity: usize, out: impl Write + Send + 'static) -> Self {
        let (sender, receiver) = Mailbox::bounded(capacity).split();
        let out: Arc<Mutex<Box<dyn Write + Send>>> = Arc::new(Mutex::new(Box::new(out)));
        let mine = out.clone();
        let thread = thread::Builder::new()
            .name("log".to_string())
            .spawn(move || write_all(&receiver, &mine));
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => panic!("cannot start the thread that writes the log: {error}"),
        };
        Backlog(Arc::new(Shared {
            sender,
            out,
            thread: Mutex::new(Some(thread)),
        }))
    }

    /// Makes it the logger of the process, for records of at most that level.
    ///
    /// # Errors
    ///
    /// If the process has a logger already.
    ///
    /// ```
    /// use insideout::logging::Backlog;
    ///
    /// let backlog = Backlog::new(16, std::io::sink()).install(log::LevelFilter::Warn);
    /// let second = Backlog::new(16, std::io::sink()).install(log::LevelFilter::Warn);
    /// assert!(backlog.is_ok() && second.is_err());
    /// ```
    pub fn install(self, level: LevelFilter) -> Result<Self, SetLoggerError> {
        log::set_boxed_logger(Box::new(Installed(self.0.clone())))?;
        log::set_max_level(level);
        if INSTALLED.set(self.0.clone()).is_ok() {
            // SAFETY: registering a function that neither takes nor returns anything, and does not unwind.
            unsafe { libc::atexit(at_exit) };
        }
        Ok(self)
    }
}

static INSTALLED: OnceLock<Arc<Shared>> = OnceLock::new();

extern "C" fn at_exit() {
    if let Some(shared) = INSTALLED.get() {
        // There is nobody left to hear of a panic.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| shared.end()));
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Shared {
    /// Lets the thread write what is left, and waits for that.
    fn end(&self) {
        self.sender.close();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }

    fn write(&self, record: &Record<'_>) {
        let line = format(record);
        // The thread that writes holds `out`, and cannot wait for itself.
        if WRITES.get() {
            let _ = io::stderr().write_all(line.as_bytes());
            return;
        }
        let mut entry = Entry::Line(line);
        while let Err(refused) = self.sender.send(entry) {
            let closed = matches!(refused, crate::Refused::Closed(_));
            entry = refused.into_inner();
            if let (true, Entry::Line(line)) = (closed, &entry) {
                put(&mut *lock(&self.out), line);
                return;
            }
        }
    }

    fn flush(&self) {
        if WRITES.get() {
            return;
        }
        let (written, waits) = promise();
        if self.sender.send(Entry::Flush(written)).is_ok() {
            let _ = waits.join();
        }
    }
}

/// The writer's thread.
fn write_all(entries: &Receiver<Entry>, out: &Mutex<Box<dyn Write + Send>>) {
    WRITES.set(true);
    loop {
        let entry = match entries.try_recv() {
            Ok(entry) => Ok(entry),
            Err(_) => {
                let _ = lock(out).flush();
                entries.recv()
            }
        };
        match entry {
            Ok(Entry::Line(line)) => put(&mut *lock(out), &line),
            Ok(Entry::Flush(written)) => {
                let _ = lock(out).flush();
                written.keep(());
            }
            Err(crate::Refused::Interrupted(())) => {}
            Err(crate::Refused::Closed(())) => return,
        }
    }
}

/// A log that cannot be written has nobody to tell.
fn put(out: &mut dyn Write, line: &str) {
    let _ = out.write_all(line.as_bytes());
}

fn format(record: &Record<'_>) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default();
    format!(
        "{}.{:06} {:5} {} {}\n",
        now.as_secs(),
        now.subsec_micros(),
        record.level(),
        record.target(),
        record.args()
    )
}

/// What the crate `log` has.
struct Installed(Arc<Shared>);

impl Log for Installed {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            self.0.write(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

impl Log for Backlog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.0.write(record);
    }

    fn flush(&self) {
        self.0.flush();
    }
}

impl fmt::Debug for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backlog")
            .field("waiting", &self.0.sender.len())
            .finish()
    }
}
