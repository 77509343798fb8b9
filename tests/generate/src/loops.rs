//! Loops and labelled blocks, and the ways out of them. Every loop counts its turns and ends after a few.

use crate::branches::Want;
use crate::code::{Code, Part, Role};
use crate::maker::{Maker, Target};
use crate::patterns::Mode;
use crate::scope::{Need, Scopes, closed};
use crate::types::Ty;

/// The most turns of any loop.
const TURNS: usize = 3;

impl Maker<'_> {
    /// Generates what a label is on; returns what is known where it is left from inside.
    fn labelled<T>(
        &mut self,
        repeats: bool,
        value: Option<&Ty>,
        make: impl FnOnce(&mut Self, &str) -> T,
    ) -> (T, Vec<Option<Scopes>>) {
        let number = self.number();
        let label = format!("'l{number}");
        self.targets.push(Target {
            label: label.clone(),
            repeats,
            value: value.cloned(),
            scopes: self.scopes.len(),
            loops: self.loops,
            exits: Vec::new(),
        });
        let stay = self.stay;
        if repeats {
            self.loops += 1;
            self.stay = self.loops;
        }
        let made = make(self, &label);
        if repeats {
            self.loops -= 1;
        }
        self.stay = stay;
        let target = self.targets.pop().expect("the label just begun");
        (made, target.exits)
    }

    /// What is known outside of a target, if it is left here.
    fn outside(&self, scopes: usize) -> Scopes {
        let mut known = self.scopes.clone();
        while known.len() > scopes {
            known = closed(known);
        }
        known
    }

    /// A `loop` with a value.
    pub(crate) fn loop_value(&mut self, ty: &Ty, depth: usize) -> Code {
        let code = self.endless(&Want::Value(ty.clone()), depth);
        self.diverged = false;
        code
    }

    fn endless(&mut self, want: &Want, depth: usize) -> Code {
        let value = match want {
            Want::Value(ty) => Some(ty),
            Want::Statements => None,
        };
        let counter = format!("i{}", self.number());
        let ((head, body), exits) = self.labelled(true, value, |this, label| {
            let turns = this.random.between(1, TURNS);
            let (fuel, exit) = this.way(|this| {
                let form = format!("{counter} += 1;\nif {counter} > {turns} {{ break {label}");
                match value {
                    Some(ty) => {
                        // The value of the last turn must not lead to another.
                        let leaving = std::mem::replace(&mut this.leaving, 1);
                        let value = this.value(ty, depth + 1);
                        this.leaving = leaving;
                        Code::new(Role::Fixed, &format!("{form} ($); }}"), [value.into()])
                    }
                    None => Code::new(Role::Fixed, &format!("{form}; }}"), []),
                }
            });
            let last = this.targets.len() - 1;
            this.targets[last].exits.push(exit);
            let (mut body, end) = this.way(|this| this.block(&Want::Statements, depth));
            // It may be left at the top of any turn.
            this.targets[last].exits.push(end);
            body.insert(0, fuel);
            (format!("{label}: loop $"), body)
        });
        self.join(exits);
        let (role, form) = match want {
            Want::Value(ty) => (
                Role::Value(ty.clone()),
                format!("{{ let mut {counter} = 0; {head} }}"),
            ),
            Want::Statements => (Role::Statement, format!("let mut {counter} = 0;\n{head}")),
        };
        Code::new(role, &form, [body.into()])
    }

    /// A block that may be left with a value.
    pub(crate) fn labelled_value(&mut self, ty: &Ty, depth: usize) -> Code {
        let ((body, label), mut exits) = self.labelled(false, Some(ty), |this, label| {
            let (body, end) = this.way(|this| this.block(&Want::Value(ty.clone()), depth));
            let last = this.targets.len() - 1;
            this.targets[last].exits.push(end);
            (body, label.to_owned())
        });
        exits.rotate_right(1);
        self.join(exits);
        self.diverged = false;
        Code::value(ty, &format!("{label}: $"), [body.into()])
    }

    /// A labelled block as a statement.
    pub(crate) fn labelled_statement(&mut self, depth: usize) -> Code {
        let ((body, label), exits) = self.labelled(false, None, |this, label| {
            let (body, end) = this.way(|this| this.block(&Want::Statements, depth));
            let last = this.targets.len() - 1;
            this.targets[last].exits.push(end);
            (body, label.to_owned())
        });
        self.join(exits);
        Code::statement(&format!("{label}: $"), [body.into()])
    }

    /// A loop as a statement.
    pub(crate) fn looping(&mut self, depth: usize) -> Code {
        match self.random.below(8) {
            0 | 1 => self.endless(&Want::Statements, depth),
            2 | 3 => self.while_loop(depth),
            4 => self.while_let(depth),
            _ => self.for_loop(depth),
        }
    }

    /// The body of a loop that may have no turns; `enter` generates what stands before it in each.
    fn turns(
        &mut self,
        depth: usize,
        enter: impl FnOnce(&mut Self) -> (Vec<Code>, bool),
    ) -> (String, Vec<Code>) {
        let before = self.scopes.clone();
        let (made, mut exits) = self.labelled(true, None, |this, label| {
            let (body, end) = this.way(|this| {
                this.scoped(|this| {
                    let (mut codes, calm) = enter(this);
                    this.calm += usize::from(calm);
                    codes.extend(this.block(&Want::Statements, depth));
                    this.calm -= usize::from(calm);
                    codes
                })
            });
            let last = this.targets.len() - 1;
            this.targets[last].exits.push(end);
            (label.to_owned(), body)
        });
        exits.push(Some(before));
        self.join(exits);
        made
    }

    fn while_loop(&mut self, depth: usize) -> Code {
        let counter = format!("i{}", self.number());
        let turns = self.random.between(1, TURNS);
        let cond = self.chance(50);
        // The condition is evaluated again and again, so it may not move what is outside.
        let (loops, stay) = (self.loops, self.stay);
        self.loops += 1;
        self.stay = self.loops;
        let leaving = std::mem::replace(&mut self.leaving, 1);
        let cond = cond.then(|| self.value(&Ty::Bool, depth + 1));
        self.leaving = leaving;
        (self.loops, self.stay) = (loops, stay);
        let count = Code::new(Role::Fixed, &format!("{counter} += 1;"), []);
        let (label, body) = self.turns(depth, |_| (vec![count], false));
        let head = format!("let mut {counter} = 0;\n{label}: while {counter} < {turns}");
        match cond {
            Some(cond) => Code::statement(&format!("{head} && $ $"), [cond.into(), body.into()]),
            None => Code::statement(&format!("{head} $"), [body.into()]),
        }
    }

    fn while_let(&mut self, depth: usize) -> Code {
        let popped = self.place(
            Need::Write,
            |ty| matches!(ty, Ty::Vec(inner) if !inner.is_ref()),
        );
        let Some(place) = popped else {
            return self.while_loop(depth);
        };
        let Ty::Vec(inner) = place.ty.clone() else {
            unreachable!("a vector was asked for")
        };
        let counter = format!("i{}", self.number());
        let turns = self.random.between(1, TURNS);
        let given = self.suspends() && self.chance(40);
        let pattern = self.pattern(&inner, Mode::Value, true);
        let fuel = format!("{counter} += 1;\nif {counter} > {turns} {{ break; }}");
        let fuel = Code::new(Role::Fixed, &fuel, []);
        let (label, body) = self.turns(depth, |this| {
            this.bind(&pattern, None);
            (vec![fuel], false)
        });
        let popped = match given {
            true => format!("call!(give(log, {}.pop()))", place.code),
            false => format!("{}.pop()", place.code),
        };
        let head = format!("{label}: while let Some({}) = {popped} $", pattern.text);
        Code::statement(&format!("let mut {counter} = 0;\n{head}"), [body.into()])
    }

    fn for_loop(&mut self, depth: usize) -> Code {
        let bound = self.random.between(1, TURNS);
        let int = Ty::Int(self.pick(&["u32", "usize", "u8"]));
        let Ty::Int(name) = int else { unreachable!() };
        let mut lender = None;
        let (iter, item): (Part, Ty) = match self.random.below(8) {
            0 | 1 => (
                Code::words(&Ty::Unit, format!("0..{bound}{name}")).into(),
                int,
            ),
            2 => (
                Code::words(&Ty::Unit, format!("(0..={bound}{name}).rev()")).into(),
                int,
            ),
            3 => {
                let end = self.value(&int, depth + 1);
                let form = format!("0{name}..($ % {})", TURNS + 1);
                (Code::value(&Ty::Unit, &form, [end.into()]).into(), int)
            }
            4 | 5 => {
                let ty = Ty::random(self.random, 1);
                let form = self.pick(&["$.into_iter().take(3)", "$.into_iter().rev().take(2)"]);
                let all = self.made(&Ty::Unit, form, &[ty.clone().vec()], depth);
                (all.into(), ty)
            }
            6 => {
                let array = Ty::Array(Ty::Text.boxed(), 2);
                (
                    self.made(&Ty::Unit, "$.into_iter().enumerate()", &[array], depth)
                        .into(),
                    Ty::Tuple(vec![Ty::Int("usize"), Ty::Text]),
                )
            }
            _ => {
                let all = self.place(Need::Read, |ty| matches!(ty, Ty::Vec(_)));
                let Some(all) = all else {
                    return self.while_loop(depth);
                };
                let Ty::Vec(inner) = all.ty.clone() else {
                    unreachable!()
                };
                lender = Some(all.id);
                (
                    Code::words(&Ty::Unit, format!("{}.iter().take(2)", all.code)).into(),
                    Ty::Ref(inner),
                )
            }
        };
        let mode = Mode::Value;
        let pattern = if item.is_ref() {
            let inner = match &item {
                Ty::Ref(inner) => (**inner).clone(),
                _ => unreachable!(),
            };
            self.pattern(&inner, Mode::Shared, true)
        } else {
            self.pattern(&item, mode, true)
        };
        if let Some(id) = lender {
            self.lend(id, false, true);
        }
        let (label, body) = self.turns(depth, |this| {
            this.bind(&pattern, None);
            (Vec::new(), lender.is_some())
        });
        if let Some(id) = lender {
            self.lend(id, false, false);
        }
        let label = if self.targets.is_empty() && !uses(&body, &label) {
            String::new()
        } else {
            format!("{label}: ")
        };
        Code::statement(
            &format!("{label}for {} in $ $", pattern.text),
            [iter, body.into()],
        )
    }

    /// A way out: of a loop or a block, to its next turn, or of the function.
    pub(crate) fn leave(&mut self, depth: usize) -> Vec<Code> {
        if !self.acts() {
            return Vec::new();
        }
        let stay = self.stay;
        let out = self.leaving == 0 && !self.targets.is_empty() && self.chance(75);
        self.leaving += 1;
        let codes = if out {
            self.jump(depth)
        } else {
            self.stay = 0;
            let count = self.random.below(2);
            let mut codes = self.statements(count, depth + 1);
            if !self.diverged {
                let result = self.result.clone();
                let value = self.value(&result, depth + 1);
                codes.push(Code::statement("return $;", [value.into()]));
            }
            codes
        };
        self.leaving -= 1;
        self.stay = stay;
        self.diverged = true;
        codes
    }

    fn jump(&mut self, depth: usize) -> Vec<Code> {
        let at = self.random.below(self.targets.len());
        let target = &self.targets[at];
        let (label, value) = (target.label.clone(), target.value.clone());
        let (scopes, loops) = (target.scopes, target.loops);
        let again = target.repeats && self.chance(35);
        let bare = at + 1 == self.targets.len() && self.targets[at].repeats;
        self.stay = if again { loops + 1 } else { loops };
        let count = self.random.below(2);
        let mut codes = self.statements(count, depth + 1);
        if self.diverged {
            return codes;
        }
        let name = if bare && self.chance(40) {
            String::new()
        } else {
            format!(" {label}")
        };
        if again {
            codes.push(Code::statement(&format!("continue{name};"), []));
        } else if let Some(ty) = value {
            let value = self.value(&ty, depth + 1);
            codes.push(Code::statement(
                &format!("break{name} ($);"),
                [value.into()],
            ));
        } else {
            codes.push(Code::statement(&format!("break{name};"), []));
        }
        let known = self.outside(scopes);
        // A `loop` that is continued is left elsewhere, if at all.
        self.targets[at].exits.push(Some(known));
        codes
    }
}

fn uses(body: &[Code], label: &str) -> bool {
    body.iter().any(|code| code.text("").contains(label))
}
