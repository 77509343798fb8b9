use insideout::prelude::*;

fn ordinary(one: &Mailbox<u32>, other: &Mailbox<u32>) {
    select!(one, other);
}

fn main() {}
