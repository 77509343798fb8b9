//! Fields of patterns and locals that are there in some configurations only, held across suspensions.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(clippy::non_minimal_cfg)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug)]
struct Packet {
    body: Tracked,
    #[cfg(all())]
    here: Tracked,
    #[cfg(any())]
    away: Tracked,
    n: u32,
}

fn packet(log: &Log) -> Packet {
    Packet {
        body: log.tracked("body"),
        #[cfg(all())]
        here: log.tracked("here"),
        #[cfg(any())]
        away: log.tracked("away"),
        n: 1,
    }
}

#[both]
mod cases {
    #[cps]
    fn in_let(log: &Log, packet: Packet) -> u32 {
        let Packet {
            body,
            #[cfg(all())]
            here,
            #[cfg(any())]
            away,
            n,
        } = packet;
        coop!();
        body.touch();
        #[cfg(any())]
        away.touch();
        #[cfg(all())]
        here.touch();
        coop!();
        #[cfg(any())]
        drop(away);
        log.note(n);
        n
    }

    #[cps]
    fn as_an_argument(
        log: &Log,
        Packet {
            #[cfg(any())]
            away,
            #[cfg(all())]
            here,
            body: _body,
            n,
        }: Packet,
    ) -> u32 {
        log.note(n);
        coop!();
        #[cfg(any())]
        away.touch();
        #[cfg(all())]
        here.touch();
        n
    }

    #[cps]
    fn in_branches(log: &Log, packets: Vec<Packet>, yes: bool) -> u32 {
        let mut sum = 0;
        for Packet {
            body: _body,
            #[cfg(any())]
            away,
            #[cfg(all())]
                here: there,
            n,
        } in packets
        {
            coop!();
            #[cfg(any())]
            away.touch();
            #[cfg(all())]
            there.touch();
            sum += n;
        }
        let made = yes.then(|| packet(log));
        if let Some(Packet {
            #[cfg(any())]
            ref away,
            #[cfg(all())]
            ref here,
            ref n,
            body: _,
        }) = made
        {
            log.note(n);
            #[cfg(any())]
            away.touch();
            #[cfg(all())]
            here.touch();
            sum += n;
            coop!();
        }
        match packet(log) {
            Packet {
                #[cfg(any())]
                away,
                #[cfg(all())]
                here,
                n: 1,
                body: _body,
            } => {
                coop!();
                #[cfg(any())]
                away.touch();
                #[cfg(all())]
                here.touch();
            }
            _ => coop!(),
        }
        sum
    }

    /// One of two is there.
    #[cps]
    fn of_one_name(log: &Log, a: Tracked, b: Tracked) -> usize {
        #[cfg(all())]
        let (chosen, other) = (a, b);
        #[cfg(not(all()))]
        let (chosen, other) = (b, a);
        coop!();
        chosen.touch();
        #[cfg(any())]
        let length = 1;
        #[cfg(not(any()))]
        let length = chosen.name().len() + other.name().len();
        log.note(length);
        coop!();
        length
    }

    /// None is there, and what the name means then is outside.
    #[cps]
    fn none_of_a_name(log: &Log, value: Tracked) -> usize {
        let n = 1;
        {
            #[cfg(any())]
            let n = 2;
            #[cfg(any())]
            let timer = log.tracked("timer");
            #[cfg(all())]
            let guard = log.tracked("guard");
            coop!();
            log.note(n);
            #[cfg(any())]
            timer.touch();
            #[cfg(all())]
            guard.touch();
            coop!();
        }
        coop!();
        value.name().len()
    }

    /// What comes from the one before is there beside it.
    #[cps]
    fn one_after_the_other(n: u32) -> u32 {
        #[cfg(all())]
        let n = n + 1;
        #[cfg(all())]
        let n = n * 2;
        coop!();
        n
    }
}

#[test]
fn whatever_the_configuration() {
    assert_same!(|log| in_let(log, packet(log)));
    assert_same!(|log| as_an_argument(log, packet(log)));
    assert_same!(|log| in_branches(log, vec![packet(log), packet(log)], true));
    assert_same!(|log| in_branches(log, vec![], false));
    assert_same!(|log| of_one_name(log, log.tracked("a"), log.tracked("bb")));
    assert_same!(|log| none_of_a_name(log, log.tracked("a")));
    assert_same!(|_log| one_after_the_other(3));
}
