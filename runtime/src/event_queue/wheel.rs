//! What is due when: a hierarchical timing wheel.
//!
//! Time is counted in ticks from the wheel's beginning. Level 0 has a slot for each of the next 64
//! ticks, level 1 one for each of the next 64 times 64, and so on; an entry lies in the coarsest slot
//! that tells it apart from now, and moves to a finer one when time gets there. So to insert and to
//! remove is a constant number of steps, and an entry moves at most once a level.
//!
//! Slots are written and read in order, since memory that is reached in no order is what a timer costs.
//! What stays until it is due lies in its slot itself. What may be removed before has a [`Place`],
//! which does not move, and only the place's [`Key`] lies in the slot. When it is removed the key is
//! left there; it tells, since a place counts who has used it. When most of what lies in slots are such
//! leftovers, all of them are swept out.
//!
//! Guarantees: an entry comes out of [`Wheel::expire`] once, at its tick or later, never before, or out
//! of [`Wheel::remove`]. What a tick is and who asks when is left to the event queue.

/// Slots of a level. A word has a bit for each.
const SLOTS: usize = 64;
const BITS: u32 = SLOTS.trailing_zeros();
/// 64 to the 7th milliseconds are 139 years.
const LEVELS: usize = 7;
/// What lies further ahead waits in the furthest slot, short of the one that time is in.
const HORIZON: u64 = (SLOTS as u64 - 1) << (BITS * (LEVELS as u32 - 1));
/// An empty slot keeps room for so many entries.
const KEPT: usize = 4;
/// There may be so many more leftovers than entries.
const LEFTOVERS: usize = 64;
const NONE: u32 = u32::MAX;

pub(crate) struct Wheel<T> {
    /// Ticks before this one are over.
    now: u64,
    /// Of each level, a bit for each slot that has something in it.
    occupied: [u64; LEVELS],
    /// Not on the stack of whoever makes a wheel: a level is one and a half kilobytes.
    levels: Box<[[Vec<Entry<T>>; SLOTS]]>,
    places: Vec<Place<T>>,
    /// The first place that can be used again.
    free: u32,
    len: usize,
    /// How many keys in slots are of entries that were removed.
    leftovers: usize,
}

struct Entry<T> {
    due: u64,
    what: What<T>,
}

enum What<T> {
    Value(T),
    Key(Key),
}

/// Where a value is that may be removed.
struct Place<T> {
    value: Option<T>,
    /// How often the place was given up.
    used: u32,
    /// The next that can be used again.
    next: u32,
}

/// Names an entry that may be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    index: u32,
    used: u32,
}

