use insideout::prelude::*;

fn ordinary(it: JoinHandle<u32>) {
    writable!(it);
}

fn main() {}
