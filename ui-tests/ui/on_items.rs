use insideout::prelude::*;

#[cps]
enum Shape {
    Round,
}

#[cps]
union Bits {
    byte: u8,
}

#[cps]
use std::fmt;

#[cps]
const LIMIT: u32 = 1;

#[cps]
static COUNT: u32 = 1;

#[cps]
type Byte = u8;

#[cps]
unsafe extern "C" {
    fn abs(n: i32) -> i32;
}

fn main() -> Result<(), fmt::Error> {
    let _ = (Shape::Round, Bits { byte: LIMIT as Byte }, COUNT);
    Ok(println!("{}", unsafe { abs(-1) }))
}
