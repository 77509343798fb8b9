//! A place for the newest value, with one writer and one reader, neither of whom ever waits.
//!
//! Three slots: the writer's, the reader's, and one between them. The writer fills its own and exchanges it
//! for the one between; the reader, if that is fresh, exchanges its own for it. So a value is written and
//! read whole, as in Peterson's concurrent reading while writing, with one exchange each.
//!
//! Which slots are whose is a permutation of the three: each exchange gives one number away and takes one. So
//! no slot is ever touched by both.

use crate::sync::{AcqRel, AtomicU8, Relaxed, UnsafeCell};
use std::fmt;
use std::sync::Arc;

/// Beside the number of the slot between: its value is newer than the reader's.
const FRESH: u8 = 4;

struct Slots<T> {
    slots: [UnsafeCell<Option<T>>; 3],
    between: AtomicU8,
}

// SAFETY: each slot is touched by whoever has its number, the writer or the reader, and numbers are handed
// over with acquire and release. Values are moved from one to the other, never shared. So `T: Send` is all
// that is needed.
unsafe impl<T: Send> Sync for Slots<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Slots<T> {}

/// Makes a place for the newest value, still empty.
///
/// ```
/// let (mut writer, mut reader) = insideout::cubby();
/// assert_eq!(reader.read(), None);
/// writer.write("old");
/// writer.write("new");
/// assert_eq!(reader.read(), Some(&"new"));
/// assert_eq!(reader.read(), Some(&"new"));
/// ```
#[must_use]
pub fn cubby<T>() -> (CubbyWriter<T>, CubbyReader<T>) {
    let slots = Arc::new(Slots {
        slots: [(); 3].map(|()| UnsafeCell::new(None)),
        between: AtomicU8::new(1),
    });
    let writer = CubbyWriter {
        slots: slots.clone(),
        mine: 0,
    };
    (writer, CubbyReader { slots, mine: 2 })
}

/// The writing side of a [`cubby`].
///
/// ```
/// let (mut writer, mut reader) = insideout::cubby();
/// writer.write(7);
/// drop(writer);
/// assert_eq!(reader.read(), Some(&7));
/// ```
pub struct CubbyWriter<T> {
    slots: Arc<Slots<T>>,
    mine: u8,
}

/// The reading side of a [`cubby`].
///
/// ```
/// let (mut writer, mut reader) = insideout::cubby();
/// std::thread::spawn(move || (1..=1000).for_each(|n| writer.write(n)));
/// while reader.read() != Some(&1000) {
///     std::thread::yield_now();
/// }
/// ```
pub struct CubbyReader<T> {
    slots: Arc<Slots<T>>,
    mine: u8,
}

impl<T> CubbyWriter<T> {
    /// Replaces the value. Never waits; drops an older value, which the reader has not seen or has seen and
    /// given back.
    ///
    /// ```
    /// let (mut writer, mut reader) = insideout::cubby();
    /// writer.write(7);
    /// assert_eq!(reader.take(), Some(7));
    /// ```
    pub fn write(&mut self, value: T) {
        // SAFETY: the slot is the writer's, and `self` is exclusive.
        let old = self.slots.slots[usize::from(self.mine)]
            .with_mut(|slot| unsafe { (*slot).replace(value) });
        self.mine = self.slots.between.swap(self.mine | FRESH, AcqRel) & !FRESH;
        drop(old);
    }
}

impl<T> CubbyReader<T> {
    /// The newest value; None if there was none yet, or it was [taken](CubbyReader::take). Never waits.
    ///
    /// ```
    /// let (mut writer, mut reader) = insideout::cubby();
    /// writer.write(7);
    /// assert_eq!(reader.read(), Some(&7));
    /// ```
    pub fn read(&mut self) -> Option<&T> {
        self.refresh();
        // SAFETY: the slot is the reader's for as long as `self` is borrowed.
        let slot = self.slots.slots[usize::from(self.mine)].with_mut(|slot| unsafe { &*slot });
        slot.as_ref()
    }

    /// Takes the newest value out; then there is none until another is written. Never waits.
    ///
    /// ```
    /// let (mut writer, mut reader) = insideout::cubby();
    /// writer.write(7);
    /// assert_eq!((reader.take(), reader.take()), (Some(7), None));
    /// ```
    pub fn take(&mut self) -> Option<T> {
        self.refresh();
        // SAFETY: the slot is the reader's, and `self` is exclusive.
        self.slots.slots[usize::from(self.mine)].with_mut(|slot| unsafe { (*slot).take() })
    }

    /// Whether a value was written since the last look.
    ///
    /// ```
    /// let (mut writer, reader) = insideout::cubby();
    /// assert!(!reader.is_fresh());
    /// writer.write(7);
    /// assert!(reader.is_fresh());
    /// ```
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.slots.between.load(Relaxed) & FRESH != 0
    }

    fn refresh(&mut self) {
        if self.is_fresh() {
            self.mine = self.slots.between.swap(self.mine, AcqRel) & !FRESH;
        }
    }
}

impl<T> fmt::Debug for CubbyWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CubbyWriter").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for CubbyReader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CubbyReader")
            .field("fresh", &self.is_fresh())
            .finish()
    }
}
