use insideout::prelude::*;

#[cps]
mod inner {
    fn f() {}
}

fn main() {}