impl<T> Wheel<T> {
    pub(crate) fn new() -> Self {
        Wheel {
            now: 0,
            occupied: [0; LEVELS],
            levels: (0..LEVELS).map(|_| [const { Vec::new() }; SLOTS]).collect(),
            places: Vec::new(),
            free: NONE,
            len: 0,
            leftovers: 0,
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry that is due at a tick, and stays until then. One that is over already is due at once.
    pub(crate) fn insert(&mut self, due: u64, value: T) {
        let what = What::Value(value);
        self.len += 1;
        self.put(Entry { due, what });
    }

    /// Adds an entry that may be [removed](Self::remove) before it is due.
    pub(crate) fn insert_removable(&mut self, due: u64, value: T) -> Key {
        let key = self.keep(value);
        let what = What::Key(key);
        self.len += 1;
        self.put(Entry { due, what });
        key
    }

    /// Takes an entry out, unless it came out before.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let value = self.take(key)?;
        self.len -= 1;
        self.leftovers += 1;
        self.sweep_if_due();
        Some(value)
    }

    /// Takes out those that stay until they are due, but are not wanted any more.
    #[cfg(not(loom))]
    pub(crate) fn take_if(&mut self, unwanted: impl Fn(&T) -> bool) -> Vec<T> {
        let is_unwanted = |entry: &mut Entry<T>| match &entry.what {
            What::Value(value) => unwanted(value),
            What::Key(_) => false,
        };
        let mut taken = Vec::new();
        for (level, slot) in self.filled() {
            let entries = self.levels[level][slot].extract_if(.., is_unwanted);
            taken.extend(entries.filter_map(|entry| match entry.what {
                What::Value(value) => Some(value),
                What::Key(_) => None,
            }));
            self.tidy(level, slot);
        }
        self.len -= taken.len();
        self.sweep_if_due();
        taken
    }

    /// Those that may be removed.
    #[cfg(not(loom))]
    pub(crate) fn removable(&self) -> impl Iterator<Item = &T> {
        self.places.iter().filter_map(|place| place.value.as_ref())
    }

    /// The tick at which [`expire`](Self::expire) has something to do, which may be before the first
    /// entry is due; None when the wheel is empty.
    pub(crate) fn next(&self) -> Option<u64> {
        self.nearest().map(|(_, _, tick)| tick)
    }

    /// Takes out one entry that is due at `tick` or was before; None when there is no more.
    pub(crate) fn expire(&mut self, tick: u64) -> Option<T> {
        while let Some((level, slot, begins)) = self.nearest() {
            if begins > tick {
                break;
            }
            self.now = begins;
            if level > 0 {
                self.cascade(level, slot);
            } else if let Some(value) = self.pop(slot) {
                self.sweep_if_due();
                return Some(value);
            }
        }
        self.now = self.now.max(tick);
        None
    }

    /// Takes one entry out of a slot of the finest level.
    fn pop(&mut self, slot: usize) -> Option<T> {
        while let Some(entry) = self.levels[0][slot].pop() {
            self.tidy(0, slot);
            let value = match entry.what {
                What::Value(value) => Some(value),
                What::Key(key) => self.take(key),
            };
            if value.is_some() {
                self.len -= 1;
                return value;
            }
            self.leftovers -= 1;
        }
        None
    }

    /// Moves the entries of a slot that time has reached to finer ones: all of them, since nothing may
    /// lie ahead of a finer slot.
    fn cascade(&mut self, level: usize, slot: usize) {
        let mut entries = std::mem::take(&mut self.levels[level][slot]);
        for entry in entries.drain(..) {
            self.put(entry);
        }
        self.levels[level][slot] = entries;
        self.tidy(level, slot);
    }

    /// Of a slot that is empty now, says so, and gives back what it took to hold many.
    fn tidy(&mut self, level: usize, slot: usize) {
        let entries = &mut self.levels[level][slot];
        if entries.is_empty() {
            entries.shrink_to(KEPT);
            self.occupied[level] &= !(1 << slot);
        }
    }

    /// The first slot with entries: its level, its number, and the tick at which it begins.
    fn nearest(&self) -> Option<(usize, usize, u64)> {
        // Where there is no entry, the leftovers have been swept out.
        if self.len == 0 {
            return None;
        }
        // What lies in a finer level is nearer than anything in a coarser one.
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        let shift = BITS * level as u32;
        let current = (self.now >> shift) % SLOTS as u64;
        let ahead = u64::from(
            self.occupied[level]
                .rotate_right(current as u32)
                .trailing_zeros(),
        );
        let slot = (current + ahead) % SLOTS as u64;
        let begins = ((self.now >> shift) + ahead) << shift;
        Some((level, slot as usize, begins.max(self.now)))
    }

    /// The level and the number of each slot that has something in it now.
    fn filled(&self) -> impl Iterator<Item = (usize, usize)> + use<T> {
        let occupied = self.occupied.into_iter().enumerate();
        let occupied = occupied.filter(|(_, slots)| *slots != 0);
        occupied.flat_map(|(level, slots)| {
            let filled = move |slot: &usize| slots >> slot & 1 != 0;
            (0..SLOTS).filter(filled).map(move |slot| (level, slot))
        })
    }

    fn put(&mut self, entry: Entry<T>) {
        // An entry further ahead than the wheel reaches waits in its last slot.
        let within = (entry.due).clamp(self.now, self.now.saturating_add(HORIZON));
        let apart = (within ^ self.now) | (SLOTS as u64 - 1);
        let level = ((apart.ilog2() / BITS) as usize).min(LEVELS - 1);
        let slot = (within >> (BITS * level as u32)) as usize % SLOTS;
        self.occupied[level] |= 1 << slot;
        self.levels[level][slot].push(entry);
    }

    /// Finds a place for a value.
    fn keep(&mut self, value: T) -> Key {
        if let Some(place) = self.places.get_mut(self.free as usize) {
            let index = std::mem::replace(&mut self.free, place.next);
            place.value = Some(value);
            let used = place.used;
            return Key { index, used };
        }
        let index = u32::try_from(self.places.len()).expect("fewer than 2^32 entries");
        self.places.push(Place {
            value: Some(value),
            used: 0,
            next: NONE,
        });
        Key { index, used: 0 }
    }

    /// Takes a value out of its place, unless it is gone.
    fn take(&mut self, key: Key) -> Option<T> {
        let place = self.places.get_mut(key.index as usize)?;
        if place.used != key.used {
            return None;
        }
        let value = place.value.take()?;
        place.used = place.used.wrapping_add(1);
        place.next = std::mem::replace(&mut self.free, key.index);
        Some(value)
    }

    /// Takes the leftovers out when there are too many, or nothing else: a sweep has been paid for by
    /// as many removals as it looks at entries, nearly.
    fn sweep_if_due(&mut self) {
        let nothing_else = self.len == 0 && self.leftovers > 0;
        if !nothing_else && self.leftovers <= self.len + LEFTOVERS {
            return;
        }
        for (level, slot) in self.filled() {
            let places = &self.places;
            self.levels[level][slot].retain(|entry| match &entry.what {
                What::Value(_) => true,
                What::Key(key) => places[key.index as usize].used == key.used,
            });
            self.tidy(level, slot);
        }
        self.leftovers = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn entries_come_out_in_the_order_in_which_they_are_due() {
        let mut wheel = Wheel::new();
        for due in [5, 70, 3, 5000, 64, 1 << 20, 63, 0] {
            wheel.insert(due, due);
        }
        let mut seen = Vec::new();
        while let Some(next) = wheel.next() {
            seen.extend(std::iter::from_fn(|| wheel.expire(next)));
        }
        assert_eq!(seen, [0, 3, 5, 63, 64, 70, 5000, 1 << 20]);
    }

    #[test]
    fn a_key_names_one_entry_only() {
        let mut wheel = Wheel::new();
        let first = wheel.insert_removable(1, "first");
        assert_eq!(wheel.remove(first), Some("first"));
        let second = wheel.insert_removable(2, "second");
        assert_eq!(wheel.remove(first), None);
        assert_eq!(wheel.expire(2), Some("second"));
        assert_eq!(wheel.remove(second), None);
        assert_eq!(wheel.len(), 0);
    }

    #[test]
    fn what_is_over_is_due_at_once_and_what_is_far_is_not_forgotten() {
        let mut wheel = Wheel::new();
        assert_eq!(wheel.expire(1000), None::<u64>);
        wheel.insert(3, 3);
        wheel.insert(u64::MAX, u64::MAX);
        assert_eq!(wheel.expire(1000), Some(3));
        assert_eq!(wheel.expire(1000), None);
        assert_eq!(wheel.expire(u64::MAX - 1), None);
        assert_eq!(wheel.expire(u64::MAX), Some(u64::MAX));
    }

    /// Against a sorted map: the same entries come out of both in every step.
    #[test]
    fn it_does_what_a_sorted_map_does() {
        for seed in 1..40_u64 {
            let mut random = seed;
            let mut draw = move |below: u64| {
                random = random
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                (random >> 33) % below
            };
            let mut wheel = Wheel::new();
            let mut model: BTreeMap<(u64, u64), Option<Key>> = BTreeMap::new();
            let mut now = 0;
            for id in 0..3000 {
                match draw(4) {
                    kind @ (0 | 1) => {
                        let span = 1 << draw(24);
                        let due = now + draw(span);
                        let key = match kind {
                            0 => Some(wheel.insert_removable(due, (due, id))),
                            _ => {
                                wheel.insert(due, (due, id));
                                None
                            }
                        };
                        model.insert((due, id), key);
                    }
                    2 => {
                        let nth = draw(model.len() as u64 + 1) as usize;
                        if let Some((&entry, &Some(key))) = model.iter().nth(nth) {
                            assert_eq!(wheel.remove(key), Some(entry));
                            model.remove(&entry);
                        }
                    }
                    _ => {
                        let span = 1 << draw(20);
                        now += draw(span);
                        let mut due: Vec<_> = std::iter::from_fn(|| wheel.expire(now)).collect();
                        assert!(due.is_sorted_by_key(|entry| entry.0), "seed {seed}");
                        due.sort_unstable();
                        let later = model.split_off(&(now + 1, 0));
                        let expected: Vec<_> =
                            std::mem::replace(&mut model, later).into_keys().collect();
                        assert_eq!(due, expected, "seed {seed}");
                    }
                }
                assert_eq!(wheel.len(), model.len());
                match (wheel.next(), model.first_key_value()) {
                    (None, None) => {}
                    (Some(next), Some((first, _))) => assert!(now <= next && next <= first.0),
                    different => panic!("seed {seed}: {different:?}"),
                }
            }
        }
    }

    /// No more than there are entries, nearly, however many were removed; and none when there is no entry.
    #[test]
    fn leftovers_are_few() {
        let lying = |wheel: &Wheel<u64>| -> usize {
            let slots = wheel.levels.iter().flatten();
            slots.map(Vec::len).sum()
        };
        let mut wheel = Wheel::new();
        let stays: Vec<_> = (0..100)
            .map(|due| wheel.insert_removable(due * 977, due))
            .collect();
        for due in 0..10_000 {
            let key = wheel.insert_removable(due * 31, due);
            assert_eq!(wheel.remove(key), Some(due));
            assert!(lying(&wheel) <= 2 * wheel.len() + LEFTOVERS + 1);
        }
        let mut removed = stays.into_iter();
        for key in removed.by_ref().take(99) {
            wheel.remove(key).unwrap();
        }
        assert!(wheel.next().is_some());
        wheel.remove(removed.next().unwrap()).unwrap();
        assert_eq!((wheel.next(), lying(&wheel)), (None, 0));
    }

    #[test]
    fn a_slot_that_held_many_gives_the_memory_back() {
        let mut wheel = Wheel::new();
        for id in 0..100_000 {
            wheel.insert(5_000, id);
        }
        while wheel.expire(5_000).is_some() {}
        let slots = wheel.levels.iter().flatten();
        assert!(slots.map(Vec::capacity).all(|room| room <= KEPT));
    }
}
