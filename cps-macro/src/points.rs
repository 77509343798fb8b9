//! The macros that mean something inside a `#[cps]` function, and how each is recognised.

use syn::Macro;

/// A macro at which a function may be suspended, or `thunk!`, which only makes a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PointMacro {
    Coop,
    Call,
    Suspend,
    Migrate,
    Visit,
    Recv,
    RecvDeadline,
    Send,
    SendDeadline,
    Join,
    JoinDeadline,
    Select,
    Timeout,
    Sleep,
    SleepUntil,
    Readable,
    Writable,
    Signal,
    Child,
    Thunk,
}

use PointMacro::*;

impl PointMacro {
    const ALL: [(&'static str, PointMacro); 20] = [
        ("coop", Coop),
        ("call", Call),
        ("suspend", Suspend),
        ("migrate", Migrate),
        ("visit", Visit),
        ("recv", Recv),
        ("recv_deadline", RecvDeadline),
        ("send", Send),
        ("send_deadline", SendDeadline),
        ("join", Join),
        ("join_deadline", JoinDeadline),
        ("select", Select),
        ("timeout", Timeout),
        ("sleep", Sleep),
        ("sleep_until", SleepUntil),
        ("readable", Readable),
        ("writable", Writable),
        ("signal", Signal),
        ("child", Child),
        ("thunk", Thunk),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, point)| *point == self)
            .expect("every point has a name")
            .0
    }

    pub(crate) fn named(name: &str) -> Option<PointMacro> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, point)| *point)
    }

    /// How many arguments it takes, at least and at most.
    pub(crate) fn counts(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Select => 2..=4,
            _ => {
                let (count, _) = self.arguments();
                count..=count
            }
        }
    }

    /// How many arguments it takes at least, and an example to show when it was given others.
    pub(crate) fn arguments(self) -> (usize, &'static str) {
        match self {
            Coop => (0, "coop!()"),
            Call => (1, "call!(f(x))"),
            Suspend => (1, "suspend!(|continuation| None)"),
            Migrate => (1, "migrate!(pool)"),
            Visit => (2, "visit!(pool, f(x))"),
            Recv => (1, "recv!(mailbox)"),
            RecvDeadline => (2, "recv_deadline!(mailbox, instant)"),
            Send => (2, "send!(mailbox, message)"),
            SendDeadline => (3, "send_deadline!(mailbox, message, instant)"),
            Join => (1, "join!(handle)"),
            JoinDeadline => (2, "join_deadline!(handle, instant)"),
            Select => (2, "select!(mailbox, handle)"),
            Timeout => (2, "timeout!(duration, f(x))"),
            Sleep => (1, "sleep!(duration)"),
            SleepUntil => (1, "sleep_until!(instant)"),
            Readable => (1, "readable!(source)"),
            Writable => (1, "writable!(source)"),
            Signal => (1, "signal!(SIGTERM)"),
            Child => (1, "child!(process)"),
            Thunk => (1, "thunk!(f(x))"),
        }
    }

    /// Whether it gives the continuation away.
    pub(crate) fn leaves(self) -> bool {
        !matches!(self, Coop | Call | Thunk)
    }

    /// Which of ours an invocation by a bare name is. A longer path is made bare by [`crate::resolve`] where
    /// it leads to our crate.
    pub(crate) fn of(mac: &Macro) -> Option<PointMacro> {
        Self::named(&mac.path.get_ident()?.to_string())
    }

    /// Like [`Self::of`], for what suspends.
    pub(crate) fn suspending(mac: &Macro) -> Option<PointMacro> {
        Self::of(mac).filter(|point| *point != Thunk)
    }
}
