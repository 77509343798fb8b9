//! What is needed before a piece of native code, given what is needed behind it.
//!
//! A piece is walked once, whatever is needed behind it; what that comes to is found out as often as it is
//! asked.

use super::{Backwards, Needs};
use crate::effects::Walk;
use crate::effects::joins::Ways;
use crate::fates::{Fates, Flow};
use crate::jumps;
use crate::locals::LocalId;
use crate::mentions::{Code, Mentions};
use crate::parts::{Path, seen};
use crate::tree::{BodyId, Target};
use crate::uses::{Place, place_of};
use proc_macro2::Span;
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::Expr;

/// A piece of native code: the body and the statement that it stands in, and how many pieces of that come
/// before it.
pub(super) type Piece = (BodyId, usize, usize);

/// What there is to see in a piece, whatever is needed behind it.
pub(super) struct Seen<'a> {
    piece: Piece,
    walked: Walk<'a>,
    /// Where a condition is false.
    missed: Flow,
    mentions: Mentions,
}

impl<'a> Backwards<'a> {
    /// What is needed before native code, which `walk` follows: what it reads, and what is read behind each
    /// of its ways out unless that way assigns it.
    pub(super) fn native(
        &mut self,
        code: &impl Code,
        after: Needs,
        walk: impl FnOnce(&mut Walk),
    ) -> Needs {
        let seen = self.see(code, |walked| {
            walk(walked);
            None
        });
        self.settle(&seen, &[(&seen.walked.flow, &after)]);
        self.before(&seen, after)
    }

    /// What is needed before a condition, given what is needed where it is true and where it is not.
    pub(super) fn cond(&mut self, cond: &Expr, then: Needs, otherwise: &Needs) -> Needs {
        let seen = self.see(cond, |walked| {
            let mut missed = None;
            walked.cond(cond, &mut missed);
            missed
        });
        let ends = [(&seen.walked.flow, &then), (&seen.missed, otherwise)];
        self.settle(&seen, &ends);
        self.before(&seen, then.with(otherwise))
    }

    /// Walks the next piece, unless it was walked before.
    fn see(&mut self, code: &impl Code, walk: impl FnOnce(&mut Walk) -> Flow) -> Rc<Seen<'a>> {
        let piece @ (body, index, number) = self.at;
        self.at.2 += 1;
        // The pieces of a statement come in the same order each time.
        if let Some(seen) = self.seen[body][index].get(number) {
            return seen.clone();
        }
        let mut walked = match self.doubtful {
            Some(_) => Walk::asking(self.locals, &self.renewed),
            None => Walk::new(self.locals, Some(Fates::default())),
        };
        let missed = walk(&mut walked);
        let seen = Rc::new(Seen {
            piece,
            walked,
            missed,
            mentions: Mentions::of(code),
        });
        self.seen[body][index].push(seen.clone());
        seen
    }

    /// Notes what the walked code may have taken, given what is read behind each of its ends: those in
    /// `ends`, and the labels that it jumps to.
    fn settle(&mut self, seen: &Seen, ends: &[(&Flow, &Needs)]) {
        let Some(mut uses) = seen.walked.uses.clone() else {
            return;
        };
        let mut reads = |flow: &Flow, needs: &Needs| {
            let doubts: Vec<_> = flow.iter().flat_map(|fates| &fates.doubts).collect();
            for place in &*needs.places {
                uses.read(place, doubts.iter().copied());
            }
        };
        for (flow, needs) in ends {
            reads(flow, needs);
        }
        let jumps = !seen.walked.jumps.is_empty();
        for (target, next, needs) in self.jumped_to().filter(|_| jumps) {
            if let Some(ways) = seen.walked.jumps.get(&label(target, next)) {
                reads(&ways.met(), needs);
            }
        }
        let mut locals = uses.doubtful();
        self.renewed.append(&mut uses.renewed);
        self.lent.iter().for_each(|id| {
            locals.remove(id);
        });
        if let Some(doubtful) = &mut self.doubtful {
            doubtful.insert(seen.piece, locals);
        }
    }

    /// What is needed at each label.
    fn jumped_to(&self) -> impl Iterator<Item = (Target, bool, &Needs)> {
        let exits = self
            .exits
            .iter()
            .map(|(target, needs)| (*target, false, needs));
        exits.chain(
            self.nexts
                .iter()
                .map(|(target, needs)| (*target, true, needs)),
        )
    }

    fn before(&mut self, seen: &Seen, after: Needs) -> Needs {
        let Seen {
            walked, mentions, ..
        } = seen;
        let mut stale = BTreeSet::new();
        for place in &mentions.assigned {
            self.assigned(place, &after, &mut stale);
        }
        let mut needs = after.before(&walked.flow);
        for &(target, next) in &mentions.labels {
            let there = match next {
                true => self.nexts.get(&target),
                false => self.exits.get(&target),
            };
            for (place, there) in mentions.assigned.iter().zip(there.into_iter().cycle()) {
                self.assigned(place, there, &mut stale);
            }
            let ways = walked.jumps.get(&label(target, next));
            let flow = ways.and_then(Ways::met);
            there
                .iter()
                .for_each(|there| needs.join(&(*there).clone().before(&flow)));
        }
        for id in &mentions.locals {
            needs.mentioned.insert(*id);
        }
        for place in &walked.places {
            needs.place(place);
        }
        for (id, path) in &walked.read {
            self.need(*id, path, &mut needs);
        }
        self.found.stale.append(&mut stale);
        needs
    }

    /// Adds the locals that what is assigned makes stale.
    fn assigned(&self, (root, path): &Place, after: &Needs, stale: &mut BTreeSet<LocalId>) {
        let path = seen(path);
        for id in after.read.iter() {
            let Some(reference) = self.locals.borrowed_by(id) else {
                continue;
            };
            if let Some(((of, borrowed), _)) = place_of(&reference.expr)
                && of == *root
                && seen(&borrowed).starts_with(&path)
            {
                stale.insert(id);
            }
        }
    }

    pub(super) fn value(&mut self, expr: &Expr, needs: Needs) -> Needs {
        self.native(expr, needs, |walk| walk.value(expr))
    }

    pub(super) fn need(&self, id: LocalId, path: &Path, needs: &mut Needs) {
        needs.part(id, path);
        needs.read.insert(id);
        needs.mentioned.insert(id);
        // What is built again needs what it is built from.
        if let Some(rebuild) = &self.locals.get(id).rebuild {
            let roots = Mentions::of(rebuild).locals;
            let borrowed = self.locals.borrowed_by(id);
            let part = borrowed.and_then(|reference| Some(place_of(&reference.expr)?.0));
            for root in &roots {
                let once = roots.iter().filter(|other| *other == root).count() == 1;
                match &part {
                    Some((of, path)) if of == root && once => self.need(*root, path, needs),
                    _ => self.need(*root, &Path::new(), needs),
                }
            }
        }
    }
}

fn label(target: Target, next: bool) -> String {
    let label = match next {
        true => jumps::next(target, Span::call_site()),
        false => jumps::exit(target, Span::call_site()),
    };
    label.ident.to_string()
}
