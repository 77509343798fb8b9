use insideout::prelude::*;

#[cps]
fn first() -> usize {
    0
}

#[cps]
fn address(list: Vec<u32>) -> bool {
    (&raw const list[call!(first())]).is_null()
}

fn main() {
    address(vec![1]);
}
