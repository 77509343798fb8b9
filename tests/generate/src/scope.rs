//! What generated code may do with its locals where it stands: which it can read, change, move and assign.
//!
//! It follows the compiler's rules with a wide berth, so that nearly everything that is generated is
//! accepted as an ordinary function: what is borrowed stays so until the borrower's scope ends or the
//! generator forgets it.

use crate::types::Ty;

/// What has become of a local.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Live,
    /// Moved, on every way that leads here, or not yet assigned.
    Gone,
    /// One or the other.
    Maybe,
}

/// A local.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) ty: Ty,
    pub(crate) mutable: bool,
    pub(crate) state: State,
    /// How many loops are around its declaration.
    pub(crate) loops: usize,
    /// How many shared borrows of it there are.
    pub(crate) shared: usize,
    /// How many exclusive ones.
    pub(crate) exclusive: usize,
    /// The local that it borrows from.
    pub(crate) borrows: Option<(VarId, bool)>,
    /// Its type stands in the code.
    pub(crate) spelled: bool,
    /// The parts of it that have been moved.
    pub(crate) given: Vec<String>,
}

/// Where a local is: its scope, and its number in that.
pub(crate) type VarId = (usize, usize);

/// The locals of the scopes around some code, outermost first.
pub(crate) type Scopes = Vec<Vec<Var>>;

/// What is to be done with a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    Read,
    Write,
}

/// A local, or a part of one.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) code: String,
    pub(crate) id: VarId,
    pub(crate) ty: Ty,
    pub(crate) mutable: bool,
    /// It is the local itself.
    pub(crate) whole: bool,
    /// It is behind a reference, so that what borrows it does not borrow the local.
    pub(crate) outside: bool,
}

impl Var {
    pub(crate) fn new(name: &str, ty: &Ty, mutable: bool, loops: usize) -> Self {
        Var {
            name: name.to_owned(),
            ty: ty.clone(),
            mutable,
            state: State::Live,
            loops,
            shared: 0,
            exclusive: 0,
            borrows: None,
            spelled: false,
            given: Vec::new(),
        }
    }

    fn offers(&self, need: Need) -> bool {
        let free = self.exclusive == 0 && (need == Need::Read || self.shared == 0);
        self.state == State::Live && free
    }
}

/// The locals that a name means, innermost first.
pub(crate) fn visible(scopes: &Scopes) -> Vec<VarId> {
    let mut names = Vec::new();
    let mut found = Vec::new();
    for (at, scope) in scopes.iter().enumerate().rev() {
        for (number, var) in scope.iter().enumerate().rev() {
            if !names.contains(&&var.name) {
                names.push(&var.name);
                found.push((at, number));
            }
        }
    }
    found
}

/// The places that offer what is needed.
pub(crate) fn places(scopes: &Scopes, need: Need) -> Vec<Place> {
    let mut found = Vec::new();
    for id in visible(scopes) {
        let var = &scopes[id.0][id.1];
        if var.offers(need) {
            let place = Place {
                code: var.name.clone(),
                id,
                ty: var.ty.clone(),
                mutable: var.mutable,
                whole: true,
                outside: false,
            };
            let first = found.len();
            expand(place, 2, &mut found);
            let gone = |place: &Place| {
                let mut given = var.given.iter();
                given.any(|part| place.code.contains(part) || part.starts_with(&place.code))
            };
            let mut number = 0;
            found.retain(|place| {
                number += 1;
                number <= first || !gone(place)
            });
        }
    }
    found.retain(|place| need == Need::Read || place.mutable);
    found
}

fn expand(place: Place, depth: usize, found: &mut Vec<Place>) {
    if depth > 0 {
        let part = |code: String, ty: &Ty| Place {
            code,
            ty: ty.clone(),
            whole: false,
            ..place.clone()
        };
        for (name, ty) in place.ty.projections() {
            expand(
                part(format!("{}.{name}", place.code), &ty),
                depth - 1,
                found,
            );
        }
        let pointed = format!("(*{})", place.code);
        match &place.ty {
            Ty::Boxed(inner) => expand(part(pointed, inner), depth - 1, found),
            Ty::Ref(inner) | Ty::RefMut(inner) => {
                let mutable = matches!(&place.ty, Ty::RefMut(_));
                let target = Place {
                    mutable,
                    // What is borrowed through an exclusive reference borrows that too.
                    outside: !mutable,
                    ..part(pointed, inner)
                };
                expand(target, depth, found);
            }
            _ => {}
        }
    }
    found.push(place);
}

/// What is known where several ways meet; `None` is one that does not lead there.
pub(crate) fn meet(ways: Vec<Option<Scopes>>) -> Option<Scopes> {
    let mut ways = ways.into_iter().flatten();
    let mut met = ways.next()?;
    for way in ways {
        let pairs = met
            .iter_mut()
            .zip(way)
            .flat_map(|(one, other)| one.iter_mut().zip(other));
        for (one, other) in pairs {
            if one.state != other.state || one.given != other.given {
                one.state = State::Maybe;
            }
            one.shared = one.shared.max(other.shared);
            one.exclusive = one.exclusive.max(other.exclusive);
        }
    }
    Some(met)
}

/// What is known behind the innermost scope.
pub(crate) fn closed(mut scopes: Scopes) -> Scopes {
    let ended = scopes.pop().unwrap_or_default();
    for ((scope, number), exclusive) in ended.iter().filter_map(|var| var.borrows) {
        if let Some(lender) = scopes
            .get_mut(scope)
            .and_then(|scope| scope.get_mut(number))
        {
            let count = if exclusive {
                &mut lender.exclusive
            } else {
                &mut lender.shared
            };
            *count = count.saturating_sub(1);
        }
    }
    scopes
}
