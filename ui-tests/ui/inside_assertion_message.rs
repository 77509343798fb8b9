use insideout::prelude::*;

#[cps]
fn why() -> String {
    String::from("because")
}

#[cps]
fn check(n: u32) {
    assert_eq!(n, 1, "{}", call!(why()));
}

fn main() {
    check(1);
}
