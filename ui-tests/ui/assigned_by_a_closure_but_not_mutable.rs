use insideout::prelude::*;

#[cps]
fn each(upto: u32, mut f: impl FnMut(u32) + Send) {
    for n in 0..upto {
        coop!();
        f(n);
    }
}

#[cps]
fn sum(upto: u32) -> u32 {
    let sum = 0;
    call!(each(upto, |n| sum += n));
    sum
}

fn main() {
    sum(3);
}
