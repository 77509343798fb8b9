use insideout::prelude::*;

fn ordinary() {
    child!(it);
}

fn main() {}
