use insideout::prelude::*;

fn ordinary() {
    signal!(it);
}

fn main() {}
