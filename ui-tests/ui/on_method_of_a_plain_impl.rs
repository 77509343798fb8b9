use insideout::prelude::*;

struct Counter(u32);

impl Counter {
    #[cps]
    fn next(&mut self) -> u32 {
        coop!();
        self.0 += 1;
        self.0
    }
}

fn main() {}
