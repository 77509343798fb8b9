use insideout::prelude::*;

fn ordinary(pool: &Pool) {
    migrate!(pool);
}

fn main() {}
