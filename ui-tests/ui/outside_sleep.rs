use insideout::prelude::*;

fn ordinary() {
    sleep!(it);
}

fn main() {}
