use insideout::prelude::*;

struct Reader {
    at: u32,
}

impl Reader {
    #[cps]
    fn next(&mut self) -> u32 {
        coop!();
        self.at += 1;
        self.at
    }

    #[cps]
    fn furthest(&mut self) -> u32 {
        self.at.max(call!(self.next()))
    }
}

fn main() {}
