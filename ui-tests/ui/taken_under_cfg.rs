use insideout::prelude::*;

#[cps]
fn sometimes(text: String) {
    #[cfg(any())]
    drop(text);
    #[cfg(target_os = "none")]
    drop(text);
    coop!();
}

fn main() {
    sometimes(String::new());
}
