use insideout::prelude::*;

fn ordinary(mailbox: &Mailbox<u32>) {
    send!(mailbox, 1);
}

fn main() {}
