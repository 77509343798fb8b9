//! Sets of locals. These are numbered from nought, so a set is a bit for each: passes copy and compare theirs
//! at every branch.

use crate::locals::LocalId;

const BITS: usize = u64::BITS as usize;

/// A set of locals.
#[derive(Clone, Default)]
pub(crate) struct LocalSet(Vec<u64>);

impl LocalSet {
    pub(crate) fn insert(&mut self, id: LocalId) {
        let word = id / BITS;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (id % BITS);
    }

    pub(crate) fn remove(&mut self, id: LocalId) {
        if let Some(word) = self.0.get_mut(id / BITS) {
            *word &= !(1 << (id % BITS));
        }
    }

    pub(crate) fn contains(&self, id: LocalId) -> bool {
        match self.0.get(id / BITS) {
            Some(word) => word & (1 << (id % BITS)) != 0,
            None => false,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = LocalId> {
        (0..self.0.len() * BITS).filter(|id| self.contains(*id))
    }

    /// Adds what is in `other`.
    pub(crate) fn join(&mut self, other: &LocalSet) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own |= other;
        }
    }

    /// Removes what is not in `other`.
    pub(crate) fn meet(&mut self, other: &LocalSet) {
        self.0.truncate(other.0.len());
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own &= other;
        }
    }

    /// Removes what is in `other`.
    pub(crate) fn part(&mut self, other: &LocalSet) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own &= !other;
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn is_within(&self, other: &LocalSet) -> bool {
        let mut rest = self.clone();
        rest.part(other);
        rest.is_empty()
    }
}

impl PartialEq for LocalSet {
    fn eq(&self, other: &LocalSet) -> bool {
        self.is_within(other) && other.is_within(self)
    }
}

impl Eq for LocalSet {}

impl std::fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
