//! What is due when: a hierarchical timing wheel.
//!
//! Time is counted in ticks from the wheel's beginning. Level 0 has a slot for each of the next 64 ticks, level 1 one for each
//! of the next 64 times 64, and so on; an entry lies in the coarsest slot that tells it apart from now, and moves to a finer one
//! when time gets there. So to insert and to remove is a constant number of steps, and an entry moves at most once a level.
//!
//! Entries lie in one vector and are linked by index; a removed one's place is used again. A [`Key`] names an entry for good: the
//! place counts who has used it.
//!
//! Guarantees: an entry comes out of [`Wheel::expire`] once, at its tick or later, never before, or out of [`Wheel::remove`]. What a tick is
//! and who asks when is left to the event queue.

/// Slots of a level. A word has a bit for each.
const SLOTS: usize = 64;
const BITS: u32 = SLOTS.trailing_zeros();
/// 64 to the 7th milliseconds are 139 years.
const LEVELS: usize = 7;
/// What lies further ahead waits in the furthest slot, short of the one that time is in.
const HORIZON: u64 = (SLOTS as u64 - 1) << (BITS * (LEVELS as u32 - 1));
const NONE: u32 = u32::MAX;

pub(crate) struct Wheel<T> {
    /// Ticks before this one are over.
    now: u64,
    levels: [Level; LEVELS],
    entries: Vec<Entry<T>>,
    /// The first place that can be used again.
    free: u32,
    len: usize,
}

struct Level {
    /// A bit for each slot that has entries.
    occupied: u64,
    first: [u32; SLOTS],
}

struct Entry<T> {
    due: u64,
    value: Option<T>,
    next: u32,
    /// The entry before, or for the first of a slot, [`NONE`].
    prev: u32,
    /// How often the place was given up.
    used: u32,
    level: u8,
    slot: u8,
}

/// Names an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    index: u32,
    used: u32,
}

impl<T> Wheel<T> {
    pub(crate) fn new() -> Self {
        const EMPTY: Level = Level {
            occupied: 0,
            first: [NONE; SLOTS],
        };
        Wheel {
            now: 0,
            levels: [EMPTY; LEVELS],
            entries: Vec::new(),
            free: NONE,
            len: 0,
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry that is due at a tick. One that is over already is due at once.
    pub(crate) fn insert(&mut self, due: u64, value: T) -> Key {
        let index = match self.free {
            NONE => {
                let index = u32::try_from(self.entries.len()).expect("fewer than 2^32 entries");
                self.entries.push(Entry {
                    due,
                    value: Some(value),
                    next: NONE,
                    prev: NONE,
                    used: 0,
                    level: 0,
                    slot: 0,
                });
                index
            }
            index => {
                let entry = &mut self.entries[index as usize];
                self.free = entry.next;
                entry.due = due;
                entry.value = Some(value);
                index
            }
        };
        self.len += 1;
        self.link(index);
        let used = self.entries[index as usize].used;
        Key { index, used }
    }

    /// Takes an entry out, unless it came out before.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let entry = self.entries.get(key.index as usize)?;
        if entry.used != key.used || entry.value.is_none() {
            return None;
        }
        self.unlink(key.index);
        Some(self.give_up(key.index))
    }

    /// The tick at which [`expire`](Self::expire) has something to do, which may be before the first entry is due; None when the wheel is empty.
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
            if level == 0 {
                let first = self.levels[0].first[slot];
                self.unlink(first);
                return Some(self.give_up(first));
            }
            self.cascade(level, slot);
        }
        self.now = self.now.max(tick);
        None
    }

    /// Moves the entries of a slot that time has reached to finer ones: all of them, since nothing may lie ahead of a finer slot.
    fn cascade(&mut self, level: usize, slot: usize) {
        let ring = &mut self.levels[level];
        ring.occupied &= !(1 << slot);
        let mut first = std::mem::replace(&mut ring.first[slot], NONE);
        while first != NONE {
            let next = self.entries[first as usize].next;
            self.link(first);
            first = next;
        }
    }

    /// The first slot with entries: its level, its number, and the tick at which it begins.
    fn nearest(&self) -> Option<(usize, usize, u64)> {
        // What lies in a finer level is nearer than anything in a coarser one.
        let (level, ring) =
            (self.levels.iter().enumerate()).find(|(_, ring)| ring.occupied != 0)?;
        let shift = BITS * level as u32;
        let current = (self.now >> shift) % SLOTS as u64;
        let ahead = u64::from(ring.occupied.rotate_right(current as u32).trailing_zeros());
        let slot = (current + ahead) % SLOTS as u64;
        let begins = ((self.now >> shift) + ahead) << shift;
        Some((level, slot as usize, begins.max(self.now)))
    }

    fn link(&mut self, index: u32) {
        let due = self.entries[index as usize].due;
        // An entry further ahead than the wheel reaches waits in its last slot.
        let within = due.clamp(self.now, self.now.saturating_add(HORIZON));
        let apart = (within ^ self.now) | (SLOTS as u64 - 1);
        let level = ((apart.ilog2() / BITS) as usize).min(LEVELS - 1);
        let slot = (within >> (BITS * level as u32)) as usize % SLOTS;
        let ring = &mut self.levels[level];
        let next = std::mem::replace(&mut ring.first[slot], index);
        ring.occupied |= 1 << slot;
        if next != NONE {
            self.entries[next as usize].prev = index;
        }
        let entry = &mut self.entries[index as usize];
        (entry.next, entry.prev) = (next, NONE);
        (entry.level, entry.slot) = (level as u8, slot as u8);
    }

    fn unlink(&mut self, index: u32) {
        let entry = &self.entries[index as usize];
        let (next, prev) = (entry.next, entry.prev);
        let (level, slot) = (usize::from(entry.level), usize::from(entry.slot));
        if next != NONE {
            self.entries[next as usize].prev = prev;
        }
        if prev != NONE {
            self.entries[prev as usize].next = next;
            return;
        }
        let ring = &mut self.levels[level];
        ring.first[slot] = next;
        if next == NONE {
            ring.occupied &= !(1 << slot);
        }
    }

    /// The value of an entry that is linked nowhere; its place is free.
    fn give_up(&mut self, index: u32) -> T {
        let entry = &mut self.entries[index as usize];
        entry.used = entry.used.wrapping_add(1);
        entry.next = self.free;
        self.free = index;
        self.len -= 1;
        entry.value.take().expect("a linked entry has a value")
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
        let first = wheel.insert(1, "first");
        assert_eq!(wheel.remove(first), Some("first"));
        let second = wheel.insert(2, "second");
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
            let mut model: BTreeMap<(u64, u64), Key> = BTreeMap::new();
            let mut now = 0;
            for id in 0..3000 {
                match draw(4) {
                    0 | 1 => {
                        let span = 1 << draw(24);
                        let due = now + draw(span);
                        model.insert((due, id), wheel.insert(due, (due, id)));
                    }
                    2 => {
                        let nth = draw(model.len() as u64 + 1) as usize;
                        if let Some((&entry, &key)) = model.iter().nth(nth) {
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
}
