use insideout::prelude::*;

struct Named(String);

#[cps]
impl Named {
    #[cps]
    fn name(&self) -> &str {
        coop!();
        &self.0
    }
}

#[cps]
fn owner() -> usize {
    let named = Named(String::from("name"));
    let name = call!(named.name());
    name.len()
}

fn main() {}
