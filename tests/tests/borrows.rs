//! Borrows: arguments of `call!` that borrow from the caller's frame, and locals that borrow
//! from other locals.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::explicit_auto_deref, clippy::useless_vec)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug, Default)]
struct Packet {
    header: [u8; 4],
    body: Vec<u8>,
    name: String,
}

#[both]
mod cases {
    #[cps]
    fn fill(buffer: &mut [u8], with: u8) -> usize {
        let mut at = 0;
        while at < buffer.len() {
            coop!();
            buffer[at] = with + at as u8;
            at += 1;
        }
        at
    }

    #[cps]
    fn measure(log: &Log, text: &str) -> usize {
        log.note(text);
        coop!();
        text.len()
    }

    #[cps]
    fn append(log: &Log, list: &mut Vec<Tracked>, value: Tracked) -> usize {
        coop!();
        list.push(value);
        log.note(list.len());
        coop!();
        list.len()
    }

    #[cps]
    fn add(total: &mut u32, by: &u32) {
        coop!();
        *total += *by;
    }

    #[cps]
    fn mutable_local(log: &Log) -> Vec<u8> {
        let mut buffer = vec![0; 3];
        let n = call!(fill(&mut buffer, 7));
        log.note(format!("{n} {buffer:?}"));
        buffer[0] = 1;
        call!(fill(&mut buffer[1..], 20));
        let end = 2;
        call!(fill(&mut buffer[..end], 40));
        buffer
    }

    #[cps]
    fn array_local() -> [u8; 4] {
        let mut buffer = [0; 4];
        call!(fill(&mut buffer, 1));
        coop!();
        call!(fill(&mut buffer[2..4], 100));
        buffer
    }

    #[cps]
    fn shared_local(log: &Log) -> usize {
        let name = String::from("name");
        let a = call!(measure(log, &name));
        let b = call!(measure(log, &*name));
        let c = call!(measure(log, &name[1..]));
        log.note(&name);
        a + b + c
    }

    #[cps]
    fn several_fields(log: &Log) -> Packet {
        let mut packet = Packet {
            name: "p".into(),
            ..Packet::default()
        };
        packet.body.resize(2, 0);
        call!(fill(&mut packet.header, 1));
        call!(fill(&mut packet.body, 9));
        let n = call!(measure(log, &packet.name));
        packet.body.push(n as u8);
        packet
    }

    #[cps]
    fn two_borrows_at_once(log: &Log) -> u32 {
        let mut total = 1;
        let step = 5;
        call!(add(&mut total, &step));
        call!(add(&mut total, &step));
        let mut pair = (1, 2);
        call!(add(&mut pair.0, &pair.1));
        log.note(format!("{pair:?}"));
        total + pair.0 + step
    }

    #[cps]
    fn borrow_beside_values(log: &Log, first: Tracked) -> Vec<Tracked> {
        let mut list = Vec::new();
        let n = call!(append(log, &mut list, first));
        let n = n + call!(append(log, &mut list, log.tracked("second")));
        let n = n + call!(append(log, &mut list, call!(give(log.tracked("third")))));
        log.note(n);
        list
    }

    #[cps]
    fn mutable_parameter_passed_twice(log: &Log, list: &mut Vec<Tracked>) -> usize {
        let one = call!(append(log, list, log.tracked("one")));
        let two = call!(append(log, list, log.tracked("two")));
        let three = call!(append(log, &mut *list, log.tracked("three")));
        list.pop();
        coop!();
        one + two + three + list.len()
    }

    #[cps]
    fn passes_its_parameter_on(log: &Log) -> Vec<Tracked> {
        let mut list = vec![log.tracked("zero")];
        let n = call!(mutable_parameter_passed_twice(log, &mut list));
        log.note(n);
        list
    }

    #[cps]
    fn reborrowed_in_a_loop(log: &Log, total: &mut u32, steps: &[u32]) {
        for step in steps {
            call!(add(total, step));
            log.note(&total);
        }
        *total *= 2;
    }

    #[cps]
    fn calls_the_loop(log: &Log) -> u32 {
        let mut total = 0;
        call!(reborrowed_in_a_loop(log, &mut total, &[1, 2, 3]));
        total
    }

    #[cps]
    fn temporaries(log: &Log, n: u32) -> usize {
        let a = call!(measure(log, &format!("{n}-{n}")));
        let b = call!(measure(log, &String::from("made")));
        let c = call!(measure(log, &n.to_string()));
        let mut sum = 0;
        call!(add(&mut sum, &(n * 2)));
        call!(add(&mut sum, &1));
        call!(fill(&mut [0; 2], 3)) + a + b + c + sum as usize
    }

