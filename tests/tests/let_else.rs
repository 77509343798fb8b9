//! `let else`, chains of `let`s in conditions, alternatives: in loops, and with suspensions in each part.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn let_else_in_loops(log: &Log, words: Vec<&'static str>) -> (u32, Vec<String>) {
        let mut sum = 0;
        let mut bad = Vec::new();
        'words: for word in words {
            let guard = log.tracked(word);
            let Some((key, value)) = word.split_once('=') else {
                coop!();
                bad.push(word.to_owned());
                continue;
            };
            coop!();
            let Ok(n) = value.parse::<u32>() else {
                if key == "stop" {
                    coop!();
                    break 'words;
                }
                continue 'words;
            };
            let Some(n) = call!(give(Some(n))).filter(|n| *n < 100) else {
                break;
            };
            guard.touch();
            coop!();
            sum += n;
        }
        (sum, bad)
    }

    #[cps]
    fn let_else_moves(log: &Log, of: Option<Tracked>) -> u32 {
        let Some(tracked) = of else {
            coop!();
            log.note("none");
            return 0;
        };
        coop!();
        tracked.touch();
        coop!();
        1
    }

    #[cps]
    fn chains(log: &Log, text: Option<&'static str>, limit: usize) -> usize {
        if let Some(text) = text
            && let Some((head, tail)) = text.split_once(' ')
            && head.len() < limit
        {
            coop!();
            log.note(tail);
            head.len()
        } else if let Some(text) = text
            && call!(give(text.len())) > limit
            && let [first, ..] = text.as_bytes()
        {
            coop!();
            usize::from(*first)
        } else {
            coop!();
            log.note("else");
            0
        }
    }

    #[cps]
    fn while_chains(log: &Log, mut list: Vec<u32>, limit: u32) -> u32 {
        let mut sum = 0;
        while let Some(n) = list.pop()
            && n < limit
            && let Some(half) = call!(give(n)).checked_div(2)
        {
            let _guard = log.tracked(format!("turn {n}"));
            if half == 3 {
                continue;
            }
            coop!();
            sum += half;
        }
        while !list.is_empty() && call!(give(true)) && list.pop().is_some() {
            sum += 100;
        }
        sum
    }

    #[cps]
    fn or_patterns(log: &Log, pair: (Option<u32>, Option<u32>)) -> u32 {
        let ((Some(n), _) | (None, Some(n))) = pair else {
            coop!();
            return 0;
        };
        coop!();
        log.note(n);
        let (Ok(m) | Err(m)) = call!(give(if n > 3 { Ok(n) } else { Err(n + 1) }));
        m
    }

    #[cps]
    fn slice_let_else(log: &Log, list: Vec<u32>) -> Result<u32, String> {
        let [a, b, ..] = list[..] else {
            coop!();
            log.note("short");
            return Err(format!("{list:?}"));
        };
        coop!();
        let [c, .., d] = list.as_slice() else {
            return Err("never".into());
        };
        let (c, d) = (*c, *d);
        coop!();
        Ok(a + b + c + d)
    }

    #[cps]
    fn line(log: &Log, n: u32) -> Result<Option<Tracked>, String> {
        coop!();
        match n {
            0 => Ok(None),
            1 => Err(String::from("broken")),
            _ => Ok(Some(log.tracked("line"))),
        }
    }

    #[cps]
    fn asked(log: &Log, n: u32) -> Result<u32, String> {
        let Some(first) = call!(line(log, n))? else {
            log.note("none");
            return Ok(0);
        };
        coop!();
        first.touch();
        let Some(second) = call!(line(log, n))? else {
            return Ok(1);
        };
        let Some(third) = ({ call!(line(log, n))? }) else {
            return Ok(1);
        };
        second.touch();
        let Some(_fourth) = Some(call!(line(log, n)))
            .transpose()?
            .flatten()
            .or(Some(third))
        else {
            coop!();
            return Ok(2);
        };
        Ok(3)
    }

    #[cps]
    fn chosen(log: &Log, n: u32) -> Result<u32, String> {
        let Some(first) = (if n > 2 {
            call!(line(log, n))?
        } else {
            coop!();
            None
        }) else {
            log.note("none");
            return Ok(0);
        };
        let Ok(Some(second)) = (match n {
            3 => call!(line(log, n)),
            _ => Err(String::new()),
        }) else {
            coop!();
            log.note("nothing");
            return Ok(1);
        };
        first.touch();
        second.touch();
        let Some(third) = (if n > 2 { plain(log, n)? } else { None }) else {
            coop!();
            return Err(String::new());
        };
        third.touch();
        Ok(2)
    }

    #[cps]
    fn native(log: &Log, n: u32) -> Result<u32, String> {
        coop!();
        let Some(first) = plain(log, n)? else {
            return Ok(0);
        };
        let Some(_) = Some(plain(log, n)?) else {
            return Ok(1);
        };
        coop!();
        first.touch();
        Ok(2)
    }
}

#[test]
fn let_else_and_chains() {
    assert_same!(|log| let_else_in_loops(log, vec!["a=1", "b", "c=x", "d=2", "stop=x", "e=4"]));
    assert_same!(|log| let_else_in_loops(log, vec!["a=1", "b=100", "c=3"]));
    assert_same!(|log| let_else_moves(log, Some(log.tracked("t"))));
    assert_same!(|log| let_else_moves(log, None));
    for text in [None, Some("one"), Some("one two"), Some("lengthy")] {
        assert_same!(|log| chains(log, text, 4));
    }
    assert_same!(|log| while_chains(log, vec![1, 2, 50, 3, 6, 4], 10));
    for pair in [(None, None), (None, Some(1)), (Some(5), None)] {
        assert_same!(|log| or_patterns(log, pair));
    }
    assert_same!(|log| slice_let_else(log, vec![1]));
    assert_same!(|log| slice_let_else(log, vec![1, 2, 3]));
}

fn plain(log: &Log, n: u32) -> Result<Option<Tracked>, String> {
    match n {
        3 => Ok(Some(log.tracked("plain"))),
        4 => Ok(None),
        _ => Err(String::from("broken")),
    }
}

#[test]
fn let_else_of_what_leaves() {
    for n in 0..5 {
        assert_same!(|log| asked(log, n));
        assert_same!(|log| chosen(log, n));
        assert_same!(|log| native(log, n));
    }
}
