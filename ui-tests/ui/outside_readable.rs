use insideout::prelude::*;

fn ordinary(it: JoinHandle<u32>) {
    readable!(it);
}

fn main() {}
