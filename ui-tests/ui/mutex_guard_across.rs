use insideout::prelude::*;

use std::sync::Mutex;

#[cps]
fn locked(counter: &Mutex<u32>) {
    let mut held = counter.lock().unwrap();
    coop!();
    *held += 1;
}

fn main() {}
