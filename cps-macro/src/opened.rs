//! Macros whose arguments are expressions, read once for all who look into a block while it lies still.

use crate::arguments::{Arguments, as_match};
use crate::points::PointMacro;
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;
use syn::{Block, Expr, Macro};

/// What was read, by where the macro lies: in the block, or in what was read before.
pub(crate) struct Opened<'b> {
    known: RefCell<HashMap<usize, Option<Rc<[Expr]>>>>,
    block: PhantomData<&'b Block>,
}

impl<'b> Opened<'b> {
    pub(crate) fn of(_: &'b Block) -> Self {
        Opened {
            known: RefCell::default(),
            block: PhantomData,
        }
    }

    /// The arguments of a point, or of a macro of std's that is known; of `matches!` the `match` that it
    /// stands for. `None`: this is another one.
    pub(crate) fn arguments(&self, mac: &Macro) -> Option<Rc<[Expr]>> {
        let at = std::ptr::from_ref(mac).addr();
        let mut known = self.known.borrow_mut();
        known.entry(at).or_insert_with(|| read(mac)).clone()
    }
}

fn read(mac: &Macro) -> Option<Rc<[Expr]>> {
    if PointMacro::of(mac).is_some() {
        return Some(crate::lower::arguments(mac).into());
    }
    if let Some(matched) = as_match(mac) {
        return Some([matched].into());
    }
    let arguments = Arguments::of(mac)?.args;
    Some(
        arguments
            .into_iter()
            .map(|argument| argument.expr)
            .collect(),
    )
}
