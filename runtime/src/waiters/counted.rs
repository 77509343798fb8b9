//! What a short lock guards, with a number that says how much there is and can be looked at without the lock.
//!
//! Lock and number are one word. So who enters something takes the lock and announces it in one step, and who
//! lets go of the lock says in the same store how much there is now. In between nobody but the holder changes
//! the word, hence that store is a plain one.
//!
//! What is done under the lock takes some instructions only; others wait for it as for any [step under
//! way](Backoff).
//!
//! Models of what is built on it take [another](Modelled), since loom cannot finish where three threads wait
//! so for each other.

use crate::sync::{AtomicUsize, Backoff, Relaxed, Release, SeqCst, UnsafeCell};
use std::mem::forget;

/// What can say how much of it there is.
pub(crate) trait Count {
    fn count(&self) -> usize;
}

pub(crate) struct Counted<T> {
    /// The number, times two, plus [`LOCKED`].
    word: AtomicUsize,
    content: UnsafeCell<T>,
}

const LOCKED: usize = 1;

impl<T: Default> Default for Counted<T> {
    fn default() -> Self {
        Counted {
            word: AtomicUsize::new(0),
            content: UnsafeCell::new(T::default()),
        }
    }
}

// SAFETY: the content is touched only by who holds the lock, which goes from one thread to the next by a
// store with release and a load with acquire; never shared. So `T: Send` is all that is needed.
unsafe impl<T: Send> Sync for Counted<T> {}

impl<T: Count> Counted<T> {
    /// How much there is, or will be when who holds the lock lets go of it, in the one order of all
    /// sequentially consistent operations.
    #[inline]
    pub(crate) fn number(&self) -> usize {
        self.word.load(SeqCst) >> 1
    }

    /// Holds the lock. From the moment at which it has it, others see the number that `announced` makes of
    /// the one before; when it lets go of it, they see what the content counts then.
    #[inline]
    pub(crate) fn with<R>(
        &self,
        announced: impl Fn(usize) -> usize,
        f: impl FnOnce(&mut T) -> R,
    ) -> R {
        self.lock(announced);
        let mut held = Held(self);
        held.with(f)
    }

    /// Holds the lock, if nobody does and the number is `from`: others see `announced` then.
    #[inline(always)]
    pub(super) fn hold_if(&self, from: usize, announced: usize) -> Option<Held<'_, T>> {
        self.take(from << 1, |_| announced).then(|| Held(self))
    }

    #[inline]
    fn lock(&self, announced: impl Fn(usize) -> usize) {
        let word = self.word.load(Relaxed);
        if word & LOCKED != 0 || !self.take(word, &announced) {
            self.wait_for_lock(announced);
        }
    }

    /// Takes the lock, if the word is this one still, without [`LOCKED`].
    #[inline]
    fn take(&self, word: usize, announced: impl Fn(usize) -> usize) -> bool {
        let taken = announced(word >> 1) << 1 | LOCKED;
        let taken = self.word.compare_exchange(word, taken, SeqCst, Relaxed);
        taken.is_ok()
    }

    #[cold]
    #[inline(never)]
    fn wait_for_lock(&self, announced: impl Fn(usize) -> usize) {
        let mut backoff = Backoff::default();
        loop {
            let word = self.word.load(Relaxed);
            if word & LOCKED != 0 {
                backoff.wait();
            } else if self.take(word, &announced) {
                return;
            }
        }
    }
}

/// The lock, until it is dropped, also when somebody panics who holds it.
pub(super) struct Held<'a, T: Count>(&'a Counted<T>);

impl<T: Count> Held<'_, T> {
    #[inline(always)]
    pub(super) fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        self.0.content.with_mut(|content| {
            // SAFETY: the lock is held, and `f` does not keep the reference.
            f(unsafe { &mut *content })
        })
    }

    /// As `with`: what is moved in is not moved by way of a closure.
    #[cfg(not(loom))]
    #[inline(always)]
    pub(super) fn content(&mut self) -> &mut T {
        // SAFETY: the lock is held as long as the reference lives.
        self.0.content.with_mut(|content| unsafe { &mut *content })
    }

    /// Lets go of it, for one who knows what the content counts. The lock is the last that is touched.
    #[inline(always)]
    pub(super) fn release(self, count: usize) {
        let counted = self.0;
        forget(self);
        counted.word.store(count << 1, Release);
    }
}

impl<T: Count> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let count = self.with(|content| content.count());
        self.0.word.store(count << 1, Release);
    }
}

/// The same for models: a lock that loom knows, and the number beside it.
#[cfg(loom)]
pub(crate) struct Modelled<T> {
    number: AtomicUsize,
    content: crate::sync::Mutex<T>,
}