    #[cps]
    fn temporary_with_a_drop(log: &Log) -> usize {
        #[cps]
        fn look(log: &Log, value: &Tracked) -> usize {
            coop!();
            log.note("looking");
            value.name().len()
        }
        let _local = log.tracked("local");
        let n = call!(look(log, &log.tracked("temporary")));
        log.note("after the statement");
        coop!();
        n
    }

    #[cps]
    fn reference_to_a_local(log: &Log) -> usize {
        let text = String::from("text");
        let view = &text;
        coop!();
        log.note(view);
        coop!();
        view.len() + text.len()
    }

    #[cps]
    fn mutable_reference_to_a_field(log: &Log) -> Packet {
        let mut packet = Packet::default();
        let name = &mut packet.name;
        name.push('a');
        coop!();
        name.push('b');
        log.note(&name);
        coop!();
        packet.name.push('c');
        packet
    }

    #[cps]
    fn reference_held_in_one_leg(log: &Log) -> usize {
        let list = vec![String::from("a"), String::from("bc")];
        let longest = {
            let longest = list.iter().max_by_key(|text| text.len());
            longest.map_or(0, |text| text.len())
        };
        coop!();
        log.note(longest);
        list.len() + longest
    }

    #[cps]
    fn operand_borrows_late(log: &Log) -> (usize, String) {
        fn join(text: &mut String, with: &str, n: u32) -> usize {
            text.push_str(with);
            text.push_str(&n.to_string());
            text.len()
        }
        let mut text = String::from("x");
        let with = String::from("-");
        let n = join(&mut text, &with, call!(give(5)));
        log.note(n);
        let m = join(&mut text, &with, call!(give(n as u32)));
        (m, text)
    }

    #[cps]
    fn closure_operand_with_a_suspension(log: &Log) -> u32 {
        let scale = 3;
        let mut values = vec![1, 2];
        let sum = call!(give(values.clone()))
            .into_iter()
            .map(move |n| n * scale)
            .fold(call!(give(10)), |a, b| a + b);
        values.push(sum);
        log.note(format!("{values:?}"));
        sum
    }

    #[cps]
    fn references_in_parameters(log: &Log, text: &str, packet: &mut Packet) -> usize {
        let word = text.split(' ').next().unwrap_or("");
        coop!();
        log.note(word);
        call!(fill(&mut packet.body, 1));
        call!(measure(log, word)) + call!(measure(log, &packet.name))
    }

    #[cps]
    fn calls_with_a_mutable_packet(log: &Log) -> Packet {
        let mut packet = Packet {
            name: "packet".into(),
            body: vec![0; 2],
            ..Packet::default()
        };
        let n = call!(references_in_parameters(log, "two words", &mut packet));
        packet.header[0] = n as u8;
        packet
    }

    #[cps]
    fn receiver_is_a_local(log: &Log) -> Vec<u8> {
        let mut writer = Writer { bytes: Vec::new() };
        let n = call!(writer.write(log, &[1, 2]));
        let m = call!(writer.write(log, &vec![n as u8; 2]));
        coop!();
        log.note(m);
        call!({ writer }.written())
    }

    struct Writer {
        bytes: Vec<u8>,
    }

    #[cps]
    impl Writer {
        #[cps]
        fn write(&mut self, log: &Log, bytes: &[u8]) -> usize {
            coop!();
            self.bytes.extend(bytes);
            log.note(self.bytes.len());
            self.bytes.len()
        }

        #[cps]
        fn written(self) -> Vec<u8> {
            coop!();
            self.bytes
        }
    }
}

#[test]
fn the_callee_borrows_locals() {
    assert_same!(|log| mutable_local(log));
    assert_same!(|_log| array_local());
    assert_same!(|log| shared_local(log));
    assert_same!(|log| several_fields(log));
    assert_same!(|log| two_borrows_at_once(log));
    assert_same!(|log| borrow_beside_values(log, log.tracked("first")));
    assert_same!(|log| receiver_is_a_local(log));
}

#[test]
fn mutable_references_are_reborrowed() {
    assert_same!(|log| passes_its_parameter_on(log));
    assert_same!(|log| calls_the_loop(log));
    assert_same!(|log| calls_with_a_mutable_packet(log));
}

#[test]
fn temporaries_live_for_the_call() {
    assert_same!(|log| temporaries(log, 12));
    assert_same!(|log| temporary_with_a_drop(log));
}

#[test]
fn locals_may_borrow_places_of_others() {
    assert_same!(|log| reference_to_a_local(log));
    assert_same!(|log| mutable_reference_to_a_field(log));
    assert_same!(|log| reference_held_in_one_leg(log));
}

#[test]
fn operands_borrow_when_they_are_used() {
    assert_same!(|log| operand_borrows_late(log));
    assert_same!(|log| closure_operand_with_a_suspension(log));
}
