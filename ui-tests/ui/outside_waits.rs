use insideout::prelude::*;


fn main() {
    sleep!(1);
    sleep_until!(2);
    readable!(0).ok();
    writable!(1).ok();
    signal!(2).ok();
    child!(3).ok();
    recv_deadline!(4, 5).ok();
    send_deadline!(6, 7, 8).ok();
    join_deadline!(9, 10).ok();
    timeout!(11, 12).ok();
}
