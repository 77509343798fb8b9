//! Loops that leave locals where they are: what stays in the frame is used, dropped, moved out and handed on as any other
//! local, and is not moved in between.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::sync::Mutex;

use behaviour::{Log, Tracked, assert_same, both, fail};
use insideout::thunk;

/// What is worth leaving where it is, and shows its end.
#[derive(Debug)]
struct Big {
    room: [u32; 32],
    name: Tracked,
    spare: Tracked,
}

impl Big {
    fn new(log: &Log, name: &str) -> Self {
        Big {
            room: [0; 32],
            name: log.tracked(name),
            spare: log.tracked(format!("{name}'s spare")),
        }
    }

    fn step(&mut self) -> u32 {
        self.room[0] += 1;
        self.room[0]
    }

    fn steps(&self) -> u32 {
        self.room[0]
    }

    fn finish(self) -> u32 {
        self.name.touch();
        self.room[0] + 100
    }

    fn again(mut self) -> Self {
        self.room[0] += 10;
        self
    }
}

/// Notes whether it ends in a panic.
#[derive(Debug)]
struct Witness<'log>(&'log Log, [u32; 16]);

impl Drop for Witness<'_> {
    fn drop(&mut self) {
        self.0
            .note(format!("panicking: {}", std::thread::panicking()));
    }
}

#[both]
mod cases {
    #[cps]
    fn give<T: Send>(value: T) -> T {
        coop!();
        value
    }

    #[cps]
    fn add(room: &mut [u32], n: u32) -> u32 {
        coop!();
        room[1] += n;
        room[1]
    }

    #[cps]
    fn add_both(log: &Log, one: &mut Big, other: &mut Big) -> u32 {
        log.note("adds");
        coop!();
        one.step() + other.step()
    }

