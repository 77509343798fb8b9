//! Values of particular types: arithmetic, comparisons, texts, containers.

use crate::code::{Code, Part};
use crate::maker::Maker;
use crate::scope::Need;
use crate::types::{INTS, Ty};

impl Maker<'_> {
    /// One of the forms that only some types have.
    pub(crate) fn special(&mut self, ty: &Ty, depth: usize) -> Option<Code> {
        match ty {
            Ty::Int(name) => self.integer(ty, name, depth),
            Ty::Bool => Some(self.condition(depth)),
            Ty::Char => {
                let form = "char::from(b'a' + $ % 26)";
                Some(self.made(ty, form, &[Ty::Int("u8")], depth))
            }
            Ty::Text => self.text(depth),
            Ty::Tracked => match self.random.below(3) {
                0 => Some(self.made(
                    ty,
                    "log.tracked(format!(\"n{}\", $))",
                    &[Ty::Int("u32")],
                    depth,
                )),
                1 => Some(self.made(ty, "log.tracked($)", &[Ty::Text], depth)),
                _ => Some(self.made(ty, "$.renamed(\"again\")", &[Ty::Tracked], depth)),
            },
            Ty::Option(inner) => self.option(ty, inner, depth),
            Ty::Result(value, error) => self.result(ty, value, error, depth),
            Ty::Vec(inner) => self.vec(ty, inner, depth),
            Ty::Named("Point") if self.chance(40) => {
                let types = [Ty::Int("i64"), ty.clone()];
                Some(self.made(ty, "(Point { x: $, ..$ })", &types, depth))
            }
            Ty::Named("Named") if self.chance(40) => {
                let types = [Ty::Int("u32").vec(), ty.clone()];
                Some(self.made(ty, "(Named { sizes: $, ..{ $ } })", &types, depth))
            }
            Ty::Named("Point") => {
                let by = Ty::Int("i64");
                Some(self.made(ty, "$.shifted($)", &[ty.clone(), by], depth))
            }
            Ty::Unit => None,
            _ => ty.is_literal().then(|| self.literal(ty, depth)),
        }
    }

    /// A form with a value of each of the types in it.
    pub(crate) fn made(&mut self, ty: &Ty, form: &str, types: &[Ty], depth: usize) -> Code {
        let parts = self.values(types, depth + 1);
        self.with(ty, form, types, parts)
    }

    /// A form with these values in it. A local whose type is not visible is put in a block where a method
    /// takes it, since a method counts as a borrow.
    pub(crate) fn with(&self, ty: &Ty, form: &str, types: &[Ty], parts: Vec<Code>) -> Code {
        let behind = form.split('$').skip(1);
        let parts = parts
            .into_iter()
            .zip(types)
            .zip(behind)
            .map(|((code, ty), behind)| {
                let hidden = behind.starts_with('.') && !ty.is_copy() && self.is_hidden(&code);
                Part::Code(if hidden {
                    Code::value(ty, "{ $ }", [code.into()])
                } else {
                    code
                })
            });
        Code::value(ty, form, parts.collect::<Vec<_>>())
    }

    /// Whether code is a local of which the text does not tell the type.
    fn is_hidden(&self, code: &Code) -> bool {
        let name = code.text("");
        let found = crate::scope::visible(&self.scopes)
            .into_iter()
            .find_map(|(scope, number)| {
                let var = &self.scopes[scope][number];
                (var.name == name).then_some(var)
            });
        found.is_some_and(|var| {
            let known = matches!(
                var.ty,
                Ty::Option(_) | Ty::Result(..) | Ty::Vec(_) | Ty::Text | Ty::Boxed(_)
            );
            !(var.spelled && known)
        })
    }

    fn integer(&mut self, ty: &Ty, name: &str, depth: usize) -> Option<Code> {
        let same = || ty.clone();
        Some(match self.random.below(24) {
            0..=4 => {
                let form = self.pick(&["($ ^ $)", "($ & $)", "($ | $)"]);
                self.made(ty, form, &[same(), same()], depth)
            }
            5..=8 => {
                let method = self.pick(&["add", "sub", "mul"]);
                let form = format!("{name}::wrapping_{method}($, $)");
                let receiver = self
                    .chance(50)
                    .then(|| self.place(Need::Read, |other| other == ty));
                match receiver.flatten() {
                    Some(place) => {
                        let form = format!("{}.wrapping_{method}($)", place.code);
                        self.made(ty, &form, &[same()], depth)
                    }
                    None => self.made(ty, &form, &[same(), same()], depth),
                }
            }
            9 => {
                let other = Ty::Int(self.random.pick(&INTS));
                self.made(ty, &format!("($ as {name})"), &[other], depth)
            }
            10 => self.made(ty, &format!("{name}::from($)"), &[Ty::Bool], depth),
            11 => {
                let by = self.random.between(2, 7);
                self.made(ty, &format!("($ % {by})"), &[same()], depth)
            }
            12 => self.made(ty, "(!$)", &[same()], depth),
            13 => {
                let place = self.place(Need::Read, |ty| {
                    matches!(
                        ty,
                        Ty::Vec(_) | Ty::Text | Ty::Array(..) | Ty::Slice(_) | Ty::Str
                    )
                })?;
                Code::words(ty, format!("({}.len() as {name})", place.code))
            }
            14 => {
                let place = self.place(Need::Read, |ty| *ty == Ty::Tracked)?;
                Code::words(ty, format!("({}.name().len() as {name})", place.code))
            }
            15..=17 => {
                let place = self.element(ty)?;
                self.lend(place.0, false, true);
                let index = self.value(&Ty::Int("usize"), depth + 1);
                self.lend(place.0, false, false);
                Code::value(ty, &place.1, [index.into()])
            }
            18 => {
                let whole = Ty::Int("u32");
                if *ty != whole {
                    return None;
                }
                self.made(ty, "mix($, $, $)", &[same(), same(), same()], depth)
            }
            19 => {
                let by = self.random.below(7);
                let form = self.pick(&["<<", ">>"]);
                self.made(ty, &format!("($ {form} {by})"), &[same()], depth)
            }
            20 => {
                let place = self.place(Need::Read, |other| *other == ty.clone().vec())?;
                let form = format!(
                    "{}.iter().fold(0{name}, |all, one| all.wrapping_add(*one))",
                    place.code
                );
                Code::words(ty, form)
            }
            21 => {
                let place = self.place(Need::Read, |other| *other == Ty::Named("Point"))?;
                Code::words(ty, format!("({}.sum() as {name})", place.code))
            }
            22 => self.made(ty, &format!("($.len() as {name})"), &[Ty::Text], depth),
            _ => {
                let closure = self.place(Need::Read, |other| {
                    *other == Ty::Closure(ty.clone().boxed(), ty.clone().boxed())
                })?;
                self.made(ty, &format!("{}($)", closure.code), &[same()], depth)
            }
        })
    }

    /// A place with elements of a type, and the form in which one of them is named.
    pub(crate) fn element(&mut self, ty: &Ty) -> Option<(crate::scope::VarId, String)> {
        let place = self.place(
            Need::Read,
            |other| matches!(other, Ty::Array(inner, _) if **inner == *ty),
        )?;
        let Ty::Array(_, count) = place.ty else {
            unreachable!("an array was asked for")
        };
        Some((place.id, format!("{}[$ % {count}]", place.code)))
    }

    /// A condition.
    pub(crate) fn condition(&mut self, depth: usize) -> Code {
        let ty = Ty::Bool;
        match self.random.below(16) {
            0..=4 => {
                let int = Ty::Int(self.random.pick(&INTS));
                let form = self.pick(&["$ == $", "$ < $", "$ >= $", "$ != $"]);
                // A cast before `<` would begin a list of generic arguments; parentheses are around each.
                self.made(&ty, &format!("({form})"), &[int.clone(), int], depth)
            }
            5 => {
                let int = Ty::Int("u32");
                let (by, rest) = (self.random.between(2, 3), self.random.below(2));
                self.made(&ty, &format!("($ % {by} == {rest})"), &[int], depth)
            }
            6..=8 => self.lazy(depth),
            9 => self.made(&ty, "(!$)", &[Ty::Bool], depth),
            10 => {
                let place = self.place(Need::Read, |ty| matches!(ty, Ty::Option(_)));
                match place {
                    Some(place) => Code::words(&ty, format!("{}.is_some()", place.code)),
                    None => self.made(&ty, "$.is_none()", &[Ty::Int("u32").option()], depth),
                }
            }
            11 => {
                let form = "matches!($, Some(n) if n % 2 == 0)";
                self.made(&ty, form, &[Ty::Int("u32").option()], depth)
            }
            12 => {
                let compared = self.pick(&[Ty::Text, Ty::Int("u64").option(), Ty::Named("Point")]);
                let form = self.pick(&["($ == $)", "($ != $)"]);
                let left = self.value(&compared, depth + 1);
                let right = self.value(&compared, depth + 1);
                Code::value(&ty, form, [left.into(), right.into()])
            }
            13 => self.made(&ty, "both_true($, $)", &[Ty::Bool, Ty::Bool], depth),
            _ => match self.place(Need::Read, |ty| *ty == Ty::Bool) {
                Some(place) => Code::words(&ty, place.code),
                None => self.made(&ty, "($ > $)", &[Ty::Int("u8"), Ty::Int("u8")], depth),
            },
        }
    }

    /// `&&` and `||`, of which the right side may not be evaluated.
    fn lazy(&mut self, depth: usize) -> Code {
        let left = self.value(&Ty::Bool, depth + 1);
        let skipped = self.scopes.clone();
        let (right, taken) = self.way(|this| this.value(&Ty::Bool, depth + 1));
        self.join(vec![Some(skipped), taken]);
        let form = self.pick(&["($ && $)", "($ || $)"]);
        Code::value(&Ty::Bool, form, [left.into(), right.into()])
    }

    fn text(&mut self, depth: usize) -> Option<Code> {
        let ty = Ty::Text;
        Some(match self.random.below(6) {
            0 | 1 => self.formatted(depth),
            2 => self.made(&ty, "($ + &$)", &[Ty::Text, Ty::Text], depth),
            3 => self.made(&ty, "$.to_string()", &[Ty::Int("u32")], depth),
            4 => self.made(&ty, "String::from($)", &[Ty::Str], depth),
            _ => {
                let place = self.place(Need::Read, |_| true)?;
                if matches!(place.ty, Ty::Closure(..)) || place.ty == Ty::Named("Machine") {
                    return None;
                }
                Code::words(&ty, format!("format!(\"{{:?}}\", {})", place.code))
            }
        })
    }

    /// A `format!`, of which the arguments are borrowed until the last has been evaluated.
    fn formatted(&mut self, depth: usize) -> Code {
        let mut lent = Vec::new();
        let mut parts = Vec::new();
        for _ in 0..self.random.between(1, 3) {
            let ty = self.pick(&[Ty::Int("u32"), Ty::Text, Ty::Bool, Ty::Int("u8")]);
            let place = self.place(Need::Read, |other| *other == ty);
            match place {
                Some(place) if self.chance(60) => {
                    self.lend(place.id, false, true);
                    lent.push(place.id);
                    parts.push(Code::words(&Ty::Unit, place.code));
                }
                _ => {
                    let value = self.value(&ty, depth + 1);
                    // A bare local would be borrowed, and not moved.
                    parts.push(Code::value(&ty, "{ $ }", [value.into()]));
                }
            }
        }
        for id in lent {
            self.lend(id, false, false);
        }
        let form = format!(
            "format!(\"{}\", {})",
            vec!["{}"; parts.len()].join(" "),
            vec!["$"; parts.len()].join(", ")
        );
        Code::value(&Ty::Text, &form, parts.into_iter().map(Part::Code))
    }

    fn option(&mut self, ty: &Ty, inner: &Ty, depth: usize) -> Option<Code> {
        let place = |this: &mut Self, wanted: Ty| this.place(Need::Write, |other| *other == wanted);
        Some(match self.random.below(10) {
            0..=2 => self.made(ty, "Some($)", std::slice::from_ref(inner), depth),
            3 => Code::words(
                ty,
                format!("{}.pop()", place(self, inner.clone().vec())?.code),
            ),
            4 => Code::words(ty, format!("{}.take()", place(self, ty.clone())?.code)),
            5 => {
                let place = place(self, ty.clone())?;
                self.lend(place.id, true, true);
                let value = self.value(inner, depth + 1);
                self.lend(place.id, true, false);
                Code::value(ty, &format!("{}.replace($)", place.code), [value.into()])
            }
            6 if !inner.is_tracked() => {
                self.made(ty, "$.then_some($)", &[Ty::Bool, inner.clone()], depth)
            }
            7 => {
                let error = Ty::Int("u32").boxed();
                self.made(
                    ty,
                    "$.ok()",
                    &[Ty::Result(inner.clone().boxed(), error)],
                    depth,
                )
            }
            8 => self.made(ty, "first($)", &[inner.clone().vec()], depth),
            _ if matches!(inner, Ty::Int(_)) => self.made(
                ty,
                "$.checked_add($)",
                &[inner.clone(), inner.clone()],
                depth,
            ),
            _ => return None,
        })
    }

    fn result(&mut self, ty: &Ty, value: &Ty, error: &Ty, depth: usize) -> Option<Code> {
        Some(match self.random.below(5) {
            0 | 1 => {
                let form = format!("Ok::<_, {}>($)", error.name());
                self.made(ty, &form, std::slice::from_ref(value), depth)
            }
            2 => {
                let form = format!("Err::<{}, _>($)", value.name());
                self.made(ty, &form, std::slice::from_ref(error), depth)
            }
            3 => self.made(
                ty,
                "$.ok_or($)",
                &[value.clone().option(), error.clone()],
                depth,
            ),
            _ => return None,
        })
    }

    fn vec(&mut self, ty: &Ty, inner: &Ty, depth: usize) -> Option<Code> {
        Some(match self.random.below(5) {
            0 => self.made(ty, "vec![$, $]", &[inner.clone(), inner.clone()], depth),
            1 => self.made(ty, "Vec::from([$])", std::slice::from_ref(inner), depth),
            2 => self.made(
                ty,
                "$.into_iter().collect::<Vec<_>>()",
                &[inner.clone().option()],
                depth,
            ),
            3 => self.made(
                ty,
                "$.into_iter().rev().take(2).collect::<Vec<_>>()",
                std::slice::from_ref(ty),
                depth,
            ),
            _ => {
                let place = self.place(Need::Write, |other| other == ty)?;
                Code::words(ty, format!("std::mem::take(&mut {})", place.code))
            }
        })
    }
}
