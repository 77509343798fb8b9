use insideout::prelude::*;

#[cps]
fn walk() -> u32 {
    let v = vec![1, 2];
    let mut sum = 0;
    for n in v.iter() {
        coop!();
        sum += n;
    }
    sum
}

fn main() {}