    #[cps]
    fn array(upto: usize) -> (u32, [u32; 32]) {
        let mut room = [0u32; 32];
        let mut n = 0;
        while n < upto {
            room[n] = n as u32;
            n += 1;
            coop!();
            room[n] += 1;
        }
        (room.iter().sum(), room)
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
    fn kept(log: &Log, parameter: Big, _: Big) -> u32 {
        let _first = Big::new(log, "first");
        let n = log.tracked("n");
        let _second = Big::new(log, "second");
        for turn in 0..3 {
            let _inner = log.tracked(format!("inner {turn}"));
            coop!();
        }
        n.touch();
        coop!();
        parameter.steps()
    }

    #[cps]
    fn left_in_every_way(log: &Log, how: u32) -> Result<u32, String> {
        let mut big = Big::new(log, "big");
        let _guard = log.tracked("guard");
        let mut turns = 0;
        loop {
            let _turn = log.tracked("turn");
            turns += 1;
            if turns < 3 {
                big.step();
                coop!();
                continue;
            }
            match how {
                0 => break,
                1 => return Ok(big.steps()),
                2 => Err(String::from("asked for"))?,
                3 => fail("panicked"),
                _ => {}
            }
            coop!();
            if turns > 4 {
                let _last = log.tracked("last");
                return Ok(big.step() + call!(give(1)));
            }
        }
        log.note("behind");
        coop!();
        Ok(big.finish())
    }

    #[cps]
    fn finished_inside(log: &Log, first: bool) -> u32 {
        let _before = log.tracked("before");
        let mut big = Big::new(log, "big");
        let _after = log.tracked("after");
        loop {
            big.step();
            coop!();
            if big.steps() == 2 && first {
                return big.finish();
            }
            if big.steps() == 3 {
                break;
            }
        }
        big.steps()
    }

    #[cps]
    fn returned_whole(log: &Log, upto: u32) -> Option<Big> {
        let mut big = Big::new(log, "big");
        loop {
            match big.step() {
                n if n == upto => return Some(big),
                9 => return None,
                _ => coop!(),
            }
        }
    }

    #[cps]
    fn returned_bare(log: &Log, upto: u32) -> Big {
        let mut big = Big::new(log, "big");
        loop {
            match big.step() {
                n if n == upto => return big,
                _ => coop!(),
            }
        }
    }

    #[cps]
    fn given_away_on_one_path(log: &Log, give_away: bool) -> u32 {
        let mut big = Big::new(log, "big");
        let _other = Big::new(log, "other");
        let mut n = 0;
        while n < 3 {
            n += 1;
            coop!();
            if n == 2 && give_away {
                drop(big);
                log.note("gone");
                coop!();
                return n;
            }
            big.step();
        }
        big.steps()
    }

    #[cps]
    fn moved_and_assigned(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        let mut other = Big::new(log, "other");
        for turn in 0..3 {
            big = big.again();
            coop!();
            other = Big::new(log, "another");
            other.room[0] = turn;
            coop!();
        }
        big.finish() + other.steps()
    }

    #[cps]
    fn moved_in_part(log: &Log, early: bool) -> (Tracked, u32) {
        let mut big = Big::new(log, "big");
        loop {
            coop!();
            if early {
                let name = big.name;
                return (name, big.room[0]);
            }
            if big.room[0] == 2 {
                break;
            }
            big.room[0] += 1;
        }
        (big.spare, 0)
    }

    #[cps]
    fn part_assigned_again(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        for turn in 0..3 {
            drop(big.name);
            big.name = log.tracked(format!("name {turn}"));
            coop!();
        }
        big.steps()
    }

    #[cps]
    fn yields_a_borrow(log: &Log) -> String {
        let big = Big::new(log, "big");
        let mut n = 0;
        let found = loop {
            n += 1;
            coop!();
            if n == 3 {
                break big.name.name();
            }
        };
        found.to_owned()
    }

    #[cps]
    fn assigns_a_borrow(log: &Log) -> String {
        let mut big = Big::new(log, "big");
        let mut found;
        loop {
            coop!();
            let n = big.step();
            found = &big.name;
            if n == 3 {
                break;
            }
        }
        found.name().to_owned()
    }

    #[cps]
    fn yields_a_number(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        let n = loop {
            coop!();
            if big.step() == 3 {
                break 7;
            }
        };
        n + big.steps()
    }

    #[cps]
    fn out_of_a_block(log: &Log, value: u32) -> u32 {
        let mut big = Big::new(log, "big");
        let n = 'block: {
            let _inside = log.tracked("inside");
            loop {
                let _turn = log.tracked("turn");
                coop!();
                if big.step() == value {
                    break 'block 1;
                }
                if big.steps() == 3 {
                    break;
                }
            }
            log.note("in the block");
            2
        };
        log.note("behind the block");
        coop!();
        n + big.steps()
    }

    #[cps]
    fn nested(log: &Log, how: u32) -> u32 {
        let mut outer = Big::new(log, "outer");
        let _guard = log.tracked("guard");
        let mut sum = 0;
        'turns: for turn in 0..3 {
            let mut inner = Big::new(log, "inner");
            let _between = log.tracked("between");
            coop!();
            loop {
                let _turn = log.tracked("turn");
                outer.step();
                coop!();
                if inner.step() == 3 {
                    break;
                }
                match (turn, how) {
                    (1, 0) => continue 'turns,
                    (1, 1) => break 'turns,
                    (1, 2) => return outer.steps(),
                    (1, 3) => fail("in the inner loop"),
                    (1, 4) => {
                        sum += call!(add(&mut inner.room, 2)) + call!(add(&mut outer.room, 3))
                    }
                    (1, 5) => sum += call!(add_both(log, &mut outer, &mut inner)),
                    _ => {}
                }
            }
            log.note("between the loops");
            sum += inner.steps();
            coop!();
        }
        sum + outer.steps()
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

