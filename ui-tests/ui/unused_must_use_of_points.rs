use insideout::prelude::*;

#[cps]
#[deny(unused_must_use)]
fn work(inbox: Receiver<u32>, outbox: Sender<u32>, home: Home, handle: JoinHandle<u32>) {
    recv!(&inbox);
    send!(outbox, 1);
    migrate!(home);
    join!(handle);
}

fn main() {}
