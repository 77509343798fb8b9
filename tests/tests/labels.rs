//! Jumps: labels, `break` with and without a value, `continue`, `return`, out of any nesting.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::never_loop, clippy::while_immutable_condition)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn break_outer(log: &Log, limit: u32) -> u32 {
        let mut steps = 0;
        'outer: for row in 0..5 {
            let _row = log.tracked(format!("row {row}"));
            for column in 0..5 {
                let _column = log.tracked(format!("column {column}"));
                steps += 1;
                coop!();
                if row * column > limit {
                    break 'outer;
                }
            }
        }
        steps
    }

    #[cps]
    fn break_outer_with_value(log: &Log, wanted: u32) -> Option<(u32, u32)> {
        let mut row = 0;
        let found = 'search: loop {
            let _row = log.tracked(format!("row {row}"));
            let mut column = 0;
            loop {
                if row * column == wanted {
                    break 'search Some((row, column));
                }
                coop!();
                column += 1;
                if column > row {
                    break;
                }
            }
            row += 1;
            if row > 6 {
                break None;
            }
        };
        log.note(format!("{found:?}"));
        found
    }

    #[cps]
    fn continue_outer(log: &Log) -> Vec<u32> {
        let mut kept = Vec::new();
        'numbers: for n in 2..12u32 {
            let _n = log.tracked(format!("n {n}"));
            for d in 2..n {
                coop!();
                if n % d == 0 {
                    log.note(format!("{n} is {d} times {}", n / d));
                    continue 'numbers;
                }
            }
            kept.push(n);
        }
        kept
    }

    #[cps]
    fn continue_inner(log: &Log, values: Vec<i32>) -> i32 {
        let mut sum = 0;
        for value in values {
            let _guard = log.tracked(format!("{value}"));
            if value < 0 {
                coop!();
                continue;
            }
            sum += value;
            coop!();
        }
        sum
    }

    #[cps]
    fn continue_while(log: &Log) -> u32 {
        let mut n = 0;
        let mut odd = 0;
        'count: while n < 6 {
            n += 1;
            if n % 2 == 0 {
                continue 'count;
            }
            call!(give(()));
            log.note(n);
            odd += n;
        }
        odd
    }

    #[cps]
    fn labelled_block(log: &Log, n: u32) -> u32 {
        let value = 'block: {
            let _guard = log.tracked("in the block");
            if n == 0 {
                break 'block 10;
            }
            coop!();
            if n == 1 {
                break 'block call!(give(11));
            }
            log.note("to its end");
            12
        };
        log.note(value);
        value
    }

    #[cps]
    fn labelled_blocks_nested(log: &Log, n: u32) -> u32 {
        'a: {
            let _a = log.tracked("a");
            'b: {
                let _b = log.tracked("b");
                coop!();
                match n {
                    0 => break 'a,
                    1 => break 'b,
                    _ => log.note("neither"),
                }
            }
            coop!();
            log.note("after b");
        }
        log.note("after a");
        n
    }

    #[cps]
    fn same_label_again(log: &Log) -> u32 {
        let mut n = 0;
        'a: loop {
            coop!();
            n += 1;
            if n > 2 {
                break 'a;
            }
        }
        'a: loop {
            n += 10;
            coop!();
            if n > 30 {
                break 'a;
            }
        }
        log.note(n);
        n
    }

    #[cps]
    fn native_loop_jumps_outward(log: &Log, limit: u32) -> u32 {
        let mut sum = 0;
        'outer: loop {
            coop!();
            for i in 0..5 {
                sum += i;
                if sum > limit {
                    break 'outer;
                }
                if i == 3 {
                    continue 'outer;
                }
            }
        }
        log.note(sum);
        sum
    }

    #[cps]
    fn native_block_breaks_with_value(n: u32) -> u32 {
        'outer: loop {
            coop!();
            let inner = {
                if n > 3 {
                    break 'outer n;
                }
                n + 1
            };
            coop!();
            break inner * 100;
        }
    }

    #[cps]
    fn return_from_nested_scopes(log: &Log, at: u32) -> u32 {
        let _outer = log.tracked("outer");
        for i in 0..4 {
            let _turn = log.tracked(format!("turn {i}"));
            {
                let _inner = log.tracked("inner");
                coop!();
                if i == at {
                    return i * 100;
                }
                while i == 2 {
                    coop!();
                    match at {
                        7 => return 7,
                        _ => break,
                    }
                }
            }
            log.note("turned");
        }
        at
    }

    #[cps]
    fn return_a_suspension(n: u32) -> u32 {
        if n > 2 {
            return call!(give(n)) + 1;
        }
        coop!();
        n
    }

    #[cps]
    fn return_in_operand(log: &Log, n: Option<u32>) -> u32 {
        let _guard = log.tracked("guard");
        let m = 1 + match n {
            Some(n) => call!(give(n)),
            None => return log.value("early", 0),
        };
        log.note(m);
        m
    }

    #[cps]
    fn return_nothing(log: &Log, n: u32) {
        if n == 0 {
            return;
        }
        coop!();
        if n == 1 {
            log.note("one");
            return;
        }
        coop!();
        log.note("more");
    }

    #[cps]
    fn break_in_condition(log: &Log, n: u32) -> u32 {
        let mut turns = 0;
        loop {
            turns += 1;
            coop!();
            if (if turns > n { break } else { turns }) == 2 {
                log.note("two");
            }
        }
        turns
    }
}

#[test]
fn break_leaves_the_loop_it_names() {
    assert_same!(|log| break_outer(log, 3));
    assert_same!(|log| break_outer(log, 100));
    assert_same!(|log| break_outer_with_value(log, 6));
    assert_same!(|log| break_outer_with_value(log, 7));
    assert_same!(|log| same_label_again(log));
    assert_same!(|log| break_in_condition(log, 3));
}

#[test]
fn continue_goes_on_with_the_loop_it_names() {
    assert_same!(|log| continue_outer(log));
    assert_same!(|log| continue_inner(log, vec![1, -2, 3, -4]));
    assert_same!(|log| continue_while(log));
}

#[test]
fn labelled_blocks_are_left_by_break() {
    for n in 0..3 {
        assert_same!(|log| labelled_block(log, n));
        assert_same!(|log| labelled_blocks_nested(log, n));
    }
}

#[test]
fn jumps_out_of_code_without_suspensions() {
    assert_same!(|log| native_loop_jumps_outward(log, 20));
    assert_same!(|_log| native_block_breaks_with_value(1));
    assert_same!(|_log| native_block_breaks_with_value(9));
}

#[test]
fn return_leaves_every_scope() {
    for at in [0, 2, 3, 7, 9] {
        assert_same!(|log| return_from_nested_scopes(log, at));
    }
    assert_same!(|_log| return_a_suspension(1));
    assert_same!(|_log| return_a_suspension(5));
    assert_same!(|log| return_in_operand(log, Some(4)));
    assert_same!(|log| return_in_operand(log, None));
    for n in 0..3 {
        assert_same!(|log| return_nothing(log, n));
    }
}
