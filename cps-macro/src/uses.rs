//! Which mentions of a local may take it, or a part of it, out of its place.
//!
//! A bare name where a value is taken, the receiver of a method, a pattern that binds by value: without types
//! none of them says whether it moves. What follows says it: if the same place may be read afterwards without
//! having been assigned, it was not moved, or the function would not be Rust. A mention is a *doubt* until
//! such a read *settles* it.

use crate::locals::{LocalId, as_local};
use crate::parts::{POINTS_TO, Path, step};
use std::collections::{BTreeMap, BTreeSet};
use syn::{Expr, UnOp};

/// A mention, by where its code lies while it is walked.
pub(crate) type Doubt = (LocalId, usize);

/// A local, and the way from it to a part.
pub(crate) type Place = (LocalId, Path);

/// What a walk over some code has found out.
#[derive(Clone, Default)]
pub(crate) struct Uses {
    raised: BTreeMap<Doubt, Raised>,
    settled: BTreeSet<Doubt>,
    /// Locals that are certainly taken, or mentioned where only their names will do.
    pub(crate) taken: BTreeSet<LocalId>,
    /// Parts that are assigned somewhere by themselves, so that a read behind that tells nothing of what was
    /// before.
    pub(crate) renewed: BTreeSet<Place>,
}

#[derive(Clone)]
struct Raised {
    path: Path,
    /// Only a part of the place may have been moved: a read of another part says nothing.
    partly: bool,
}

impl Uses {
    pub(crate) fn renewing(renewed: &BTreeSet<Place>) -> Self {
        Uses {
            renewed: renewed.clone(),
            ..Uses::default()
        }
    }

    pub(crate) fn raise(&mut self, (local, path): Place, at: usize, partly: bool) -> Doubt {
        if self.is_renewed(local, &path) {
            self.taken.insert(local);
        }
        self.raised.insert((local, at), Raised { path, partly });
        (local, at)
    }

    fn is_renewed(&self, local: LocalId, path: &Path) -> bool {
        let renewed = self.renewed.iter().filter(|(other, _)| *other == local);
        renewed.into_iter().any(|(_, part)| path.starts_with(part))
    }

    /// Settles those of the `open` doubts that a read of `place` answers.
    pub(crate) fn read<'d>(&mut self, place: &Place, open: impl IntoIterator<Item = &'d Doubt>) {
        for doubt in open {
            if doubt.0 == place.0 && self.raised[doubt].is_settled_by(&place.1) {
                self.settled.insert(*doubt);
            }
        }
    }

    /// The locals of the doubts that nothing has settled, and of what is certainly taken.
    pub(crate) fn doubtful(&self) -> BTreeSet<LocalId> {
        let open = self
            .raised
            .keys()
            .filter(|doubt| !self.settled.contains(doubt));
        open.map(|(local, _)| *local)
            .chain(self.taken.iter().copied())
            .collect()
    }
}

impl Raised {
    fn is_settled_by(&self, read: &Path) -> bool {
        self.path.starts_with(read) || (!self.partly && read.starts_with(&self.path))
    }
}

/// The place that an expression is or lies in, as far as it can be moved from; and whether it is that place
/// itself.
pub(crate) fn place_of(expr: &Expr) -> Option<(Place, bool)> {
    if let Some(id) = as_local(expr) {
        return Some(((id, Path::new()), true));
    }
    let (base, step) = match expr {
        Expr::Paren(paren) => return place_of(&paren.expr),
        Expr::Group(group) => return place_of(&group.expr),
        // Nothing is moved out of an element.
        Expr::Index(index) => return place_of(&index.expr).map(|(place, _)| (place, false)),
        Expr::Field(field) => (&field.base, step(&field.member)),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
            (&unary.expr, POINTS_TO.to_owned())
        }
        _ => return None,
    };
    let ((id, mut path), itself) = place_of(base)?;
    if itself {
        path.push(step);
    }
    Some(((id, path), itself))
}
