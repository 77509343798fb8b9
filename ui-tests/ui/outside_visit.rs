use insideout::prelude::*;

fn ordinary(pool: &Pool) {
    visit!(pool, 7);
}

fn main() {}
