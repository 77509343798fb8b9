use insideout::prelude::*;
use std::iter::Peekable;
use std::str::Chars;

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
}

impl Lexer<'_> {
    #[cps]
    fn digit(&mut self) -> u32 {
        if let Some(c) = self.chars.peek() {
            coop!();
            let n = c.to_digit(10).unwrap_or(0);
            coop!();
            self.chars.next();
            return n;
        }
        0
    }
}

fn main() {}
