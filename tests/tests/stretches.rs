//! Large locals between several suspensions in a row: they stay where they are in the frame, and are used,
//! dropped, moved out and handed on as any other local.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both, fail};

/// What is large by its text, and shows its end.
#[derive(Debug)]
struct Page {
    name: Tracked,
    bytes: [u32; 64],
}

#[both]
mod cases {
    #[cps]
    fn fill(page: &mut [u32], value: u32) -> u32 {
        coop!();
        page[1] += value;
        page[1]
    }

    #[cps]
    fn turn_over(log: &Log, one: &mut Page, other: &mut [u32; 64]) -> u32 {
        log.note(one.name.name());
        coop!();
        one.bytes[0] += 1;
        other[0] += 1;
        one.bytes[0] + other[0]
    }

    #[cps]
    fn to_the_end(log: &Log, how: u32) -> Result<u32, String> {
        let before = log.tracked("before");
        let mut page = Page {
            name: log.tracked("page"),
            bytes: [0; 64],
        };
        let _behind = log.tracked("behind");
        coop!();
        page.bytes[0] += 1;
        let lent = call!(fill(&mut page.bytes, how));
        let _late = log.tracked("late");
        match how {
            0 => return Ok(lent),
            1 => Err(String::from("asked for"))?,
            2 => fail("panicked"),
            3 => {
                let _inner = log.tracked("inner");
                coop!();
            }
            _ => {}
        }
        coop!();
        page.name.touch();
        before.touch();
        log.note("ends");
        Ok(page.bytes[0] + page.bytes[1])
    }

    #[cps]
    fn moved_behind(log: &Log, early: bool) -> Option<Page> {
        let mut page = Page {
            name: log.tracked("page"),
            bytes: [0; 64],
        };
        let _guard = log.tracked("guard");
        coop!();
        page.bytes[0] += 1;
        coop!();
        page.bytes[0] += 1;
        if early {
            coop!();
            return None;
        }
        coop!();
        let kept = page;
        log.note("moved");
        coop!();
        kept.name.touch();
        Some(kept)
    }

    #[cps]
    fn moved_on_one_way(log: &Log, gives: bool) -> u32 {
        let page = Page {
            name: log.tracked("page"),
            bytes: [7; 64],
        };
        coop!();
        coop!();
        coop!();
        if gives {
            drop(page);
        }
        log.note("behind");
        coop!();
        coop!();
        9
    }

    #[cps]
    fn copied_out(value: u32) -> ([u32; 64], u32) {
        let mut page = [value; 64];
        coop!();
        page[1] = 1;
        let copy = page;
        page[2] = 5;
        coop!();
        if value == 3 {
            return (page, copy[2]);
        }
        coop!();
        page = [9; 64];
        coop!();
        (copy, page[2])
    }

    #[cps]
    fn assigned_later(log: &Log, value: u32) -> u32 {
        let page: [u32; 64];
        let _guard = log.tracked("guard");
        coop!();
        if value == 1 {
            page = [1; 64];
            coop!();
        } else {
            coop!();
            page = [value; 64];
        }
        coop!();
        log.note(page[3]);
        coop!();
        page[4]
    }

    #[cps]
    fn one_in_another(log: &Log, how: u32) -> u32 {
        let mut outer = Page {
            name: log.tracked("outer"),
            bytes: [0; 64],
        };
        coop!();
        outer.bytes[0] += 1;
        let mut sum = 0;
        'turns: for turn in 0..3 {
            let _turn = log.tracked("turn");
            let mut inner = [turn; 64];
            coop!();
            inner[0] += 1;
            sum += call!(turn_over(log, &mut outer, &mut inner));
            match (turn, how) {
                (1, 0) => continue 'turns,
                (1, 1) => break 'turns,
                (1, 2) => return sum,
                _ => coop!(),
            }
            inner[1] += 1;
            coop!();
            sum += inner[0] + inner[1];
        }
        log.note("behind");
        let second = [sum; 64];
        coop!();
        coop!();
        let outer = &outer;
        coop!();
        second[1] + outer.bytes[0]
    }

    #[cps]
    fn in_branches(log: &Log, page: [u32; 64], how: u32) -> u32 {
        let n = if how == 0 {
            let second = Page {
                name: log.tracked("second"),
                bytes: page,
            };
            coop!();
            coop!();
            coop!();
            second.bytes[1]
        } else {
            coop!();
            let page = [page[0] + 1; 64];
            coop!();
            coop!();
            coop!();
            page[3]
        };
        log.note("behind");
        coop!();
        n + page[2]
    }

    #[cps]
    fn yields_a_borrow(log: &Log, how: u32) -> String {
        let name = log.tracked("name");
        let found;
        let mut turn = 0;
        loop {
            turn += 1;
            let mut page = [turn; 64];
            coop!();
            page[0] += how;
            coop!();
            page[0] += 1;
            coop!();
            if page[0] > 4 {
                found = Some(&name);
                break;
            }
            if page[0] < 2 {
                found = None;
                break;
            }
        }
        found.map_or_else(String::new, |name| name.name().to_owned())
    }

    #[cps]
    fn assigned_before_what_stays(log: &Log, mut first: Tracked) {
        {
            let taken = first;
            coop!();
            taken.touch();
        }
        let _page = Page {
            name: log.tracked("page"),
            bytes: [0; 64],
        };
        coop!();
        coop!();
        first = log.tracked("new");
        first.touch();
    }
}

#[test]
fn what_stays_is_dropped_in_order() {
    for how in 0..5 {
        assert_same!(|log| to_the_end(log, how));
    }
    assert_same!(|log| assigned_before_what_stays(log, log.tracked("first")));
}

#[test]
fn what_is_moved_later_is_taken_out_before() {
    for choice in [true, false] {
        assert_same!(|log| moved_behind(log, choice));
        assert_same!(|log| moved_on_one_way(log, choice));
    }
    for value in 1..4 {
        assert_same!(|_log| copied_out(value));
        assert_same!(|log| assigned_later(log, value));
    }
}

#[test]
fn stretches_in_loops_and_branches() {
    for how in 0..4 {
        assert_same!(|log| one_in_another(log, how));
        assert_same!(|log| in_branches(log, [4; 64], how));
        assert_same!(|log| yields_a_borrow(log, how));
    }
}

mod addresses {
    use insideout::prelude::*;

    #[cps]
    fn in_a_row(looks: &mut Vec<usize>) -> u8 {
        let mut page = [0u8; 4096];
        coop!();
        looks.push(page.as_ptr().addr());
        coop!();
        page[1] = 1;
        looks.push(page.as_ptr().addr());
        coop!();
        coop!();
        looks.push(page.as_ptr().addr());
        coop!();
        looks.push(page.as_ptr().addr());
        page[1]
    }

    #[cps]
    fn in_a_loop(looks: &mut Vec<usize>) {
        for turn in 0..3 {
            let mut page = [0u8; 4096];
            page[0] = turn;
            coop!();
            looks.push(page.as_ptr().addr());
            coop!();
            coop!();
            looks.push(page.as_ptr().addr());
        }
    }

    #[test]
    fn what_is_not_moved_stays_where_it_is() {
        let mut looks = Vec::new();
        assert_eq!(thunk!(in_a_row(&mut looks)).run(), 1);
        assert_eq!(looks, [looks[0]; 4]);
        looks.clear();
        thunk!(in_a_loop(&mut looks)).run();
        assert_eq!(looks, [looks[0]; 6]);
    }
}
