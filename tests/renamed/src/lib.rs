//! A crate that knows `insideout` by another name: the expansions find it all the same.

#![forbid(unsafe_code)]

use out::prelude::*;

/// Doubles each number that comes in, until none can come any more.
#[cps]
pub fn double(inbox: Receiver<u32>, outbox: Sender<u32>) -> Result<usize, Closed<u32>> {
    let mut count = 0;
    while let Ok(n) = recv!(inbox) {
        #[cfg(windows)]
        let outbox = missing;
        send!(outbox, n * 2)?;
        count += 1;
    }
    Ok(count)
}

/// Where a macro of this crate's, say, finds it without the help of a manifest.
pub mod toolkit {
    pub use out::*;
}

/// Sums up what comes in.
#[toolkit::cps(crate = crate::toolkit, fits = 56)]
pub fn sum(inbox: &Receiver<u32>) -> u32 {
    let mut sum = 0;
    while let Ok(n) = toolkit::recv!(inbox) {
        #[cfg(not(windows))]
        toolkit::coop!();
        #[cfg(windows)]
        toolkit::missing!();
        sum += n;
    }
    sum
}

/// Sums up, on this thread.
#[toolkit::cps(crate = crate::toolkit, local)]
pub fn sum_here(inbox: std::rc::Rc<Receiver<u32>>) -> u32 {
    toolkit::call!(sum(&inbox))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions_find_the_crate_behind_a_path() {
        let (numbers, inbox) = Mailbox::unbounded().split();
        for n in 0..5 {
            numbers.send(n).unwrap();
        }
        drop(numbers);
        assert_eq!(sum_here(inbox.into()), 10);
    }

    #[test]
    fn expansions_find_the_crate_by_its_new_name() {
        let pool = Pool::new(1);
        let (numbers, inbox) = Mailbox::bounded(2).split();
        let (outbox, doubled) = Mailbox::unbounded().split();
        let handle = pool.spawn(thunk!(double(inbox, outbox)));
        for n in 0..5 {
            numbers.send(n).unwrap();
        }
        drop(numbers);
        assert_eq!(handle.join().unwrap(), Ok(5));
        assert_eq!(doubled.iter().collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    }
}
