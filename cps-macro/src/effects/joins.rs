//! Where ways through native code meet of which only some consume a local: what the others have left of it can be put away
//! at their ends, so that it is known behind them what there is to drop.

use super::Walk;
use crate::fates::{Fate, Flow, meet};
use crate::locals::LocalId;
use std::collections::HashMap;

/// A way that ends where others meet it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Way {
    Then,
    Else,
    /// The `else` that is not there.
    Missed,
    Arm,
    /// The right side of `&&` or `||`.
    Right,
    /// What is left of these where their right side is not evaluated.
    Skipped,
}

/// A way, by where the code lies that it is a part of.
pub(crate) type End = (Way, usize);

/// What is left at the ends of ways.
pub(crate) struct Joins<'a> {
    /// Whether a local may be put away.
    wanted: Box<dyn Fn(LocalId) -> bool + 'a>,
    /// What is to be put away, where.
    pub(crate) ends: HashMap<End, Vec<LocalId>>,
}

impl<'a> Joins<'a> {
    pub(crate) fn of(wanted: impl Fn(LocalId) -> bool + 'a) -> Self {
        Joins {
            wanted: Box::new(wanted),
            ends: HashMap::new(),
        }
    }
}

/// The end of a way through a piece of code.
pub(crate) fn end(way: Way, code: &impl Sized) -> End {
    (way, std::ptr::from_ref(code).addr())
}

impl Walk<'_> {
    /// Goes on where ways meet.
    pub(super) fn join<const N: usize>(&mut self, ways: [(End, Flow); N]) {
        self.join_all(Vec::from(ways));
    }

    pub(super) fn join_all(&mut self, ways: Vec<(End, Flow)>) {
        let mut met: Flow = None;
        let asked = self.joins.is_some();
        let known = if asked { ways.clone() } else { Vec::new() };
        for (_, flow) in ways {
            meet(&mut met, flow);
        }
        if let (Some(joins), Some(fates)) = (&mut self.joins, &mut met) {
            let undecided: Vec<_> = fates.undecided().collect();
            let flows = || {
                known
                    .iter()
                    .filter_map(|(end, flow)| Some((end, flow.as_ref()?)))
            };
            for id in undecided {
                let whole = flows().all(|(_, fates)| fates.given(id).is_empty());
                let with = |fate: Fate| flows().filter(move |(_, fates)| fates.of(id) == fate);
                let left = with(Fate::Live).chain(with(Fate::Held)).next().is_some();
                if !left || !whole || !(joins.wanted)(id) {
                    continue;
                }
                for (end, _) in with(Fate::Live) {
                    let left = joins.ends.entry(*end).or_default();
                    if !left.contains(&id) {
                        left.push(id);
                    }
                }
                fates.set(id, Fate::Held);
            }
        }
        self.flow = met;
    }

    /// Code that cannot be changed.
    pub(super) fn fixed(&mut self, walk: impl FnOnce(&mut Self)) {
        let joins = self.joins.take();
        walk(self);
        self.joins = joins;
    }
}
