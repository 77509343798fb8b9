//! Values of any type: literals, locals, and the forms that work for every type alike.

use crate::code::{Code, Part};
use crate::maker::Maker;
use crate::scope::{Need, State};
use crate::signature::Signature;
use crate::types::Ty;

/// How deeply expressions are nested.
const DEPTH: usize = 4;

impl Maker<'_> {
    /// A value of a type.
    pub(crate) fn value(&mut self, ty: &Ty, depth: usize) -> Code {
        self.budget -= 1;
        if self.budget > 0 && depth < DEPTH && !self.chance(15) {
            for _ in 0..3 {
                let form = |this: &mut Self| match this.chance(40) {
                    true => this.general(ty, depth),
                    false => this.special(ty, depth),
                };
                if let Some(code) = form(self) {
                    return code;
                }
            }
        }
        self.leaf(ty, depth)
    }

    /// A local of a type, or a literal.
    pub(crate) fn leaf(&mut self, ty: &Ty, depth: usize) -> Code {
        if self.chance(75) || !ty.is_literal() {
            if ty.is_copy() {
                if let Some(place) = self.place(Need::Read, |other| other == ty) {
                    return Code::words(ty, place.code);
                }
            } else if let Some(code) = self.moved(ty) {
                return code;
            }
        }
        if let Ty::Param(_) = ty {
            unreachable!("there is a literal of each type that is asked for");
        }
        self.literal(ty, depth)
    }

    /// A local that is moved, or a clone of a place.
    fn moved(&mut self, ty: &Ty) -> Option<Code> {
        let movable = self.movable(|other| other == ty);
        if !movable.is_empty() && (ty.is_tracked() || self.chance(70)) {
            let place = self.pick(&movable);
            self.var(place.id).state = State::Gone;
            return Some(Code::words(ty, place.code));
        }
        if ty.is_clone() {
            let place = self.place(Need::Read, |other| other == ty)?;
            return Some(Code::words(ty, format!("{}.clone()", place.code)));
        }
        None
    }

    /// A value of a type made from nothing, or from smaller values.
    pub(crate) fn literal(&mut self, ty: &Ty, depth: usize) -> Code {
        let part = |this: &mut Self, ty: &Ty| this.value(ty, depth + 1);
        match ty {
            Ty::Int(name) => {
                let number = match self.random.below(12) {
                    0 => format!("{name}::MAX"),
                    1 => "0xf0".to_owned() + if *name == "u8" { "_u8" } else { name },
                    _ => format!("{}{name}", self.random.below(10)),
                };
                Code::words(ty, number)
            }
            Ty::Bool if self.budget > 0 => self.condition(depth + 1),
            Ty::Bool => Code::words(ty, self.random.pick(&["true", "false"]).to_string()),
            Ty::Char => Code::words(
                ty,
                self.random
                    .pick(&["'a'", "'z'", "'\u{e9}'", "' '"])
                    .to_string(),
            ),
            Ty::Str => Code::words(
                ty,
                self.random
                    .pick(&["\"\"", "\"one\"", "\"two words\""])
                    .to_string(),
            ),
            Ty::Text => match self.random.below(3) {
                0 => Code::words(ty, "String::new()"),
                1 => Code::words(ty, "String::from(\"text\")"),
                _ => Code::words(ty, "\"words\".to_string()"),
            },
            Ty::Tracked => {
                let number = self.number();
                Code::words(ty, format!("log.tracked(\"t{number}\")"))
            }
            Ty::Unit => Code::words(ty, "()"),
            Ty::Vec(inner) => match self.random.below(4) {
                0 => Code::words(ty, format!("Vec::<{}>::new()", inner.name())),
                1 if inner.is_clone() => {
                    let value = part(self, inner);
                    Code::value(ty, "vec![$; 2]", [value.into()])
                }
                _ => {
                    let count = self.random.between(1, 2);
                    let all = self.values(&vec![(**inner).clone(); count], depth + 1);
                    self.list(ty, "vec![", all, "]")
                }
            },
            Ty::Boxed(inner) => {
                let value = part(self, inner);
                Code::value(ty, "Box::new($)", [value.into()])
            }
            Ty::Array(inner, count) if *count > 8 => {
                let value = part(self, inner);
                Code::value(ty, &format!("[$; {count}]"), [value.into()])
            }
            Ty::Array(inner, count) => {
                let all = self.values(&vec![(**inner).clone(); *count], depth + 1);
                self.list(ty, "[", all, "]")
            }
            Ty::Tuple(types) => {
                let all = self.values(types, depth + 1);
                self.list(ty, "(", all, ")")
            }
            Ty::Option(_) | Ty::Result(..) | Ty::Named(_) => self.built(ty, depth),
            Ty::Param(_) | Ty::Ref(_) | Ty::RefMut(_) | Ty::Closure(..) | Ty::Slice(_) => {
                unreachable!("{} has no literal", ty.name())
            }
        }
    }

    pub(crate) fn list(&mut self, ty: &Ty, open: &str, all: Vec<Code>, close: &str) -> Code {
        let places = vec!["$"; all.len()].join(", ");
        Code::value(
            ty,
            &format!("{open}{places}{close}"),
            all.into_iter().map(Part::Code),
        )
    }

    /// A struct, or a variant of an enum.
    fn built(&mut self, ty: &Ty, depth: usize) -> Code {
        let shapes = ty.shapes();
        let shape = self.pick(&shapes);
        let types: Vec<Ty> = shape.fields.iter().map(|(_, ty)| ty.clone()).collect();
        let base = match ty {
            Ty::Named("Point" | "Named") if self.chance(25) => {
                let keeps = types.len() - self.random.between(1, types.len() - 1);
                Some(keeps)
            }
            _ => None,
        };
        if let Some(keeps) = base {
            let mut parts = self.values(&types[..keeps], depth + 1);
            let fields = shape.fields[..keeps].iter();
            let fields: Vec<_> = fields.map(|(name, _)| format!("{name}: $, ")).collect();
            parts.push(self.value(ty, depth + 1));
            let template = format!("{} {{ {}..$ }}", shape.path, fields.concat());
            return Code::value(ty, &template, parts.into_iter().map(Part::Code));
        }
        let all = self.values(&types, depth + 1);
        let path = match ty {
            Ty::Option(inner) => format!("{}::<{}>", shape.path, inner.name()),
            Ty::Result(value, error) => {
                format!("{}::<{}, {}>", shape.path, value.name(), error.name())
            }
            _ => shape.path.to_owned(),
        };
        if shape.fields.is_empty() {
            return Code::words(ty, path);
        }
        if shape.named {
            let fields: Vec<_> = shape
                .fields
                .iter()
                .map(|(name, _)| format!("{name}: $"))
                .collect();
            let template = format!("{path} {{ {} }}", fields.join(", "));
            return Code::value(ty, &template, all.into_iter().map(Part::Code));
        }
        self.list(ty, &format!("{path}("), all, ")")
    }

    /// One of the forms that any type can take.
    fn general(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        match self.random.below(27) {
            0..=3 if self.suspends() => {
                let value = self.value(ty, depth + 1);
                Some(Code::value(ty, "call!(give(log, $))", [value.into()]))
            }
            4 => Some(self.block_value(ty, depth)),
            5 | 6 => Some(self.if_value(ty, depth)),
            7 | 8 => Some(self.match_value(ty, depth)),
            9 if self.acts() => Some(self.loop_value(ty, depth)),
            10 if self.acts() => Some(self.labelled_value(ty, depth)),
            11 | 12 => self.tried(ty, depth),
            13 => {
                let number = self.number();
                let value = self.value(ty, depth + 1);
                Some(Code::value(
                    ty,
                    &format!("log.value(\"v{number}\", $)"),
                    [value.into()],
                ))
            }
            14 => {
                let first = self.value(ty, depth + 1);
                let second = self.value(&Ty::Int("u32"), depth + 1);
                Some(Code::value(ty, "($, $).0", [first.into(), second.into()]))
            }
            15..=17 => self.called(ty, depth),
            18 => {
                let form = self.pick(&["$.unwrap_or($)", "$.or(Some($)).unwrap()"]);
                Some(self.made(ty, form, &[ty.clone().option(), ty.clone()], depth))
            }
            19 => {
                let place = self.place(Need::Write, |other| other == ty)?;
                self.lend(place.id, true, true);
                let value = self.value(ty, depth + 1);
                self.lend(place.id, true, false);
                let form = format!("std::mem::replace(&mut {}, $)", place.code);
                Some(Code::value(ty, &form, [value.into()]))
            }
            20 if ty.is_copy() => {
                let inner = vec![ty.clone(); 2];
                let all = self.values(&inner, depth + 1);
                let array = self.list(&Ty::Array(ty.clone().boxed(), 2), "[", all, "]");
                let index = self.value(&Ty::Int("usize"), depth + 1);
                Some(Code::value(ty, "$[$ % 2]", [array.into(), index.into()]))
            }
            21 => {
                let code = self.calmly(|this| this.value(ty, depth + 1));
                let pure = self.pure;
                Some(if pure == 0 {
                    Code::value(ty, "unsafe { $ }", [code.into()])
                } else {
                    code
                })
            }
            22 => {
                let value = self.value(ty, depth + 1);
                Some(Code::value(ty, "(*Box::new($))", [value.into()]))
            }
            23 => {
                let closure = self.purely(|this| this.value(ty, depth + 1));
                Some(Code::value(ty, "(|| $)()", [closure.into()]))
            }
            24 => self.thunk_run(ty, depth),
            25 => self.thunk_called(ty, depth),
            _ => None,
        }
    }

    /// `value?`, where the function returns what that needs.
    fn tried(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        if !self.acts() {
            return None;
        }
        let tried = match self.result.clone() {
            Ty::Option(_) => ty.clone().option(),
            Ty::Result(_, error) => {
                let error = match *error {
                    Ty::Named("Failure") => {
                        self.pick(&[Ty::Int("u32"), Ty::Text, Ty::Named("Failure")])
                    }
                    other => other,
                };
                Ty::Result(ty.clone().boxed(), error.boxed())
            }
            _ => return None,
        };
        let value = self.value(&tried, depth + 1);
        Some(Code::value(ty, "$?", [value.into()]))
    }

    /// A call of a function that returns the type.
    fn called(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        let (callee, args) = self.arguments(ty, depth)?;
        let callee = callee.as_str();
        if self.suspends() {
            return Some(self.list(ty, &format!("call!({callee}"), args, "))"));
        }
        Some(self.list(ty, callee, args, ")"))
    }

    /// A thunk that is run where it stands.
    fn thunk_run(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        if !self.whole {
            return None;
        }
        let (callee, args) = self.arguments(ty, depth)?;
        match self.random.below(3) {
            // The blocking half knows thunks of a few arguments only.
            _ if args.len() > 3 => Some(self.list(ty, &callee, args, ")")),
            0 => Some(self.list(ty, &callee, args, ")")),
            _ => Some(self.list(ty, &format!("thunk!({callee}"), args, ")).run()")),
        }
    }

    /// A thunk that is called when it has been made.
    fn thunk_called(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        let simple = |callee: &&Signature| {
            let owned = callee.params.iter().all(|ty| !ty.is_ref());
            callee.result == *ty && owned && !callee.recursive && callee.params.len() < 4
        };
        if !self.suspends() || self.loops > 1 {
            return None;
        }
        let fitting: Vec<_> = self.callees.iter().filter(simple).cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let callee = self.pick(&fitting).concrete(self.random);
        let args = self.values(&callee.params, depth + 1);
        let number = self.number();
        let open = format!("{{ let h{number} = thunk!({}(log, ", callee.name);
        let close = format!(")); log.note(\"made {number}\"); call!(h{number}) }}");
        Some(self.list(ty, &open, args, &close))
    }

    /// The beginning of a call, and its arguments.
    fn arguments(&mut self, ty: &Ty, depth: usize) -> Option<(String, Vec<Code>)> {
        if !self.acts() || self.loops > 1 || !self.whole && !self.suspends() {
            return None;
        }
        let fitting = self.callees.iter().filter(|callee| callee.result == *ty);
        let fitting: Vec<_> = fitting.cloned().collect();
        if fitting.is_empty() {
            return None;
        }
        let callee = self.pick(&fitting).concrete(self.random);
        let mut params = callee.params.clone();
        if !self.can_lend(&params) {
            return None;
        }
        let mut head = format!("{}(log, ", callee.name);
        let mut receiver = None;
        if callee.method {
            let kind = params.remove(0);
            let exclusive = matches!(kind, Ty::RefMut(_));
            let need = if exclusive { Need::Write } else { Need::Read };
            let place = self.place(need, |ty| *ty == Ty::Named("Machine"))?;
            self.lend(place.id, exclusive, true);
            head = format!("{}.{head}", place.code);
            receiver = Some((place.id, exclusive));
        }
        let mut args = Vec::new();
        if callee.recursive {
            params.remove(0);
            let turns = self.random.below(4);
            args.push(Code::words(&Ty::Unit, format!("{turns}u8")));
        }
        args.extend(self.values(&params, depth + 1));
        if let Some((id, exclusive)) = receiver {
            self.lend(id, exclusive, false);
        }
        Some((head, args))
    }
}
