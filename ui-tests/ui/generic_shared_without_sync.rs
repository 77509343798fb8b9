use insideout::prelude::*;

#[cps]
fn look<T: Send>(value: &T) -> usize {
    coop!();
    std::mem::size_of_val(value)
}

fn main() {}
