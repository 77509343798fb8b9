use insideout::prelude::*;

#[cps]
fn work(outbox: Sender<u32>) {
    send!(outbox, "text").ok();
}

fn main() {}
