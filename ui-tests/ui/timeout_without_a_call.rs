use insideout::prelude::*;
use std::time::Duration;

#[cps]
fn once(limit: Duration) {
    timeout!(limit).ok();
}

fn main() {}
