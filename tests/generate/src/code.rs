//! Generated code as a tree of text, which knows what in it may be left out.
//!
//! A piece of code does not know its syntax, only whether it is a statement, which can be deleted, or a value
//! of some type, for which a simpler one can stand. That is what [`crate::shrink`] needs.

use crate::types::Ty;

/// What a piece of code is to what is around it.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    /// It has this type.
    Value(Ty),
    /// It stands in a block and ends in a semicolon or a brace.
    Statement,
    /// Anything else.
    Fixed,
}

/// A piece of code.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    role: Role,
    parts: Vec<Part>,
}

/// What code is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Words that stay.
    Text(String),
    /// A smaller piece.
    Code(Code),
    /// A block in braces.
    Body(Vec<Code>),
    /// Statements that stood in a block, without its braces.
    Lines(Vec<Code>),
}

impl From<Code> for Part {
    fn from(code: Code) -> Self {
        Part::Code(code)
    }
}

impl From<Vec<Code>> for Part {
    fn from(body: Vec<Code>) -> Self {
        Part::Body(body)
    }
}

impl Code {
    /// Code in which each `$` of `template` stands for the next of `parts`.
    ///
    /// # Panics
    ///
    /// If there are more or fewer parts than places for them.
    pub fn new(role: Role, template: &str, parts: impl IntoIterator<Item = Part>) -> Self {
        let mut parts = parts.into_iter();
        let mut all = Vec::new();
        for (at, text) in template.split('$').enumerate() {
            if at > 0 {
                all.push(parts.next().expect("a part for each place"));
            }
            if !text.is_empty() {
                all.push(Part::Text(text.to_owned()));
            }
        }
        assert!(parts.next().is_none(), "a place for each part");
        Code { role, parts: all }
    }

    /// A value of type `ty`.
    pub fn value(ty: &Ty, template: &str, parts: impl IntoIterator<Item = Part>) -> Self {
        Code::new(Role::Value(ty.clone()), template, parts)
    }

    /// A value of type `ty` that is nothing but words.
    pub fn words(ty: &Ty, text: impl Into<String>) -> Self {
        Code {
            role: Role::Value(ty.clone()),
            parts: vec![Part::Text(text.into())],
        }
    }

    /// A statement.
    pub fn statement(template: &str, parts: impl IntoIterator<Item = Part>) -> Self {
        Code::new(Role::Statement, template, parts)
    }

    /// A statement that is nothing but words.
    pub fn line(text: impl Into<String>) -> Self {
        Code {
            role: Role::Statement,
            parts: vec![Part::Text(text.into())],
        }
    }

    /// How many words and parts there are in it.
    pub fn size(&self) -> usize {
        let sizes = self.parts.iter().map(|part| match part {
            Part::Text(_) => 1,
            Part::Code(code) => code.size(),
            Part::Body(body) => 1 + body.iter().map(Code::size).sum::<usize>(),
            Part::Lines(lines) => lines.iter().map(Code::size).sum::<usize>(),
        });
        sizes.sum()
    }

    /// Whether it can be suspended.
    pub fn suspends(&self) -> bool {
        let text = self.text("");
        ["coop!", "call!", "suspend!"]
            .iter()
            .any(|point| text.contains(point))
    }

    /// The code as text; lines after the first begin with `indent`.
    pub fn text(&self, indent: &str) -> String {
        let mut out = String::new();
        self.write(&mut out, indent);
        out
    }

