use insideout::prelude::*;

#[derive(Clone, Copy)]
struct Reader {
    at: u32,
}

impl Reader {
    fn next(&mut self) -> u32 {
        self.at += 1;
        self.at
    }

    fn furthest(self, other: u32) -> u32 {
        self.at.max(other)
    }
}

#[cps]
fn give(n: u32) -> u32 {
    coop!();
    n
}

#[cps]
fn read(readers: &mut [Reader]) -> u32 {
    let mut sum = 0;
    for reader in readers.iter_mut() {
        sum += reader.furthest(call!(give(reader.next())));
    }
    sum
}

fn main() {}
