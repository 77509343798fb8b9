use insideout::prelude::*;

macro_rules! again {
    ($x:ident) => {
        let $x = $x + 1;
    };
}

#[cps]
fn shadowed() -> u32 {
    let n = 1;
    {
        again!(n);
        coop!();
        println!("{n}");
    }
    n
}

fn main() {}
