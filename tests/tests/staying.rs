//! A local call and its continuation stay on their thread: who may call them, run them, and look at them.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

use behaviour::{Log, fail};
use insideout::prelude::*;
use insideout::{LocalContinuation, LocalThunk, Outcome};

#[cps]
trait Counts {
    #[cps(local)]
    fn next(&self) -> u32;

    #[cps(local)]
    fn sum(&self, times: usize) -> u32 {
        let (mut sum, seen) = (0, Rc::new(RefCell::new(Vec::new())));
        for _ in 0..times {
            sum += call!(self.next());
            coop!();
            seen.borrow_mut().push(sum);
        }
        sum + seen.borrow().len() as u32
    }
}

#[derive(Clone)]
struct Counter {
    count: Rc<Cell<u32>>,
}

#[cps]
impl Counts for Counter {
    #[cps(local)]
    fn next(&self) -> u32 {
        coop!();
        self.count.set(self.count.get() + 1);
        self.count.get()
    }
}

impl Counter {
    #[cps(local)]
    fn generic<T: Clone, const N: usize>(&self, item: Rc<T>) -> [Rc<T>; N] {
        coop!();
        self.count.set(N as u32);
        std::array::from_fn(|_| item.clone())
    }
}

#[test]
fn methods_of_what_stays() {
    let counter = Counter {
        count: Rc::default(),
    };
    assert_eq!(counter.sum(3), 1 + 2 + 3 + 3);
    let dynamic: &dyn Counts = &counter;
    assert_eq!(thunk!(dynamic.next()).run(), 4);
    let items = thunk!(counter.generic::<_, 2>(Rc::new("a"))).run();
    assert_eq!((items.len(), counter.count.get()), (2, 2));
}

#[cps]
fn elsewhere(log: &Log, text: &mut String) -> usize {
    let pool = Pool::named("away", 1);
    coop!();
    migrate!(pool).unwrap();
    log.note(insideout::thread_name());
    text.push('!');
    text.len()
}

#[cps(local)]
fn calls_ordinary(log: &Log, text: Rc<str>) -> Rc<String> {
    let here = thread::current().id();
    let mut owned = text.to_string();
    let len = call!(elsewhere(log, &mut owned));
    assert_eq!(thread::current().id(), here);
    log.note(len);
    log.note(call!(elsewhere(log, &mut owned)));
    Rc::new(owned)
}

#[test]
fn ordinary_functions_are_called_and_waited_for() {
    let log = Log::forever();
    assert_eq!(*calls_ordinary(log, "a".into()), "a!!");
    assert_eq!(log.events(), ["away-0", "2", "away-0", "3"]);
}

#[cps(local)]
fn push(list: &RefCell<Vec<u32>>, item: u32) {
    let mut held = list.borrow_mut();
    coop!();
    held.push(item);
}

#[cps]
fn calls_plainly(n: u32) -> usize {
    let list = thread_local(n);
    coop!();
    list
}

#[cps(local)]
fn thread_local(n: u32) -> usize {
    let list = Rc::new(RefCell::new(vec![]));
    for item in 0..n {
        call!(push(&list, item));
    }
    list.borrow().len()
}

#[test]
fn an_ordinary_function_calls_it_plainly() {
    let pool = Pool::new(1);
    assert_eq!(pool.spawn(thunk!(calls_plainly(4))).join().unwrap(), 4);
}

#[cps(local)]
fn takes_turns(log: Rc<RefCell<String>>, name: char, turns: u32) -> u32 {
    for _ in 0..turns {
        log.borrow_mut().push(name);
        coop!();
    }
    turns
}

#[test]
fn a_queue_of_them_is_a_dispatcher() {
    let log = Rc::new(RefCell::new(String::new()));
    let sum = Rc::new(Cell::new(0));
    let mut queue = VecDeque::new();
    for (name, turns) in [('a', 3), ('b', 1), ('c', 2)] {
        let sum = sum.clone();
        let tell = move |outcome| match outcome {
            Outcome::Returned(turns) => sum.set(sum.get() + turns),
            other => fail(format!("{other:?}")),
        };
        queue.push_back(thunk!(takes_turns(log.clone(), name, turns)).start_with(tell));
    }
    while let Some(next) = queue.pop_front() {
        queue.extend(next.trampoline());
    }
    assert_eq!((&*log.borrow().clone(), sum.get()), ("abcaca", 6));
}

#[cps(local)]
fn nested(log: Log, depth: u32) -> Rc<u32> {
    let _guard = Rc::new(log.tracked(format!("guard {depth}")));
    if depth == 0 {
        coop!();
        return Rc::new(0);
    }
    let below = call!(nested(log, depth - 1));
    Rc::new(*below + 1)
}

#[test]
fn one_that_is_dropped_is_cancelled_from_within() {
    let log = Log::forever();
    let heard = Rc::new(RefCell::new(None));
    let tell = heard.clone();
    let start = thunk!(nested(log.clone(), 2))
        .start_with(move |outcome| *tell.borrow_mut() = Some(format!("{outcome:?}")));
    let suspended: LocalContinuation = start.trampoline().unwrap();
    assert_eq!(suspended.calls().count(), 3);
    drop(suspended);
    let drops = ["drop guard 0", "drop guard 1", "drop guard 2"];
    assert_eq!(log.events(), drops);
    assert_eq!(heard.borrow().as_deref(), Some("Dropped"));
    drop(thunk!(nested(log.clone(), 2)));
    assert_eq!(log.events(), drops);
}

#[cps(local)]
fn fails(inner: Rc<str>) -> u32 {
    coop!();
    fail(&*inner)
}

#[cps(local)]
fn hears(log: &Log, inner: Rc<str>) -> u32 {
    let _guard = log.tracked("guard");
    call!(fails(inner))
}

#[test]
fn a_panic_goes_from_callee_to_caller() {
    let log = Log::forever();
    let run = AssertUnwindSafe(|| hears(log, "why".into()));
    let panic = catch_unwind(run).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "why");
    assert_eq!(log.events(), ["drop guard"]);
}

#[test]
fn they_say_where_they_are() {
    let log = Log::forever();
    let call: LocalThunk<'_, Rc<u32>> = thunk!(nested(log.clone(), 1));
    let line = call.call().line();
    let shown = |line: u32, state: &str| format!("staying::nested at {}:{line} ({state})", file!());
    let start = shown(line, "Start");
    assert_eq!(format!("{call:?}"), format!("LocalThunk({start})"));
    let suspended = call.into_continuation().trampoline().unwrap();
    let (inner, outer) = (shown(line + 3, "Coop1"), shown(line + 6, "Call1"));
    assert_eq!(
        format!("{suspended:?}"),
        format!("LocalContinuation [{inner}, {outer}]")
    );
}

#[test]
fn deep_chains_do_not_grow_the_stack() {
    #[cps(local)]
    fn down(depth: u32, held: Rc<Cell<u32>>) -> u32 {
        held.set(held.get().max(depth));
        if depth == 0 {
            coop!();
            return held.get();
        }
        call!(down(depth - 1, held))
    }
    let deepest = thunk!(down(100_000, Rc::default()));
    assert_eq!(deepest.run(), 100_000);
    let dropped = thunk!(down(100_000, Rc::default())).into_continuation();
    drop(dropped.trampoline());
}
