//! Parts given away before, in and behind loops that may leave locals where they are in the frame.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

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
    fn give<T: Send>(value: T) -> T {
        coop!();
        value
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
