//! Promises of size, which the compiler checks: `#[cps(fits = N)]`.

use core::marker::PhantomData;

use crate::cell::Cell;
use crate::expansion::Context;

/// The proof that the cell of a call with frames `F` and a value `T` takes no more bytes than its
/// author wrote.
#[derive(Debug)]
pub struct Fits<F, T>(PhantomData<(F, T)>);

impl<F, T> Fits<F, T> {
    /// The proof that it takes at most so many bytes, made while the program is compiled.
    ///
    /// # Panics
    ///
    /// If it is not so; the compiler shows that, with the size, where this is called.
    #[must_use]
    #[track_caller]
    pub const fn check(most: usize) -> Self {
        let size = size_of::<Cell<F, T>>();
        if size > most {
            let mut words = Words::new();
            words.text("the continuation takes ");
            words.number(size);
            words.text(" bytes, and `fits` promises ");
            words.number(most);
            panic!("{}", words.as_str());
        }
        Fits(PhantomData)
    }
}

impl<F, T, R> Context<'_, F, T, R> {
    /// Asks for the proof.
    #[inline(always)]
    pub fn fits(&self, _: Fits<F, T>) {}
}

/// A message that is written while the program is compiled.
struct Words {
    bytes: [u8; 128],
    len: usize,
}

impl Words {
    const fn new() -> Self {
        Words {
            bytes: [0; 128],
            len: 0,
        }
    }

    const fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    const fn text(&mut self, text: &str) {
        let mut at = 0;
        while at < text.len() {
            self.push(text.as_bytes()[at]);
            at += 1;
        }
    }

    const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.push(b'0' + (number % 10) as u8);
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
