//! A diff of two texts by lines: the greedy algorithm of Myers, its trace walked back, hunks with context.

use behaviour::{Log, assert_same, both};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Edit<'t> {
    Keep(&'t str),
    Insert(&'t str),
    Delete(&'t str),
}

#[both]
mod cases {
    /// The furthest ends of paths for each number of edits.
    #[cps]
    fn trace(log: &Log, old: &[&str], new: &[&str]) -> Vec<Vec<isize>> {
        let (n, m) = (old.len() as isize, new.len() as isize);
        let max = n + m;
        let at = move |k: isize| (k + max) as usize;
        let mut furthest = vec![0isize; 2 * max as usize + 2];
        let mut trace = Vec::new();
        'edits: for d in 0..=max {
            trace.push(furthest.clone());
            for k in (-d..=d).step_by(2) {
                let down = k == -d || (k != d && furthest[at(k - 1)] < furthest[at(k + 1)]);
                let mut x = if down {
                    furthest[at(k + 1)]
                } else {
                    furthest[at(k - 1)] + 1
                };
                let mut y = x - k;
                while x < n && y < m && old[x as usize] == new[y as usize] {
                    (x, y) = (x + 1, y + 1);
                }
                coop!();
                furthest[at(k)] = x;
                if x >= n && y >= m {
                    log.note(format_args!("{d} edits"));
                    break 'edits;
                }
            }
        }
        trace
    }

    #[cps]
    fn diff<'t>(log: &Log, old: &[&'t str], new: &[&'t str]) -> Vec<Edit<'t>> {
        if old.is_empty() && new.is_empty() {
            return vec![];
        }
        let trace = call!(trace(log, old, new));
        let max = (old.len() + new.len()) as isize;
        let (mut x, mut y) = (old.len() as isize, new.len() as isize);
        let mut edits = Vec::new();
        for (d, furthest) in { trace }.into_iter().enumerate().rev() {
            let d = d as isize;
            let k = x - y;
            let (px, py) = {
                let end = |k: isize| furthest[(k + max) as usize];
                let down = k == -d || (k != d && end(k - 1) < end(k + 1));
                let from = if down { k + 1 } else { k - 1 };
                if d == 0 {
                    (0, 0)
                } else {
                    (end(from), end(from) - from)
                }
            };
            while x > px && y > py {
                (x, y) = (x - 1, y - 1);
                edits.push(Edit::Keep(old[x as usize]));
            }
            coop!();
            if d > 0 {
                edits.push(match x == px {
                    true => Edit::Insert(new[py as usize]),
                    false => Edit::Delete(old[px as usize]),
                });
            }
            (x, y) = (px, py);
        }
        edits.reverse();
        edits
    }

    /// Hunks of edits with one line of context around.
    #[cps]
    fn hunks(edits: &[Edit<'_>]) -> Vec<String> {
        let (mut hunks, mut at) = (Vec::new(), 0);
        loop {
            let rest = &edits[at..];
            let Some(first) = rest.iter().position(|edit| !matches!(edit, Edit::Keep(_))) else {
                break hunks;
            };
            let from = (at + first).saturating_sub(1).max(at);
            let mut to = at + first;
            let end = loop {
                match edits[to..] {
                    [Edit::Keep(_), Edit::Keep(_), ..] | [Edit::Keep(_)] | [] => {
                        break (to + 1).min(edits.len());
                    }
                    [_, ..] => to += 1,
                }
                coop!();
            };
            let mut text = String::new();
            for edit in &edits[from..end] {
                let (mark, line) = match edit {
                    Edit::Keep(line) => (' ', line),
                    Edit::Insert(line) => ('+', line),
                    Edit::Delete(line) => ('-', line),
                };
                coop!();
                text.push(mark);
                text += line;
            }
            hunks.push(text);
            at = end;
        }
    }

    #[cps]
    fn shown(log: &Log, old: &str, new: &str) -> Vec<String> {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (old.split(' ').collect(), new.split(' ').collect());
        let edits = call!(diff(log, &old, &new));
        call!(hunks(&edits))
    }
}

#[test]
fn texts() {
    for (old, new, expected) in [
        (
            "a b c a b b a",
            "c b a b a c",
            &["-a-b c+b a", " b-b a+c"][..],
        ),
        ("a", "a", &[]),
        ("", "x y", &["-+x+y"]),
        (
            "one two three four five six",
            "one 2 three four five six seven",
            &[" one-two+2 three", " six+seven"],
        ),
    ] {
        assert_eq!(moved::shown(Log::forever(), old, new), expected);
        assert_same!(|log| shown(log, old, new));
    }
}
