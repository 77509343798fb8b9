use insideout::prelude::*;

#[cps]
fn walk(mut v: Vec<u32>) -> Vec<u32> {
    for n in &mut v {
        coop!();
        *n += 1;
    }
    v
}

fn main() {}
