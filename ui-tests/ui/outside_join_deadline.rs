use insideout::prelude::*;
use std::time::Instant;

fn ordinary(handle: JoinHandle<u32>, until: Instant) {
    join_deadline!(handle, until);
}

fn main() {}
