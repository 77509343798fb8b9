//! Statements.

use crate::branches::Want;
use crate::code::{Code, Part};
use crate::maker::Maker;
use crate::patterns::Mode;
use crate::scope::{Need, State};
use crate::types::Ty;

/// How deeply statements are nested.
const DEPTH: usize = 7;

impl Maker<'_> {
    /// So many statements, or fewer if one of them does not end.
    pub(crate) fn statements(&mut self, count: usize, depth: usize) -> Vec<Code> {
        let mut codes = Vec::new();
        for _ in 0..count {
            if self.diverged {
                break;
            }
            codes.push(self.statement(depth));
        }
        codes
    }

    fn statement(&mut self, depth: usize) -> Code {
        self.budget -= 1;
        if self.budget > 0 && depth < DEPTH {
            for _ in 0..4 {
                let made = if !self.acts() {
                    self.reading(depth)
                } else if self.chance(30) {
                    self.control(depth)
                } else if self.chance(50) {
                    self.local(depth)
                } else {
                    self.effect(depth)
                };
                if let Some(code) = made {
                    return code;
                }
            }
        }
        if self.suspends() && self.chance(50) {
            return Code::line("coop!();");
        }
        let number = self.number();
        Code::line(format!("log.note(\"s{number}\");"))
    }

    /// A statement that only reads.
    fn reading(&mut self, depth: usize) -> Option<Code> {
        if self.chance(50) {
            return Some(self.let_value(depth));
        }
        let value = self.value(&Ty::Int("u32"), depth);
        Some(Code::statement("log.note($);", [value.into()]))
    }

    fn control(&mut self, depth: usize) -> Option<Code> {
        Some(match self.random.below(12) {
            0..=2 => self.conditional(&Want::Statements, depth),
            3 | 4 => self.matching(&Want::Statements, depth),
            5..=7 if self.loops < 3 => self.looping(depth),
            8 => {
                let body = self.block(&Want::Statements, depth);
                Code::statement("$", [body.into()])
            }
            9 => self.labelled_statement(depth),
            10 | 11 => {
                let cond = self.value(&Ty::Bool, depth);
                let before = self.scopes.clone();
                let (body, _) = self.way(|this| this.scoped(|this| this.leave(depth)));
                self.scopes = before;
                Code::statement("if $ $", [cond.into(), body.into()])
            }
            _ => return None,
        })
    }

    fn local(&mut self, depth: usize) -> Option<Code> {
        match self.random.below(16) {
            0..=6 => Some(self.let_value(depth)),
            7 => Some(self.let_pattern(depth)),
            8 => Some(self.let_else(depth)),
            9 | 10 => self.reference(),
            11 => Some(self.closure(depth)),
            12 => Some(self.large(depth)),
            13 => Some(self.deferred(depth)),
            14 => {
                self.forget_a_reference();
                None
            }
            _ => {
                let ty = Ty::random(self.random, 1);
                let value = self.value(&ty, depth);
                Some(Code::statement("let _ = $;", [value.into()]))
            }
        }
    }

    fn let_value(&mut self, depth: usize) -> Code {
        let ty = match self.random.below(12) {
            0 if self.has_machine() && self.acts() => Ty::Named("Machine"),
            _ => Ty::random(self.random, 2),
        };
        // Native branches of an initialiser may disagree on what they take.
        let value = match self.random.below(14) {
            0 if self.acts() => self.if_value(&ty, depth),
            1 if self.acts() => self.match_value(&ty, depth),
            2 if self.acts() => self.block_value(&ty, depth),
            _ => self.value(&ty, depth),
        };
        let mutable = self.chance(55);
        if let Ty::Int(int) = ty
            && self.chance(12)
        {
            return self.number_of_later_type(int, mutable);
        }
        let (name, id) = self.declare(&ty, mutable);
        let spelled = self.chance(40);
        self.var(id).spelled = spelled;
        let word = if mutable { "mut " } else { "" };
        let written = if spelled {
            format!(": {}", ty.name())
        } else {
            String::new()
        };
        Code::statement(&format!("let {word}{name}{written} = $;"), [value.into()])
    }

    /// A number whose type only what stands behind a suspension tells.
    fn number_of_later_type(&mut self, int: &'static str, mutable: bool) -> Code {
        let (name, _) = self.declare(&Ty::Int(int), mutable);
        let word = if mutable { "mut " } else { "" };
        let behind = if self.suspends() { "coop!();\n" } else { "" };
        let number = self.random.below(100);
        Code::line(format!(
            "let {word}{name} = {number};\n{behind}let _: &{int} = &{name};"
        ))
    }

    fn has_machine(&self) -> bool {
        self.callees.iter().any(|callee| callee.method)
    }

    fn let_pattern(&mut self, depth: usize) -> Code {
        let ty = match self.random.below(4) {
            0 => Ty::Named(self.pick(&["Point", "Named", "Pair"])),
            1 => Ty::Array(Ty::random(self.random, 1).boxed(), 2),
            _ => Ty::Tuple(vec![Ty::random(self.random, 1), Ty::random(self.random, 2)]),
        };
        let value = self.value(&ty, depth);
        let pattern = self.pattern(&ty, Mode::Value, true);
        self.bind(&pattern, None);
        Code::statement(&format!("let {} = $;", pattern.text), [value.into()])
    }

    fn let_else(&mut self, depth: usize) -> Code {
        let ty = match self.random.below(3) {
            0 => Ty::Named(self.pick(&["Form", "Held"])),
            1 => {
                let error = Ty::Text.boxed();
                Ty::Result(Ty::random(self.random, 1).boxed(), error)
            }
            _ => Ty::random(self.random, 1).option(),
        };
        let movable = self.movable(|other| *other == ty);
        let (value, local) = match movable.first() {
            Some(place) if self.chance(50) => {
                (Code::words(&ty, place.code.clone()), Some(place.id))
            }
            _ => (self.value(&ty, depth), None),
        };
        let pattern = self.pattern(&ty, Mode::Value, false);
        let (diverge, _) = self.way(|this| this.scoped(|this| this.leave(depth)));
        if let Some(id) = local
            && pattern.takes
        {
            self.var(id).state = State::Gone;
        }
        self.bind(&pattern, None);
        let form = format!("let {} = $ else $;", pattern.text);
        // A value that ends in a brace cannot stand before `else`.
        let value = Code::value(&ty, "($)", [value.into()]);
        Code::statement(&form, [value.into(), diverge.into()])
    }

    /// A reference to a local, or to a part of one.
    fn reference(&mut self) -> Option<Code> {
        let exclusive = self.chance(45);
        let (need, sign) = if exclusive {
            (Need::Write, "&mut ")
        } else {
            (Need::Read, "&")
        };
        let place = self.place(need, |ty| !ty.is_ref() && !matches!(ty, Ty::Closure(..)))?;
        let ty = if exclusive {
            Ty::RefMut(place.ty.boxed())
        } else {
            Ty::Ref(place.ty.boxed())
        };
        let (name, id) = self.declare(&ty, false);
        self.lend(place.id, exclusive, true);
        self.var(id).borrows = Some((place.id, exclusive));
        Some(Code::line(format!("let {name} = {sign}{};", place.code)))
    }

    /// A closure that takes along what it reads.
    fn closure(&mut self, depth: usize) -> Code {
        let ty = Ty::Int(self.pick(&["u32", "u8", "i64"]));
        let Ty::Int(name) = ty else { unreachable!() };
        let hidden: Vec<_> = self.hide_references();
        let body = self.purely(|this| {
            this.scoped(|this| {
                this.declare_as("k", &ty, false);
                this.copied(&ty, depth)
            })
        });
        for id in hidden {
            self.var(id).exclusive -= 1;
        }
        let closure = Ty::Closure(ty.clone().boxed(), ty.clone().boxed());
        let (name_of, _) = self.declare(&closure, false);
        let form = format!("let {name_of} = move |k: {name}| -> {name} {{ $ }};");
        Code::statement(&form, [body.into()])
    }

    /// Arithmetic on copies.
    fn copied(&mut self, ty: &Ty, depth: usize) -> Code {
        let Ty::Int(name) = ty else { unreachable!() };
        let found = self.places(Need::Read, |other| other == ty);
        let place = self.pick(&found);
        if depth > 5 || self.chance(40) {
            return Code::words(ty, place.code);
        }
        let (left, right) = (self.copied(ty, depth + 1), self.copied(ty, depth + 2));
        Code::value(
            ty,
            &format!("{name}::wrapping_add($, $)"),
            [left.into(), right.into()],
        )
    }

    /// Makes what borrows, and what is not `Copy`, unusable; returns it.
    fn hide_references(&mut self) -> Vec<crate::scope::VarId> {
        let mut hidden = Vec::new();
        for id in crate::scope::visible(&self.scopes) {
            let var = self.var(id);
            if !var.ty.is_copy() || var.ty.is_ref() {
                var.exclusive += 1;
                hidden.push(id);
            }
        }
        hidden
    }

    /// An array that takes room in the frame.
    fn large(&mut self, depth: usize) -> Code {
        let ty = Ty::Int(self.pick(&["u32", "u8"]));
        let count = self.pick(&[16, 64, 200, 512]);
        let value = self.value(&ty, depth);
        let array = Ty::Array(ty.boxed(), count);
        let (name, _) = self.declare(&array, true);
        Code::statement(&format!("let mut {name} = [$; {count}];"), [value.into()])
    }

    /// A local that is assigned on two ways.
    fn deferred(&mut self, depth: usize) -> Code {
        let ty = Ty::random(self.random, 1);
        let cond = self.value(&Ty::Bool, depth);
        let name = format!("z{}", self.number());
        let branch = |this: &mut Self| {
            let (body, after) = this.way(|this| {
                this.scoped(|this| {
                    let mut codes = this.statements(1, depth + 1);
                    if !this.diverged {
                        let value = this.value(&ty, depth + 1);
                        let form = format!("{name} = $;");
                        codes.push(Code::new(crate::code::Role::Fixed, &form, [value.into()]));
                    }
                    codes
                })
            });
            (Part::Body(body), after)
        };
        let ((then, one), (other, two)) = (branch(self), branch(self));
        self.join(vec![one, two]);
        self.declare_as(&name, &ty, false);
        let form = format!("let {name}: {};\nif $ $ else $", ty.name());
        Code::statement(&form, [cond.into(), then, other])
    }
}
