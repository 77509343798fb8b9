use insideout::prelude::*;

fn ordinary() {
    sleep_until!(it);
}

fn main() {}
