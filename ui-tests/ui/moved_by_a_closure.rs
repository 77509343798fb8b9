use insideout::prelude::*;

#[cps]
fn once(f: impl FnOnce() + Send) {
    coop!();
    f();
}

#[cps]
fn send(text: String) {
    call!(once(|| drop(text)));
}

fn main() {
    send("text".into());
}