    fn write(&self, out: &mut String, indent: &str) {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(&text.replace('\n', &format!("\n{indent}"))),
                Part::Code(code) => code.write(out, indent),
                Part::Body(body) if body.is_empty() => out.push_str("{}"),
                Part::Body(body) => {
                    let inner = format!("{indent}    ");
                    out.push('{');
                    for code in body.iter().filter(|code| code.size() > 0) {
                        out.push('\n');
                        out.push_str(&inner);
                        code.write(out, &inner);
                    }
                    out.push('\n');
                    out.push_str(indent);
                    out.push('}');
                }
                Part::Lines(lines) => {
                    let lines = lines.iter().filter(|code| code.size() > 0);
                    for (at, code) in lines.enumerate() {
                        if at > 0 {
                            out.push('\n');
                            out.push_str(indent);
                        }
                        code.write(out, indent);
                    }
                }
            }
        }
    }

    /// Everything that is this code with one thing in it left out or made simpler, the largest first.
    pub fn reductions(&self) -> Vec<Code> {
        let mut all: Vec<Code> = (0..).map_while(|at| self.reduced(at)).collect();
        all.retain(|code| code.size() < self.size() || code != self && code.is_plainer(self));
        all.sort_by_key(Code::size);
        all
    }

    fn is_plainer(&self, other: &Code) -> bool {
        self.size() == other.size() && self.text("").len() < other.text("").len()
    }

    /// This code with reduction number `at` done to it, if there are so many.
    fn reduced(&self, at: usize) -> Option<Code> {
        let mut code = self.clone();
        let mut left = at;
        code.reduce(&mut left).then_some(code)
    }

    /// Counts `left` down at each reduction, and does the one at which it is 0.
    fn reduce(&mut self, left: &mut usize) -> bool {
        if let Role::Value(ty) = &self.role {
            let ty = ty.clone();
            if let Some(simplest) = ty.simplest() {
                if *left == 0 {
                    self.parts = vec![Part::Text(simplest)];
                    return true;
                }
                *left -= 1;
            }
            let mut inner = Vec::new();
            self.values(&ty, &mut inner);
            if *left < inner.len() {
                *self = inner.swap_remove(*left);
                return true;
            }
            *left -= inner.len();
        }
        if self.role == Role::Statement && !self.parts.is_empty() {
            if *left == 0 {
                self.parts.clear();
                return true;
            }
            *left -= 1;
            let bodies: Vec<_> = self.parts.iter().filter_map(Part::body).cloned().collect();
            if *left < bodies.len() {
                self.parts = vec![Part::Lines(bodies[*left].clone())];
                return true;
            }
            *left -= bodies.len();
        }
        self.parts.iter_mut().any(|part| match part {
            Part::Text(_) => false,
            Part::Code(code) => code.reduce(left),
            Part::Body(body) | Part::Lines(body) => body.iter_mut().any(|code| code.reduce(left)),
        })
    }

    /// The values of a type in this code, but not in one another.
    fn values(&self, ty: &Ty, found: &mut Vec<Code>) {
        let mut visit = |code: &Code| match &code.role {
            Role::Value(other) if other == ty => found.push(code.clone()),
            _ => code.values(ty, found),
        };
        for part in &self.parts {
            match part {
                Part::Text(_) => {}
                Part::Code(code) => visit(code),
                Part::Body(body) | Part::Lines(body) => body.iter().for_each(&mut visit),
            }
        }
    }

    /// What two reductions of the same code leave of it, or the first alone where they are in
    /// each other's way.
    pub fn merged(&self, one: &Code, other: &Code) -> Code {
        if one == self {
            return other.clone();
        }
        if other == self
            || one.parts.len() != self.parts.len()
            || other.parts.len() != self.parts.len()
        {
            return one.clone();
        }
        let parts = self.parts.iter().zip(&one.parts).zip(&other.parts);
        let parts = parts.map(|((base, one), other)| match (base, one, other) {
            (Part::Code(base), Part::Code(one), Part::Code(other)) => {
                base.merged(one, other).into()
            }
            (Part::Body(base), Part::Body(one), Part::Body(other)) => {
                Part::Body(merged_lines(base, one, other))
            }
            (Part::Lines(base), Part::Lines(one), Part::Lines(other)) => {
                Part::Lines(merged_lines(base, one, other))
            }
            (base, one, other) if one == base => other.clone(),
            (_, one, _) => one.clone(),
        });
        Code {
            role: one.role.clone(),
            parts: parts.collect(),
        }
    }
}

fn merged_lines(base: &[Code], one: &[Code], other: &[Code]) -> Vec<Code> {
    let lines = base.iter().zip(one).zip(other);
    lines
        .map(|((base, one), other)| base.merged(one, other))
        .collect()
}

impl Part {
    fn body(&self) -> Option<&Vec<Code>> {
        match self {
            Part::Body(body) => Some(body),
            _ => None,
        }
    }
}
