//! Those who wait in one place, first come first served, in as few bytes as it takes.
//!
//! A million continuations may wait for one mailbox, so each is one word here: the pointer that it is, with a
//! tag in the low bits that tells it from a thread or a claim. Where they resume is mostly the same for all,
//! so homes stand beside the line, once for each run of neighbours that share one.

use crate::claim::Claim;
use crate::mailbox::migrant::Migrant;
use crate::parker::Parker;
use crate::sync::Arc;
use cps_core::Continuation;
use cps_core::dispatch::Home;
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// Who waits.
pub(crate) enum Waiter {
    /// It resumes at home.
    Continuation(Continuation, Home),
    Thread(Arc<Parker>),
    /// One who waits in other places too.
    Claim(Arc<Claim>),
    /// One who will be elsewhere when it resumes.
    Migrant(Box<Migrant>),
}

#[derive(Default)]
pub(super) struct Line {
    words: VecDeque<Word>,
    /// The homes of the continuations in `words`, in order, each with the number of neighbours it is for.
    homes: VecDeque<(Home, usize)>,
}

impl Line {
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    #[inline]
    pub(super) fn push(&mut self, waiter: Waiter) {
        let word = match waiter {
            Waiter::Thread(parker) => Word::new(Kind::Thread(parker)),
            Waiter::Claim(claim) => Word::new(Kind::Claim(claim)),
            Waiter::Migrant(migrant) => Word::new(Kind::Migrant(migrant)),
            Waiter::Continuation(continuation, home) => {
                return self.push_continuation(continuation, home);
            }
        };
        self.words.push_back(word);
    }

    /// The same for a continuation, which is what comes most often: in parts, so that no whole is made of
    /// them to be taken apart again.
    #[inline]
    pub(super) fn push_continuation(&mut self, continuation: Continuation, home: Home) {
        match self.homes.back_mut() {
            Some((last, run)) if *last == home => *run += 1,
            _ => self.homes.push_back((home, 1)),
        }
        let word = Word::new(Kind::Continuation(continuation));
        self.words.push_back(word);
    }

    /// The one who came first.
    #[inline(always)]
    pub(super) fn pop(&mut self) -> Option<Waiter> {
        let word = self.words.pop_front()?;
        Some(word.waiter(|| {
            let (home, run) = self.homes.front_mut().expect("a continuation has a home");
            *run -= 1;
            match run {
                0 => self.homes.pop_front().expect("it was in front").0,
                _ => home.clone(),
            }
        }))
    }

    /// The one who came first, if that is a thread.
    #[inline]
    pub(super) fn pop_thread(&mut self) -> Option<Arc<Parker>> {
        if self.words.front()?.tag() != THREAD {
            return None;
        }
        match self.words.pop_front()?.open() {
            Kind::Thread(parker) => Some(parker),
            _ => unreachable!("its tag says that it is a thread"),
        }
    }

    /// The one who was pushed last.
    pub(super) fn take_back(&mut self) -> Option<Waiter> {
        let word = self.words.pop_back()?;
        Some(word.waiter(|| {
            let (home, run) = self.homes.back_mut().expect("a continuation has a home");
            *run -= 1;
            match run {
                0 => self.homes.pop_back().expect("it was in the back").0,
                _ => home.clone(),
            }
        }))
    }

    /// Takes a thread out; whether it was in the line.
    pub(super) fn remove_thread(&mut self, parker: &Arc<Parker>) -> bool {
        self.remove(Word::tagged(Arc::as_ptr(parker).cast(), THREAD))
    }

    /// Takes a claim out; whether it was in the line.
    pub(super) fn remove_claim(&mut self, claim: &Arc<Claim>) -> bool {
        self.remove(Word::tagged(Arc::as_ptr(claim).cast(), CLAIM))
    }

    /// Who leaves has mostly come late.
    fn remove(&mut self, word: NonNull<()>) -> bool {
        let place = self.words.iter().rposition(|other| other.0 == word);
        place.is_some_and(|place| self.words.remove(place).is_some())
    }
}

/// A tagged pointer, which owns what it points to.
struct Word(NonNull<()>);

enum Kind {
    Continuation(Continuation),
    Thread(Arc<Parker>),
    Claim(Arc<Claim>),
    Migrant(Box<Migrant>),
}

/// A continuation has no tag. What all of them point to is aligned to words.
const THREAD: usize = 1;
const CLAIM: usize = 2;
const MIGRANT: usize = 3;
const TAGS: usize = 3;

// SAFETY: it owns a `Kind`, each of which may be sent to any thread.
unsafe impl Send for Word {}

