//! One broken function: only its error comes out, though all others use it in every way.
use insideout::prelude::*;
use std::fmt::Display;

#[cps]
fn broken<T: Send>((first, _): (T, u32), mut rest: Vec<T>) -> Option<T> {
    rest.iter().for_each(|_| coop!());
    rest.push(first);
    rest.pop()
}

#[cps]
fn opaque(n: u32) -> impl Display {
    std::iter::once(n).for_each(|_| coop!());
    n
}

#[cps]
fn endless() -> ! {
    (|| coop!())();
    loop {}
}

struct Account(u32);

#[cps]
impl Account {
    #[cps]
    fn balance(&self) -> &u32 {
        (|| coop!())();
        &self.0
    }
}

#[cps]
fn caller() -> usize {
    let text = call!(broken((String::from("a"), 1), vec![]));
    let shown = call!(opaque(1)).to_string();
    text.map_or(0, |text| text.len()) + shown.len()
}

fn main() {
    caller();
    let _: Option<u8> = broken::<u8>((1, 2), Vec::new());
    let _: String = opaque(1).to_string();
    let _: u32 = *Account(1).balance();
    let _: u32 = *thunk!(Account(1).balance()).run();
    if std::env::args().count() > 9 {
        endless();
    }
}
