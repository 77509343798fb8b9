//! Statements that do something: notes, assignments, drops, calls, methods that change their receiver.

use crate::code::{Code, Part};
use crate::maker::Maker;
use crate::scope::{Need, State};
use crate::types::Ty;

impl Maker<'_> {
    /// A statement that does something.
    pub(crate) fn effect(&mut self, depth: usize) -> Option<Code> {
        Some(match self.random.below(30) {
            0..=4 if self.suspends() => Code::line("coop!();"),
            5..=7 => {
                let ty = self.pick(&[Ty::Int("u32"), Ty::Text, Ty::Bool, Ty::Int("i64")]);
                let value = self.value(&ty, depth);
                Code::statement("log.note($);", [value.into()])
            }
            8..=10 => return self.assignment(depth),
            11 | 12 => return self.compound(depth),
            13 | 14 => {
                if self.chance(60)
                    && let Some(code) = self.moved_part(depth)
                {
                    return Some(code);
                }
                let found = self.movable(|ty| !ty.is_copy());
                if found.is_empty() {
                    return None;
                }
                let place = self.pick(&found);
                self.var(place.id).state = State::Gone;
                Code::line(format!("drop({});", place.code))
            }
            15 | 16 => {
                let place = self.place(Need::Read, |ty| *ty == Ty::Tracked)?;
                Code::line(format!("{}.touch();", place.code))
            }
            17..=19 => {
                let results = self.callees.iter().map(|callee| callee.result.clone());
                let results: Vec<_> = results.collect();
                let ty = self.pick(&results);
                let form = self.pick(&["$;", "let _ = $;", "log.note(format!(\"{:?}\", $));"]);
                let value = self.value(&ty, depth);
                // A bare local as a statement moves; it must not be taken for one that does nothing.
                let value = Code::value(&ty, "{ $ }", [value.into()]);
                let form = if form == "$;" { "drop($);" } else { form };
                Code::statement(form, [value.into()])
            }
            20 => self.suspending()?,
            21 => {
                let number = self.number();
                let cond = self.value(&Ty::Bool, depth);
                let (form, word) = match self.random.below(3) {
                    0 => (
                        format!("assert!($ || log.value(\"a{number}\", true), \"{number}\");"),
                        "",
                    ),
                    1 => (format!("assert!($, \"no {number}\");"), "rare"),
                    _ => (format!("if $ {{ fail(\"f{number}\"); }}"), "rare"),
                };
                if word == "rare" && !self.chance(10) {
                    return None;
                }
                Code::statement(&form, [cond.into()])
            }
            22 if self.chance(50) => return self.lent_twice(),
            22 => return self.swapped(),
            23 => return self.destructured(depth),
            24 if self.chance(50) => return self.counting(),
            24 => return self.gathering(),
            _ => return self.method(depth),
        })
    }

    /// A closure that changes what it captures: a local, which it then must not outlive, or a copy of it.
    fn counting(&mut self) -> Option<Code> {
        let found = self.place(Need::Write, |ty| matches!(ty, Ty::Int(_)))?;
        let (place, closure) = (found.code, format!("more{}", self.number()));
        if !found.whole || !self.acts() {
            return None;
        }
        let by_value = self.chance(50);
        let word = if by_value { "move " } else { "" };
        let behind = match by_value && self.suspends() {
            true => "coop!();\n",
            false => "",
        };
        let made = format!(
            "let mut {closure} = {word}|| {{ {place} = {place}.wrapping_add(7); {place} }};"
        );
        let used = format!("{made}\nlog.note({closure}());\n{behind}log.note({closure}());");
        Some(Code::line(match by_value {
            true => used,
            false => format!("{{ {used} }}"),
        }))
    }

    /// A local of which the type is told behind a suspension, and used in a way that asks for it behind that.
    fn gathering(&mut self) -> Option<Code> {
        if !self.suspends() || !self.acts() {
            return None;
        }
        let (all, i) = (format!("g{}", self.number()), format!("i{}", self.number()));
        let (empty, told, used) = self.pick(&[
            (
                "Vec::new()",
                "@.push(format!(\"{#}\"));",
                "@.iter().map(|one| one.len()).sum::<usize>()",
            ),
            (
                "None",
                "if # == 2 { @ = Some((# as u8, 1u64)); coop!(); continue; }\nlog.note(@.is_some());",
                "@.map_or(0, |(one, _)| one.count_ones())",
            ),
        ]);
        let form = format!(
            "let mut @ = {empty};\nlet mut # = 0u32;\nwhile # < 3 {{ # += 1; coop!(); {told} }}\nlog.note({used});"
        );
        Some(Code::line(form.replace('@', &all).replace('#', &i)))
    }

    fn suspending(&mut self) -> Option<Code> {
        self.suspends()
            .then(|| Code::line("suspend!(|next: insideout::Continuation| Some(next));"))
    }

    fn assignment(&mut self, depth: usize) -> Option<Code> {
        let whole = self.chance(50);
        if whole {
            let ids = crate::scope::visible(&self.scopes);
            let found = ids.into_iter().filter(|id| {
                let var = &self.scopes[id.0][id.1];
                let free = var.shared == 0 && var.exclusive == 0;
                // What was moved in part is not assigned again: a part that is named between is refused.
                var.mutable && free && var.given.is_empty() && var.ty.is_literal()
            });
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return None;
            }
            let id = self.pick(&found);
            let (name, ty) = (self.var(id).name.clone(), self.var(id).ty.clone());
            // What the type of a number is, the local may tell alone.
            let value = match ty {
                Ty::Int(_) if self.chance(30) => {
                    Code::words(&Ty::Unit, format!("{}", self.random.below(100)))
                }
                _ => self.value(&ty, depth),
            };
            self.var(id).state = State::Live;
            return Some(Code::statement(&format!("{name} = $;"), [value.into()]));
        }
        if self.chance(40)
            && let Some((id, form, ty)) = self.mutable_element()
        {
            self.lend(id, false, true);
            let value = self.value(&ty, depth);
            let index = self.value(&Ty::Int("usize"), depth + 1);
            self.lend(id, false, false);
            // The right side is evaluated first, so it is generated first.
            return Some(Code::statement(
                &form.replacen('$', "($)", 1).replace("= @", "= $"),
                [index.into(), value.into()],
            ));
        }
        let place = self.place(Need::Write, |ty| ty.is_literal())?;
        if place.whole {
            return None;
        }
        self.lend(place.id, false, true);
        let value = self.value(&place.ty, depth);
        self.lend(place.id, false, false);
        Some(Code::statement(
            &format!("{} = $;", place.code),
            [value.into()],
        ))
    }

    /// A mutable array, the form of an assignment to an element of it, and the element's type.
    fn mutable_element(&mut self) -> Option<(crate::scope::VarId, String, Ty)> {
        let place = self.place(
            Need::Write,
            |ty| matches!(ty, Ty::Array(inner, _) if inner.is_literal()),
        )?;
        let Ty::Array(inner, count) = place.ty else {
            unreachable!("an array was asked for")
        };
        Some((
            place.id,
            format!("{}[$ % {count}] = @;", place.code),
            *inner,
        ))
    }

    fn compound(&mut self, depth: usize) -> Option<Code> {
        if self.chance(25) {
            let place = self.place(Need::Write, |ty| *ty == Ty::Text)?;
            self.lend(place.id, false, true);
            let value = self.value(&Ty::Text, depth);
            self.lend(place.id, false, false);
            return Some(Code::statement(
                &format!("{} += &$;", place.code),
                [value.into()],
            ));
        }
        if self.chance(35)
            && let Some((id, form, ty @ Ty::Int(_))) = self.mutable_element()
        {
            self.lend(id, false, true);
            let value = self.value(&ty, depth);
            self.lend(id, false, false);
            let index = match self.place(Need::Read, |ty| *ty == Ty::Int("usize")) {
                Some(place) if place.whole => place.code,
                _ => "7usize".to_owned(),
            };
            let form = form.replacen('$', &index, 1).replace("= @", "^= $");
            return Some(Code::statement(&form, [value.into()]));
        }
        let place = self.place(Need::Write, |ty| matches!(ty, Ty::Int(_)))?;
        let sign = self.pick(&["^=", "|=", "&=", ">>="]);
        if !place.whole {
            self.lend(place.id, false, true);
        }
        let value = if sign == ">>=" {
            Code::words(&Ty::Int("u32"), "1")
        } else {
            self.value(&place.ty, depth)
        };
        if !place.whole {
            self.lend(place.id, false, false);
        }
        Some(Code::statement(
            &format!("{} {sign} $;", place.code),
            [value.into()],
        ))
    }

    /// A call that borrows two parts of one local.
    fn lent_twice(&mut self) -> Option<Code> {
        if !self.suspends() || self.loops > 1 {
            return None;
        }
        let place = self.place(Need::Write, |ty| {
            matches!(ty, Ty::Named("Named" | "Pair" | "Machine"))
        })?;
        let (callee, one, other) = match place.ty {
            Ty::Named("Named") => ("mend", "name", "sizes"),
            Ty::Named("Pair") => ("trade", "left", "right"),
            _ => ("tally", "state", "stack"),
        };
        let code = place.code;
        Some(Code::line(format!(
            "log.note(call!({callee}(log, &mut {code}.{one}, &mut {code}.{other})));"
        )))
    }

    fn swapped(&mut self) -> Option<Code> {
        let one = self.place(Need::Write, |ty| {
            !ty.is_ref() && !matches!(ty, Ty::Slice(_))
        })?;
        let other = self.places(Need::Write, |ty| *ty == one.ty);
        let other: Vec<_> = other
            .into_iter()
            .filter(|place| place.id != one.id)
            .collect();
        if other.is_empty() {
            return None;
        }
        let other = self.pick(&other);
        Some(Code::line(format!(
            "std::mem::swap(&mut {}, &mut {});",
            one.code, other.code
        )))
    }

    fn destructured(&mut self, depth: usize) -> Option<Code> {
        let int = Ty::Int("u32");
        let found = self.places(Need::Write, |ty| *ty == int);
        let found: Vec<_> = found.into_iter().filter(|place| place.whole).collect();
        if found.len() < 2 {
            return None;
        }
        let (one, other) = (found[0].code.clone(), found[1].code.clone());
        let value = self.value(&Ty::Tuple(vec![int.clone(), int]), depth);
        Some(Code::statement(
            &format!("({one}, {other}) = $;"),
            [value.into()],
        ))
    }

    /// A method that changes its receiver.
    fn method(&mut self, depth: usize) -> Option<Code> {
        let place = self.place(Need::Write, |ty| {
            matches!(ty, Ty::Vec(_) | Ty::Text | Ty::Option(_) | Ty::Tracked)
                || matches!(ty, Ty::Named("Point" | "Named" | "Pair"))
        })?;
        let (form, types): (&str, Vec<Ty>) = match &place.ty {
            Ty::Vec(inner) => match self.random.below(4) {
                0 => ("insert(0, $)", vec![(**inner).clone()]),
                1 => ("truncate($)", vec![Ty::Int("usize")]),
                _ => ("push($)", vec![(**inner).clone()]),
            },
            Ty::Text => self.pick(&[
                ("push($)", vec![Ty::Char]),
                ("push_str(&$)", vec![Ty::Text]),
            ]),
            Ty::Option(inner) => ("insert($)", vec![(**inner).clone()]),
            Ty::Tracked => ("rename($)", vec![Ty::Text]),
            Ty::Named("Point") => ("shift($)", vec![Ty::Int("u8")]),
            Ty::Named("Named") => ("grow($).grow(7)", vec![Ty::Int("u32")]),
            _ => ("swap()", vec![]),
        };
        if types.iter().any(|ty| !ty.is_literal()) {
            return None;
        }
        let chained = form.contains(").grow");
        self.lend(place.id, chained, true);
        let parts = self.values(&types, depth);
        self.lend(place.id, chained, false);
        let form = format!("{}.{form};", place.code);
        Some(Code::statement(&form, parts.into_iter().map(Part::Code)))
    }
}