impl Word {
    #[inline]
    fn new(kind: Kind) -> Self {
        const { assert!(align_of::<Parker>() > TAGS && align_of::<Claim>() > TAGS) };
        const { assert!(align_of::<Migrant>() > TAGS) };
        Word(match kind {
            Kind::Continuation(continuation) => continuation.into_raw(),
            Kind::Thread(parker) => Word::tagged(Arc::into_raw(parker).cast(), THREAD),
            Kind::Claim(claim) => Word::tagged(Arc::into_raw(claim).cast(), CLAIM),
            Kind::Migrant(migrant) => {
                Word::tagged(Box::into_raw(migrant).cast_const().cast(), MIGRANT)
            }
        })
    }

    fn tagged(pointer: *const (), tag: usize) -> NonNull<()> {
        let pointer = NonNull::new(pointer.cast_mut()).expect("no owner's pointer is null");
        pointer.map_addr(|address| address | tag)
    }

    #[inline]
    fn tag(&self) -> usize {
        self.0.addr().get() & TAGS
    }

    #[inline]
    fn waiter(self, home: impl FnOnce() -> Home) -> Waiter {
        match self.open() {
            Kind::Thread(parker) => Waiter::Thread(parker),
            Kind::Claim(claim) => Waiter::Claim(claim),
            Kind::Migrant(migrant) => Waiter::Migrant(migrant),
            Kind::Continuation(continuation) => Waiter::Continuation(continuation, home()),
        }
    }

    #[inline]
    fn open(self) -> Kind {
        let tag = self.tag();
        let word = ManuallyDrop::new(self).0;
        let pointer = word.as_ptr().map_addr(|address| address & !TAGS);
        match tag {
            // SAFETY: with this tag it comes from `Arc::into_raw` of a parker, once; the word is given up
            // here.
            THREAD => Kind::Thread(unsafe { Arc::from_raw(pointer.cast()) }),
            // SAFETY: as above, of a claim.
            CLAIM => Kind::Claim(unsafe { Arc::from_raw(pointer.cast()) }),
            // SAFETY: with this tag it comes from `Box::into_raw` of a migrant, once; the word is given up
            // here.
            MIGRANT => Kind::Migrant(unsafe { Box::from_raw(pointer.cast()) }),
            // SAFETY: without a tag it comes from `Continuation::into_raw`, once; the word is given up here.
            _ => Kind::Continuation(unsafe { Continuation::from_raw(word) }),
        }
    }
}

impl Drop for Word {
    fn drop(&mut self) {
        drop(Word(self.0).open());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use cps_core::dispatch::{Dispatcher, here};

    struct Place;

    impl Dispatcher for Place {
        fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
            Err(continuation)
        }
    }

    fn continuation() -> Continuation {
        cps_core::Thunk::new((), |cx: cps_core::expansion::Context<(), ()>| cx.done(()))
            .into_continuation()
    }

    #[test]
    fn everyone_comes_out_in_order_with_his_home() {
        let (one, two) = (Home::new(Arc::new(Place)), Home::new(Arc::new(Place)));
        assert!(one != two && one == one.clone() && here() == here());
        let mut line = Line::default();
        let parker = Arc::new(Parker::new());
        let homes = [&one, &one, &two, &one];
        for home in homes {
            line.push(Waiter::Continuation(continuation(), home.clone()));
            line.push(Waiter::Thread(parker.clone()));
        }
        assert_eq!(line.homes.len(), 3);
        assert!(line.remove_thread(&parker));
        line.push(Waiter::Continuation(continuation(), two.clone()));
        assert!(line.take_back().is_some());
        for (n, expected) in homes.into_iter().enumerate() {
            assert!(matches!(line.pop(), Some(Waiter::Continuation(_, home)) if home == *expected));
            if n < 3 {
                assert!(matches!(line.pop(), Some(Waiter::Thread(_))));
            }
        }
        assert!(line.pop().is_none() && line.homes.is_empty());
        assert!(line.pop_thread().is_none());
        line.push(Waiter::Thread(parker.clone()));
        line.push(Waiter::Continuation(continuation(), one.clone()));
        assert!(
            line.pop_thread()
                .is_some_and(|first| Arc::ptr_eq(&first, &parker))
        );
        assert!(line.pop_thread().is_none() && line.pop().is_some());
        assert!(!line.remove_thread(&parker));
        line.push(Waiter::Thread(parker.clone()));
        line.push(Waiter::Continuation(continuation(), one));
        drop(line);
        assert_eq!(Arc::strong_count(&parker), 1);
    }
}
