//! Where the closure that gives a continuation away waits for its leg to return: a few words on the
//! trampoline's stack, or, for a bigger one, a box.

use alloc::boxed::Box;
use core::mem::MaybeUninit;

use crate::Continuation;

/// Words of inline room.
const WORDS: usize = 4;

type Room = MaybeUninit<[usize; WORDS]>;

/// Room for one closure of any type that takes a continuation. Who owns the slot clears it.
pub(crate) struct Slot {
    /// How to use what is in `room`; nothing is there without.
    give: Option<&'static Give>,
    room: Room,
}

struct Give {
    call: unsafe fn(*mut Room, Continuation) -> Option<Continuation>,
    drop: unsafe fn(*mut Room),
}

impl Slot {
    pub(crate) const fn new() -> Self {
        Slot {
            give: None,
            room: MaybeUninit::uninit(),
        }
    }

    /// Stores `give` in the empty slot.
    ///
    /// # Safety
    ///
    /// `give` refers to nothing that may end before it is called or dropped: its lifetime is
    /// forgotten.
    #[inline]
    pub(crate) unsafe fn fill<G: FnOnce(Continuation) -> Option<Continuation>>(&mut self, give: G) {
        debug_assert!(self.give.is_none(), "one leg gives once");
        if const { fits::<G>() } {
            // SAFETY: `G` fits the room in size and alignment.
            unsafe { self.room.as_mut_ptr().cast::<G>().write(give) };
            self.give = Some(const { &Give::of::<G>() });
        } else {
            let boxed: Boxed<'_> = Box::new(give);
            const { assert!(fits::<Boxed<'_>>()) };
            // SAFETY: a box of a trait object fits the room, as just asserted.
            unsafe { self.room.as_mut_ptr().cast::<Boxed<'_>>().write(boxed) };
            self.give = Some(const { &Give::of::<Boxed<'_>>() });
        }
    }

    /// Calls what is stored, which is then gone.
    #[inline]
    pub(crate) fn call(&mut self, continuation: Continuation) -> Option<Continuation> {
        let give = self.give.take().expect("a closure was stored");
        // SAFETY: `give` was set together with the closure in the room, and taking it made the room
        // empty.
        unsafe { (give.call)(&raw mut self.room, continuation) }
    }

    /// Drops what is stored, if anything is.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if let Some(give) = self.give.take() {
            // SAFETY: as in `call`.
            unsafe { (give.drop)(&raw mut self.room) }
        }
    }
}

type Boxed<'a> = Box<dyn FnOnce(Continuation) -> Option<Continuation> + 'a>;

const fn fits<G>() -> bool {
    size_of::<G>() <= size_of::<Room>() && align_of::<G>() <= align_of::<Room>()
}

impl Give {
    const fn of<G: FnOnce(Continuation) -> Option<Continuation>>() -> Self {
        Give {
            call: call::<G>,
            drop: drop::<G>,
        }
    }
}

/// # Safety
///
/// The room holds a `G`, which is gone afterwards.
unsafe fn call<G: FnOnce(Continuation) -> Option<Continuation>>(
    room: *mut Room,
    continuation: Continuation,
) -> Option<Continuation> {
    // SAFETY: by contract.
    let give = unsafe { room.cast::<G>().read() };
    give(continuation)
}

/// # Safety
///
/// The room holds a `G`, which is gone afterwards.
unsafe fn drop<G>(room: *mut Room) {
    // SAFETY: by contract.
    unsafe { room.cast::<G>().drop_in_place() }
}
