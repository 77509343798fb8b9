//! What generated code can call.

use crate::random::Random;
use crate::types::Ty;

/// A `#[cps]` function that there is.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    pub(crate) name: String,
    /// What it takes behind the log; a method's receiver comes first.
    pub(crate) params: Vec<Ty>,
    pub(crate) result: Ty,
    /// It is a method of `Machine`.
    pub(crate) method: bool,
    /// It calls itself, so many times at most as its first argument says.
    pub(crate) recursive: bool,
}

impl Signature {
    /// The signature with a certain type for its type parameter.
    pub(crate) fn concrete(mut self, random: &mut Random) -> Self {
        let given = random.pick(&[Ty::Int("u32"), Ty::Text, Ty::Tracked, Ty::Tracked.option()]);
        let params = self.params.iter_mut();
        params.for_each(|param| *param = param.with(&given));
        self
    }
}

/// Functions that every program has, for small and certain effects.
pub(crate) fn helpers() -> Vec<(Signature, &'static str)> {
    let int = || Ty::Int("u32");
    let lent = |ty: Ty| Ty::Ref(ty.boxed());
    let lent_mut = |ty: Ty| Ty::RefMut(ty.boxed());
    let helper = |name: &str, params: Vec<Ty>, result: Ty| Signature {
        name: name.to_owned(),
        params,
        result,
        method: false,
        recursive: false,
    };
    let failure = || Ty::Result(Ty::Int("i64").boxed(), Ty::Named("Failure").boxed());
    vec![
        (helper("sum", vec![int(), int()], int()), SUM),
        (
            helper("push", vec![lent_mut(int().vec()), int()], Ty::Int("usize")),
            PUSH,
        ),
        (
            helper("bump", vec![lent_mut(int()), lent(int())], Ty::Unit),
            BUMP,
        ),
        (
            helper("look", vec![lent(Ty::Tracked)], Ty::Int("usize")),
            LOOK,
        ),
        (helper("eat", vec![Ty::Tracked, int()], int()), EAT),
        (helper("maybe", vec![int()], int().option()), MAYBE),
        (helper("attempt", vec![Ty::Int("i64")], failure()), ATTEMPT),
        (
            helper("write", vec![lent_mut(Ty::Text), Ty::Char], Ty::Bool),
            WRITE,
        ),
        (
            helper(
                "swap",
                vec![lent_mut(Ty::Tracked), Ty::Tracked],
                Ty::Tracked,
            ),
            SWAP,
        ),
        (
            helper(
                "mend",
                vec![lent_mut(Ty::Text), lent_mut(int().vec())],
                Ty::Int("usize"),
            ),
            MEND,
        ),
        (
            helper(
                "trade",
                vec![lent_mut(Ty::Tracked), lent_mut(Ty::Tracked.option())],
                Ty::Bool,
            ),
            TRADE,
        ),
        (
            helper("tally", vec![lent_mut(int()), lent_mut(int().vec())], int()),
            TALLY,
        ),
        (
            helper("nudge", vec![lent_mut(Ty::Named("Point"))], Ty::Int("i64")),
            NUDGE,
        ),
    ]
}

/// Hands its argument back, of whatever type it is.
pub(crate) const GIVE: &str = "#[cps]
fn give<T: Send>(_log: &Log, value: T) -> T {
    coop!();
    value
}";

const SUM: &str = "#[cps]
fn sum(log: &Log, a: u32, b: u32) -> u32 {
    log.note(a);
    let _guard = log.tracked(\"sum\");
    coop!();
    a.wrapping_add(b)
}";

const PUSH: &str = "#[cps]
fn push(log: &Log, list: &mut Vec<u32>, n: u32) -> usize {
    list.push(n);
    coop!();
    log.note(list.len());
    list.len()
}";

const BUMP: &str = "#[cps]
fn bump(log: &Log, n: &mut u32, by: &u32) {
    coop!();
    *n ^= *by;
    log.note(&n);
}";

const LOOK: &str = "#[cps]
fn look(log: &Log, t: &Tracked) -> usize {
    coop!();
    log.note(t.name());
    t.name().len()
}";

const EAT: &str = "#[cps]
fn eat(log: &Log, t: Tracked, n: u32) -> u32 {
    if n % 2 == 0 {
        coop!();
        drop(t);
        coop!();
    } else {
        coop!();
    }
    log.note(\"eaten\");
    n
}";

const MAYBE: &str = "#[cps]
fn maybe(log: &Log, n: u32) -> Option<u32> {
    if n % 7 == 6 {
        return None;
    }
    coop!();
    log.note(n);
    Some(n / 2)
}";

const ATTEMPT: &str = "#[cps]
fn attempt(_log: &Log, n: i64) -> Result<i64, Failure> {
    coop!();
    if n % 5 == 4 {
        return Err(Failure::Text(format!(\"no {n}\")));
    }
    Ok(n ^ 1)
}";

const WRITE: &str = "#[cps]
fn write(_log: &Log, text: &mut String, letter: char) -> bool {
    text.push(letter);
    coop!();
    text.len() % 2 == 0
}";

const SWAP: &str = "#[cps]
fn swap(_log: &Log, place: &mut Tracked, value: Tracked) -> Tracked {
    coop!();
    let old = std::mem::replace(place, value);
    coop!();
    old
}";

const NUDGE: &str = "#[cps]
fn nudge(_log: &Log, point: &mut Point) -> i64 {
    point.y = point.y.wrapping_add(1);
    coop!();
    point.x ^= 3;
    point.sum()
}";

const MEND: &str = "#[cps]
fn mend(log: &Log, text: &mut String, sizes: &mut Vec<u32>) -> usize {
    text.push('+');
    coop!();
    sizes.push(1);
    log.note(text.len());
    sizes.len()
}";

const TRADE: &str = "#[cps]
fn trade(_log: &Log, one: &mut Tracked, other: &mut Option<Tracked>) -> bool {
    let Some(other) = other else {
        return false;
    };
    coop!();
    std::mem::swap(one, other);
    true
}";

const TALLY: &str = "#[cps]
fn tally(log: &Log, n: &mut u32, list: &mut Vec<u32>) -> u32 {
    *n ^= 5;
    coop!();
    list.push(*n);
    log.note(list.len());
    *n
}";
