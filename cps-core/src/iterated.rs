//! What a loop borrows that suspends, `for x in &mut iter`.
//!
//! Such a loop would hold its borrow of a local across its suspensions, and a frame cannot point into itself.
//! To an iterator it makes no difference to be borrowed anew for each turn. A collection would begin anew.

/// An iterator over `T` that a loop borrows. (What it yields is no type of its own here: of what is no
/// iterator the compiler would say so once more.)
#[diagnostic::on_unimplemented(
    message = "a loop that suspends cannot hold a borrow of this `{Self}`",
    label = "only an iterator can be borrowed here, anew for each turn",
    note = "loop over the values (`for x in values`) or over indices (`for at in 0..values.len()`)"
)]
pub trait Iterated<T> {
    /// What a turn of the loop is for, if there is one more.
    fn turn(&mut self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<I: Iterator + ?Sized> Iterated<I::Item> for I {
    #[inline(always)]
    fn turn(&mut self) -> Option<I::Item> {
        self.next()
    }
}
