use insideout::prelude::*;

use std::sync::RwLock;

struct Guard<'a>(&'a RwLock<u32>);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        *self.0.write().unwrap() += 1;
    }
}

#[cps]
fn guarded() {
    let lock = RwLock::new(1);
    let _guard = Guard(&lock);
    coop!();
}

fn main() {}
