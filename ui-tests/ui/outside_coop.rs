use insideout::prelude::*;

fn ordinary() {
    coop!();
}

fn main() {}
