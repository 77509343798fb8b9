use insideout::prelude::*;

#[cps]
fn each(items: Vec<u32>) {
    items.into_iter().for_each(|item| {
        println!("{item}");
        coop!();
    });
}

fn main() {}
