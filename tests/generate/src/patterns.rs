//! Patterns: what they bind, and what becomes of the value that they are matched against.

use crate::maker::Maker;
use crate::scope::VarId;
use crate::types::{Shape, Ty};

/// How a pattern gets at what it binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// It takes it.
    Value,
    /// It borrows it, since it is matched against a reference.
    Shared,
    /// The same, exclusively.
    Exclusive,
    /// It borrows it, since it says so.
    Ref,
    /// The same, exclusively.
    RefMut,
}

/// A pattern, and what it binds.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) bindings: Vec<(String, Ty, bool)>,
    /// It binds something that is not `Copy`, by value.
    pub(crate) takes: bool,
    /// It matches whatever there is.
    pub(crate) certain: bool,
}

impl Pattern {
    fn plain(text: impl Into<String>, certain: bool) -> Self {
        Pattern {
            text: text.into(),
            bindings: Vec::new(),
            takes: false,
            certain,
        }
    }
}

impl Maker<'_> {
    /// A pattern for a type. One that is to be `certain` matches always. A pattern that takes something whose
    /// drop is noted takes all of it, since what it left behind would end at a suspension.
    pub(crate) fn pattern(&mut self, ty: &Ty, mode: Mode, certain: bool) -> Pattern {
        let mut taken = Vec::new();
        let mut pattern = self.sub(ty, mode, certain, 2, &mut taken);
        if !certain && self.chance(15) && pattern.bindings.is_empty() && !pattern.text.contains('|')
        {
            let other = self.sub(ty, mode, false, 1, &mut taken);
            if other.bindings.is_empty() && !other.certain && !pattern.certain {
                pattern.text = format!("({} | {})", pattern.text, other.text);
            }
        }
        pattern
    }

    fn sub(
        &mut self,
        ty: &Ty,
        mode: Mode,
        certain: bool,
        depth: usize,
        taken: &mut Vec<String>,
    ) -> Pattern {
        let whole = mode == Mode::Value && ty.is_tracked();
        if depth > 0 && !self.chance(35) {
            let parts = match ty {
                Ty::Tuple(types) => {
                    let parts: Vec<_> = types
                        .iter()
                        .map(|ty| self.sub(ty, mode, certain, depth - 1, taken))
                        .collect();
                    Some(("(".to_owned(), ")".to_owned(), parts))
                }
                Ty::Slice(inner) => Some(self.elements(inner, None, mode, certain, depth, taken)),
                Ty::Array(inner, count) if *count <= 3 && !whole && self.chance(35) => {
                    Some(self.elements(inner, Some(*count), mode, certain, depth, taken))
                }
                // An array of which elements are taken somewhere is dropped last element first by rustc.
                Ty::Array(inner, count) if *count <= 3 && !whole => {
                    let parts: Vec<_> = (0..*count)
                        .map(|_| self.sub(inner, mode, certain, depth - 1, taken))
                        .collect();
                    Some(("[".to_owned(), "]".to_owned(), parts))
                }
                _ => None,
            };
            if let Some((open, close, parts)) = parts {
                let mut pattern = gather(&open, &close, parts);
                pattern.certain &= !matches!(ty, Ty::Slice(_));
                if !certain || pattern.certain {
                    return pattern;
                }
                return Pattern::plain("_", true);
            }
            if self.chance(12)
                && let Some(pattern) = self.whole_and_parts(ty, mode, certain, depth, taken)
            {
                return pattern;
            }
            let shapes = ty.shapes();
            if !shapes.is_empty() && (!certain || shapes.len() == 1) {
                let shape = self.pick(&shapes);
                return self.shape(
                    &shape,
                    mode,
                    certain && shapes.len() == 1,
                    depth,
                    shapes.len() == 1,
                    taken,
                );
            }
            if !certain
                && let Ty::Int(_) = ty
                && mode == Mode::Value
            {
                return self.integer_pattern(ty, taken);
            }
            if !certain && *ty == Ty::Bool {
                return Pattern::plain(self.pick(&["true", "false"]), false);
            }
        }
        if !whole && self.chance(25) {
            return Pattern::plain("_", true);
        }
        self.binding(ty, mode, taken)
    }

    /// The elements of an array or a slice, as far as the pattern names them.
    fn elements(
        &mut self,
        inner: &Ty,
        count: Option<usize>,
        mode: Mode,
        certain: bool,
        depth: usize,
        taken: &mut Vec<String>,
    ) -> (String, String, Vec<Pattern>) {
        let most = count.unwrap_or(2);
        let named = self.random.below(most + 1);
        let mut parts: Vec<_> = (0..named)
            .map(|_| self.sub(inner, mode, certain, depth - 1, taken))
            .collect();
        let left = count.map_or(1, |count| count - named);
        if left > 0 && (count.is_some() || self.chance(75)) {
            let at = self.random.below(named + 1);
            let rest = match count {
                Some(_) => Ty::Array(inner.clone().boxed(), left),
                None => Ty::Slice(inner.clone().boxed()),
            };
            let mut part = Pattern::plain("..", true);
            if self.chance(40) {
                let bound = self.binding(&rest, mode, taken);
                let text = format!("{} @ ..", bound.text);
                part = Pattern { text, ..bound };
            }
            parts.insert(at, part);
        }
        ("[".to_owned(), "]".to_owned(), parts)
    }

    /// `whole @ parts`, where both can be had.
    fn whole_and_parts(
        &mut self,
        ty: &Ty,
        mode: Mode,
        certain: bool,
        depth: usize,
        taken: &mut Vec<String>,
    ) -> Option<Pattern> {
        let shared = matches!(mode, Mode::Shared | Mode::Ref);
        let copied = mode == Mode::Value && ty.is_copy();
        if !shared && !copied {
            return None;
        }
        let whole = self.binding(ty, mode, taken);
        let parts = self.sub(ty, mode, certain, depth - 1, taken);
        if parts.text.contains('|') || parts.text.contains('@') && parts.bindings.is_empty() {
            return Some(whole);
        }
        Some(Pattern {
            text: format!("{} @ {}", whole.text, parts.text),
            bindings: whole.bindings.into_iter().chain(parts.bindings).collect(),
            takes: whole.takes || parts.takes,
            certain: parts.certain,
        })
    }

    fn integer_pattern(&mut self, ty: &Ty, taken: &mut Vec<String>) -> Pattern {
        let number = self.random.below(6);
        let text = match self.random.below(4) {
            0 => format!("{number}"),
            1 => format!("{number}..={}", number + 2),
            2 => format!("{number} | {}", number + 1),
            _ => {
                let bound = self.binding(ty, Mode::Value, taken);
                let text = format!("{} @ {number}..=100", bound.text);
                return Pattern {
                    text,
                    certain: false,
                    ..bound
                };
            }
        };
        let text = if text.contains('|') {
            format!("({text})")
        } else {
            text
        };
        Pattern::plain(text, false)
    }

    fn binding(&mut self, ty: &Ty, mode: Mode, taken: &mut Vec<String>) -> Pattern {
        let bound = match mode {
            Mode::Value => ty.clone(),
            Mode::Shared | Mode::Ref => Ty::Ref(ty.clone().boxed()),
            Mode::Exclusive | Mode::RefMut => Ty::RefMut(ty.clone().boxed()),
        };
        let pool: &[&str] = match &bound {
            Ty::Int(_) => &["a", "b", "c", "i", "j", "k"],
            Ty::Tracked | Ty::Param(_) => &["t", "u", "v", "h"],
            Ty::Ref(_) | Ty::RefMut(_) => &["r", "q", "r1", "q1"],
            _ => &["d", "e", "s", "w", "o", "x"],
        };
        let free: Vec<_> = pool
            .iter()
            .filter(|name| !taken.contains(&name.to_string()))
            .collect();
        let name = match free.is_empty() {
            true => format!("z{}", taken.len()),
            false => self.pick(&free).to_string(),
        };
        taken.push(name.clone());
        let mutable = mode == Mode::Value && self.chance(30);
        let word = match mode {
            Mode::Ref => "ref ",
            Mode::RefMut => "ref mut ",
            _ if mutable => "mut ",
            _ => "",
        };
        Pattern {
            text: format!("{word}{name}"),
            takes: mode == Mode::Value && !ty.is_copy(),
            bindings: vec![(name, bound, mutable)],
            certain: true,
        }
    }

    fn shape(
        &mut self,
        shape: &Shape,
        mode: Mode,
        certain: bool,
        depth: usize,
        only: bool,
        taken: &mut Vec<String>,
    ) -> Pattern {
        let parts: Vec<_> = shape
            .fields
            .iter()
            .map(|(_, ty)| self.sub(ty, mode, certain, depth - 1, taken))
            .collect();
        let mut pattern = if parts.is_empty() {
            Pattern::plain(shape.path, true)
        } else if shape.named {
            let mut named = Vec::new();
            let mut rest = "";
            for ((name, _), part) in shape.fields.iter().zip(parts) {
                if part.text == "_" {
                    rest = "..";
                    continue;
                }
                let text = if part.text == *name {
                    (*name).to_owned()
                } else {
                    format!("{name}: {}", part.text)
                };
                named.push(Pattern { text, ..part });
            }
            if !rest.is_empty() {
                named.push(Pattern::plain("..", true));
            }
            gather(&format!("{} {{ ", shape.path), " }", named)
        } else {
            gather(&format!("{}(", shape.path), ")", parts)
        };
        pattern.certain &= only;
        pattern
    }

    /// Declares what a pattern binds; it borrows from `lender` if it does at all.
    pub(crate) fn bind(&mut self, pattern: &Pattern, lender: Option<VarId>) {
        for (name, ty, mutable) in &pattern.bindings {
            let id = self.declare_as(name, ty, *mutable);
            if ty.is_ref()
                && let Some(lender) = lender
            {
                let exclusive = matches!(ty, Ty::RefMut(_));
                self.lend(lender, exclusive, true);
                self.var(id).borrows = Some((lender, exclusive));
            }
        }
    }
}

fn gather(open: &str, close: &str, parts: Vec<Pattern>) -> Pattern {
    let texts: Vec<_> = parts.iter().map(|part| part.text.clone()).collect();
    Pattern {
        text: format!("{open}{}{close}", texts.join(", ")),
        takes: parts.iter().any(|part| part.takes),
        certain: parts.iter().all(|part| part.certain),
        bindings: parts.into_iter().flat_map(|part| part.bindings).collect(),
    }
}
