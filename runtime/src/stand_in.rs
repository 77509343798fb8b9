//! What `suspend!` gives away under a timeout.
//!
//! Whoever is given the continuation may keep it for ever, and nobody knows where. So it is given
//! another one, which stands in: the one that is suspended is left in a [claim](crate::claim), with an
//! alarm. Run, the stand-in takes the claim and goes on as the other, where it is run; dropped, it
//! drops the other. When the time is over before that the alarm takes the claim, the call is given up
//! at home, and the stand-in stands for nothing.

use crate::claim::Claim;
use crate::sync::Arc;
use crate::timeout;
use cps_core::expansion::Context;
use cps_core::{Continuation, Thunk};

/// The closure of a `suspend!`, told to take a stand-in where one is needed.
pub fn giving<G>(give: G) -> impl FnOnce(Continuation) -> Option<Continuation> + 'static
where
    G: FnOnce(Continuation) -> Option<Continuation> + 'static,
{
    move |continuation| {
        if !timeout::has_deadline(&continuation) {
            return give(continuation);
        }
        let claim = Claim::of_continuation();
        match timeout::settle(continuation, &claim, &[]) {
            None => give(StandIn(claim).into_continuation()),
            // The time is over.
            over => over,
        }
    }
}

struct StandIn(Arc<Claim>);

impl StandIn {
    fn take(&self) -> Option<Continuation> {
        self.0.take(std::ptr::from_ref(&*self.0).addr())
    }

    fn into_continuation(self) -> Continuation {
        Thunk::new(
            Some(self),
            |mut cx: Context<Option<StandIn>, ()>| match cx.take() {
                Some(this) => cx.suspend(None, move |shell| {
                    drop(shell);
                    this.take()
                }),
                None => cx.done(()),
            },
        )
        .into_continuation()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.take());
    }
}
