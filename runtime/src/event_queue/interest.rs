//! What one waits for at a descriptor, and what an event queue tells of.

/// What to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// That an attempt to read (to receive, to accept) would not block.
    Read,
    /// That an attempt to write (to send, to connect) would not block.
    Write,
}

/// What an event queue tells of a descriptor: in which directions, and how often.
///
/// It tells of edges: of each moment at which the descriptor *becomes* ready in one of the directions, or
/// with [`once`](Interests::once), of the first such moment. Ends and errors count for both directions.
///
/// ```
/// use insideout::Interests;
///
/// assert_ne!(Interests::READ, Interests::READ.once());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interests {
    read: bool,
    write: bool,
    once: bool,
}

impl Interests {
    /// Nothing but ends and errors.
    pub const NONE: Interests = Interests {
        read: false,
        write: false,
        once: false,
    };
    /// That it can be read from.
    pub const READ: Interests = Interests {
        read: true,
        ..Interests::NONE
    };
    /// That it can be written to.
    pub const WRITE: Interests = Interests {
        write: true,
        ..Interests::NONE
    };
    /// Both.
    pub const BOTH: Interests = Interests {
        read: true,
        ..Interests::WRITE
    };

    /// Of the first event only; then of nothing, until it is asked for again.
    ///
    /// ```
    /// # use insideout::Interests;
    /// assert!(Interests::BOTH.once().is_once());
    /// ```
    #[must_use]
    pub const fn once(self) -> Self {
        Interests { once: true, ..self }
    }

    /// Whether only the first event is told of.
    #[must_use]
    pub const fn is_once(self) -> bool {
        self.once
    }

    /// Whether a direction is among them.
    ///
    /// ```
    /// # use insideout::{Interest, Interests};
    /// assert!(Interests::BOTH.has(Interest::Read) && !Interests::WRITE.has(Interest::Read));
    /// ```
    #[must_use]
    pub const fn has(self, interest: Interest) -> bool {
        match interest {
            Interest::Read => self.read,
            Interest::Write => self.write,
        }
    }

    /// With one more direction.
    pub(super) const fn and(self, interest: Interest) -> Self {
        match interest {
            Interest::Read => Interests { read: true, ..self },
            Interest::Write => Interests {
                write: true,
                ..self
            },
        }
    }
}
