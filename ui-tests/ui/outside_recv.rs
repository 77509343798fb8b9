use insideout::prelude::*;

fn ordinary(mailbox: &Mailbox<u32>) {
    recv!(mailbox);
}

fn main() {}
