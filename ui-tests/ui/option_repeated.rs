use insideout::prelude::*;

#[cps(fits = 64, local, fits = 72)]
fn twice() {
    coop!();
}

fn main() {
    twice();
}
