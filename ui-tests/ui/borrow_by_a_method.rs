use insideout::prelude::*;
use std::iter::Peekable;
use std::str::Chars;

struct Lexer<'t> {
    chars: Peekable<Chars<'t>>,
}

impl Lexer<'_> {
    #[cps]
    fn digits(&mut self) -> u32 {
        let mut n = 0;
        while let Some(c) = self.chars.peek() {
            coop!();
            let Some(digit) = c.to_digit(10) else { break };
            n = 10 * n + digit;
            self.chars.next();
        }
        n
    }
}

fn main() {}
