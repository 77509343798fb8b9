use insideout::prelude::*;

enum Answer {
    Given(u32),
    None,
}

#[cps]
fn work(n: Answer) -> u32 {
    match n {
        Answer::Given(n) => {
            coop!();
            n
        }
    }
}

fn main() {}
