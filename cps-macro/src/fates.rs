//! What becomes of locals along the ways through a function's code.

use crate::locals::LocalId;
use crate::parts::{Gift, Path};
use crate::sets::LocalSet;
use crate::uses::{Doubt, Place};
use std::collections::{BTreeMap, BTreeSet};

/// What has become of a local at some point of a leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// It holds its value.
    Live,
    /// It was consumed, or never assigned.
    Gone,
    /// One or the other: only native control flow knows.
    Maybe,
    /// It may have been consumed in an earlier leg: the frame holds an `Option` of it.
    Held,
}

/// The fates of locals.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Fates {
    /// By number; the others, of which the last in here is none, are live.
    fates: Vec<Fate>,
    /// Locals that were assigned since the walk began, on every way.
    assigned: LocalSet,
    /// Mentions on the ways here that may have moved what they mention.
    pub(crate) doubts: BTreeSet<Doubt>,
    /// Parts of locals that were given away: moved, unless they are `Copy`. Whether on every way.
    given: BTreeMap<LocalId, BTreeMap<Gift, bool>>,
    /// An empty `Option` is told from a full one where ways meet.
    pub(crate) apart: bool,
}

impl Fates {
    pub(crate) fn of(&self, id: LocalId) -> Fate {
        match self.fates.get(id) {
            Some(fate) => *fate,
            None => Fate::Live,
        }
    }

    pub(crate) fn set(&mut self, id: LocalId, fate: Fate) {
        if self.fates.len() <= id && fate != Fate::Live {
            self.fates.resize(id + 1, Fate::Live);
        }
        if let Some(known) = self.fates.get_mut(id) {
            *known = fate;
        }
        while self.fates.last() == Some(&Fate::Live) {
            self.fates.pop();
        }
        if !self.given.is_empty() {
            self.given.remove(&id);
        }
    }

    pub(crate) fn given(&self, id: LocalId) -> BTreeSet<Gift> {
        let given = self.given.get(&id).into_iter().flatten();
        given.map(|(gift, _)| gift.clone()).collect()
    }

    /// The parts of a local that were given away on every way.
    pub(crate) fn surely_given(&self, id: LocalId) -> BTreeSet<Gift> {
        let given = self.given.get(&id).into_iter().flatten();
        given
            .filter(|(_, surely)| **surely)
            .map(|(gift, _)| gift.clone())
            .collect()
    }

    /// Whether the same parts of a local were given away.
    pub(crate) fn gives_as(&self, other: &Fates, id: LocalId) -> bool {
        self.given.get(&id) == other.given.get(&id)
    }

    /// Whether a pattern took a part of a local that none took on another way, or not as surely; never where
    /// ways are told apart.
    fn gone_apart(&self, id: LocalId, other: &Fates) -> bool {
        if self.apart {
            return false;
        }
        let mut given = self.given.get(&id).into_iter().flatten();
        let others = other.given.get(&id);
        given.any(|(gift, surely)| {
            let same = others.and_then(|others| others.get(gift)) == Some(surely);
            gift.is_taken_apart() && !same
        })
    }

    pub(crate) fn give(&mut self, id: LocalId, gift: Gift, surely: bool) {
        self.given.entry(id).or_default().insert(gift, surely);
    }

    /// A part is assigned, so it is there again.
    pub(crate) fn give_back(&mut self, id: LocalId, path: &Path) {
        if let Some(given) = self.given.get_mut(&id) {
            given.retain(|gift, _| !gift.path.starts_with(path));
            if given.is_empty() {
                self.given.remove(&id);
            }
        }
    }

    pub(crate) fn assign(&mut self, id: LocalId) {
        self.set(id, Fate::Live);
        self.assigned.insert(id);
        if !self.doubts.is_empty() {
            self.doubts.retain(|(local, _)| *local != id);
        }
    }

    /// Whether what a local holds is what it held when the walk began.
    pub(crate) fn is_old(&self, id: LocalId) -> bool {
        !self.assigned.contains(id)
    }

    /// The locals of which that is not so.
    pub(crate) fn assigned(&self) -> &LocalSet {
        &self.assigned
    }

    /// The locals that only native control flow knows of.
    pub(crate) fn undecided(&self) -> impl Iterator<Item = LocalId> {
        let ids = 0..self.fates.len();
        ids.filter(|id| self.fates[*id] == Fate::Maybe)
    }

    /// The places of which only native control flow knows whether they are still there.
    pub(crate) fn differing(&self) -> Vec<Place> {
        let all = self.undecided().map(|id| (id, Path::new()));
        let given = self.given.iter().flat_map(|(id, given)| {
            let unsure = given.iter().filter(|(_, surely)| !**surely);
            unsure.map(|(gift, _)| (*id, gift.path.clone()))
        });
        all.chain(given).collect()
    }

    /// The fates where native control flow of two ways meets.
    fn meet(&mut self, other: &Fates) {
        let given = self.given.keys().chain(other.given.keys());
        let given = given.map(|id| id + 1).max().unwrap_or(0);
        for id in 0..given.max(self.fates.len()).max(other.fates.len()) {
            match (self.of(id), other.of(id)) {
                (one, same) if one == same => self.meet_given(other, id),
                // The `Option` is empty where it was consumed.
                (Fate::Held, Fate::Gone) if !self.apart => {}
                (Fate::Gone, Fate::Held) if !self.apart => {
                    self.set(id, Fate::Held);
                    let given = other.given.get(&id).cloned();
                    self.given.extend(given.map(|given| (id, given)));
                }
                _ => {
                    self.set(id, Fate::Maybe);
                    self.meet_given(other, id);
                }
            }
        }
        self.assigned.meet(&other.assigned);
        self.doubts.extend(&other.doubts);
    }

    fn meet_given(&mut self, other: &Fates, id: LocalId) {
        let (none, others) = (BTreeMap::new(), other.given.get(&id));
        if others.is_none() && !self.given.contains_key(&id) {
            return;
        }
        let (own, others) = (self.given.entry(id).or_default(), others.unwrap_or(&none));
        for (gift, surely) in own.iter_mut() {
            *surely &= others.get(gift) == Some(&true);
        }
        for gift in others.keys() {
            own.entry(gift.clone()).or_insert(false);
        }
    }
}

/// Settles what patterns take apart on some only of the ways that meet in native code: there it is gone
/// as a whole.
pub(crate) fn settle_apart(ways: &mut [&mut Fates]) {
    let gone = |own: &&mut Fates| -> Vec<_> {
        let apart = |id: &LocalId| ways.iter().any(|other| own.gone_apart(*id, other));
        own.given.keys().copied().filter(apart).collect()
    };
    let gone: Vec<_> = ways.iter().map(gone).collect();
    for (way, gone) in ways.iter_mut().zip(gone) {
        gone.into_iter().for_each(|id| way.set(id, Fate::Gone));
    }
}

/// The fates along the ways that reach a point: `None` if none does.
pub(crate) type Flow = Option<Fates>;

pub(crate) fn meet(into: &mut Flow, other: Flow) {
    match (into.as_mut(), other) {
        (Some(into), Some(mut other)) => {
            settle_apart(&mut [into, &mut other]);
            into.meet(&other);
        }
        (None, other) => *into = other,
        (_, None) => {}
    }
}
