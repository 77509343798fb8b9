use insideout::prelude::*;

#[cps]
fn array() -> usize {
    let list: [u8; {
        coop!();
        2
    }] = [0; 2];
    list.len()
}

fn main() {}
