use insideout::prelude::*;

struct Pair {
    one: u32,
}

#[cps]
fn sometimes(mut n: u32) -> Pair {
    #[cfg(any())]
    {
        n += 1;
        coop!();
    }
    #[cfg(any())]
    if n > 0 {
        coop!();
    }
    Pair {
        #[cfg(any())]
        other: call!(number()),
        one: n,
    }
}

#[cps]
fn number() -> u32 {
    coop!();
    1
}

fn main() {
    sometimes(1);
}
