use insideout::prelude::*;

#[cps]
fn work(mailbox: Mailbox<u32>) {
    let _ = send!(mailbox);
}

fn main() {}
