//! Loops that leave locals where they are: what the code in them may do with these, be it by way of calls,
//! closures, macros, patterns or borrows.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::sync::Mutex;

use behaviour::{Big, Log, assert_same, both};
use insideout::thunk;

#[both]
mod cases {
    #[cps]
    fn add(room: &mut [u32], n: u32) -> u32 {
        coop!();
        room[1] += n;
        room[1]
    }

    #[cps]
    fn hidden(log: &Log, upto: u32) -> u32 {
        let mut big = Big::new(log, "big");
        let _after = log.tracked("after");
        while big.steps() < upto {
            let turn = log.tracked("turn");
            log.note(big.step());
            coop!();
            big.spare.touch();
            big.room[2] += 1;
            turn.touch();
        }
        big.room[2]
    }

    #[cps]
    fn lends(log: &Log, upto: u32) -> u32 {
        let mut big = Big::new(log, "big");
        let mut room = [0u32; 64];
        let mut sum = 0;
        for n in 0..upto {
            sum += call!(add(&mut room, n));
            sum += call!(add(&mut big.room[1..], n));
            sum += call!(add(&mut room[n as usize..], call!(give(n))));
            big.step();
        }
        sum + big.steps() + room[1]
    }

    #[cps]
    fn closures(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        let mut calls = [0u32; 32];
        let mut count = move |n: u32| {
            calls[0] += n;
            calls[0]
        };
        let weights = [1u32, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let mut sum = 0;
        for n in 0..4u32 {
            sum += count(n);
            coop!();
            sum += weights
                .iter()
                .map(|weight| weight * big.room[0])
                .sum::<u32>();
            let mut step = || big.step();
            step();
            let taken = move || weights[n as usize];
            sum += taken();
        }
        sum + calls_of(&mut count)
    }

    fn calls_of(count: &mut impl FnMut(u32) -> u32) -> u32 {
        count(0)
    }

    #[cps]
    fn called_once(log: &Log) -> u32 {
        let big = Big::new(log, "big");
        let finish = move || big.finish();
        let mut n = 0;
        loop {
            n += 1;
            coop!();
            if n == 2 {
                return finish();
            }
        }
    }

    #[cps]
    fn shown(log: &Log) -> String {
        let mut words = [String::from("a"), String::from("b"), String::new()];
        let width = Width([4; 16]);
        let mut text = String::new();
        for n in 0..3usize {
            words[n].push('!');
            coop!();
            text += &format!("{words:?} {0} {width} {n}", words[0]);
            log.note(format_args!("{words:?}"));
            assert!(!words[0].is_empty());
            assert_eq!(words[n].len(), words[n].len(), "{width}");
            assert!(words.len() == 3, "{words:?}");
        }
        text
    }

    #[cps]
    fn asserts(log: &Log) {
        let mut room = [0u32; 32];
        let _guard = log.tracked("guard");
        for n in 0..3 {
            room[0] += n;
            coop!();
            assert!(room[0] < 3);
        }
    }

    #[cps]
    fn asserts_with_words(log: &Log) {
        let mut big = Big::new(log, "big");
        loop {
            coop!();
            assert_ne!(big.step(), 3, "after {} in {:?}", big.steps(), big.name);
        }
    }

    #[cps]
    fn matched(log: &Log) -> u32 {
        let mut state = State::Fresh([1; 16]);
        let choice = Some([5u32; 16]);
        let mut sum = 0;
        let mut waiting = Some(Big::new(log, "waiting"));
        for n in 0..4 {
            match state {
                State::Fresh(room) => {
                    sum += room[0];
                    state = State::Used;
                }
                State::Used => sum += 10,
            }
            coop!();
            if let Some(room) = choice {
                sum += room[n];
            }
            if let Some(big) = &mut waiting {
                sum += big.step();
            }
            coop!();
            if n == 2
                && let Some(big) = waiting.take()
            {
                sum += big.finish();
            }
        }
        sum
    }

    #[cps]
    fn shadows(log: &Log) -> u32 {
        let big = Big::new(log, "first");
        let big = Big {
            name: log.tracked("second"),
            ..Big::new(log, "rest of it")
        }
        .beside(big);
        let mut n = 0;
        while n < 2 {
            n += 1;
            log.note(big.0.name.name());
            coop!();
            let big = log.tracked(format!("turn {n}"));
            coop!();
            big.touch();
        }
        big.1.finish()
    }

    #[cps]
    fn locked(log: &Log) -> u32 {
        let lock = Mutex::new(Big::new(log, "big"));
        loop {
            coop!();
            let mut guard = lock.lock().unwrap();
            if guard.step() == 3 {
                return guard.steps();
            }
        }
    }

    #[cps]
    fn tried(log: &Log, numbers: [&str; 3]) -> Result<u32, std::num::ParseIntError> {
        let lock = Mutex::new(Big::new(log, "big"));
        for number in numbers {
            coop!();
            let mut guard = lock.lock().unwrap();
            guard.room[0] += number.parse::<u32>()?;
        }
        Ok(lock.into_inner().unwrap().finish())
    }

    #[cps]
    fn rebuilt(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        let name = &big.spare;
        for _ in 0..2 {
            coop!();
            name.touch();
        }
        let room = &mut big.room;
        for n in 0..3 {
            room[0] += n;
            coop!();
        }
        big.finish()
    }

    #[cps]
    fn over_an_array(log: &Log) -> usize {
        let mut seen = 0;
        for part in [
            log.tracked("a"),
            log.tracked("b"),
            log.tracked("c"),
            log.tracked("d"),
        ] {
            seen += part.name().len();
            coop!();
            if seen == 3 {
                break;
            }
        }
        seen
    }

    #[cps]
    fn behind_references(log: &Log, out: &mut Vec<u32>, limit: usize) -> usize {
        let writer = Writer { out, room: [2; 16] };
        let tracked = log.tracked("tracked");
        while writer.out.len() < limit {
            writer.out.push(writer.room[0]);
            coop!();
            tracked.touch();
        }
        writer.out.len()
    }

    #[cps]
    fn into_a_vector(log: &Log, limit: usize) -> usize {
        let mut out = Vec::new();
        let written = call!(behind_references(log, &mut out, limit));
        coop!();
        written + out.len()
    }

    #[cps]
    fn generic<T: Clone + Send + std::fmt::Debug>(log: &Log, value: T, count: usize) -> Vec<T> {
        let mut copies = Vec::with_capacity(count);
        let mut last = None;
        while copies.len() < count {
            coop!();
            log.note(format_args!("{value:?} {last:?}"));
            copies.push(value.clone());
            last = Some(value.clone());
        }
        copies.push(value);
        copies
    }

    #[cps]
    fn settled_later(log: &Log, words: &[&str]) -> u32 {
        let limit = "3".parse().unwrap();
        let mut best = Default::default();
        let mut n = 0u32;
        while n < limit {
            coop!();
            if words[n as usize] > best {
                best = words[n as usize];
            }
            n += 1;
        }
        log.note(best);
        n
    }

    struct Machine {
        big: Big,
        lists: [Vec<u32>; 8],
    }

    impl Machine {
        #[cps]
        fn turn(&mut self, log: &Log, n: u32) -> u32 {
            let spare = [n; 32];
            while self.big.step() < n {
                self.lists[1].push(spare[0]);
                log.note(self.lists[1].len());
                coop!();
            }
            self.lists[1].iter().sum::<u32>() + spare[1]
        }

        #[cps]
        fn spend(mut self, n: u32) -> u32 {
            while self.big.step() < n {
                self.lists[0].push(n);
                coop!();
            }
            self.lists[0].len() as u32 + self.big.finish()
        }
    }

    #[cps]
    fn methods(log: &Log) -> u32 {
        let mut machine = Machine {
            big: Big::new(log, "big"),
            lists: Default::default(),
        };
        let mut sum = 0;
        for n in 0..3 {
            sum += call!(machine.turn(log, n * 2));
        }
        sum + call!({ machine }.spend(9))
    }
}

struct Width([usize; 16]);

impl std::fmt::Display for Width {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0[0])
    }
}

