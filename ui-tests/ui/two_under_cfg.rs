use insideout::prelude::*;

#[cps]
fn two(text: String) {
    #[cfg(not(feature = "one"))]
    let _guard = text.clone();
    #[cfg(not(feature = "other"))]
    let _guard = text;
    coop!();
}

fn main() {}
