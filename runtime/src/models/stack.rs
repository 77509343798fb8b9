//! A worker's stack: each continuation that is pushed is taken once, by the owner or by another.

use super::model;
use super::ring::adding;
use crate::crew::stack::Stack;
use crate::sync::AtomicUsize;
use cps_core::Continuation;
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

fn push<const N: usize>(stack: &Stack<N>, continuation: Continuation) -> bool {
    // SAFETY: each model pushes from one thread only.
    unsafe { stack.push(continuation) }.is_ok()
}

fn pop<const N: usize>(stack: &Stack<N>) -> Option<Continuation> {
    // SAFETY: each model pops on the thread that pushes.
    unsafe { stack.pop() }
}

/// Another takes one while the owner empties the stack, so that they meet at the last, or at the one before
/// it.
#[test]
fn what_is_on_a_stack_is_taken_once() {
    for filled in 1..=2 {
        model(3, move || {
            let (stack, sum) = (Arc::new(Stack::<2>::new()), Arc::new(AtomicUsize::new(0)));
            let numbers = &[1, 10][..filled];
            for n in numbers {
                assert!(push(&stack, adding(&sum, *n)));
            }
            let other = stack.clone();
            let taker = thread::spawn(move || other.take());
            let own: Vec<_> = std::iter::from_fn(|| pop(&stack)).collect();
            let taken = taker.join().unwrap();
            own.into_iter().chain(taken).for_each(Continuation::run);
            assert_eq!(sum.load(SeqCst), numbers.iter().sum());
        });
    }
}

/// The owner pops and fills the places again while another takes: there are two, so that they are filled more
/// than once.
#[test]
fn places_of_a_stack_are_filled_again() {
    model(3, || {
        let (stack, sum) = (Arc::new(Stack::<2>::new()), Arc::new(AtomicUsize::new(0)));
        assert!(push(&stack, adding(&sum, 1)) && push(&stack, adding(&sum, 10)));
        let other = stack.clone();
        let taker = thread::spawn(move || [other.take(), other.take()]);
        let first = pop(&stack);
        let mut pushed = 11;
        for n in [100, 1000] {
            if push(&stack, adding(&sum, n)) {
                pushed += n;
            }
        }
        let rest: Vec<_> = std::iter::from_fn(|| pop(&stack)).collect();
        let taken = taker.join().unwrap().into_iter().flatten();
        first
            .into_iter()
            .chain(rest)
            .chain(taken)
            .for_each(Continuation::run);
        assert_eq!(sum.load(SeqCst), pushed);
    });
}

/// Two others take while the owner pops.
#[test]
fn what_two_take_from_a_stack_is_taken_once() {
    model(2, || {
        let (stack, sum) = (Arc::new(Stack::<2>::new()), Arc::new(AtomicUsize::new(0)));
        assert!(push(&stack, adding(&sum, 1)) && push(&stack, adding(&sum, 10)));
        let takers = [(); 2].map(|()| {
            let other = stack.clone();
            thread::spawn(move || other.take().into_iter().for_each(Continuation::run))
        });
        std::iter::from_fn(|| pop(&stack)).for_each(Continuation::run);
        takers.into_iter().for_each(|taker| taker.join().unwrap());
        assert_eq!(sum.load(SeqCst), 11);
    });
}
