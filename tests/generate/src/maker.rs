//! What making a function needs to know at every step, and the few things that all of its parts do.

use crate::code::Code;
use crate::random::Random;
use crate::scope::{Need, Place, Scopes, State, Var, VarId, closed, meet, places};
use crate::signature::Signature;
use crate::types::Ty;
use std::collections::BTreeSet;

/// Makes the body of one function.
pub(crate) struct Maker<'a> {
    pub(crate) random: &'a mut Random,
    pub(crate) scopes: Scopes,
    /// How many loops are around.
    pub(crate) loops: usize,
    /// How many loops may be gone through again from here: what was declared outside of them cannot be moved.
    pub(crate) stay: usize,
    /// What can be left by name, innermost last.
    pub(crate) targets: Vec<Target>,
    /// Above 0 where nothing may suspend.
    pub(crate) calm: usize,
    /// Above 0 where code may only read: in closures and guards.
    pub(crate) pure: usize,
    /// Above 0 on the way out of something.
    pub(crate) leaving: usize,
    /// How much more may be generated.
    pub(crate) budget: i32,
    /// For names that must differ.
    pub(crate) counter: usize,
    /// What the function returns.
    pub(crate) result: Ty,
    /// What it may call.
    pub(crate) callees: &'a [Signature],
    /// The code just generated does not end.
    pub(crate) diverged: bool,
    /// It may call a `#[cps]` function plainly, so that its suspensions cannot be counted.
    pub(crate) whole: bool,
}

/// A loop or a labelled block.
pub(crate) struct Target {
    pub(crate) label: String,
    /// It can be continued.
    pub(crate) repeats: bool,
    /// What a `break` out of it carries.
    pub(crate) value: Option<Ty>,
    /// How many scopes are around it.
    pub(crate) scopes: usize,
    /// How many loops are around it.
    pub(crate) loops: usize,
    /// What is known where it is left, or begun again.
    pub(crate) exits: Vec<Option<Scopes>>,
}

