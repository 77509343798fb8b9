use insideout::prelude::*;

#[cps(local)]
fn stays() -> u32 {
    coop!();
    1
}

#[cps]
fn holds() -> u32 {
    let call = thunk!(stays());
    coop!();
    call.run()
}

fn main() {
    let pool = Pool::new(1);
    pool.spawn(thunk!(stays()));
    let continuation = thunk!(stays()).into_continuation();
    std::thread::spawn(|| continuation.run());
    holds();
}
