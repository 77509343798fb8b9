//! What is needed at one point of the code.
//!
//! *Read* means that some path reads the value that is there now; *mentioned* that the name is needed,
//! though perhaps only to be assigned.

use crate::fates::Flow;
use crate::locals::LocalId;
use crate::parts::Path;
use crate::sets::LocalSet;
use crate::uses::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    pub(crate) read: LocalSet,
    pub(crate) mentioned: LocalSet,
    /// The places that some path reads, as finely as the code names them.
    pub(super) places: Rc<BTreeSet<Place>>,
    /// What is read of each local: parts of it, or all of it, which has no path.
    pub(crate) parts: Rc<BTreeMap<LocalId, BTreeSet<Path>>>,
}

impl Needs {
    pub(super) fn join(&mut self, other: &Needs) {
        self.read.join(&other.read);
        self.mentioned.join(&other.mentioned);
        if self.places.is_empty() {
            self.places = other.places.clone();
        } else if !Rc::ptr_eq(&self.places, &other.places) {
            for place in &*other.places {
                self.place(place);
            }
        }
        if self.parts.is_empty() {
            self.parts = other.parts.clone();
        } else if !Rc::ptr_eq(&self.parts, &other.parts) {
            for (id, parts) in &*other.parts {
                for path in parts {
                    self.part(*id, path);
                }
            }
        }
    }

    pub(super) fn place(&mut self, place: &Place) {
        if !self.places.contains(place) {
            Rc::make_mut(&mut self.places).insert(place.clone());
        }
    }

    pub(super) fn part(&mut self, id: LocalId, path: &Path) {
        let known = self.parts.get(&id);
        if !known.is_some_and(|known| known.contains(path)) {
            let parts = Rc::make_mut(&mut self.parts).entry(id).or_default();
            parts.insert(path.clone());
        }
    }

    /// What is not needed any more is not there yet.
    pub(super) fn forget(&mut self, locals: &[LocalId]) {
        for id in locals {
            self.mentioned.remove(*id);
            self.read.remove(*id);
            if self.parts.contains_key(id) {
                Rc::make_mut(&mut self.parts).remove(id);
            }
            if self.places.iter().any(|(local, _)| local == id) {
                Rc::make_mut(&mut self.places).retain(|(local, _)| local != id);
            }
        }
    }

    pub(super) fn with(mut self, other: &Needs) -> Needs {
        self.join(other);
        self
    }

    /// What is needed before native code that goes by the way that `flow` tells of: nothing that it assigns.
    pub(super) fn before(mut self, flow: &Flow) -> Needs {
        if let Some(fates) = flow
            && !fates.assigned().is_empty()
        {
            self.read.part(fates.assigned());
            Rc::make_mut(&mut self.places).retain(|(id, _)| fates.is_old(*id));
            Rc::make_mut(&mut self.parts).retain(|id, _| fates.is_old(*id));
        }
        self
    }
}
