//! All event queues of the program, for a pool that ends: who waits for something on the queue of
//! another pool, or of the program, would be held there, with all that it owns, until that happens, and
//! only then find that it has no home any more.

use super::{Queue, wake};
use std::sync::{Arc, Mutex, PoisonError, Weak};

static ALL: Mutex<Vec<Weak<Queue>>> = Mutex::new(Vec::new());

/// Takes up a queue, and forgets those that are gone.
pub(super) fn enter(queue: &Arc<Queue>) {
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() == all.capacity() {
        all.retain(|queue| queue.strong_count() > 0);
    }
    all.push(Arc::downgrade(queue));
}

/// Drops who waits anywhere and has a home that is closed. Of those who wait elsewhere too, nothing is
/// known but by waking them; so if the sleepers on the program's queue are `concerned`, all such among
/// them look again.
pub(crate) fn drop_who_waits_in_vain(concerned: bool) {
    let all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    let queues: Vec<_> = all.iter().filter_map(Weak::upgrade).collect();
    drop(all);
    let mut in_vain = Vec::new();
    for queue in &queues {
        queue.sources.take_in_vain(&mut in_vain);
        if concerned && queue.program {
            queue.timers.take_in_vain(&mut in_vain);
        }
    }
    // Each is refused by its home, and dropped for that.
    wake(&mut in_vain);
}
