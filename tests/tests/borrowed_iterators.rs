//! Loops that borrow an iterator, which goes on where they left it.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::explicit_counter_loop, clippy::while_let_on_iterator)]

use behaviour::{Log, Tracked, assert_same, both, forever};

/// An iterator that says what it is asked for, and when it ends.
struct Counting {
    end: Tracked,
    at: u32,
    upto: u32,
    log: Log,
}

impl Iterator for Counting {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.log.note(format!("next of {}", self.at));
        let next = (self.at < self.upto).then_some(self.at);
        self.at += 1;
        next
    }
}

fn counting(log: &Log, upto: u32) -> Counting {
    Counting {
        end: log.tracked("iterator"),
        at: 0,
        upto,
        log: log.clone(),
    }
}

struct Scanner<'t> {
    chars: std::iter::Peekable<std::str::Chars<'t>>,
    seen: usize,
    words: Vec<String>,
}

#[both]
mod cases {
    #[cps]
    fn by_reference(log: &Log, upto: u32) -> u32 {
        let mut it = counting(log, upto);
        let mut sum = 0;
        for n in &mut it {
            coop!();
            sum += n;
            if n == 2 {
                break;
            }
        }
        log.note("between");
        for n in &mut it {
            log.note(n);
            coop!();
            sum += 100 * n;
        }
        it.end.touch();
        sum
    }

    #[cps]
    fn by_ref(log: &Log, upto: u32) -> u32 {
        let mut it = counting(log, upto);
        let mut sum = 0;
        'outer: for n in it.by_ref() {
            for m in 0..n {
                coop!();
                if m == 2 {
                    break 'outer;
                }
                if m == 1 {
                    continue 'outer;
                }
                log.note(m);
            }
            sum += n;
        }
        coop!();
        sum + it.sum::<u32>()
    }

    #[cps]
    fn of_a_parameter(log: &Log, it: &mut std::ops::Range<u32>) -> u32 {
        let mut sum = 0;
        for n in it.by_ref() {
            coop!();
            log.note(n);
            sum += n;
            if n > 1 {
                break;
            }
        }
        for n in &mut *it {
            coop!();
            sum += 10 * n;
        }
        sum
    }

    #[cps]
    fn of_any_type<I: Iterator<Item = (u32, Tracked)> + Send>(log: &Log, mut it: I) -> u32 {
        let mut sum = 0;
        for (n, tracked) in &mut it {
            coop!();
            tracked.touch();
            sum += n;
            if n == 1 {
                log.note("leaves");
                break;
            }
        }
        coop!();
        sum + it.count() as u32
    }

    #[cps]
    fn of_parts(log: &Log, text: &str) -> (usize, usize) {
        let mut pair = (text.chars(), text.bytes());
        for c in &mut pair.0 {
            coop!();
            log.note(c);
            if c == ' ' {
                break;
            }
        }
        for byte in pair.1.by_ref() {
            coop!();
            log.note(byte);
            if byte == b' ' {
                break;
            }
        }
        (pair.0.count(), pair.1.count())
    }

    #[cps]
    fn of_a_field_behind_a_reference(log: &Log, scanner: &mut Scanner) -> usize {
        let mut word = String::new();
        for c in &mut scanner.chars {
            coop!();
            scanner.seen += 1;
            if c == ' ' {
                scanner.words.push(std::mem::take(&mut word));
                coop!();
            } else {
                word.push(c);
            }
        }
        log.note(format!("{:?}", scanner.words));
        scanner.seen + word.len()
    }

    #[cps]
    fn of_elements_behind_a_reference(log: &Log, rows: &mut [Vec<u32>]) -> u32 {
        let mut sum = 0;
        for n in &mut rows[1] {
            coop!();
            *n += 1;
            log.note(&n);
            sum += *n;
        }
        sum
    }

    #[cps]
    fn in_a_loop(log: &Log, text: &str) -> Vec<String> {
        let mut lines = text.lines();
        let mut found = Vec::new();
        loop {
            let mut count = 0;
            for line in &mut lines {
                count += 1;
                if line.is_empty() {
                    break;
                }
                coop!();
                log.note(line);
                found.push(line.to_string());
            }
            if count == 0 {
                return found;
            }
            coop!();
        }
    }
}

#[test]
fn an_iterator_goes_on_where_a_loop_left_it() {
    for upto in [0, 3, 6] {
        assert_same!(|log| by_reference(log, upto));
        assert_same!(|log| by_ref(log, upto));
        assert_same!(|log| of_a_parameter(log, forever(0..upto)));
    }
    assert_same!(|log| of_any_type(log, (0..4).map(|n| (n, log.tracked("item")))));
}

#[test]
fn parts_and_fields_are_iterated_over() {
    assert_same!(|log| of_parts(log, "ab cd efg"));
    assert_same!(|log| of_a_field_behind_a_reference(
        log,
        forever(Scanner {
            chars: "to be continued".chars().peekable(),
            seen: 0,
            words: Vec::new()
        })
    ));
    assert_same!(|log| of_elements_behind_a_reference(log, forever([vec![1], vec![2, 3]])));
    assert_same!(|log| in_a_loop(log, "a\nb\n\nc"));
}
