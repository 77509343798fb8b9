//! The types and the ordinary functions that generated functions use.

pub use behaviour::{Log, Tracked, assert_same, both, fail};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub x: i64,
    pub y: u8,
}

impl Point {
    pub fn sum(&self) -> i64 {
        self.x.wrapping_add(i64::from(self.y))
    }

    pub fn shifted(self, by: i64) -> Self {
        let x = self.x.wrapping_add(by);
        Point { x, ..self }
    }

    pub fn shift(&mut self, by: u8) {
        self.y = self.y.wrapping_add(by);
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Named {
    pub name: String,
    pub sizes: Vec<u32>,
    pub at: Point,
}

impl Named {
    pub fn grow(&mut self, by: u32) -> &mut Self {
        self.sizes.push(by);
        self
    }

    pub fn total(&self) -> u32 {
        self.sizes
            .iter()
            .fold(0, |all, size| all.wrapping_add(*size))
    }
}

#[derive(Debug, PartialEq)]
pub struct Pair {
    pub left: Tracked,
    pub right: Option<Tracked>,
    pub count: u32,
}

impl Pair {
    pub fn swap(&mut self) -> bool {
        match &mut self.right {
            Some(right) => {
                std::mem::swap(&mut self.left, right);
                true
            }
            None => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    Empty,
    Dot(Point),
    Line { from: Point, to: Point },
    Label(String, u32),
}

#[derive(Debug, PartialEq)]
pub enum Held {
    Nothing,
    One(Tracked),
    Two(Tracked, Tracked),
    Counted { what: Tracked, count: u64 },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    Number(u32),
    Text(String),
}

impl From<u32> for Failure {
    fn from(number: u32) -> Self {
        Failure::Number(number)
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure::Text(text)
    }
}

pub fn mix(a: u32, b: u32, c: u32) -> u32 {
    a.wrapping_mul(31)
        .wrapping_add(b.wrapping_mul(7))
        .wrapping_add(c)
}

pub fn both_true(a: bool, b: bool) -> bool {
    a && b
}

pub fn longest(a: &str, b: &str) -> usize {
    a.len().max(b.len())
}

pub fn first<T>(all: Vec<T>) -> Option<T> {
    all.into_iter().next()
}
