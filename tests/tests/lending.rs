//! What `call!` borrows from its caller's frame: fields, slices, reborrows, receivers in places, rvalues,
//! several at once.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(
    clippy::explicit_auto_deref,
    clippy::needless_borrow,
    clippy::ptr_arg,
    clippy::useless_vec
)]

use std::collections::BTreeMap;

use behaviour::{Log, Tracked, assert_same, both};

#[both]
mod cases {
    #[derive(Debug, Default)]
    pub(super) struct Wire {
        sent: Vec<u8>,
        at: usize,
    }

    #[derive(Debug)]
    pub(super) struct Peer {
        conn: Wire,
        buf: [u8; 8],
        names: Vec<String>,
        held: Tracked,
        next: Option<Box<Peer>>,
    }

    #[cps]
    impl Wire {
        #[cps]
        pub(super) fn read(&mut self, into: &mut [u8]) -> usize {
            let mut n = 0;
            while n < into.len() && self.at < self.sent.len() {
                into[n] = self.sent[self.at];
                self.at += 1;
                n += 1;
                coop!();
            }
            n
        }

        #[cps]
        pub(super) fn write(&mut self, bytes: &[u8]) -> Result<usize, String> {
            coop!();
            if bytes.is_empty() {
                return Err("empty".to_owned());
            }
            self.sent.extend_from_slice(bytes);
            coop!();
            Ok(bytes.len())
        }

        #[cps]
        pub(super) fn left(&self) -> usize {
            coop!();
            self.sent.len() - self.at
        }
    }

    #[cps]
    impl Peer {
        #[cps]
        pub(super) fn exchange(&mut self, log: &Log, n: usize) -> Result<usize, String> {
            let sent = call!(self.conn.write(&self.buf[..n]))?;
            log.note(sent);
            let got = call!(self.conn.read(&mut self.buf[n..]));
            log.note(format!("{:?}", self.buf));
            call!(append(&mut self.names, &self.buf[n..n + got]));
            self.held.touch();
            Ok(got + call!(self.conn.left()))
        }

        #[cps]
        pub(super) fn chain(&mut self, log: &Log) -> usize {
            let mine = call!(self.exchange(log, 2)).unwrap_or(0);
            match &mut self.next {
                Some(next) => mine + call!(next.chain(log)),
                None => mine,
            }
        }

        #[cps]
        pub(super) fn by_shared(&self, log: &Log) -> usize {
            let mut sum = call!(self.conn.left());
            for name in &self.names {
                sum += call!(count(log, name));
            }
            sum + call!(count(log, &self.names[0])) + call!(count(log, &format!("{:?}", self.buf)))
        }
    }

    #[cps]
    fn append(list: &mut Vec<String>, bytes: &[u8]) {
        for byte in bytes {
            coop!();
            list.push(byte.to_string());
        }
    }

    #[cps]
    fn count(log: &Log, text: &str) -> usize {
        coop!();
        log.note(text);
        text.len()
    }

    #[cps]
    fn swap_two(a: &mut u32, b: &mut u32, by: &u32) -> u32 {
        coop!();
        std::mem::swap(a, b);
        *a += by;
        coop!();
        *a + *b
    }

    #[cps]
    fn fill(out: &mut [u32], with: u32) -> usize {
        let mut at = 0;
        while let Some(slot) = out.get_mut(at) {
            *slot = with;
            coop!();
            at += 1;
        }
        at
    }

    #[cps]
    fn sum(list: &[u32]) -> u32 {
        coop!();
        list.iter().sum()
    }

    #[cps]
    fn methods_on_fields(log: &Log) -> (Result<usize, String>, usize) {
        let mut peer = Peer {
            conn: Wire {
                sent: vec![7, 8, 9],
                at: 0,
            },
            buf: [1; 8],
            names: vec!["first".to_owned()],
            held: log.tracked("held"),
            next: None,
        };
        let result = call!(peer.exchange(log, 3));
        peer.next = Some(Box::new(Peer {
            conn: Wire::default(),
            buf: [2; 8],
            names: Vec::new(),
            held: log.tracked("next"),
            next: None,
        }));
        let all = call!(peer.chain(log)) + call!(peer.by_shared(log));
        call!(peer.conn.write(b"x")).unwrap();
        let n = call!(peer.conn.read(&mut peer.buf[..1]));
        (result, all + n)
    }

