use insideout::prelude::*;

#[cps]
fn work() -> u32 {
    {
        let inner = 1;
        coop!();
        println!("{inner}");
    }
    inner
}

fn main() {}
