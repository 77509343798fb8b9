//! The suspension points of the runtime in `#[cps]` functions: what handles they take, and what they say.

use insideout::prelude::*;
use insideout::thread_name;
use std::sync::Arc;

#[cps]
fn relay(from: Receiver<u32>, to: Arc<Mailbox<u32>>) -> usize {
    let mut count = 0;
    while let Ok(n) = recv!(from) {
        if send!(to, n + 1).is_err() {
            break;
        }
        count += 1;
    }
    count
}

#[test]
fn messages_go_through_continuations() {
    let pool = Pool::new(2);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let (middle, last) = (
        Arc::new(Mailbox::bounded(1)),
        Arc::new(Mailbox::unbounded()),
    );
    let first = pool.spawn(thunk!(relay(receiver, middle.clone())));
    let second = pool.spawn(thunk!(relay(middle.receiver(), last.clone())));
    for n in 0..100 {
        sender.send(n).unwrap();
    }
    drop(sender);
    assert_eq!(first.join().unwrap(), 100);
    middle.close();
    assert_eq!(second.join().unwrap(), 100);
    last.close();
    assert_eq!(
        last.iter().collect::<Vec<_>>(),
        (2..102).collect::<Vec<_>>()
    );
}

struct Actor {
    inbox: Mailbox<u32>,
    shared: Arc<Receiver<u32>>,
    boxed: Box<Sender<u32>>,
}

#[cps]
fn through_places(actor: &Actor, borrowed: &Mailbox<u32>, twice: &&Receiver<u32>) -> u32 {
    let mut sum = recv!(actor.inbox).unwrap();
    sum += recv!(actor.shared).unwrap();
    send!(actor.boxed, 1000).unwrap();
    sum += recv!(borrowed).unwrap();
    send!(borrowed, 5).unwrap();
    sum + recv!(twice).unwrap() + recv!(*actor.shared).unwrap_or(0)
}

#[test]
fn handles_may_stand_behind_references_and_in_fields() {
    let [inbox, shared, boxed, borrowed, twice] = [(); 5].map(|()| Mailbox::bounded(2));
    let actor = Actor {
        inbox: inbox.clone(),
        shared: Arc::new(shared.receiver()),
        boxed: Box::new(boxed.sender()),
    };
    inbox.send(1).unwrap();
    shared.send(10).unwrap();
    borrowed.send(100).unwrap();
    twice.send(10_000).unwrap();
    shared.close();
    assert_eq!(
        through_places(&actor, &borrowed, &&twice.receiver()),
        10_111
    );
    assert_eq!((boxed.recv(), borrowed.recv()), (Ok(1000), Ok(5)));
}

type Job = Box<dyn Fn() -> u8 + Send>;

#[cps]
fn send_converted(to: Sender<String>) -> Result<(), Closed<String>> {
    send!(to, "letter".into())
}

#[cps]
fn send_job(to: Sender<Job>) -> Result<(), Closed<Job>> {
    send!(to, Box::new(|| 7))
}

#[test]
fn a_message_coerces_to_the_type_of_the_handle() {
    let jobs = Mailbox::<Job>::bounded(1);
    send_job(jobs.sender()).unwrap();
    assert_eq!(jobs.recv().unwrap()(), 7);
}
#[test]
fn the_type_of_a_message_is_known_from_the_handle() {
    let mailbox = Mailbox::bounded(1);
    mailbox.close();
    assert_eq!(
        send_converted(mailbox.sender()),
        Err(Closed("letter".to_string()))
    );
}

#[cps]
fn waits_to_send(to: Sender<String>) -> Option<String> {
    send!(to, "first".to_string()).unwrap();
    send!(to, "second".to_string())
        .err()
        .map(Refused::into_inner)
}

#[test]
fn a_message_that_could_not_be_sent_comes_back_to_a_suspended_sender() {
    let pool = Pool::new(1);
    let (sender, receiver) = Mailbox::bounded(1).split();
    let waiting = pool.spawn(thunk!(waits_to_send(sender)));
    while !format!("{receiver:?}").contains("sending: 1") {
        std::thread::yield_now();
    }
    drop(receiver);
    assert_eq!(waiting.join().unwrap().as_deref(), Some("second"));
}

#[cps]
fn fan_out(pool: Arc<Pool>, depth: u32) -> u32 {
    if depth == 0 {
        return 1;
    }
    let left = pool.spawn(thunk!(fan_out(pool.clone(), depth - 1)));
    let right = pool.spawn(thunk!(fan_out(pool.clone(), depth - 1)));
    join!(left).unwrap() + join!(right).unwrap()
}

#[test]
fn joins_do_not_block_workers() {
    let pool = Arc::new(Pool::new(1));
    let handle = pool.spawn(thunk!(fan_out(pool.clone(), 8)));
    assert_eq!(handle.join().unwrap(), 256);
}

#[cps]
fn there_and_back(there: &Pool) -> [String; 3] {
    let home = insideout::here();
    let before = thread_name();
    migrate!(there).unwrap();
    let away = thread_name();
    migrate!(home).unwrap();
    [before, away, thread_name()]
}

#[test]
fn a_plain_call_migrates_and_comes_home() {
    let there = Pool::named("there", 1);
    let [before, away, after] = there_and_back(&there);
    assert_eq!((away.as_str(), before), ("there-0", after));
}

#[cps]
fn refused(place: Sender<Continuation>, pool: Home) -> (Result<(), Closed>, Result<(), Closed>) {
    (migrate!(place), migrate!(pool))
}

#[test]
fn a_refused_migration_says_so_and_goes_on() {
    let mailbox = Mailbox::<Continuation>::bounded(1);
    mailbox.close();
    let gone = Pool::new(1).home();
    assert_eq!(
        refused(mailbox.sender(), gone),
        (Err(Closed(())), Err(Closed(())))
    );
}

#[cps]
fn once(from: Receiver<Arc<()>>, by: Receiver<Arc<()>>) -> usize {
    let first = recv!(from).is_ok();
    drop(from);
    let by = &by;
    usize::from(first) + usize::from(recv!(by).is_ok())
}

/// Nothing but the frame keeps the mailbox of one who waits, and that ends where it is woken.
#[test]
fn a_mailbox_may_be_gone_as_soon_as_who_waits_there_is_woken() {
    let (pool, letter) = (Pool::new(2), Arc::new(()));
    for _ in 0..2_000 {
        let (sender, receiver) = Mailbox::bounded(1).split();
        let (other, by) = Mailbox::bounded(1).split();
        let waits = pool.spawn(thunk!(once(receiver, by)));
        sender.send(letter.clone()).unwrap();
        drop(sender);
        other.send(letter.clone()).unwrap();
        drop(other);
        assert_eq!(waits.join().unwrap(), 2);
        assert_eq!(Arc::strong_count(&letter), 1);
    }
}
