//! The part of a walk that asks which mentions may move what they mention: see [`crate::uses`].

use super::Walk;
use crate::arguments::{Arguments, as_match};
use crate::fates::Fates;
use crate::locals::{Locals, Visible};
use crate::mentions::{Code, Mentions};
use crate::uses::{Place, Uses, place_of};
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::Expr;

impl<'a> Walk<'a> {
    /// A walk that also asks which mentions may move what they mention.
    pub(crate) fn asking(locals: &'a Locals, renewed: &BTreeSet<Place>) -> Self {
        let mut walk = Walk::new(locals, Some(Fates::default()));
        walk.uses = Some(Uses::renewing(renewed));
        walk
    }

    /// A mention that may move the place, or a part of it.
    pub(super) fn doubt(&mut self, place: Place, code: &impl Sized, partly: bool) {
        // What is taken of it is a copy.
        if self.locals.get(place.0).visible == Visible::Copy {
            return;
        }
        if let (Some(uses), Some(fates)) = (&mut self.uses, &mut self.flow) {
            let at = std::ptr::from_ref(code).addr();
            fates.doubts.insert(uses.raise(place, at, partly));
        }
    }

    /// An assignment to a part of a local.
    pub(super) fn renew(&mut self, part: &Expr) {
        if let Some(uses) = &mut self.uses
            && let Some((place, true)) = place_of(part)
        {
            uses.renewed.insert(place);
        }
    }

    /// A read of the place that an expression lies in, if it is one.
    pub(super) fn touch(&mut self, expr: &Expr) {
        let Some((place, _)) = place_of(expr) else {
            return;
        };
        if let (Some(uses), Some(fates)) = (&mut self.uses, &self.flow) {
            uses.read(&place, &fates.doubts);
        }
        if self
            .flow
            .as_ref()
            .is_some_and(|fates| fates.is_old(place.0))
        {
            self.places.push(place);
        }
    }

    /// A mention of a place that may be moved from: the receiver of a method, or a part that is taken.
    pub(super) fn take_part(&mut self, expr: &Expr) {
        if self.uses.is_some()
            && let Some((place, true)) = place_of(expr)
        {
            self.doubt(place, expr, false);
        }
    }

    /// A place of which a pattern binds something by value.
    pub(super) fn bind_part(&mut self, expr: &Expr) {
        if self.uses.is_some()
            && let Some((place, true)) = place_of(expr)
        {
            self.doubt(place, expr, true);
        }
    }

    pub(super) fn certainly_taken(&mut self, code: &impl Code) {
        if let Some(uses) = &mut self.uses {
            uses.taken.extend(Mentions::of(code).locals);
        }
    }

    /// What a closure's body may move stays in doubt where the closure is made, whether or not it is called.
    pub(super) fn captured(&mut self, body: impl FnOnce(&mut Self)) {
        let outside = (
            self.flow.clone(),
            std::mem::take(&mut self.loops),
            std::mem::take(&mut self.jumps),
        );
        body(self);
        let inside = self.flow.take();
        (self.flow, self.loops, self.jumps) = outside;
        if let (Some(fates), Some(inside)) = (&mut self.flow, inside) {
            fates.doubts.extend(inside.doubts);
        }
    }

    pub(super) fn arguments_of(&mut self, mac: &syn::Macro) -> Option<Rc<Arguments>> {
        let known = self.arguments.entry(std::ptr::from_ref(mac).addr());
        known
            .or_insert_with(|| Arguments::of(mac).map(Rc::new))
            .clone()
    }

    pub(super) fn match_of(&mut self, mac: &syn::Macro) -> Option<Rc<Expr>> {
        let known = self.matches.entry(std::ptr::from_ref(mac).addr());
        known.or_insert_with(|| as_match(mac).map(Rc::new)).clone()
    }
}
