//! Loops that leave locals where they are: what stays in the frame is used, dropped, moved out and handed on
//! as any other local, and is not moved in between.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Big, Log, Tracked, assert_same, both, fail};

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
}

#[test]
fn arrays_are_worked_on_in_place() {
    assert_same!(|_log| array(5));
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
fn a_panic_ends_what_is_carried_while_it_unwinds() {
    for panics in [true, false] {
        assert_same!(whole | log | witnessed(log, panics));
    }
    assert_same!(whole | log | witnessed_callee(log));
}
