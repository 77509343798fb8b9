//! What the kernel tells of a descriptor.

/// What happened to a descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) token: u64,
    /// It can be read from, or the attempt tells why not.
    pub(super) readable: bool,
    /// It can be written to, or the attempt tells why not.
    pub(super) writable: bool,
    /// The peer sends no more, or there is an error: an attempt to read never has to wait again.
    pub(super) ended: bool,
}
