//! `visit!`: there, and home again.

use insideout::prelude::*;
use insideout::{Builder, here, thread_name};
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

fn note(log: &Log, what: &str) {
    log.lock()
        .unwrap()
        .push(format!("{what} on {}", thread_name()));
}

fn noted(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

fn pool(name: &str) -> Pool {
    Pool::named(name, 1)
}

#[cps]
fn there_and_back(place: Home, log: Log) -> usize {
    note(&log, "before");
    let length = visit!(place, {
        note(&log, "during");
        log.lock().unwrap().len()
    });
    note(&log, "after");
    length.unwrap_or(0)
}

#[test]
fn the_value_comes_home() {
    let (home, place, log) = (pool("home"), pool("place"), Log::default());
    let visit = thunk!(there_and_back(place.home(), log.clone()));
    assert_eq!(home.spawn(visit).join().unwrap(), 2);
    let expected = ["before on home-0", "during on place-0", "after on home-0"];
    assert_eq!(noted(&log), expected);
}

#[test]
fn a_refused_visit_evaluates_nothing_and_goes_on() {
    let (home, place, log) = (pool("home"), pool("place"), Log::default());
    let gone = place.home();
    drop(place);
    let visit = thunk!(there_and_back(gone, log.clone()));
    assert_eq!(home.spawn(visit).join().unwrap(), 0);
    assert_eq!(noted(&log), ["before on home-0", "after on home-0"]);
}

#[cps]
fn suspends_there(place: Home, inbox: Receiver<u32>, log: Log) -> Result<u32, Closed> {
    let mut sum = 0;
    for _ in 0..2 {
        sum += visit!(place, {
            coop!();
            note(&log, "waits");
            recv!(inbox)
        })??;
        note(&log, "has");
    }
    Ok(sum)
}

#[test]
fn a_visit_may_suspend_and_stand_in_an_expression() {
    let (home, place, log) = (pool("home"), pool("place"), Log::default());
    let mailbox = Mailbox::bounded(2);
    let visit = thunk!(suspends_there(
        place.home(),
        mailbox.receiver(),
        log.clone()
    ));
    let handle = home.spawn(visit);
    mailbox.send(1).unwrap();
    mailbox.send(2).unwrap();
    assert_eq!(handle.join().unwrap(), Ok(3));
    let expected = ["waits on place-0", "has on home-0"].repeat(2);
    assert_eq!(noted(&log), expected);
}

#[cps]
fn homeless(place: Home, home: Sender<Pool>, own: Receiver<Pool>, log: Log) -> u32 {
    let value = visit!(place, {
        drop(home);
        // The last that holds the pool that it came from.
        drop(recv!(own));
        7
    });
    note(&log, "after");
    value.unwrap()
}

#[test]
fn who_has_no_home_any_more_stays_and_keeps_the_value() {
    let (home, place, log) = (pool("home"), pool("place"), Log::default());
    let (sender, receiver) = Mailbox::bounded(1).split();
    let visit = thunk!(homeless(
        place.home(),
        sender.clone(),
        receiver,
        log.clone()
    ));
    let handle = home.spawn(visit);
    sender.send(home).unwrap();
    drop(sender);
    assert_eq!(handle.join().unwrap(), 7);
    assert_eq!(noted(&log), ["after on place-0"]);
}

#[cps]
fn nested(outer: Home, inner: Home, log: Log) -> Result<Vec<u8>, Closed> {
    let mut bytes = Vec::new();
    visit!(outer, {
        bytes.push(1);
        visit!(inner, {
            note(&log, "inner");
            bytes.push(2);
        })?;
        note(&log, "outer");
    })?;
    note(&log, "home");
    Ok(bytes)
}

#[test]
fn visits_nest() {
    let (home, outer, inner) = (pool("home"), pool("outer"), pool("inner"));
    let log = Log::default();
    let visit = thunk!(nested(outer.home(), inner.home(), log.clone()));
    assert_eq!(home.spawn(visit).join().unwrap(), Ok(vec![1, 2]));
    let expected = ["inner on inner-0", "outer on outer-0", "home on home-0"];
    assert_eq!(noted(&log), expected);
}

#[cps]
fn on_a_thread_of_its_own(log: Log) -> String {
    let name = insideout::visit!(Builder::new().name("novel"), thread_name());
    note(&log, "after");
    name.unwrap()
}

#[test]
fn a_call_on_a_novel_thread_comes_home() {
    let (home, log) = (pool("home"), Log::default());
    let call = home.spawn(thunk!(on_a_thread_of_its_own(log.clone())));
    assert_eq!(call.join().unwrap(), "novel");
    assert_eq!(noted(&log), ["after on home-0"]);
    // A plain call comes home to the thread that waits for it.
    let waiting = thread_name();
    assert_eq!(on_a_thread_of_its_own(log.clone()), "novel");
    assert_eq!(noted(&log), [format!("after on {waiting}")]);
}

#[cps]
fn as_a_statement(place: Home, log: Log) {
    visit!(place, note(&log, "there")).ok();
    let _ = visit!(place, ());
    let home = here();
    visit!(place, {
        let home = "not the visit's own";
        note(&log, home);
    })
    .unwrap();
    migrate!(home).unwrap();
    note(&log, "home");
}

#[test]
fn names_in_a_visit_are_the_authors() {
    let (home, place, log) = (pool("home"), pool("place"), Log::default());
    home.spawn(thunk!(as_a_statement(place.home(), log.clone())))
        .join()
        .unwrap();
    let expected = [
        "there on place-0",
        "not the visit's own on place-0",
        "home on home-0",
    ];
    assert_eq!(noted(&log), expected);
}
