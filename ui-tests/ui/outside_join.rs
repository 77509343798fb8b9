use insideout::prelude::*;

fn ordinary(handle: JoinHandle<u32>) {
    join!(handle);
}

fn main() {}
