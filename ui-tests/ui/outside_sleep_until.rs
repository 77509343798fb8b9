use insideout::prelude::*;

fn ordinary(it: JoinHandle<u32>) {
    sleep_until!(it);
}

fn main() {}
