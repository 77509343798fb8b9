use insideout::prelude::*;

#[cps]
fn array() -> [u8; 2] {
    [0; {
        coop!();
        2
    }]
}

fn main() {}