impl Maker<'_> {
    pub(crate) fn number(&mut self) -> usize {
        self.counter += 1;
        self.counter
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    pub(crate) fn pick<T: Clone>(&mut self, things: &[T]) -> T {
        self.random.pick(things)
    }

    pub(crate) fn suspends(&self) -> bool {
        self.calm == 0 && self.pure == 0
    }

    /// Whether code may move, assign and leave here.
    pub(crate) fn acts(&self) -> bool {
        self.pure == 0
    }

    pub(crate) fn var(&mut self, id: VarId) -> &mut Var {
        &mut self.scopes[id.0][id.1]
    }

    /// Declares a local under one of the names for its type, so that locals shadow one another.
    pub(crate) fn declare(&mut self, ty: &Ty, mutable: bool) -> (String, VarId) {
        let names: &[&str] = match ty {
            Ty::Int(_) => &["a", "b", "c", "n"],
            Ty::Bool | Ty::Char | Ty::Str => &["d", "e"],
            Ty::Text => &["s", "w"],
            Ty::Tracked | Ty::Param(_) => &["t", "u", "v"],
            Ty::Option(_) | Ty::Result(..) => &["o", "p"],
            Ty::Vec(_) | Ty::Array(..) => &["l", "m"],
            Ty::Ref(_) | Ty::RefMut(_) => &["r", "q"],
            Ty::Closure(..) => &["f", "g"],
            _ => &["x", "y", "z"],
        };
        let name = self.pick(names).to_owned();
        let id = self.declare_as(&name, ty, mutable);
        (name, id)
    }

    pub(crate) fn declare_as(&mut self, name: &str, ty: &Ty, mutable: bool) -> VarId {
        let var = Var::new(name, ty, mutable, self.loops);
        let last = self.scopes.len() - 1;
        self.scopes[last].push(var);
        (last, self.scopes[last].len() - 1)
    }

    /// Generates something in a scope of its own.
    pub(crate) fn scoped<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(Vec::new());
        let made = make(self);
        self.scopes = closed(std::mem::take(&mut self.scopes));
        made
    }

    /// Begins or ends a borrow of a local.
    pub(crate) fn lend(&mut self, id: VarId, exclusive: bool, begin: bool) {
        let var = self.var(id);
        let count = if exclusive {
            &mut var.exclusive
        } else {
            &mut var.shared
        };
        *count = if begin {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
    }

    /// Never again uses a reference of the innermost scope, so that what it borrows can be used.
    pub(crate) fn forget_a_reference(&mut self) {
        let last = self.scopes.len() - 1;
        let borrowers = self.scopes[last].iter();
        let found = borrowers
            .enumerate()
            .find(|(_, var)| var.borrows.is_some() && var.state == State::Live);
        if let Some((number, _)) = found {
            let var = self.var((last, number));
            var.state = State::Gone;
            if let Some((lender, exclusive)) = var.borrows.take() {
                self.lend(lender, exclusive, false);
            }
        }
    }

    /// The places of which `test` holds that offer what is needed.
    pub(crate) fn places(&self, need: Need, test: impl Fn(&Ty) -> bool) -> Vec<Place> {
        if need == Need::Write && !self.acts() {
            return Vec::new();
        }
        let mut found = places(&self.scopes, need);
        found.retain(|place| test(&place.ty));
        found
    }

    /// One of them.
    pub(crate) fn place(&mut self, need: Need, test: impl Fn(&Ty) -> bool) -> Option<Place> {
        let found = self.places(need, test);
        (!found.is_empty()).then(|| self.pick(&found))
    }

    /// The locals that can be moved as a whole.
    pub(crate) fn movable(&self, test: impl Fn(&Ty) -> bool) -> Vec<Place> {
        let mut found = self.places(Need::Read, test);
        found.retain(|place| {
            let var = &self.scopes[place.id.0][place.id.1];
            place.whole && var.loops >= self.stay && var.shared == 0
        });
        if self.acts() { found } else { Vec::new() }
    }

    /// Moves a part of a local of the innermost scope, and names the others before: what is moved on
    /// some ways only, and what has no name, ends at a suspension, and in what order several others end
    /// is not promised.
    pub(crate) fn moved_part(&mut self, depth: usize) -> Option<Code> {
        let mut found = self.places(Need::Read, |ty| !ty.is_copy());
        found.retain(|place| {
            let var = &self.scopes[place.id.0][place.id.1];
            let own = place.code.contains('.') && !place.code.contains('*');
            let here = place.id.0 + 1 == self.scopes.len() && var.loops >= self.stay;
            own && here && !var.ty.is_ref() && var.shared == 0
        });
        if found.is_empty() || !self.acts() {
            return None;
        }
        let place = self.pick(&found);
        let var = self.var(place.id).clone();
        let others = beside(&var, &place.code);
        if others.iter().filter(|(_, ty)| ty.is_tracked()).count() > 1 {
            return None;
        }
        let named = others.iter().map(|(code, _)| format!("let _ = &{code};\n"));
        let named: String = named.collect();
        if var.mutable && var.ty.is_literal() && var.exclusive == 0 && self.chance(30) {
            let behind = if self.suspends() { "coop!();\n" } else { "" };
            self.var(place.id).state = State::Gone;
            let again = self.value(&var.ty, depth + 1);
            let form = format!("{named}drop({});\n{behind}{} = $;", place.code, var.name);
            self.var(place.id).state = State::Live;
            self.var(place.id).given.clear();
            return Some(Code::statement(&form, [again.into()]));
        }
        self.var(place.id).given.push(place.code.clone());
        if self.chance(30) {
            return Some(Code::line(format!("{named}drop({});", place.code)));
        }
        let (name, _) = self.declare(&place.ty, false);
        if var.given.is_empty() && self.chance(60) {
            let steps: Vec<_> = place.code.split('.').skip(1).collect();
            let pattern = taking(&var.ty, &steps, &name);
            return Some(Code::line(format!("{named}let {pattern} = {};", var.name)));
        }
        Some(Code::line(format!("{named}let {name} = {};", place.code)))
    }

    /// Generates one of several ways: what is known before it is known again after it.
    pub(crate) fn way<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (T, Option<Scopes>) {
        let before = self.scopes.clone();
        let made = make(self);
        let after = std::mem::replace(&mut self.scopes, before);
        let ends = !std::mem::take(&mut self.diverged);
        (made, ends.then_some(after))
    }

    /// Goes on where several ways meet.
    pub(crate) fn join(&mut self, ways: Vec<Option<Scopes>>) {
        match meet(ways) {
            Some(scopes) => self.scopes = scopes,
            None => self.diverged = true,
        }
    }

    /// Generates code in which nothing suspends.
    pub(crate) fn calmly<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.calm += 1;
        let made = make(self);
        self.calm -= 1;
        made
    }

    /// Generates code that only reads.
    pub(crate) fn purely<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.pure += 1;
        let made = make(self);
        self.pure -= 1;
        made
    }

    /// Generates the values of some types, in order. What they borrow is chosen first, and borrowed until the
    /// last is there.
    pub(crate) fn values(&mut self, types: &[Ty], depth: usize) -> Vec<Code> {
        let mut lent = Vec::new();
        let chosen: Vec<_> = types.iter().map(|ty| self.chosen(ty, &mut lent)).collect();
        let codes = types
            .iter()
            .zip(chosen)
            .map(|(ty, chosen)| match (ty, chosen) {
                (_, Some(place)) => Code::words(ty, place),
                (Ty::Ref(inner) | Ty::RefMut(inner), None) => {
                    let value = self.value(inner, depth);
                    let sign = if matches!(ty, Ty::Ref(_)) {
                        "&"
                    } else {
                        "&mut "
                    };
                    let form = if self.is_bare(&value) { "{ $ }" } else { "$" };
                    Code::value(ty, &format!("{sign}{form}"), [value.into()])
                }
                (ty, None) => self.value(ty, depth),
            });
        let codes = codes.collect();
        for (id, exclusive) in lent {
            self.lend(id, exclusive, false);
        }
        codes
    }

    /// A borrow of a place, if the type is a reference; noted in `lent`.
    fn chosen(&mut self, ty: &Ty, lent: &mut Vec<(VarId, bool)>) -> Option<String> {
        let (inner, need, sign) = match ty {
            Ty::Ref(inner) => (inner, Need::Read, "&"),
            Ty::RefMut(inner) => (inner, Need::Write, "&mut "),
            _ => return None,
        };
        let place = self.place(need, |other| *other == **inner)?;
        if inner.is_literal() && !inner.is_tracked() && self.chance(10) {
            return None;
        }
        let exclusive = need == Need::Write;
        self.lend(place.id, exclusive, true);
        lent.push((place.id, exclusive));
        // A reference is passed on as it is, or borrowed anew.
        let var = self.scopes[place.id.0][place.id.1].clone();
        let passed = var.ty == *ty && place.code == format!("(*{})", var.name) && self.chance(70);
        Some(if passed {
            var.name
        } else {
            format!("{sign}{}", place.code)
        })
    }

    /// Whether there is something to borrow for each reference to something of which the drop is noted,
    /// whatever is borrowed for the others: a value that is only borrowed ends at a suspension at the latest.
    pub(crate) fn can_lend(&self, types: &[Ty]) -> bool {
        let borrows = types.iter().filter(|ty| ty.is_ref()).count();
        let lends = |need, inner: &Ty| {
            let found = self.places(need, |ty| ty == inner);
            let locals: BTreeSet<_> = found.iter().map(|place| place.id).collect();
            locals.len() >= borrows
        };
        types.iter().all(|ty| match ty {
            Ty::Ref(inner) if inner.is_tracked() => lends(Need::Read, inner),
            Ty::RefMut(inner) if inner.is_tracked() => lends(Need::Write, inner),
            _ => true,
        })
    }
}

