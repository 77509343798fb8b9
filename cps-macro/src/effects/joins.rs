//! Where ways through native code meet of which only some consume a local: what the others have left of it
//! can be put away at their ends, so that it is known behind them what there is to drop.

use super::Walk;
use crate::fates::{Fate, Fates, Flow, meet, settle_apart};
use crate::locals::LocalId;
use std::collections::{BTreeSet, HashMap};

/// A way that ends where others meet it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Way {
    Then,
    Else,
    /// The `else` that is not there.
    Missed,
    Arm,
    /// What is jumped from.
    Jump,
    /// The end of a labelled block, or of a loop, that is no jump.
    End,
    /// The right side of `&&` or `||`.
    Right,
    /// What is left of these where their right side is not evaluated.
    Skipped,
}

/// A way, by where the code lies that it is a part of.
pub(crate) type End = (Way, usize);

/// Ways that meet, each with the fates at its end.
#[derive(Default)]
pub(crate) struct Ways(Vec<(End, Flow)>);

impl Ways {
    pub(crate) fn add(&mut self, end: End, flow: Flow) {
        match self.0.iter_mut().find(|(known, _)| *known == end) {
            Some((_, known)) => meet(known, flow),
            None => self.0.push((end, flow)),
        }
    }

    pub(crate) fn join(&mut self, other: Ways) {
        other
            .0
            .into_iter()
            .for_each(|(end, flow)| self.add(end, flow));
    }

    /// Whether a local may have been put away on one of them.
    fn hold(&self, id: LocalId) -> bool {
        let mut flows = self.0.iter().filter_map(|(_, flow)| flow.as_ref());
        flows.any(|fates| fates.of(id) == Fate::Held)
    }

    /// The fates where they meet.
    pub(crate) fn met(&self) -> Flow {
        let mut met = None;
        self.0
            .iter()
            .for_each(|(_, flow)| meet(&mut met, flow.clone()));
        met
    }
}

/// What is left at the ends of ways.
pub(crate) struct Joins<'a> {
    /// Whether a local may be put away.
    wanted: Box<dyn Fn(LocalId) -> bool + 'a>,
    /// What is to be put away where code jumps to a label that it does not hold.
    pub(crate) outside: &'a BTreeSet<(String, LocalId)>,
    /// What is to be put away, where.
    pub(crate) ends: HashMap<End, Vec<LocalId>>,
    /// What is read behind that, so that nothing can have consumed it.
    pub(crate) read: BTreeSet<LocalId>,
}

impl<'a> Joins<'a> {
    pub(crate) fn of(
        wanted: impl Fn(LocalId) -> bool + 'a,
        outside: &'a BTreeSet<(String, LocalId)>,
    ) -> Self {
        Joins {
            wanted: Box::new(wanted),
            outside,
            ends: HashMap::new(),
            read: BTreeSet::new(),
        }
    }

    /// A local is read that may have been put away.
    pub(super) fn note_read(&mut self, id: LocalId) {
        if self.ends.values().any(|put| put.contains(&id)) {
            self.read.insert(id);
        }
    }

    /// The same of a local that some way to a label holds, behind which it is read.
    pub(crate) fn note_read_behind(&mut self, ways: &Ways, is_read: impl Fn(LocalId) -> bool) {
        let put: BTreeSet<_> = self.ends.values().flatten().copied().collect();
        let read = |id: &LocalId| ways.hold(*id) && is_read(*id);
        self.read.extend(put.into_iter().filter(read));
    }

    /// Puts something away at the end of a way.
    fn put(&mut self, end: End, id: LocalId) {
        let left = self.ends.entry(end).or_default();
        if !left.contains(&id) {
            left.push(id);
        }
    }

    /// What is put away at a jump to a label outside is known to be.
    pub(super) fn leave(&mut self, end: End, label: &str, fates: &mut Fates) {
        let outside = self.outside.iter().filter(|(name, _)| name == label);
        for (_, id) in outside {
            if fates.of(*id) == Fate::Live && fates.given(*id).is_empty() {
                self.put(end, *id);
                fates.set(*id, Fate::Held);
            }
        }
    }
}

/// The end of a way through a piece of code.
pub(crate) fn end(way: Way, code: &impl Sized) -> End {
    (way, std::ptr::from_ref(code).addr())
}

impl Walk<'_> {
    /// Goes on where jumps and another end meet.
    pub(super) fn join_jumps(&mut self, mut ways: Ways, end: End) {
        ways.add(end, self.flow.take());
        self.join_all(ways.0);
    }

    /// Goes on where ways meet.
    pub(super) fn join<const N: usize>(&mut self, ways: [(End, Flow); N]) {
        self.join_all(Vec::from(ways));
    }

    pub(super) fn join_all(&mut self, mut ways: Vec<(End, Flow)>) {
        let flows = ways.iter_mut().filter_map(|(_, flow)| flow.as_mut());
        settle_apart(&mut flows.collect::<Vec<_>>());
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
                let ends: Vec<_> = with(Fate::Live).map(|(end, _)| *end).collect();
                ends.into_iter().for_each(|end| joins.put(end, id));
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
