//! What waits can be looked at: the chain of calls, each with its function and the line where
//! it is suspended.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use std::sync::{Arc, Mutex, mpsc};

use insideout::dispatch::{Dispatcher, Home, enter};
use insideout::prelude::*;

/// How a call is shown.
fn shown(function: &str, line: u32, state: &str) -> String {
    format!("{function} at {}:{line} ({state})", file!())
}

fn calls(continuation: &Continuation) -> Vec<String> {
    continuation.calls().map(|call| call.to_string()).collect()
}

fn suspended(continuation: Continuation) -> Continuation {
    continuation.trampoline().expect("it lets others run")
}

const INNER: u32 = line!() + 3;
#[cps]
fn inner(turns: u32) -> u32 {
    for _ in 0..turns {
        coop!();
    }
    turns
}

const OUTER: u32 = line!() + 3;
#[cps]
fn outer(turns: u32) -> u32 {
    let first = call!(inner(turns));
    let sum = first
        + if turns > 1 {
            call!(
                inner(1) //
            )
        } else {
            coop!();
            0
        };
    coop!();
    sum
}

#[test]
fn a_chain_is_shown_from_the_innermost_call() {
    let start = thunk!(outer(2)).into_continuation();
    assert_eq!(calls(&start), [shown("seeing::outer", OUTER - 1, "Start")]);
    let looped = shown("seeing::inner", INNER + 1, "Coop1");
    let first = suspended(start);
    let called = shown("seeing::outer", OUTER, "Call1");
    assert_eq!(calls(&first), [looped.clone(), called.clone()]);
    let second = suspended(first);
    assert_eq!(calls(&second), [looped.clone(), called.clone()]);
    assert_eq!(
        format!("{second:?}"),
        format!("Continuation [{looped}, {called}]")
    );
    assert_eq!(
        format!("{second:#?}"),
        format!("Continuation [\n    {looped},\n    {called},\n]")
    );
    let third = suspended(second);
    let called = shown("seeing::outer", OUTER + 3, "Call2");
    assert_eq!(calls(&third), [looped, called]);
    let fourth = suspended(third);
    assert_eq!(
        calls(&fourth),
        [shown("seeing::outer", OUTER + 10, "Coop2")]
    );
    assert!(fourth.trampoline().is_none());
    let branch = suspended(suspended(thunk!(outer(1)).into_continuation()));
    assert_eq!(calls(&branch), [shown("seeing::outer", OUTER + 7, "Coop1")]);
}

#[test]
fn a_call_that_has_returned_gives_way_to_its_caller() {
    let caller = thunk!(outer(0)).into_continuation();
    let callee = caller.bounce().unwrap();
    let called = shown("seeing::outer", OUTER, "Call1");
    let not_started = shown("seeing::inner", INNER - 1, "Start");
    assert_eq!(calls(&callee), [not_started, called.clone()]);
    let returned = callee.bounce().unwrap();
    assert_eq!(calls(&returned), [called]);
}

const FAIL: u32 = line!() + 3;
#[cps]
fn fails() {
    coop!();
    behaviour::fail("for a reason")
}

#[cps]
fn hears() {
    call!(fails());
}

#[test]
fn so_does_a_call_that_has_panicked() {
    let callee = thunk!(hears()).into_continuation().bounce().unwrap();
    let callee = callee.bounce().unwrap();
    let called = shown("seeing::hears", FAIL + 6, "Call1");
    let before = shown("seeing::fails", FAIL, "Coop1");
    assert_eq!(calls(&callee), [before, called.clone()]);
    let panicked = callee.bounce().unwrap();
    assert_eq!(calls(&panicked), [called]);
}

const FILL: u32 = line!() + 3;
#[cps]
fn fill(text: &mut Option<Box<[u8; 3]>>) {
    coop!();
    text.get_or_insert_default()[0] += 1;
}

#[cps]
fn fills() -> [u8; 3] {
    let mut text = None;
    call!(fill(&mut text));
    coop!();
    call!(fill(&mut text));
    *text.unwrap()
}