/// A pattern that takes a part of a value, by the steps that lead there.
fn taking(ty: &Ty, steps: &[&str], name: &str) -> String {
    let Some((first, rest)) = steps.split_first() else {
        return name.to_owned();
    };
    let parts = ty.projections().into_iter();
    let parts = parts.map(|(step, ty)| match step == *first {
        true => taking(&ty, rest, name),
        false => "_".to_owned(),
    });
    let parts: Vec<_> = parts.collect();
    match ty {
        Ty::Named(of) => {
            let inner = parts.iter().find(|part| *part != "_");
            let inner = inner.expect("the place is one of its parts");
            format!("{of} {{ {first}: {inner}, .. }}")
        }
        _ => format!("({})", parts.join(", ")),
    }
}

/// The parts of a local that stand beside one of them, or beside one that it is in, and are still there.
fn beside(var: &Var, part: &str) -> Vec<(String, Ty)> {
    let (mut found, mut around, mut ty) = (Vec::new(), var.name.clone(), var.ty.clone());
    for step in part.split('.').skip(1) {
        let mut inside = None;
        for (name, part) in ty.projections() {
            match name == step {
                true => inside = Some(part),
                false => found.push((format!("{around}.{name}"), part)),
            }
        }
        around = format!("{around}.{step}");
        ty = inside.expect("the place is one of its parts");
    }
    let gone = |code: &String| var.given.iter().any(|part| part.starts_with(code));
    found.retain(|(code, _)| !gone(code));
    found
}
