//! What is not yet Rust in one body is no matter to the others.
use insideout::prelude::*;

struct Account(u32);

#[cps]
impl Account {
    #[cps]
    fn balance(&self) -> u32 {
        coop!();
        self.
    }

    #[cps]
    fn twice(&self) -> u32 {
        call!(self.balance()) * 2
    }
}

#[cps]
fn half(text: &str) -> usize {
    coop!();
    let length = text.len()
    length
}

#[cps]
fn caller() -> usize {
    call!(half("text"))
}

fn main() {
    caller();
    Account(1).twice();
}