    #[cps]
    fn witnessed(log: &Log, panics: bool) -> u32 {
        let mut witness = Witness(log, [0; 16]);
        let _second = Witness(log, [0; 16]);
        loop {
            let _turn = log.tracked("turn");
            witness.1[0] += 1;
            coop!();
            if witness.1[0] == 2 {
                if panics {
                    fail("witnessed");
                }
                break;
            }
        }
        witness.1[0]
    }

    #[cps]
    fn witnessed_callee(log: &Log) -> u32 {
        let mut witness = Witness(log, [0; 16]);
        for n in 0..4 {
            let _turn = log.tracked("turn");
            witness.1[0] += call!(spoil(&mut witness.1, n));
        }
        witness.1[0]
    }

    #[cps]
    fn spoil(room: &mut [u32; 16], n: u32) -> u32 {
        coop!();
        if n == 2 {
            fail("spoiled");
        }
        room[1]
    }

    #[cps]
    fn two_in_a_row(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        while big.step() < 3 {
            coop!();
        }
        let mut second = Big::new(log, "second");
        log.note("between");
        while big.step() < 6 {
            second.step();
            coop!();
        }
        second.finish() + big.finish()
    }

    #[cps]
    fn endless(log: &Log, mut big: Big) -> ! {
        let _local = log.tracked("local");
        loop {
            coop!();
            if big.step() == 3 {
                fail("at last");
            }
        }
    }

    #[cps]
    fn branches(log: &Log, looping: bool) -> u32 {
        let mut big = Big::new(log, "big");
        if looping {
            while big.step() < 3 {
                coop!();
            }
        } else {
            coop!();
        }
        let n = if looping {
            for _ in 0..2 {
                coop!();
                big.step();
            }
            big.steps()
        } else {
            0
        };
        n + big.finish()
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

impl Big {
    fn beside(self, other: Big) -> (Big, Big) {
        (self, other)
    }
}

struct Writer<'a> {
    out: &'a mut Vec<u32>,
    room: [u32; 16],
}

#[test]
fn arrays_are_worked_on_in_place() {
    assert_same!(|_log| array(5));
    assert_same!(|log| hidden(log, 3));
    assert_same!(|log| asserts(log));
    assert_same!(|log| asserts_with_words(log));
}

#[test]
fn what_is_carried_is_dropped_in_order() {
    assert_same!(|log| kept(log, Big::new(log, "parameter"), Big::new(log, "unnamed")));
    assert_same!(|log| endless(log, Big::new(log, "parameter")));
}

#[test]
fn loops_are_left_in_every_way() {
    for how in 0..5 {
        assert_same!(|log| left_in_every_way(log, how));
    }
    for value in 1..5 {
        assert_same!(|log| out_of_a_block(log, value));
    }
    assert_same!(|log| two_in_a_row(log));
    for looping in [true, false] {
        assert_same!(|log| branches(log, looping));
    }
}

#[test]
fn what_a_loop_may_give_away_is_not_carried() {
    for choice in [true, false] {
        assert_same!(|log| finished_inside(log, choice));
        assert_same!(|log| given_away_on_one_path(log, choice));
        assert_same!(|log| moved_in_part(log, choice));
    }
    assert_same!(|log| returned_whole(log, 3));
    assert_same!(|log| returned_whole(log, 12));
    assert_same!(|log| returned_bare(log, 3));
    assert_same!(|log| moved_and_assigned(log));
    assert_same!(|log| part_assigned_again(log));
    assert_same!(|log| called_once(log));
}

#[test]
fn a_loop_yields_what_it_likes() {
    assert_same!(|log| yields_a_borrow(log));
    assert_same!(|log| assigns_a_borrow(log));
    assert_same!(|log| yields_a_number(log));
}

#[test]
fn loops_in_loops() {
    for how in 0..7 {
        assert_same!(|log| nested(log, how));
    }
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

#[test]
fn a_panic_ends_what_is_carried_while_it_unwinds() {
    for panics in [true, false] {
        assert_same!(whole | log | witnessed(log, panics));
    }
    assert_same!(whole | log | witnessed_callee(log));
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
