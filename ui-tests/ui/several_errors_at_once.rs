use insideout::prelude::*;

#[cps]
fn work(list: Vec<u32>) {
    list.iter().for_each(|_| coop!());
    let future = async { coop!() };
    drop(future);
    coop!(1);
}

fn main() {}
