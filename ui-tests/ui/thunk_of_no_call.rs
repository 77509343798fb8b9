use insideout::prelude::*;

fn main() {
    let number = 1;
    thunk!(number).run();
}
