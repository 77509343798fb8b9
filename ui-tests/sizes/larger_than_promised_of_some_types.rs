use insideout::prelude::*;

struct Held<T>(T);

#[cps]
impl<T: Copy + Send + Sync> Held<T> {
    #[cps(local, fits = 40)]
    fn either(&self, other: T) -> T {
        coop!();
        let first = self.0;
        coop!();
        if size_of_val(&first) > 1 { first } else { other }
    }
}

fn main() {
    Held(1_u8).either(2);
    Held([0_u64; 4]).either([1; 4]);
}
