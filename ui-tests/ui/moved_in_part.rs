use insideout::prelude::*;

struct Name(String);

impl Name {
    fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cps]
fn split(name: Name) -> usize {
    let pair = (name, String::from("other"));
    let first = pair.0.into_bytes();
    coop!();
    first.len()
}

fn main() {}
