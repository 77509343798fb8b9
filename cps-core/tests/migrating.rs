//! Continuations that are given away and come back, or are refused.
#![forbid(unsafe_code)]

use std::sync::{Arc, Mutex};

use cps_core::expansion::Context;
use cps_core::{Continuation, Refusal, Thunk};

type Offer = Box<dyn FnOnce(Continuation, Refusal) -> Result<(), Continuation> + Send>;

/// ```text
/// match migrate!(offer) {
///     Ok(()) => format!("{name} accepted"),
///     Err(_) => format!("{name} refused"),
/// }
/// ```
fn migrates<'cps>(name: &'cps str, offer: Offer) -> Thunk<'cps, String> {
    enum Frame<N, O> {
        Start { name: N, offer: O },
        Migrate1 { name: N, refused: bool },
    }
    Thunk::new(
        Frame::Start { name, offer },
        |mut cx: Context<'_, Frame<_, _>, String>| match cx.take() {
            Frame::Start { name, offer } => cx.migrate(
                Frame::Migrate1 {
                    name,
                    refused: false,
                },
                offer,
                |frame| {
                    if let Frame::Migrate1 { refused, .. } = frame {
                        *refused = true;
                    }
                },
            ),
            Frame::Migrate1 { name, refused } => {
                let how = if refused { "refused" } else { "accepted" };
                cx.done(format!("{name} {how}"))
            }
        },
    )
}

#[test]
fn a_migration_that_is_refused_goes_on_at_once() {
    let name = String::from("it");
    assert_eq!(
        migrates(&name, Box::new(|back, _| Err(back))).run(),
        "it refused"
    );
}

#[test]
fn a_refusal_is_kept_while_the_continuation_is_held() {
    let heard = Arc::new(Mutex::new(String::new()));
    let hear = heard.clone();
    let start = migrates("it", Box::new(|back, _| Err(back))).start_with(move |outcome| {
        *hear.lock().unwrap() = format!("{outcome:?}");
    });
    let refused = start.bounce().unwrap();
    std::thread::spawn(move || assert!(refused.bounce().is_none()))
        .join()
        .unwrap();
    assert_eq!(*heard.lock().unwrap(), r#"Returned("it refused")"#);
}

#[test]
fn a_migration_that_is_accepted_runs_there() {
    let offer = Box::new(|continuation: Continuation, _: Refusal| {
        std::thread::spawn(move || continuation.run());
        Ok(())
    });
    let name = String::from("it");
    assert_eq!(migrates(&name, offer).run(), "it accepted");
}

/// `coop!(); format!(..)`, with a frame like that of `migrates`.
fn alike(name: &'static str) -> Thunk<'static, String> {
    enum Frame<N, O> {
        Start { name: N, _offer: O },
        Coop1 { name: N, marked: bool },
    }
    let _offer: Offer = Box::new(|back, _| Err(back));
    Thunk::new(
        Frame::Start { name, _offer },
        |mut cx: Context<'_, Frame<_, _>, String>| match cx.take() {
            Frame::Start { name, .. } => cx.coop(Frame::Coop1 {
                name,
                marked: false,
            }),
            Frame::Coop1 { name, marked } => cx.done(format!("{name} {marked}")),
        },
    )
}

#[test]
fn a_destination_that_hands_back_another_continuation_is_not_believed() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = heard.clone();
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let offer = Box::new(move |continuation: Continuation, _: Refusal| {
        *keep.lock().unwrap() = Some(continuation);
        let other = alike("other").start_with(move |outcome| {
            hear.lock().unwrap().push(format!("{outcome:?}"));
        });
        Err(other.trampoline().unwrap())
    });
    let hear = heard.clone();
    let first = migrates("it", offer).start_with(move |outcome| {
        hear.lock().unwrap().push(format!("{outcome:?}"));
    });
    assert!(first.trampoline().is_none());
    kept.lock().unwrap().take().unwrap().run();
    assert_eq!(
        *heard.lock().unwrap(),
        [r#"Returned("other false")"#, r#"Returned("it accepted")"#]
    );
}

#[test]
fn a_place_that_took_it_can_refuse_it_later() {
    let heard = Arc::new(Mutex::new(String::new()));
    let (hear, kept) = (heard.clone(), Arc::new(Mutex::new(None)));
    let keep = kept.clone();
    let offer = Box::new(move |continuation: Continuation, refusal: Refusal| {
        *keep.lock().unwrap() = Some((continuation, refusal));
        Ok(())
    });
    let start = migrates("it", offer).start_with(move |outcome| {
        *hear.lock().unwrap() = format!("{outcome:?}");
    });
    assert!(start.trampoline().is_none());
    let (mut continuation, refusal) = kept.lock().unwrap().take().unwrap();
    // It is no other's.
    let (told, outcome) = std::sync::mpsc::channel();
    let other = alike("other").start_with(move |outcome| told.send(outcome).unwrap());
    let mut other = other.trampoline().unwrap();
    refusal.tell(&mut other);
    other.run();
    let unheard = format!("{:?}", outcome.recv().unwrap());
    assert_eq!(unheard, r#"Returned("other false")"#);
    std::thread::spawn(move || {
        refusal.tell(&mut continuation);
        continuation.run();
    })
    .join()
    .unwrap();
    assert_eq!(*heard.lock().unwrap(), r#"Returned("it refused")"#);
}
