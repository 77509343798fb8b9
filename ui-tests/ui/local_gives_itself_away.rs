use insideout::prelude::*;

#[cps(local)]
fn waits(inbox: Receiver<u32>, pool: &Pool) -> u32 {
    migrate!(pool).unwrap();
    suspend!(|continuation| Some(continuation));
    recv!(inbox).unwrap()
}

#[cps]
fn receives(inbox: Receiver<u32>) -> u32 {
    recv!(inbox).unwrap()
}

#[cps(local)]
fn waits_well(inbox: Receiver<u32>) -> u32 {
    call!(receives(inbox))
}

fn main() {
    let (_, inbox) = Mailbox::bounded(1).split();
    waits_well(inbox.clone());
    waits(inbox, &Pool::new(1));
}
