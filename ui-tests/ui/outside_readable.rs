use insideout::prelude::*;

fn ordinary() {
    readable!(it);
}

fn main() {}
