//! The types of generated code: what they are called, what may be done with them, and what they are made of.

use crate::random::Random;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    /// An integer, by its name.
    Int(&'static str),
    /// `bool`.
    Bool,
    /// `char`.
    Char,
    /// `&'static str`.
    Str,
    /// `String`.
    Text,
    /// What notes its own drop.
    Tracked,
    /// `()`.
    Unit,
    /// `Option<T>`.
    Option(Box<Ty>),
    /// `Result<T, E>`.
    Result(Box<Ty>, Box<Ty>),
    /// `Vec<T>`.
    Vec(Box<Ty>),
    /// `Box<T>`.
    Boxed(Box<Ty>),
    /// `[T; N]`.
    Array(Box<Ty>, usize),
    /// `[T]`, behind a reference.
    Slice(Box<Ty>),
    /// A tuple of two or more.
    Tuple(Vec<Ty>),
    /// A type of the generated crate's prelude, or of the program itself.
    Named(&'static str),
    /// A type parameter of the function, which is `Debug` and `Send`.
    Param(&'static str),
    /// `&T`.
    Ref(Box<Ty>),
    /// `&mut T`.
    RefMut(Box<Ty>),
    /// A closure from one type to another.
    Closure(Box<Ty>, Box<Ty>),
}

/// A variant of an enum, or the one shape that a struct has.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The path by which it is built.
    pub path: &'static str,
    /// Its fields, by name or by number.
    pub fields: Vec<(&'static str, Ty)>,
    /// Whether its fields have names.
    pub named: bool,
}

pub(crate) const INTS: [&str; 7] = ["u32", "u8", "u64", "i32", "i64", "usize", "u16"];

impl Ty {
    pub(crate) fn option(self) -> Ty {
        Ty::Option(Box::new(self))
    }

    pub(crate) fn vec(self) -> Ty {
        Ty::Vec(Box::new(self))
    }

    /// The type as it is written.
    pub fn name(&self) -> String {
        let list = |all: &[Ty]| all.iter().map(Ty::name).collect::<Vec<_>>().join(", ");
        match self {
            Ty::Int(name) | Ty::Named(name) | Ty::Param(name) => (*name).to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::Char => "char".to_owned(),
            Ty::Str => "&'static str".to_owned(),
            Ty::Text => "String".to_owned(),
            Ty::Tracked => "Tracked".to_owned(),
            Ty::Unit => "()".to_owned(),
            Ty::Option(inner) => format!("Option<{}>", inner.name()),
            Ty::Result(value, error) => format!("Result<{}, {}>", value.name(), error.name()),
            Ty::Vec(inner) => format!("Vec<{}>", inner.name()),
            Ty::Boxed(inner) => format!("Box<{}>", inner.name()),
            Ty::Array(inner, count) => format!("[{}; {count}]", inner.name()),
            Ty::Slice(inner) => format!("[{}]", inner.name()),
            Ty::Tuple(all) => format!("({})", list(all)),
            Ty::Ref(inner) => format!("&{}", inner.name()),
            Ty::RefMut(inner) => format!("&mut {}", inner.name()),
            Ty::Closure(argument, result) => {
                format!("fn({}) -> {}", argument.name(), result.name())
            }
        }
    }

    /// The type with another for each type parameter in it.
    pub(crate) fn with(&self, given: &Ty) -> Ty {
        let with = |inner: &Ty| inner.with(given).boxed();
        match self {
            Ty::Param(_) => given.clone(),
            Ty::Option(inner) => Ty::Option(with(inner)),
            Ty::Vec(inner) => Ty::Vec(with(inner)),
            Ty::Ref(inner) => Ty::Ref(with(inner)),
            Ty::Tuple(all) => Ty::Tuple(all.iter().map(|ty| ty.with(given)).collect()),
            other => other.clone(),
        }
    }

    fn all(&self, test: &dyn Fn(&Ty) -> bool) -> bool {
        test(self)
            && match self {
                Ty::Option(inner)
                | Ty::Vec(inner)
                | Ty::Boxed(inner)
                | Ty::Array(inner, _)
                | Ty::Slice(inner) => inner.all(test),
                Ty::Result(value, error) => value.all(test) && error.all(test),
                Ty::Tuple(all) => all.iter().all(|ty| ty.all(test)),
                Ty::Named(name) => fields_of(name).iter().all(|ty| ty.all(test)),
                _ => true,
            }
    }

    /// Whether it is `Copy`.
    pub fn is_copy(&self) -> bool {
        self.all(&|ty| match ty {
            Ty::Text | Ty::Tracked | Ty::Vec(_) | Ty::Boxed(_) | Ty::Param(_) => false,
            Ty::RefMut(_) | Ty::Closure(..) | Ty::Slice(_) => false,
            Ty::Named(name) => *name == "Point",
            _ => true,
        })
    }

    /// Whether dropping it may be noted.
    pub fn is_tracked(&self) -> bool {
        !self.all(&|ty| !matches!(ty, Ty::Tracked | Ty::Param(_)))
    }

    /// Whether it is `Clone`.
    pub fn is_clone(&self) -> bool {
        !self.is_tracked()
            && !matches!(
                self,
                Ty::RefMut(_) | Ty::Closure(..) | Ty::Slice(_) | Ty::Named("Machine")
            )
    }

    /// Whether it can be lent exclusively to a callee: not if there is a `&'static` in it, with which the
    /// compiler finds that a lifetime is too short.
    pub fn is_lendable(&self) -> bool {
        self.all(&|ty| *ty != Ty::Str)
    }

    /// Whether it has a literal of its own.
    pub fn is_literal(&self) -> bool {
        self.all(&|ty| {
            !matches!(
                ty,
                Ty::Param(_) | Ty::Ref(_) | Ty::RefMut(_) | Ty::Closure(..) | Ty::Slice(_)
            )
        })
    }

    /// Whether it is a reference.
    pub fn is_ref(&self) -> bool {
        matches!(self, Ty::Ref(_) | Ty::RefMut(_))
    }

    /// Whether it has a `Display` of its own.
    pub fn is_display(&self) -> bool {
        matches!(self, Ty::Int(_) | Ty::Bool | Ty::Char | Ty::Str | Ty::Text)
    }

    /// What it is made of, if it is a struct or an enum.
    pub fn shapes(&self) -> Vec<Shape> {
        match self {
            Ty::Named(name) => shapes_of(name),
            Ty::Option(inner) => vec![
                unnamed("None", vec![]),
                unnamed("Some", vec![(**inner).clone()]),
            ],
            Ty::Result(value, error) => vec![
                unnamed("Ok", vec![(**value).clone()]),
                unnamed("Err", vec![(**error).clone()]),
            ],
            _ => Vec::new(),
        }
    }

    /// Its fields, if it has but one shape: what can be named behind a dot, or by a star.
    pub fn projections(&self) -> Vec<(String, Ty)> {
        match self {
            Ty::Tuple(all) => {
                let numbered = all.iter().enumerate();
                numbered
                    .map(|(at, ty)| (at.to_string(), ty.clone()))
                    .collect()
            }
            Ty::Named(name) => match &shapes_of(name)[..] {
                [only] => {
                    let fields = only.fields.iter();
                    fields
                        .map(|(name, ty)| ((*name).to_owned(), ty.clone()))
                        .collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The least that can stand where a value of the type is wanted.
    pub fn simplest(&self) -> Option<String> {
        Some(match self {
            Ty::Int(name) => format!("1{name}"),
            Ty::Bool => "true".to_owned(),
            Ty::Char => "'a'".to_owned(),
            Ty::Str => "\"\"".to_owned(),
            Ty::Text => "String::new()".to_owned(),
            Ty::Tracked => "log.tracked(\"x\")".to_owned(),
            Ty::Unit => "()".to_owned(),
            Ty::Option(inner) => format!("None::<{}>", inner.name()),
            Ty::Vec(inner) => format!("Vec::<{}>::new()", inner.name()),
            Ty::Result(value, error) => {
                let (ok, value, error) = (value.simplest()?, value.name(), error.name());
                format!("Ok::<{value}, {error}>({ok})")
            }
            Ty::Boxed(inner) => format!("Box::new({})", inner.simplest()?),
            Ty::Tuple(all) => {
                let all: Option<Vec<_>> = all.iter().map(Ty::simplest).collect();
                format!("({})", all?.join(", "))
            }
            Ty::Array(inner, count) if inner.is_copy() => {
                format!("[{}; {count}]", inner.simplest()?)
            }
            _ => return None,
        })
    }

    /// A type for a local, a parameter or a result.
    pub fn random(random: &mut Random, depth: usize) -> Ty {
        if depth == 0 || random.chance(55) {
            return match random.below(14) {
                0..=3 => Ty::Int("u32"),
                4..=5 => Ty::Int(random.pick(&INTS)),
                6 => Ty::Bool,
                7 => random.pick(&[Ty::Char, Ty::Str]),
                8 | 9 => Ty::Text,
                _ => Ty::Tracked,
            };
        }
        let mut inner = || Ty::random(&mut *random, depth - 1);
        let (first, second) = (inner(), inner());
        match random.below(16) {
            0..=3 => first.option(),
            4 | 5 => {
                let error = random.pick(&[Ty::Int("u32"), Ty::Text, Ty::Named("Failure")]);
                Ty::Result(first.boxed(), error.boxed())
            }
            6 | 7 => first.vec(),
            8 => first.boxed_type(),
            9 => Ty::Array(first.boxed(), random.between(1, 3)),
            10..=12 => Ty::Tuple(vec![first, second]),
            _ => Ty::Named(random.pick(&["Point", "Named", "Pair", "Form", "Held"])),
        }
    }

    pub(crate) fn boxed(self) -> Box<Ty> {
        Box::new(self)
    }

    fn boxed_type(self) -> Ty {
        Ty::Boxed(Box::new(self))
    }
}

fn unnamed(path: &'static str, types: Vec<Ty>) -> Shape {
    let fields = ["0", "1", "2"].into_iter().zip(types).collect();
    Shape {
        path,
        fields,
        named: false,
    }
}

fn named(path: &'static str, fields: Vec<(&'static str, Ty)>) -> Shape {
    Shape {
        path,
        fields,
        named: true,
    }
}

fn fields_of(name: &str) -> Vec<Ty> {
    let shapes = shapes_of(name).into_iter();
    shapes
        .flat_map(|shape| shape.fields)
        .map(|(_, ty)| ty)
        .collect()
}

/// The types of `crate/prelude.rs`, and `Machine`, which each program has for itself.
fn shapes_of(name: &str) -> Vec<Shape> {
    let point = Ty::Named("Point");
    match name {
        "Point" => vec![named(
            "Point",
            vec![("x", Ty::Int("i64")), ("y", Ty::Int("u8"))],
        )],
        "Named" => vec![named(
            "Named",
            vec![
                ("name", Ty::Text),
                ("sizes", Ty::Int("u32").vec()),
                ("at", point),
            ],
        )],
        "Pair" => vec![named(
            "Pair",
            vec![
                ("left", Ty::Tracked),
                ("right", Ty::Tracked.option()),
                ("count", Ty::Int("u32")),
            ],
        )],
        "Machine" => vec![named(
            "Machine",
            vec![
                ("state", Ty::Int("u32")),
                ("stack", Ty::Int("u32").vec()),
                ("part", Ty::Tracked),
                ("label", Ty::Text.option()),
            ],
        )],
        "Form" => vec![
            unnamed("Form::Empty", vec![]),
            unnamed("Form::Dot", vec![point.clone()]),
            named("Form::Line", vec![("from", point.clone()), ("to", point)]),
            unnamed("Form::Label", vec![Ty::Text, Ty::Int("u32")]),
        ],
        "Held" => vec![
            unnamed("Held::Nothing", vec![]),
            unnamed("Held::One", vec![Ty::Tracked]),
            unnamed("Held::Two", vec![Ty::Tracked, Ty::Tracked]),
            named(
                "Held::Counted",
                vec![("what", Ty::Tracked), ("count", Ty::Int("u64"))],
            ),
        ],
        "Failure" => vec![
            unnamed("Failure::Number", vec![Ty::Int("u32")]),
            unnamed("Failure::Text", vec![Ty::Text]),
        ],
        _ => unreachable!("no such type: {name}"),
    }
}
