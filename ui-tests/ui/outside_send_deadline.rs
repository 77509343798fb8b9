use insideout::prelude::*;
use std::time::Instant;

fn ordinary(mailbox: &Mailbox<u32>, until: Instant) {
    send_deadline!(mailbox, 1, until);
}

fn main() {}
