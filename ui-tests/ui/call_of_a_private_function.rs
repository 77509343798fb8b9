use insideout::prelude::*;

mod inner {
    use insideout::prelude::*;

    #[cps]
    fn private() -> u32 {
        coop!();
        1
    }
}

#[cps]
fn caller() -> u32 {
    call!(inner::private())
}

fn main() {}
