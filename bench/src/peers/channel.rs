//! Channels: for threads, and for tasks.

use insideout::{Mailbox, Receiver, Sender};
use std::future::Future;

/// A channel of words whose ends threads use.
pub(crate) trait Channel {
    type Sender: Clone + Send + 'static;
    type Receiver: Send + 'static;

    /// With so much room, or with any.
    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver);

    fn send(sender: &Self::Sender, message: usize);

    /// None when all senders are gone and the channel is drained.
    fn recv(receiver: &Self::Receiver) -> Option<usize>;
}

/// A channel whose receivers can be many.
pub(crate) trait ManyReceivers: Channel<Receiver: Clone> {}

impl<C: Channel<Receiver: Clone>> ManyReceivers for C {}

/// A channel of words whose ends tasks use.
pub(crate) trait AsyncChannel: 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver);

    fn send(sender: &Self::Sender, message: usize) -> impl Future<Output = ()> + Send;

    fn recv(receiver: &mut Self::Receiver) -> impl Future<Output = Option<usize>> + Send;
}

/// Ours.
pub(crate) struct Insideout;

impl Channel for Insideout {
    type Sender = Sender<usize>;
    type Receiver = Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        mailbox(capacity).split()
    }

    #[inline]
    fn send(sender: &Self::Sender, message: usize) {
        sender.send(message).expect("there are receivers");
    }

    #[inline]
    fn recv(receiver: &Self::Receiver) -> Option<usize> {
        receiver.recv().ok()
    }
}

/// A mailbox with so much room, or with any.
pub(crate) fn mailbox<T>(capacity: Option<usize>) -> Mailbox<T> {
    capacity.map_or_else(Mailbox::unbounded, Mailbox::bounded)
}

macro_rules! channels {
    ($($name:ident: $crate_name:ident)+) => {
        $(pub(crate) struct $name;

        impl Channel for $name {
            type Sender = $crate_name::Sender<usize>;
            type Receiver = $crate_name::Receiver<usize>;

            fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
                capacity.map_or_else($crate_name::unbounded, $crate_name::bounded)
            }

            #[inline]
            fn send(sender: &Self::Sender, message: usize) {
                sender.send(message).expect("there are receivers");
            }

            #[inline]
            fn recv(receiver: &Self::Receiver) -> Option<usize> {
                receiver.recv().ok()
            }
        })+
    };
}

channels!(Crossbeam: crossbeam_channel Flume: flume Kanal: kanal);

/// `std::sync::mpsc`. Its bounded sender is of another type than its unbounded one.
pub(crate) struct Std;

#[derive(Clone)]
pub(crate) enum StdSender {
    Bounded(std::sync::mpsc::SyncSender<usize>),
    Unbounded(std::sync::mpsc::Sender<usize>),
}

impl Channel for Std {
    type Sender = StdSender;
    type Receiver = std::sync::mpsc::Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        match capacity {
            Some(capacity) => {
                let (sender, receiver) = std::sync::mpsc::sync_channel(capacity);
                (StdSender::Bounded(sender), receiver)
            }
            None => {
                let (sender, receiver) = std::sync::mpsc::channel();
                (StdSender::Unbounded(sender), receiver)
            }
        }
    }

    #[inline]
    fn send(sender: &Self::Sender, message: usize) {
        let sent = match sender {
            StdSender::Bounded(sender) => sender.send(message),
            StdSender::Unbounded(sender) => sender.send(message),
        };
        sent.expect("there is a receiver");
    }

    #[inline]
    fn recv(receiver: &Self::Receiver) -> Option<usize> {
        receiver.recv().ok()
    }
}

/// async-channel: its blocking methods, and its futures.
pub(crate) struct AsyncChannelCrate;

impl Channel for AsyncChannelCrate {
    type Sender = async_channel::Sender<usize>;
    type Receiver = async_channel::Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        capacity.map_or_else(async_channel::unbounded, async_channel::bounded)
    }

    #[inline]
    fn send(sender: &Self::Sender, message: usize) {
        sender.send_blocking(message).expect("there are receivers");
    }

    #[inline]
    fn recv(receiver: &Self::Receiver) -> Option<usize> {
        receiver.recv_blocking().ok()
    }
}

impl AsyncChannel for AsyncChannelCrate {
    type Sender = async_channel::Sender<usize>;
    type Receiver = async_channel::Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        <Self as Channel>::new(capacity)
    }

    #[inline]
    async fn send(sender: &Self::Sender, message: usize) {
        sender.send(message).await.expect("there are receivers");
    }

    #[inline]
    async fn recv(receiver: &mut Self::Receiver) -> Option<usize> {
        receiver.recv().await.ok()
    }
}

impl AsyncChannel for Kanal {
    type Sender = kanal::AsyncSender<usize>;
    type Receiver = kanal::AsyncReceiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        capacity.map_or_else(kanal::unbounded_async, kanal::bounded_async)
    }

    #[inline]
    async fn send(sender: &Self::Sender, message: usize) {
        sender.send(message).await.expect("there are receivers");
    }

    #[inline]
    async fn recv(receiver: &mut Self::Receiver) -> Option<usize> {
        receiver.recv().await.ok()
    }
}

impl AsyncChannel for Flume {
    type Sender = flume::Sender<usize>;
    type Receiver = flume::Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        <Self as Channel>::new(capacity)
    }

    #[inline]
    async fn send(sender: &Self::Sender, message: usize) {
        let sent = sender.send_async(message).await;
        sent.expect("there are receivers");
    }

    #[inline]
    async fn recv(receiver: &mut Self::Receiver) -> Option<usize> {
        receiver.recv_async().await.ok()
    }
}

/// `tokio::sync::mpsc`, bounded.
pub(crate) struct Tokio;

impl AsyncChannel for Tokio {
    type Sender = tokio::sync::mpsc::Sender<usize>;
    type Receiver = tokio::sync::mpsc::Receiver<usize>;

    fn new(capacity: Option<usize>) -> (Self::Sender, Self::Receiver) {
        tokio::sync::mpsc::channel(capacity.expect("the bounded one"))
    }

    #[inline]
    async fn send(sender: &Self::Sender, message: usize) {
        sender.send(message).await.expect("there is a receiver");
    }

    #[inline]
    async fn recv(receiver: &mut Self::Receiver) -> Option<usize> {
        receiver.recv().await
    }
}

/// `tokio::sync::mpsc`, unbounded.
pub(crate) struct TokioUnbounded;

impl AsyncChannel for TokioUnbounded {
    type Sender = tokio::sync::mpsc::UnboundedSender<usize>;
    type Receiver = tokio::sync::mpsc::UnboundedReceiver<usize>;

    fn new(_: Option<usize>) -> (Self::Sender, Self::Receiver) {
        tokio::sync::mpsc::unbounded_channel()
    }

    #[inline]
    async fn send(sender: &Self::Sender, message: usize) {
        sender.send(message).expect("there is a receiver");
    }

    #[inline]
    async fn recv(receiver: &mut Self::Receiver) -> Option<usize> {
        receiver.recv().await
    }
}
