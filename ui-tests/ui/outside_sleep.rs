use insideout::prelude::*;

fn ordinary(it: JoinHandle<u32>) {
    sleep!(it);
}

fn main() {}
