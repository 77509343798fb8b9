use insideout::prelude::*;

struct Counter(u32);

#[cps(fast)]
impl Counter {
    #[cps]
    fn get(&self) -> u32 {
        coop!();
        self.0
    }
}

fn main() {}
