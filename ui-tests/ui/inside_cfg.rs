use insideout::prelude::*;

#[cps]
fn sometimes() {
    #[cfg(feature = "sometimes")]
    coop!();
    println!("now");
}

fn main() {}
