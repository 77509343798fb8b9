use insideout::prelude::*;

#[cps]
fn outer() {
    struct Local;
    impl Local {
        fn method(&self) {
            coop!();
        }
    }
    Local.method();
    coop!();
}

fn main() {}