#[test]
fn a_caller_that_lends_its_frame_is_shown_too() {
    let fills = FILL + 6;
    let filling = shown("seeing::fill", FILL, "Coop1");
    let first = suspended(thunk!(fills()).into_continuation());
    let lends = shown("seeing::fills", fills + 1, "Call1");
    assert_eq!(calls(&first), [filling.clone(), lends.clone()]);
    let returned = first.bounce().unwrap();
    assert_eq!(calls(&returned), [lends]);
    let between = suspended(returned);
    assert_eq!(
        calls(&between),
        [shown("seeing::fills", fills + 2, "Coop1")],
        "its frame is its own again"
    );
    let second = suspended(between);
    let lends = shown("seeing::fills", fills + 3, "Call2");
    assert_eq!(calls(&second), [filling, lends]);
    assert!(second.trampoline().is_none());
}

const DOWN: u32 = line!() + 3;
#[cps]
fn down(depth: usize, deepest: &mut usize) -> usize {
    *deepest = (*deepest).max(depth);
    if depth < 100_000 {
        call!(down(depth + 1, deepest)) + 1
    } else {
        coop!();
        1
    }
}

#[cps]
fn deep() -> usize {
    let mut deepest = 0;
    call!(down(1, &mut deepest)) + deepest
}

#[test]
fn a_chain_of_100_000_calls_is_shown() {
    let suspended = suspended(thunk!(deep()).into_continuation());
    let mut calls = suspended.calls();
    let bottom = calls.next().unwrap();
    assert_eq!(bottom.to_string(), shown("seeing::down", DOWN + 4, "Coop1"));
    let called = shown("seeing::down", DOWN + 2, "Call1");
    let above: Vec<_> = calls.collect();
    assert_eq!(above.len(), 100_000);
    assert!(
        above[..99_999]
            .iter()
            .all(|call| call.to_string() == called)
    );
    assert_eq!(above[99_999].function(), "deep");
    let printed = format!("{suspended:?}");
    assert_eq!(printed.matches(&called).count(), 99_999);
    assert_eq!(printed.lines().count(), 1);
}

#[test]
fn thunks_say_what_they_will_call() {
    let thunk = thunk!(inner(3));
    let call = thunk.call();
    assert_eq!(call.path(), module_path!());
    assert_eq!(call.function(), "inner");
    assert_eq!(call.file(), file!());
    assert_eq!(call.line(), INNER - 1);
    assert_eq!(call.state(), "Start");
    let start = shown("seeing::inner", INNER - 1, "Start");
    assert_eq!(format!("{thunk:?}"), format!("Thunk({start})"));
    assert_eq!(thunk.run(), 3);
    fn is_plain_data<T: Copy + Send + Sync + Eq + std::hash::Hash + 'static>(_: T) {}
    is_plain_data(call);
}

mod owners {
    use insideout::prelude::*;

    pub(super) struct Pair<T>(pub(super) T, pub(super) T);

    pub(super) trait Lesser {
        #[cps]
        fn lesser(&self) -> u32
        where
            Self: Sync,
        {
            coop!();
            1
        }
    }

    impl<T> Lesser for Pair<T> {}

    impl<T: Ord + Send + Sync> Pair<T> {
        pub(super) const GREATER: u32 = line!() + 3;
        #[cps]
        pub(super) fn greater(self) -> T {
            coop!();
            self.0.max(self.1)
        }
    }

    #[cps]
    impl Pair<u8> {
        #[cps]
        pub(super) fn zero() -> Self {
            coop!();
            Pair(0, 0)
        }
    }
}

#[test]
fn methods_are_shown_with_their_type() {
    use owners::{Lesser, Pair};
    let greater = suspended(thunk!(Pair('a', 'b').greater()).into_continuation());
    let line = Pair::<char>::GREATER;
    let first = shown("seeing::owners::Pair<char>::greater", line, "Coop1");
    assert_eq!(calls(&greater), [first]);
    let zero = thunk!(Pair::zero());
    let first = shown("seeing::owners::Pair<u8>::zero", line + 8, "Start");
    assert_eq!(zero.call().to_string(), first);
    let pair = Pair("a".to_owned(), "b".to_owned());
    let lesser = thunk!(pair.lesser());
    let first = shown(
        "seeing::owners::Pair<alloc::string::String>::lesser",
        line - 15,
        "Start",
    );
    assert_eq!(lesser.call().to_string(), first);
}

