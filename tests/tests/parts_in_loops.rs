//! Parts given away before, in and behind loops that may leave locals where they are in the frame, and on
//! some ways only.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// One loop is left on every way.
#![allow(clippy::never_loop)]

use behaviour::{Log, Tracked, assert_same, both};

/// What is worth leaving where it is.
#[derive(Debug)]
struct Big {
    room: [u32; 32],
    name: Tracked,
    spare: Tracked,
    n: u32,
}

impl Big {
    fn new(log: &Log, name: &str) -> Self {
        Big {
            room: [0; 32],
            name: log.tracked(name),
            spare: log.tracked(format!("{name}'s spare")),
            n: 3,
        }
    }
}

#[both]
mod cases {
    #[cps]
    fn measure(length: &mut usize) -> usize {
        coop!();
        *length + 1
    }

    #[cps]
    fn beside_what_is_carried(log: &Log, _a: Tracked, pair: (Tracked, Tracked)) -> usize {
        let _ = &pair.0;
        let (_, _right) = pair;
        let sizes = [{
            let mut turns = 0;
            loop {
                turns += 1;
                if turns > 2 {
                    break turns;
                }
                log.note(call!(measure(&mut pair.0.name().len())));
            }
        }; 64];
        log.note("behind");
        sizes[0]
    }

    #[cps]
    fn before(log: &Log) -> u32 {
        let big = Big::new(log, "big");
        let name = big.name;
        let mut turns = 0;
        while turns < big.n {
            turns += 1;
            coop!();
            big.spare.touch();
            log.note(big.room[turns as usize]);
        }
        name.touch();
        call!(give(big.spare)).touch();
        turns
    }

    #[cps]
    fn copied_in_a_loop(log: &Log) -> u32 {
        let mut big = Big::new(log, "big");
        let mut sum = 0;
        for turn in 0..3 {
            let n = big.n;
            coop!();
            sum += n + call!(give(big.n));
            big.n += turn;
            big.room[2] += 1;
        }
        big.name.touch();
        sum + big.room[2]
    }

    #[cps]
    fn behind(log: &Log, early: bool) -> (Tracked, u32) {
        let mut big = Big::new(log, "big");
        let _other = Big::new(log, "other");
        loop {
            coop!();
            big.n -= 1;
            if big.n == 1 && early {
                break;
            }
            if big.n == 0 {
                return (big.spare, 0);
            }
        }
        let name = big.name;
        coop!();
        log.note(big.n);
        (name, big.n)
    }

    #[cps]
    fn moved_on_the_way_out(log: &Log) -> u32 {
        let big = Big::new(log, "big");
        let mut turns = 0;
        let taken = loop {
            turns += 1;
            coop!();
            if turns == big.n {
                break big.spare;
            }
        };
        log.note("behind");
        coop!();
        taken.touch();
        big.name.touch();
        turns
    }

    #[cps]
    fn of_an_inner_loop(log: &Log) -> u32 {
        let mut sum = 0;
        let outer = Big::new(log, "outer");
        for turn in 0..2 {
            let inner = Big::new(log, "inner");
            let name = inner.name;
            for _ in 0..2 {
                coop!();
                sum += inner.n + outer.n;
                inner.spare.touch();
            }
            name.touch();
            if turn == 1 {
                call!(give(outer.name)).touch();
                break;
            }
        }
        outer.spare.touch();
        sum
    }

    #[cps]
    fn on_some_ways(log: &Log, yes: bool) -> u32 {
        let big = Big::new(log, "big");
        if yes {
            drop(big.name);
            coop!();
        }
        log.note("behind");
        coop!();
        big.spare.touch();
        log.note("further");
        coop!();
        big.n
    }

    #[cps]
    fn on_other_ways(log: &Log, how: u32) -> u32 {
        let big = Big::new(log, "big");
        let n = match how {
            0 => call!(give(big.name)).name().len(),
            1 => {
                coop!();
                let spare = big.spare;
                spare.touch();
                1
            }
            2 => {
                drop(big.spare);
                2
            }
            _ => big.n as usize,
        };
        log.note(n);
        coop!();
        let mut turns = 0;
        while turns < big.n {
            turns += 1;
            coop!();
            log.note(turns);
        }
        big.n
    }

    #[cps]
    fn forgotten(log: &Log, yes: bool) -> u32 {
        let big = Big::new(log, "big");
        big.spare.touch();
        if yes {
            coop!();
            log.note("whole");
        } else {
            drop(big.name);
            coop!();
            log.note("in part");
        }
        coop!();
        log.note("behind");
        coop!();
        1
    }

    #[cps]
    fn numbers_on_some_ways(log: &Log, yes: bool) -> u32 {
        let big = Big::new(log, "big");
        let mut n = 0;
        if yes {
            n = big.n;
        }
        coop!();
        if !yes {
            n += big.room[0];
            coop!();
            n += big.n;
        }
        log.note("behind");
        coop!();
        big.name.touch();
        n
    }

    #[cps]
    fn before_an_early_exit(log: &Log, yes: bool) -> u32 {
        let big = Big::new(log, "big");
        for turn in 0..3 {
            if yes && turn == 1 {
                call!(give(big.name)).touch();
                break;
            }
            coop!();
        }
        log.note("behind");
        coop!();
        big.spare.touch();
        big.n
    }

    #[cps]
    fn copied_parts_in_branches(
        log: &Log,
        how: u32,
        c: (Option<u32>, String),
    ) -> Option<Option<u32>> {
        let o = Some(if how == 0 {
            c.0
        } else if how == 1 {
            coop!();
            c.0
        } else {
            coop!();
            log.note("none");
            None::<u32>
        });
        if loop {
            log.note(c.0.is_some());
            coop!();
            if how == 2 {
                break None::<bool>;
            }
            let p = c.0;
            coop!();
            break Some(p.is_none());
        }? {
            return None;
        }
        coop!();
        o
    }
}

#[test]
fn on_some_ways_only() {
    for yes in [true, false] {
        assert_same!(|log| on_some_ways(log, yes));
        assert_same!(whole | log | forgotten(log, yes));
        assert_same!(|log| numbers_on_some_ways(log, yes));
        assert_same!(|log| before_an_early_exit(log, yes));
    }
    for how in 0..4 {
        assert_same!(|log| on_other_ways(log, how));
    }
}

#[test]
fn out_of_a_loop_as_they_came() {
    assert_same!(|log| beside_what_is_carried(
        log,
        log.tracked("a"),
        (log.tracked("left"), log.tracked("right"))
    ));
}

#[test]
fn of_what_a_loop_might_carry() {
    assert_same!(|log| before(log));
    assert_same!(|log| copied_in_a_loop(log));
    assert_same!(|log| behind(log, true));
    assert_same!(|log| behind(log, false));
    assert_same!(|log| moved_on_the_way_out(log));
    assert_same!(|log| of_an_inner_loop(log));
}

#[test]
fn copied_parts() {
    for how in 0..4 {
        assert_same!(|log| copied_parts_in_branches(log, how, (Some(how), "c".into())));
        assert_same!(|log| copied_parts_in_branches(log, how, (None, "c".into())));
    }
}
