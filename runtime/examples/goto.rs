//! One function that visits three pools and says on which thread it is at each step.
//!
//! ```text
//! cargo run --release --example goto
//! ```
//!
//! What it holds goes with it: the travelled path is a local like any other.

use insideout::prelude::*;
use insideout::thread_name;

/// Visits `places` in turn, and returns the threads that it was on.
#[cps]
fn travel(places: Vec<Home>) -> Vec<String> {
    let mut path = vec![thread_name()];
    println!("starts on {}", thread_name());
    for place in places {
        migrate!(place).expect("the pools are open");
        path.push(thread_name());
        println!("is on {}", thread_name());
    }
    path
}

fn main() {
    let pools = ["red", "green", "blue"].map(|name| Pool::named(name, 1));
    let places = pools.iter().map(Pool::home).collect();
    // A plain call: the main thread waits until the value comes back.
    let path = travel(places);
    println!("was on {}, back on {}", path.join(", "), thread_name());
}
