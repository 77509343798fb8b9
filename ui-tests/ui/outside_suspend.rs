use insideout::prelude::*;

fn ordinary() {
    suspend!(|continuation| Some(continuation));
}

fn main() {}
