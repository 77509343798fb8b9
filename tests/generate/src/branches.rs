//! `if`, `match` and blocks, as values and as statements.

use crate::code::{Code, Part, Role};
use crate::maker::Maker;
use crate::patterns::{Mode, Pattern};
use crate::scope::{Need, Scopes, State, VarId, closed};
use crate::types::Ty;

/// What the branches of something are to be.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// Values of a type.
    Value(Ty),
    /// Statements.
    Statements,
}

/// What is matched, and how.
pub(crate) struct Matched {
    pub(crate) code: Code,
    pub(crate) ty: Ty,
    pub(crate) mode: Mode,
    /// The local that it is, if a pattern can take it or borrow from it.
    local: Option<VarId>,
    /// Patterns borrow from a local of this function, so that branches may not suspend where they bind.
    inside: bool,
}

impl Maker<'_> {
    /// A block in a scope of its own.
    pub(crate) fn block(&mut self, want: &Want, depth: usize) -> Vec<Code> {
        self.scoped(|this| this.contents(want, depth))
    }

    fn contents(&mut self, want: &Want, depth: usize) -> Vec<Code> {
        let count = match want {
            Want::Value(_) => self.random.below(3),
            Want::Statements => self.random.between(1, 3),
        };
        let mut codes = self.statements(count, depth + 1);
        if let Want::Value(ty) = want {
            // Code behind what does not end is still code.
            let ends = !std::mem::take(&mut self.diverged);
            codes.push(self.value(ty, depth + 1));
            self.diverged |= !ends;
        } else if !self.diverged && self.chance(12) {
            codes.extend(self.leave(depth));
        }
        codes
    }

    /// A block of one of several branches.
    fn branch(&mut self, want: &Want, depth: usize) -> (Part, Option<Scopes>) {
        let (body, after) = self.way(|this| match want {
            Want::Value(_) if this.chance(6) && this.acts() => this.scoped(|this| {
                let mut codes = this.statements(1, depth + 1);
                if !this.diverged {
                    codes.extend(this.leave(depth));
                }
                // The type of a branch must be known even if none of them ends.
                let Want::Value(ty) = want else {
                    unreachable!()
                };
                let ends = !std::mem::take(&mut this.diverged);
                this.budget = this.budget.min(0);
                codes.push(this.leaf(ty, 9));
                this.diverged = !ends;
                codes
            }),
            want => this.block(want, depth),
        });
        (Part::Body(body), after)
    }

    pub(crate) fn block_value(&mut self, ty: &Ty, depth: usize) -> Code {
        let body = self.block(&Want::Value(ty.clone()), depth);
        self.diverged = false;
        Code::value(ty, "$", [body.into()])
    }

    fn role(want: &Want) -> Role {
        match want {
            Want::Value(ty) => Role::Value(ty.clone()),
            Want::Statements => Role::Statement,
        }
    }

    pub(crate) fn if_value(&mut self, ty: &Ty, depth: usize) -> Code {
        let code = self.conditional(&Want::Value(ty.clone()), depth);
        self.diverged = false;
        code
    }

    /// An `if`, perhaps with `let`, with a chain of conditions, or with several branches.
    pub(crate) fn conditional(&mut self, want: &Want, depth: usize) -> Code {
        let other = matches!(want, Want::Value(_)) || self.chance(50);
        // What a condition binds is in scope in the first branch only.
        let mut missed = Vec::new();
        self.scopes.push(Vec::new());
        let (conds, calm) = self.conditions(depth, &mut missed);
        self.calm += usize::from(calm);
        let (then, taken) = self.branch(want, depth);
        self.calm -= usize::from(calm);
        let taken = taken.map(closed);
        self.scopes = closed(std::mem::take(&mut self.scopes));
        self.join(missed);
        let form = vec!["$"; conds.len()].join(" && ");
        let mut parts = conds;
        parts.push(then);
        let mut template = format!("if {form} $");
        let mut ways = vec![taken];
        if other {
            if self.chance(25) && depth < 4 {
                let (code, after) = self.way(|this| this.conditional(want, depth + 1));
                parts.push(code.into());
                ways.push(after);
            } else {
                let (code, after) = self.branch(want, depth);
                parts.push(code);
                ways.push(after);
            }
            template.push_str(" else $");
        } else {
            ways.push(Some(self.scopes.clone()));
        }
        self.join(ways);
        Code::new(Self::role(want), &template, parts)
    }

    /// The conditions of an `if`; whether its branch must not suspend; `missed` gets what is known where
    /// one is false.
    fn conditions(&mut self, depth: usize, missed: &mut Vec<Option<Scopes>>) -> (Vec<Part>, bool) {
        let mut conds = Vec::new();
        let mut calm = false;
        for at in 0..if self.chance(20) { 2 } else { 1 } {
            let before = self.scopes.clone();
            let mut matched = self.chance(45).then(|| self.matched(depth));
            let mut cond = match &matched {
                Some(matched) => matched.code.clone(),
                None => self.value(&Ty::Bool, depth + 1),
            };
            // What only some of the conditions end would be unknown where one of them is false.
            if at > 0 && ends_tracked(&before, &self.scopes) {
                (self.scopes, matched) = (before, None);
                cond = Code::words(&Ty::Bool, "true");
            }
            missed.push(Some(closed(self.scopes.clone())));
            let Some(matched) = matched else {
                conds.push(cond.into());
                continue;
            };
            let pattern = self.pattern(&matched.ty, matched.mode, false);
            if self.enter(&matched, &pattern) && !calm {
                calm = true;
                self.calm += 1;
            }
            let form = format!("let {} = $", pattern.text);
            conds.push(Code::new(Role::Fixed, &form, [cond.into()]).into());
            if pattern.takes {
                break;
            }
        }
        self.calm -= usize::from(calm);
        (conds, calm)
    }

    /// Something to match: a value, a local, or a borrow of one.
    pub(crate) fn matched(&mut self, depth: usize) -> Matched {
        let structured = |ty: &Ty| {
            matches!(
                ty,
                Ty::Option(_) | Ty::Result(..) | Ty::Tuple(_) | Ty::Named(_) | Ty::Array(..)
            ) && *ty != Ty::Named("Machine")
        };
        let choice = self.random.below(10);
        if choice < 3 {
            let found = self.movable(structured);
            if !found.is_empty() {
                let place = self.pick(&found);
                return Matched {
                    code: Code::words(&place.ty, place.code),
                    ty: place.ty,
                    mode: Mode::Value,
                    local: Some(place.id),
                    inside: false,
                };
            }
        } else if choice < 6
            && let Some(matched) = self.borrowed_match(&structured)
        {
            return matched;
        }
        let ty = match self.random.below(4) {
            0 => Ty::Int(self.pick(&["u32", "u8"])),
            1 => Ty::random(self.random, 1).option(),
            _ => Ty::random(self.random, 2),
        };
        let code = self.value(&ty, depth + 1);
        let named = !matches!(ty, Ty::Int(_) | Ty::Option(_));
        let code = if named {
            Code::value(&ty, "($)", [code.into()])
        } else {
            code
        };
        // A bare local in parentheses is that local; in a block it is a value.
        let code = if self.is_bare(&code) && !ty.is_copy() {
            Code::value(&ty, "{ $ }", [code.into()])
        } else {
            code
        };
        Matched {
            code,
            ty,
            mode: Mode::Value,
            local: None,
            inside: false,
        }
    }

    fn borrowed_match(&mut self, structured: &impl Fn(&Ty) -> bool) -> Option<Matched> {
        let exclusive = self.acts() && self.chance(40);
        let (need, sign) = if exclusive {
            (Need::Write, "&mut ")
        } else {
            (Need::Read, "&")
        };
        if self.chance(20) {
            return self.slice_match(need);
        }
        let place = self.place(need, structured)?;
        let said = self.chance(30);
        let mode = match (exclusive, said) {
            (true, false) => Mode::Exclusive,
            (false, false) => Mode::Shared,
            (true, true) => Mode::RefMut,
            (false, true) => Mode::Ref,
        };
        let sign = if said { "" } else { sign };
        let lent = self.scopes[place.id.0][place.id.1].borrows.is_some();
        Some(Matched {
            code: Code::words(&Ty::Unit, format!("{sign}{}", place.code)),
            ty: place.ty,
            mode,
            local: Some(place.id),
            inside: exclusive || !place.outside || lent,
        })
    }

    /// The elements of a vector or an array.
    fn slice_match(&mut self, need: Need) -> Option<Matched> {
        let place = self.place(need, |ty| {
            matches!(ty, Ty::Vec(_)) || matches!(ty, Ty::Array(_, count) if *count < 9)
        })?;
        let (Ty::Vec(inner) | Ty::Array(inner, _)) = place.ty else {
            unreachable!("a list was asked for")
        };
        let (mode, code) = match need {
            Need::Write => (Mode::Exclusive, format!("&mut {}[..]", place.code)),
            Need::Read if self.chance(50) => (Mode::Shared, format!("&{}[..]", place.code)),
            Need::Read => (Mode::Shared, format!("{}.as_slice()", place.code)),
        };
        Some(Matched {
            code: Code::words(&Ty::Unit, code),
            ty: Ty::Slice(inner),
            mode,
            local: Some(place.id),
            inside: true,
        })
    }

    /// Whether code is nothing but the name of a local, or of a part of one.
    pub(crate) fn is_bare(&self, code: &Code) -> bool {
        let text = code.text("").replace("(*", "").replace(')', "");
        let text = text.trim_matches('(');
        text.chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.')
            && text.chars().next().is_some_and(char::is_alphabetic)
    }

    /// Declares what a pattern binds where it has matched; says whether nothing may suspend there.
    pub(crate) fn enter(&mut self, matched: &Matched, pattern: &Pattern) -> bool {
        if matched.mode == Mode::Value {
            if let Some(id) = matched.local
                && pattern.takes
            {
                self.var(id).state = State::Gone;
            }
            self.bind(pattern, None);
            return false;
        }
        self.bind(pattern, matched.local);
        matched.inside && !pattern.bindings.is_empty()
    }

    pub(crate) fn match_value(&mut self, ty: &Ty, depth: usize) -> Code {
        let code = self.matching(&Want::Value(ty.clone()), depth);
        self.diverged = false;
        code
    }

    /// A `match`.
    pub(crate) fn matching(&mut self, want: &Want, depth: usize) -> Code {
        let matched = self.matched(depth);
        let mut parts: Vec<Part> = vec![matched.code.clone().into()];
        let mut template = "match $ {".to_owned();
        let mut ways = Vec::new();
        let count = self.random.between(1, 3);
        for at in 0..=count {
            let last = at == count;
            let pattern = self.pattern(&matched.ty, matched.mode, last);
            let guarded =
                !last && !matches!(matched.mode, Mode::Exclusive | Mode::RefMut) && self.chance(25);
            let ((guard, body), after) = self.way(|this| {
                this.scoped(|this| {
                    let calm = this.enter(&matched, &pattern);
                    let guard = guarded.then(|| this.purely(|this| this.value(&Ty::Bool, 2)));
                    this.calm += usize::from(calm);
                    let body = this.arm(want, depth);
                    this.calm -= usize::from(calm);
                    (guard, body)
                })
            });
            ways.push(after);
            let guard_text = if guard.is_some() { " if $" } else { "" };
            template.push_str(&format!("\n    {}{guard_text} => $,", pattern.text));
            parts.extend(guard.map(Part::Code));
            parts.push(body);
            if pattern.certain && !guarded {
                break;
            }
        }
        template.push_str("\n}");
        self.join(ways);
        Code::new(Self::role(want), &template, parts)
    }

    fn arm(&mut self, want: &Want, depth: usize) -> Part {
        match want {
            Want::Value(ty) if self.chance(60) => self.value(ty, depth + 1).into(),
            want => Part::Body(self.block(want, depth)),
        }
    }
}

/// Whether something of which the drop is noted has been moved.
fn ends_tracked(before: &Scopes, after: &Scopes) -> bool {
    let pairs = before.iter().flatten().zip(after.iter().flatten());
    let mut moved = pairs.filter(|(before, after)| before.state != after.state);
    moved.any(|(var, _)| var.ty.is_tracked())
}
