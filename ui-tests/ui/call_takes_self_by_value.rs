use insideout::prelude::*;

struct Account(u32);

#[cps]
impl Account {
    #[cps]
    fn close(self) -> u32 {
        coop!();
        self.0
    }
}

#[cps]
fn caller() -> u32 {
    let account = Account(1);
    call!(account.close())
}

fn main() {}
