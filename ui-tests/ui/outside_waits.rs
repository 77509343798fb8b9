use insideout::prelude::*;


fn main() {
    sleep!(1);
    sleep_until!(2);
    readable!(0).ok();
    writable!(1).ok();
    signal!(2).ok();
    child!(3).ok();
}