macro_rules! made {
    ($name:ident, $body:block) => {
        #[cps]
        fn $name() {
            coop!();
            $body
        }
    };
}

#[test]
fn functions_from_macros_and_within_functions_are_shown() {
    let line = line!() + 1;
    made!(made, {
        coop!();
    });
    made();
    let first = suspended(thunk!(made()).into_continuation());
    assert_eq!(calls(&first), [shown("seeing::made", line, "Coop1")]);
    let second = suspended(first);
    assert_eq!(calls(&second), [shown("seeing::made", line + 1, "Coop2")]);

    #[cps]
    fn r#match<T: Copy + Send, const N: usize>(of: [T; N]) -> usize {
        coop!();
        of.len()
    }
    let suspended = suspended(thunk!(r#match([1, 2])).into_continuation());
    assert_eq!(
        calls(&suspended),
        [shown("seeing::match", line + 11, "Coop1")]
    );
}

#[test]
fn what_lies_in_a_mailbox_can_be_looked_at() {
    const GOES: u32 = line!() + 3;
    #[cps]
    fn goes(through: Mailbox<Continuation>) -> u32 {
        migrate!(through).unwrap();
        1
    }
    #[cps]
    fn sends(through: Mailbox<Continuation>) -> u32 {
        call!(goes(through)) + 1
    }
    let through = Mailbox::unbounded();
    let pool = Pool::new(1);
    let handle = pool.spawn(thunk!(sends(through.clone())));
    let arrived = through.recv().unwrap();
    let expected = [
        shown("seeing::goes", GOES, "Migrate1"),
        shown("seeing::sends", GOES + 5, "Call1"),
    ];
    assert_eq!(calls(&arrived), expected);
    arrived.run();
    assert_eq!(handle.join().unwrap(), 2);
}

#[test]
fn what_migrated_can_be_looked_at_by_another_thread() {
    const VISITS: u32 = line!() + 4;
    #[cps]
    fn visits(there: Home, told: mpsc::Sender<Continuation>) {
        coop!();
        migrate!(there).unwrap();
        suspend!(move |continuation| {
            told.send(continuation).unwrap();
            None
        });
    }
    let (first, second) = (Pool::new(1), Pool::new(1));
    let (told, continuations) = mpsc::channel();
    let handle = first.spawn(thunk!(visits(second.home(), told)));
    let given = continuations.recv().unwrap();
    let expected = [shown("seeing::visits", VISITS + 1, "Suspend1")];
    assert_eq!(calls(&given), expected);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(calls(&given), expected));
        }
    });
    given.run();
    handle.join().unwrap();
}

/// Keeps what is dispatched to it.
struct Keeps(Mutex<Vec<Continuation>>);

impl Dispatcher for Keeps {
    fn dispatch(&self, continuation: Continuation) -> Result<(), Continuation> {
        self.0.lock().unwrap().push(continuation);
        Ok(())
    }
}

#[test]
fn what_was_woken_can_be_looked_at() {
    const WAITS: u32 = line!() + 3;
    #[cps]
    fn waits(inbox: Receiver<u32>, outbox: Sender<u32>) -> Result<u32, Closed> {
        let first = recv!(inbox)?;
        send!(outbox, first).unwrap();
        Ok(first)
    }
    let keeps = Arc::new(Keeps(Mutex::default()));
    let _entered = enter(Home::new(keeps.clone()));
    let woken = || keeps.0.lock().unwrap().pop().expect("it was woken");
    let (numbers, inbox) = Mailbox::unbounded().split();
    let (outbox, results) = Mailbox::bounded(1).split();
    outbox.send(0).unwrap();
    thunk!(waits(inbox, outbox)).into_continuation().run();
    numbers.send(7).unwrap();
    let received = woken();
    assert_eq!(calls(&received), [shown("seeing::waits", WAITS, "Recv1")]);
    received.run();
    assert_eq!(results.recv(), Ok(0));
    let sends = woken();
    assert_eq!(calls(&sends), [shown("seeing::waits", WAITS + 1, "Send1")]);
    sends.run();
    assert_eq!(results.recv(), Ok(7));
}