    #[cps]
    fn several_fields_at_once() -> (u32, (u32, u32, [u32; 2])) {
        let mut all = (1, 2, [3, 4]);
        let a = call!(swap_two(&mut all.0, &mut all.1, &all.2[1]));
        let by = 5;
        let mut alone = 6;
        let b = call!(swap_two(&mut all.2[0], &mut alone, &by));
        (a + b + alone, all)
    }

    #[cps]
    fn slices(log: &Log, n: usize) -> (Vec<u32>, u32) {
        let mut list = vec![0; 8];
        let mut grid = [[0u32; 3]; 3];
        let mut at = 1;
        let filled = call!(fill(&mut list[..n], 1)) + call!(fill(&mut list[n + at..], 2));
        at += 1;
        call!(fill(&mut grid[at], 5));
        call!(fill(&mut grid[at - 1][1..], 6));
        call!(fill(&mut list[log.value("index", 2)..=call!(give(3))], 9));
        let total = call!(sum(&list))
            + call!(sum(&list[1..4]))
            + call!(sum(&grid[1]))
            + call!(sum(&[1, 2, 3]));
        let more = call!(sum(&grid.concat())) + call!(sum(&vec![filled as u32; 2]));
        (list, total + more)
    }

    #[cps]
    fn reborrows(list: &mut Vec<u32>, text: &mut String) -> usize {
        let n = call!(fill(list, 3));
        let m = call!(fill(&mut *list, 4)) + call!(fill(&mut list[1..], 5));
        let first = &mut list[0];
        *first = 100;
        text.push_str("ab");
        let part = &mut *text;
        part.push('c');
        let s = call!(fill(&mut list[..], 6));
        list[0] = 1;
        n + m + s + call!(sum(list)) as usize + text.len()
    }

    #[cps]
    fn reborrowing() -> (usize, Vec<u32>, String) {
        let mut list = vec![1, 2, 3];
        let mut text = String::new();
        let mut n = call!(reborrows(&mut list, &mut text));
        let (a, b) = (&mut list, &mut text);
        n += reborrows(a, b);
        (n, list, text)
    }

    #[cps]
    fn nested_calls(log: &Log) -> u32 {
        let mut list = vec![1, 2];
        let total = call!(swap_two(
            &mut call!(give(5)),
            &mut {
                coop!();
                list.len() as u32
            },
            &call!(sum(&list)),
        ));
        let other = call!(sum(&call!(give(list.clone()))[call!(give(1))..]));
        if call!(sum(&list)) > 2 && call!(fill(&mut list, call!(sum(&[1, 2])))) == 2 {
            log.note("both");
        }
        while call!(sum(&list)) > 3 {
            list.pop();
        }
        match call!(sum(&list)) {
            3 => total + other,
            n => n,
        }
    }

    #[cps]
    fn in_collections(log: &Log) -> usize {
        let mut map: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        map.insert("a", vec![1]);
        map.insert("b", vec![2, 3]);
        let mut n = 0;
        for key in ["a", "b", "c"] {
            let mut list = map.remove(key).unwrap_or_default();
            n += call!(fill(&mut list, 9));
            log.note(format!("{list:?}"));
            map.insert(key, list);
        }
        n += call!(sum(&map["b"])) as usize;
        n
    }

    #[cps]
    fn dyn_writers(log: &Log, out: &mut (dyn Sink + Send), each: &[u32]) -> u32 {
        let mut n = 0;
        for i in each {
            out.put(*i);
            coop!();
            n += call!(twice(out, *i));
        }
        log.note(n);
        n
    }

    #[cps]
    fn twice(out: &mut (dyn Sink + Send), n: u32) -> u32 {
        out.put(n);
        coop!();
        out.put(n);
        n
    }

