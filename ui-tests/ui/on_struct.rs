use insideout::prelude::*;

#[cps]
struct Point {
    x: u32,
}

fn main() {}
