use insideout::prelude::*;

#[cps]
unsafe extern "C" fn print(format: *const u8, _: ...) {
    coop!();
}

fn main() {}
