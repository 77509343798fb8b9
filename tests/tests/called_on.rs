//! What a method is called on while its arguments suspend, and change it: a copy, if the method takes it by
//! value, and the place, if it borrows it.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

/// Is copied where a method takes it.
#[derive(Clone, Copy, Debug)]
struct Count(u32);

impl Count {
    fn step(&mut self) -> u32 {
        self.0 += 10;
        self.0
    }

    fn with(self, other: u32) -> u32 {
        self.0 * 1000 + other
    }

    fn look(&self, other: u32) -> u32 {
        self.0 * 1000 + other
    }

    fn put(&mut self, other: u32) -> u32 {
        self.0 += other;
        self.0
    }

    fn put_all(&mut self, others: [u32; 2], one: u32) -> u32 {
        others.iter().for_each(|other| self.0 += other);
        self.0 * one
    }
}

#[both]
mod cases {
    #[derive(Debug)]
    struct Counts<'log> {
        log: &'log Log,
        one: u32,
        count: Count,
        items: Vec<u32>,
    }

    #[cps]
    impl Counts<'_> {
        fn bound(&self) -> u32 {
            self.one + 3
        }

        #[cps]
        fn step(&mut self) -> u32 {
            self.log.note("steps");
            coop!();
            self.one += 1;
            self.count.step()
        }

        #[cps]
        fn furthest(&mut self) -> u32 {
            let one = self.one.max(call!(self.step()));
            let sum = self.one.wrapping_add(call!(self.step()));
            one + sum + self.count.with(call!(self.step()))
        }

        #[cps]
        fn places(&mut self) -> usize {
            self.items.push(call!(give(self.bound())));
            self.items.push(call!(give(self.items.len() as u32)));
            self.log.note(call!(self.step()));
            self.count.put(call!(give(self.bound())));
            self.count.put(call!(give(self.count.look(1))));
            self.items.len()
        }
    }

    #[cps]
    fn give(n: u32) -> u32 {
        coop!();
        n
    }

    #[cps]
    fn local(mut count: Count) -> (u32, u32, u32) {
        let one = count.with({
            count.step();
            call!(give(1))
        });
        let two = count.with(call!(give(count.step())));
        (one, two, count.put(call!(give(count.look(1)))))
    }

    #[cps]
    fn lent(count: &mut Count) -> u32 {
        let one = count.with(call!(give(count.step())));
        one + count.put(call!(give(count.look(1))))
    }

    #[cps]
    fn behind_references(mut count: Count) -> (u32, Count) {
        let sum = call!(lent(&mut count));
        let again = &mut count;
        let more = again.with(call!(give(again.step())));
        (sum + more, count)
    }

    #[cps]
    fn numbers(mut n: u32) -> u32 {
        n += n.pow(call!(give(n.count_ones())));
        let least = n.min(call!(give(3)));
        let mut sum = 0;
        for at in 0..n {
            sum = at.max(call!(give(at.count_ones()))).max(sum);
        }
        least + sum
    }

    #[cps]
    fn lists(mut list: Vec<u32>) -> Vec<u32> {
        list.push(call!(give(list.len() as u32)));
        let mut new = Vec::new();
        new.push(1);
        new.push(call!(give(new.len() as u32)));
        new.extend(list);
        new
    }

    #[cps]
    fn values(log: &Log, mut value: Tracked) {
        value.rename({
            value.touch();
            coop!();
            "renamed"
        });
        log.note(value.name());
        value.rename(format!("{} {}", call!(give(1)), value.name().len() > 1));
        log.note(value.name());
    }

    #[cps]
    fn named_behind(mut count: Count, mut list: Vec<u32>) -> (u32, Vec<u32>) {
        let one = count.put_all([call!(give(1)), count.look(2)], count.0);
        list.insert(call!(give(list[0])) as usize, list[1]);
        list.resize(call!(give(4)) as usize, list.len() as u32);
        (one, list)
    }

    #[cps]
    fn fields(log: &Log) -> (u32, usize, String) {
        let mut counts = Counts {
            log,
            one: 20,
            count: Count(3),
            items: Vec::new(),
        };
        let furthest = call!(counts.furthest());
        let places = call!(counts.places());
        let one = counts.one.max(call!(counts.step()));
        (furthest + one, places, format!("{:?}", counts.items))
    }
}

#[test]
fn what_is_copied_is_what_it_was() {
    assert_same!(|_log| local(Count(1)));
    assert_same!(|_log| behind_references(Count(1)));
    assert_same!(|_log| numbers(3));
}

#[test]
fn what_is_borrowed_is_the_place() {
    assert_same!(|_log| lists(vec![3]));
    assert_same!(|log| values(log, log.tracked("value")));
    assert_same!(|log| fields(log));
    assert_same!(|_log| named_behind(Count(1), vec![1, 7, 3]));
}