    #[cps]
    fn lends_dyn(log: &Log) -> (u32, Vec<u32>) {
        let mut list = Vec::new();
        let n = call!(dyn_writers(log, &mut list, &[1, 2]));
        let mut boxed: Box<dyn Sink + Send> = Box::new(list);
        let m = call!(twice(&mut *boxed, 5)) + call!(twice(&mut *boxed, 6));
        (n + m, boxed.all())
    }

    #[cps]
    fn generic_lender<T: Clone + Send + Sync, W: Extend<T> + Send>(
        into: &mut W,
        from: &[T],
    ) -> usize {
        for item in from {
            coop!();
            into.extend([item.clone()]);
        }
        from.len()
    }

    #[cps]
    fn lends_generically() -> (Vec<u32>, String) {
        let (mut list, mut text) = (Vec::new(), String::new());
        call!(generic_lender(&mut list, &[1, 2]));
        call!(generic_lender::<char, String>(&mut text, &['a', 'b']));
        (list, text)
    }

    #[cps]
    fn closures_lent(log: &Log) -> u32 {
        let mut calls = 0;
        let mut add = move |n: u32| {
            calls += n;
            calls
        };
        let n = add(1);
        let m = call!(give(add(2)));
        let by = 10;
        let scaled = call!(mapped(&[1, 2, 3], &|n| n * 10));
        coop!();
        log.note(scaled);
        n + m + scaled + by
    }

    #[cps]
    fn mapped(list: &[u32], f: &(dyn Fn(u32) -> u32 + Sync)) -> u32 {
        let mut sum = 0;
        for n in list {
            coop!();
            sum += f(*n);
        }
        sum
    }

    /// What it has read lives longer than it does, and than what its calls are given.
    pub(super) struct Words<'a> {
        rest: &'a str,
        read: usize,
    }

    #[cps]
    impl<'a> Words<'a> {
        #[cps]
        fn word(&mut self, end: &str) -> &'a str {
            let at = self.rest.find(end).unwrap_or(self.rest.len());
            coop!();
            let (word, rest) = self.rest.split_at(at);
            self.rest = rest.strip_prefix(end).unwrap_or("");
            word
        }

        #[cps]
        fn tell(&mut self, log: &Log) {
            self.read += 1;
            coop!();
            log.note(self.read);
        }

        #[cps]
        fn words(&mut self, log: &Log, ends: &[&str]) -> Vec<&'a str> {
            let mut words = Vec::new();
            for end in ends {
                words.push(call!(self.word(end)));
                call!(self.tell(log));
            }
            while !self.rest.is_empty() {
                call!(self.tell(log));
                words.push(call!(self.word(ends[0])));
            }
            words
        }
    }

    #[cps]
    pub(super) fn read_words(log: &Log, text: &'static str) -> Vec<&'static str> {
        let mut words = Words {
            rest: text,
            read: 0,
        };
        call!(words.words(log, &[" ", ","]))
    }
}

pub(crate) trait Sink {
    fn put(&mut self, n: u32);
    fn all(&self) -> Vec<u32>;
}

impl Sink for Vec<u32> {
    fn put(&mut self, n: u32) {
        self.push(n);
    }
    fn all(&self) -> Vec<u32> {
        self.clone()
    }
}

#[test]
fn fields_and_methods() {
    assert_same!(|log| methods_on_fields(log));
    assert_same!(|_log| several_fields_at_once());
}

#[test]
fn slices_and_reborrows() {
    assert_same!(|log| slices(log, 3));
    assert_same!(whole | _log | reborrowing());
}

#[test]
fn calls_within_calls() {
    assert_same!(|log| nested_calls(log));
    assert_same!(|log| in_collections(log));
}

#[test]
fn dyn_and_generic_borrowers() {
    assert_same!(|log| lends_dyn(log));
    assert_same!(|_log| lends_generically());
    assert_same!(|log| closures_lent(log));
}

#[test]
fn what_outlives_the_callee_beside_what_does_not() {
    assert_same!(|log| read_words(log, "a b,c d"));
}
