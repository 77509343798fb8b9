use insideout::prelude::*;
use std::time::Instant;

fn ordinary(mailbox: &Mailbox<u32>, until: Instant) {
    recv_deadline!(mailbox, until);
}

fn main() {}