#[derive(Clone, Copy)]
enum State {
    Fresh([u32; 16]),
    Used,
}

struct Writer<'a> {
    out: &'a mut Vec<u32>,
    room: [u32; 16],
}

#[test]
fn callees_borrow_what_is_carried() {
    assert_same!(|log| lends(log, 4));
    assert_same!(|log| methods(log));
    assert_same!(|log| into_a_vector(log, 4));
}

#[test]
fn closures_and_macros_see_what_is_carried() {
    assert_same!(|log| closures(log));
    assert_same!(|log| called_once(log));
    assert_same!(|log| hidden(log, 3));
    assert_same!(|log| asserts(log));
    assert_same!(|log| asserts_with_words(log));
    assert_same!(|log| shown(log));
}

#[test]
fn patterns_and_borrows() {
    assert_same!(|log| matched(log));
    assert_same!(|log| shadows(log));
    assert_same!(|log| locked(log));
    assert_same!(|log| tried(log, ["1", "2", "3"]));
    assert_same!(|log| tried(log, ["1", "x", "3"]));
    assert_same!(|log| rebuilt(log));
    assert_same!(|log| over_an_array(log));
}

#[test]
fn types_are_inferred_across() {
    assert_same!(|log| generic(log, "word", 3));
    assert_same!(|log| settled_later(log, &["b", "c", "a"]));
}

/// Where a local is in each leg that looks.
mod places {
    use insideout::prelude::*;

    #[derive(Default)]
    pub(super) struct Places {
        array: Vec<usize>,
        hidden: Vec<usize>,
        inner: Vec<usize>,
    }

    pub(super) struct Hidden {
        room: [u64; 512],
    }

    #[cps]
    fn touch(room: &mut [u64]) {
        room[0] += 1;
    }

    #[cps]
    pub(super) fn seen(mailbox: Mailbox<u64>) -> Places {
        let mut array = [0u8; 4096];
        let mut hidden = Hidden { room: [0; 512] };
        let mut places = Places::default();
        for turn in 0..4u8 {
            places.array.push((&raw const array).addr());
            places.hidden.push((&raw const hidden).addr());
            array[usize::from(turn)] = turn;
            coop!();
            call!(touch(&mut hidden.room));
            send!(mailbox, u64::from(turn)).ok();
            recv!(mailbox).ok();
            let mut inner = [u64::from(turn); 128];
            for _ in 0..3 {
                places.inner.push((&raw const inner).addr());
                inner[0] += 1;
                places.array.push((&raw const array).addr());
                coop!();
            }
        }
        places
    }

    impl Places {
        pub(super) fn are_steady(&self) {
            for (name, places) in [
                ("array", &self.array),
                ("hidden", &self.hidden),
                ("inner", &self.inner),
            ] {
                assert!(!places.is_empty());
                assert!(
                    places.iter().all(|place| *place == places[0]),
                    "the {name} was moved: {places:x?}"
                );
            }
        }
    }
}

#[test]
fn what_is_carried_is_not_moved() {
    let places = thunk!(places::seen(insideout::Mailbox::unbounded())).run();
    places.are_steady();
}
