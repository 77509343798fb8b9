use insideout::prelude::*;

macro_rules! panic {
    ($($word:tt)*) => {
        println!($($word)*)
    };
}

#[cps]
fn shout(names: Vec<String>) {
    for name in names {
        coop!();
        panic!("{name}");
    }
}

#[cps]
fn whisper(name: String, loud: bool) -> usize {
    if loud {
        coop!();
        panic!("{name}")
    } else {
        coop!();
    }
    name.len()
}

fn main() {
    shout(vec![]);
    whisper(String::new(), true);
}
