use insideout::prelude::*;

#[cps]
fn walk(v: Vec<u32>) -> u32 {
    let mut sum = 0;
    for n in &v {
        coop!();
        sum += n;
    }
    sum
}

fn main() {}
