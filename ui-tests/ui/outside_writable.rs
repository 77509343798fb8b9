use insideout::prelude::*;

fn ordinary() {
    writable!(it);
}

fn main() {}
