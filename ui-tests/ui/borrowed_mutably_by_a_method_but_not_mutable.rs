//! The callee borrows from the frame, where everything could be changed; the author's word counts.

use insideout::prelude::*;

#[cps]
fn fill(bytes: &mut [u8]) {
    coop!();
    bytes.fill(1);
}

#[cps]
fn caller() -> Vec<u8> {
    let list: Vec<u8> = vec![0; 3];
    call!(fill(list.as_mut_slice()));
    list
}

fn main() {
    caller();
}
