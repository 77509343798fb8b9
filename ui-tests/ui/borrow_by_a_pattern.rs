use insideout::prelude::*;

#[cps]
fn look(name: Option<String>) -> usize {
    match &name {
        Some(text) => {
            coop!();
            text.len()
        }
        None => 0,
    }
}

fn main() {}
