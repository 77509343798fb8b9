use insideout::prelude::*;
use std::time::Duration;

fn ordinary(mailbox: &Mailbox<u32>, limit: Duration) {
    timeout!(limit, mailbox.recv());
}

fn main() {}
