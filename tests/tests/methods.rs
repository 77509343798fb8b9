//! Inherent methods: every form of `self`, associated functions, generic types, recursion through methods.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::boxed_local, clippy::needless_arbitrary_self_type)]

use std::sync::Arc;

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Account {
        owner: Tracked,
        balance: i64,
        history: Vec<i64>,
    }

    #[cps]
    impl Account {
        /// Opens one.
        #[cps]
        pub(super) fn open(log: &Log, owner: &str) -> Self {
            let owner = log.tracked(owner);
            coop!();
            Account {
                owner,
                balance: 0,
                history: Vec::new(),
            }
        }

        /// Not transformed, and called by those that are.
        fn note(&mut self, change: i64) -> &mut Self {
            self.history.push(change);
            self
        }

        #[cps]
        fn balance(&self) -> i64 {
            coop!();
            self.balance
        }

        #[cps]
        fn owner(&self) -> &str {
            coop!();
            self.owner.name()
        }

        #[cps]
        fn deposit(&mut self, log: &Log, amount: i64) -> i64 {
            coop!();
            self.balance += amount;
            self.note(amount).note(0);
            log.note(format!("{} has {}", self.owner.name(), self.balance));
            coop!();
            call!(self.balance())
        }

        #[cps]
        fn deposit_all(&mut self, log: &Log, amounts: &[i64]) {
            for amount in amounts {
                call!(self.deposit(log, *amount));
            }
        }

        #[cps]
        fn transfer(&mut self, to: &mut Account, amount: i64) -> Result<(), i64> {
            let there = call!(self.balance());
            if there < amount {
                return Err(there);
            }
            coop!();
            self.balance -= amount;
            to.balance += amount;
            Ok(())
        }

        #[cps]
        fn close(self, log: &Log) -> (Tracked, usize) {
            log.note("closing");
            coop!();
            let Account { owner, history, .. } = self;
            coop!();
            (owner, history.len())
        }

        #[cps]
        fn close_mut(mut self, log: &Log) -> Vec<i64> {
            self.note(-1);
            coop!();
            self.owner.rename("closed");
            log.note(self.owner.name());
            std::mem::take(&mut self.history)
        }

        #[cps]
        fn boxed(self: Box<Self>, log: &Log) -> i64 {
            coop!();
            log.note(self.owner.name());
            self.balance
        }

        #[cps]
        fn shared(self: Arc<Self>, log: &Log) -> usize {
            let other = Arc::clone(&self);
            coop!();
            log.note(other.owner.name());
            Arc::strong_count(&self)
        }

        #[cps]
        fn shared_by_reference(self: &Arc<Self>) -> usize {
            coop!();
            Arc::strong_count(self)
        }

        #[cps]
        fn spelled(self: &mut Self, amount: i64) -> &mut i64 {
            coop!();
            self.balance += amount;
            &mut self.balance
        }

        #[cps]
        pub(super) fn opened_twice(log: &Log) -> (Self, Account) {
            let first = call!(Self::open(log, "first"));
            let second = call!(Account::open(log, "second"));
            (first, second)
        }
    }

    #[cps]
    fn a_life(log: &Log) -> (Tracked, usize) {
        let mut one = call!(Account::open(log, "one"));
        let mut two = call!(Account::open(log, "two"));
        let n = call!(one.deposit(log, 10)) + call!(two.deposit(log, 5));
        log.note(n);
        let moved = call!(one.transfer(&mut two, 7));
        log.note(format!("{moved:?}"));
        let moved = call!(one.transfer(&mut two, 7));
        log.note(format!("{moved:?}"));
        call!(two.deposit_all(log, &[1, 2, 3]));
        let history = call!({ two }.close_mut(log));
        log.note(format!("{history:?}"));
        call!({ one }.close(log))
    }

    #[cps]
    fn owned_selves(log: &Log) -> (i64, usize, usize) {
        let boxed = Box::new(call!(Account::open(log, "boxed")));
        let b = call!({ boxed }.boxed(log));
        let shared = Arc::new(call!(Account::open(log, "shared")));
        let other = Arc::clone(&shared);
        let s = call!({ other }.shared(log));
        coop!();
        (b, s, call!(shared.shared_by_reference()))
    }

    #[cps]
    fn called_plainly(log: &Log) -> i64 {
        let mut account = Account::open(log, "plain");
        account.deposit(log, 3);
        coop!();
        *account.spelled(4) += 10;
        log.note(account.owner());
        account.balance()
    }

    #[derive(Debug)]
    pub(super) struct Stack<T> {
        items: Vec<T>,
    }

    #[cps]
    impl<T: Send + Sync> Stack<T> {
        #[cps]
        fn with(first: T) -> Self {
            coop!();
            Stack { items: vec![first] }
        }

        #[cps]
        fn push(&mut self, item: T) -> &mut Self {
            coop!();
            self.items.push(item);
            self
        }

        #[cps]
        fn top(&self) -> Option<&T> {
            coop!();
            self.items.last()
        }

        #[cps]
        fn map<U: Send, F>(self, mut f: F) -> Stack<U>
        where
            F: FnMut(T) -> U + Send,
        {
            let mut items = Vec::new();
            let Stack { items: stacked } = self;
            for item in stacked {
                items.push(f(item));
                coop!();
            }
            Stack { items }
        }
    }

    #[cps]
    fn generic_type(log: &Log) -> Stack<usize> {
        let mut stack = call!(Stack::with(log.tracked("first")));
        stack.push(log.tracked("second"));
        coop!();
        log.note(stack.top().map_or("none", |top| top.name()));
        call!({ stack }.map(|item| item.name().len()))
    }

    #[derive(Clone, Debug)]
    pub(super) struct Words<'a> {
        text: &'a str,
    }

    #[cps]
    impl<'a> Words<'a> {
        #[cps]
        fn next(&mut self) -> Option<&'a str> {
            let (word, rest) = self.text.split_once(' ')?;
            coop!();
            self.text = rest;
            Some(word)
        }

        #[cps]
        fn rest(self) -> &'a str {
            coop!();
            self.text
        }
    }

    #[cps]
    fn borrowing_type<'a>(log: &Log, text: &'a str) -> &'a str {
        let mut words = Words { text };
        log.note(format!("{:?}", words.next()));
        while let Some(word) = call!(words.next()) {
            log.note(word);
            coop!();
        }
        call!({ words }.rest())
    }

    #[derive(Debug)]
    pub(super) enum Tree {
        Leaf(u32),
        Node(Box<Tree>, Box<Tree>),
    }

    #[cps]
    impl Tree {
        #[cps]
        pub(super) fn grow(depth: u32, next: u32) -> Self {
            if depth == 0 {
                return Tree::Leaf(next);
            }
            let left = call!(Self::grow(depth - 1, next * 2));
            let right = call!(Tree::grow(depth - 1, next * 2 + 1));
            Tree::Node(Box::new(left), Box::new(right))
        }

        #[cps]
        fn sum(&self, log: &Log) -> u32 {
            match self {
                Tree::Leaf(n) => {
                    log.note(n);
                    coop!();
                    *n
                }
                Tree::Node(left, right) => call!(left.sum(log)) + call!(right.sum(log)),
            }
        }
    }

    #[cps]
    fn recursion_through_methods(log: &Log) -> u32 {
        let tree = call!(Tree::grow(3, 1));
        call!(tree.sum(log))
    }
}

#[test]
fn every_form_of_self() {
    assert_same!(|log| a_life(log));
    assert_same!(|log| owned_selves(log));
    assert_same!(whole | log | called_plainly(log));
}

#[test]
fn associated_functions() {
    assert_same!(|log| Account::open(log, "one"));
    assert_same!(|log| Account::opened_twice(log));
    assert_same!(|_log| Tree::grow(2, 1));
}

#[test]
fn methods_of_generic_and_borrowing_types() {
    assert_same!(whole | log | generic_type(log));
    assert_same!(whole | log | borrowing_type(log, "three words here"));
    assert_same!(|log| recursion_through_methods(log));
}
