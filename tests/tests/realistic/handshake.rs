//! A connection's life as the state machine of TCP has it: segments in, segments out, retransmission
//! by a clock.

use std::collections::VecDeque;

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Segment {
    syn: bool,
    ack: Option<u32>,
    fin: bool,
    rst: bool,
    seq: u32,
    data: &'static str,
}

#[derive(Debug)]
enum State {
    Listen,
    SynReceived {
        ours: u32,
        theirs: u32,
        tries: u8,
    },
    Established {
        ours: u32,
        theirs: u32,
        timer: Tracked,
    },
    CloseWait {
        ours: u32,
    },
    LastAck {
        ours: u32,
        tries: u8,
    },
    Closed(Result<(), &'static str>),
}

/// What happens next: a segment comes in, or the clock ticks.
type Event = Option<Segment>;

#[both]
mod cases {
    #[cps]
    fn send(log: &Log, out: &mut Vec<Segment>, segment: Segment) {
        coop!();
        log.note(format_args!("send {segment:?}"));
        out.push(segment);
    }

    #[cps]
    fn step(
        log: &Log,
        state: State,
        event: Event,
        received: &mut String,
        out: &mut Vec<Segment>,
    ) -> State {
        let ack = |seq: u32, theirs: u32| Segment {
            seq,
            ack: Some(theirs),
            ..Segment::default()
        };
        match (state, event) {
            (State::Closed(how), _) => State::Closed(how),
            (_, Some(Segment { rst: true, .. })) => {
                coop!();
                State::Closed(Err("reset"))
            }
            (State::Listen, Some(Segment { syn: true, seq, .. })) => {
                let ours = 100;
                let reply = Segment {
                    syn: true,
                    ..ack(ours, seq + 1)
                };
                call!(send(log, out, reply));
                State::SynReceived {
                    ours,
                    theirs: seq + 1,
                    tries: 0,
                }
            }
            (state @ State::Listen, _) => state,
            (
                State::SynReceived { ours, theirs, .. },
                Some(Segment {
                    ack: Some(n), seq, ..
                }),
            ) if n == ours + 1 && seq == theirs => {
                let timer = log.tracked("timer");
                coop!();
                State::Established {
                    ours: n,
                    theirs,
                    timer,
                }
            }
            (State::SynReceived { tries: 2.., .. }, None) => State::Closed(Err("no answer")),
            (
                State::SynReceived {
                    ours,
                    theirs,
                    tries,
                },
                None,
            ) => {
                let again = Segment {
                    syn: true,
                    ..ack(ours, theirs)
                };
                call!(send(log, out, again));
                State::SynReceived {
                    ours,
                    theirs,
                    tries: tries + 1,
                }
            }
            (
                State::Established {
                    ours,
                    theirs,
                    timer,
                },
                Some(segment),
            ) => {
                if segment.seq != theirs {
                    // What is out of order is answered with what is expected.
                    call!(send(log, out, ack(ours, theirs)));
                    return State::Established {
                        ours,
                        theirs,
                        timer,
                    };
                }
                timer.touch();
                received.push_str(segment.data);
                let theirs = theirs + segment.data.len() as u32 + u32::from(segment.fin);
                if !segment.data.is_empty() || segment.fin {
                    call!(send(log, out, ack(ours, theirs)));
                }
                if segment.fin {
                    timer.consume();
                    State::CloseWait { ours }
                } else {
                    State::Established {
                        ours,
                        theirs,
                        timer,
                    }
                }
            }
            (State::CloseWait { ours }, _) => {
                let fin = Segment {
                    fin: true,
                    seq: ours,
                    ..Segment::default()
                };
                call!(send(log, out, fin));
                State::LastAck { ours, tries: 0 }
            }
            (State::LastAck { ours, .. }, Some(Segment { ack: Some(n), .. })) if n == ours + 1 => {
                State::Closed(Ok(()))
            }
            (State::LastAck { ours, tries }, None) if tries < 2 => {
                let fin = Segment {
                    fin: true,
                    seq: ours,
                    ..Segment::default()
                };
                call!(send(log, out, fin));
                State::LastAck {
                    ours,
                    tries: tries + 1,
                }
            }
            (State::LastAck { .. }, None) => State::Closed(Err("no answer")),
            (state, _) => {
                log.note("ignored");
                state
            }
        }
    }

    #[cps]
    fn serve(log: &Log, events: Vec<Event>) -> (Result<(), &'static str>, String, usize) {
        let (mut received, mut out) = (String::new(), Vec::new());
        let mut events = VecDeque::from(events);
        let mut state = State::Listen;
        let how = loop {
            let Some(event) = events.pop_front() else {
                break Err("no more events");
            };
            state = call!(step(log, state, event, &mut received, &mut out));
            if let State::Closed(how) = state {
                break how;
            }
        };
        (how, received, out.len())
    }
}

const fn segment(seq: u32, ack: Option<u32>, data: &'static str) -> Segment {
    Segment {
        syn: false,
        ack,
        fin: false,
        rst: false,
        seq,
        data,
    }
}

fn opening() -> Vec<Event> {
    let syn = Segment {
        syn: true,
        ..segment(7, None, "")
    };
    vec![None, Some(segment(9, None, "")), Some(syn)]
}

fn talk() -> Vec<Event> {
    let mut events = opening();
    let fin = Segment {
        fin: true,
        ..segment(13, Some(101), "d")
    };
    events.extend([
        None,
        Some(segment(8, Some(5), "")),
        Some(segment(8, Some(101), "")),
        Some(segment(8, Some(101), "abc")),
        Some(segment(12, Some(101), "out of order")),
        Some(segment(11, Some(101), "..")),
        Some(fin),
        None,
        None,
        Some(segment(15, Some(102), "")),
    ]);
    events
}

#[test]
fn lives() {
    let (how, received, sent) = moved::serve(Log::forever(), talk());
    assert_eq!((how, &*received, sent), (Ok(()), "abc..d", 8));
    assert_same!(|log| serve(log, talk()));
}

#[test]
fn early_ends() {
    let silence = || opening().into_iter().chain([None; 5]).collect::<Vec<_>>();
    assert_eq!(moved::serve(Log::forever(), silence()).0, Err("no answer"));
    assert_same!(|log| serve(log, silence()));
    let reset = || {
        let mut events = talk();
        events.insert(
            8,
            Some(Segment {
                rst: true,
                ..Segment::default()
            }),
        );
        events
    };
    assert_eq!(moved::serve(Log::forever(), reset()).0, Err("reset"));
    assert_same!(|log| serve(log, reset()));
    for length in 0..talk().len() {
        assert_same!(|log| serve(log, talk()[..length].to_vec()));
    }
}