#[cfg(loom)]
impl<T: Default> Default for Modelled<T> {
    fn default() -> Self {
        Modelled {
            number: AtomicUsize::new(0),
            content: crate::sync::Mutex::new(T::default()),
        }
    }
}

#[cfg(loom)]
impl<T: Count> Modelled<T> {
    pub(crate) fn number(&self) -> usize {
        self.number.load(SeqCst)
    }

    pub(crate) fn with<R>(
        &self,
        announced: impl Fn(usize) -> usize,
        f: impl FnOnce(&mut T) -> R,
    ) -> R {
        let content = crate::sync::lock(&self.content);
        self.number.store(announced(content.count()), SeqCst);
        let number = &self.number;
        ModelHeld { number, content }.with(f)
    }

    pub(super) fn hold_if(&self, from: usize, announced: usize) -> Option<ModelHeld<'_, T>> {
        let content = crate::sync::lock(&self.content);
        if content.count() != from {
            return None;
        }
        self.number.store(announced, SeqCst);
        let number = &self.number;
        Some(ModelHeld { number, content })
    }
}

#[cfg(loom)]
pub(super) struct ModelHeld<'a, T: Count> {
    number: &'a AtomicUsize,
    content: crate::sync::MutexGuard<'a, T>,
}

#[cfg(loom)]
impl<T: Count> ModelHeld<'_, T> {
    pub(super) fn with<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.content)
    }

    pub(super) fn content(&mut self) -> &mut T {
        &mut self.content
    }

    pub(super) fn release(self, count: usize) {
        assert_eq!(count, self.content.count());
    }
}

#[cfg(loom)]
impl<T: Count> Drop for ModelHeld<'_, T> {
    fn drop(&mut self) {
        self.number.store(self.content.count(), Release);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Count, Counted};
    use crate::models::model;
    use crate::sync::{AtomicUsize, Relaxed, announced};
    use loom::thread;
    use std::sync::Arc;

    impl Count for usize {
        fn count(&self) -> usize {
            *self
        }
    }

    /// Adds one: at once if it is the first, and the lock can be had.
    fn add(counted: &Counted<usize>, look: impl FnOnce() -> bool) -> bool {
        if let Some(mut held) = counted.hold_if(0, 1) {
            announced();
            held.with(|n| *n += 1);
            let seen = look();
            held.release(1);
            return seen;
        }
        counted.with(
            |n| n + 1,
            |n| {
                announced();
                *n += 1;
                look()
            },
        )
    }

    /// Loom sees it if two touch the content at the same time.
    #[test]
    fn what_a_counted_lock_guards_is_touched_by_one() {
        model(3, || {
            let counted = Arc::new(Counted::<usize>::default());
            let other = counted.clone();
            let adder = thread::spawn(move || add(&other, || true));
            add(&counted, || true);
            adder.join().unwrap();
            assert_eq!(counted.number(), 2);
            counted.with(|n| n, |n| assert_eq!(*n, 2));
        });
    }

    /// Who enters and looks, and who makes it true and looks: one sees the other.
    #[test]
    fn who_is_announced_is_seen_or_sees() {
        for before in [0, 1] {
            model(3, move || {
                let counted = Arc::new(Counted::<usize>::default());
                for _ in 0..before {
                    add(&counted, || true);
                }
                let done = Arc::new(AtomicUsize::new(0));
                let (other, look) = (counted.clone(), done.clone());
                let enter = thread::spawn(move || add(&other, || look.load(Relaxed) == 1));
                done.store(1, Relaxed);
                announced();
                let seen = counted.number() == before + 1;
                assert!(enter.join().unwrap() || seen);
            });
        }
    }

    impl<T> Counted<T> {
        /// What freeing it is to loom: an access beside which there is no other, before or after.
        fn freed(&self) {
            self.content.with_mut(|_| ());
            let word = (&raw const self.word).cast_mut();
            // SAFETY: loom runs one thread at a time, and says if another touches the word beside this.
            unsafe { &mut *word }.with_mut(|_| ());
        }
    }

    /// Who takes what was entered may free the lock and what it guards, so who entered has touched them for
    /// the last time.
    #[test]
    fn who_takes_what_was_entered_may_free_the_lock() {
        for at_once in [true, false] {
            model(3, move || {
                let counted = Arc::new(Counted::<usize>::default());
                let other = counted.clone();
                let enter = thread::spawn(move || match at_once {
                    true => add(&other, || true),
                    false => other.with(
                        |n| n + 1,
                        |n| {
                            *n += 1;
                            true
                        },
                    ),
                });
                if let Some(mut held) = counted.hold_if(1, 1) {
                    held.with(|n| *n = 0);
                    held.release(0);
                    counted.freed();
                }
                assert!(enter.join().unwrap());
            });
        }
    }
}
