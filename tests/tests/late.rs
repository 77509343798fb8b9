//! Arguments of `call!` that borrow from the caller's frame by way of methods and functions, in order
//! with all others.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(
    clippy::borrow_deref_ref,
    clippy::useless_vec,
    clippy::needless_borrow,
    clippy::ptr_arg
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use behaviour::{Log, Tracked, assert_same, both, fail};

/// Whose every look is noted.
#[derive(Debug)]
struct Book<'l> {
    log: &'l Log,
    title: String,
    pages: Vec<String>,
    at: usize,
    mark: Tracked,
}

impl<'l> Book<'l> {
    fn new(log: &'l Log, title: &str) -> Self {
        Book {
            log,
            title: title.to_owned(),
            pages: vec!["one".to_owned(), "two".to_owned()],
            at: 0,
            mark: log.tracked(format!("mark of {title}")),
        }
    }

    fn title(&self) -> &str {
        self.log.note(format_args!("title of {}", self.title));
        &self.title
    }

    fn turn(&mut self) -> &mut String {
        self.at = (self.at + 1) % self.pages.len();
        self.log.note(format_args!("turned to {}", self.at));
        &mut self.pages[self.at]
    }

    fn number(&self) -> usize {
        self.log.note("number");
        self.at
    }

    fn page(&self, at: usize) -> Option<&str> {
        self.log.note(format_args!("page {at}"));
        self.pages.get(at).map(String::as_str)
    }

    fn torn(&self) -> &str {
        fail("torn")
    }
}

fn noted<T>(log: &Log, value: T) -> T {
    log.note("noted");
    value
}

fn longer<'t>(one: &'t str, other: &'t str) -> &'t str {
    if one.len() < other.len() { other } else { one }
}

#[both]
mod cases {
    #[cps]
    fn measure(log: &Log, text: &str) -> usize {
        log.note(text);
        coop!();
        text.len()
    }

    #[cps]
    fn sum(log: &Log, bytes: &[u8], plus: usize) -> usize {
        coop!();
        log.note(plus);
        bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() + plus
    }

    #[cps]
    fn both_of(log: &Log, one: &str, other: &str) -> usize {
        log.note(one);
        coop!();
        log.note(other);
        one.len() + other.len()
    }

    #[cps]
    fn pair(log: &Log, pair: (&str, &[u8])) -> usize {
        coop!();
        log.note(pair.0);
        pair.1.len()
    }

    #[cps]
    fn maybe(log: &Log, of: Option<&String>) -> usize {
        coop!();
        log.note(format!("{of:?}"));
        of.map_or(0, String::len)
    }

    #[cps]
    fn file(log: &Log, path: &Path) -> usize {
        coop!();
        log.note(path.display());
        path.components().count()
    }

    #[cps]
    fn write(into: &mut String, text: &str) {
        coop!();
        into.push_str(text);
    }

    #[cps]
    fn reserve(into: &mut Vec<u8>, bytes: &[u8], n: usize) -> usize {
        coop!();
        into.extend_from_slice(&bytes[..n.min(bytes.len())]);
        into.len()
    }

    #[derive(Debug, Default)]
    pub(super) struct Pen(String);

    #[cps]
    impl Pen {
        #[cps]
        pub(super) fn put(&mut self, log: &Log, text: &str, n: usize) -> usize {
            coop!();
            log.note(format_args!("{text} {n}"));
            self.0.push_str(text);
            self.0.len()
        }
    }

    #[derive(Debug, Default)]
    pub(super) struct Case {
        pens: Vec<Pen>,
    }

    impl Case {
        pub(super) fn pen(&mut self, log: &Log) -> &mut Pen {
            log.note("a pen");
            self.pens.push(Pen::default());
            self.pens.last_mut().unwrap()
        }
    }

    #[cps]
    fn through_methods(log: &Log, line: Arc<str>, name: String) -> usize {
        let list = vec![1u8, 2, 3];
        let mut n = call!(sum(log, line.as_bytes(), 1));
        n += call!(measure(log, name.trim()));
        n += call!(sum(log, list.as_slice(), 2));
        n += call!(sum(log, &line.as_bytes()[1..], n));
        let from = 1;
        n += call!(sum(log, &list[from..], 2)) + call!(sum(log, &name.as_bytes()[from..2], n + 1));
        log.note(name);
        n
    }

    #[cps]
    fn through_functions(log: &Log, name: String, bytes: Vec<u8>) -> usize {
        let mut n = call!(file(log, Path::new(&name)));
        n += call!(measure(log, std::str::from_utf8(&bytes).unwrap()));
        n += call!(maybe(log, Some(&name)));
        n += call!(pair(log, (&name, &bytes)));
        n += call!(pair(log, (name.as_str(), bytes.as_slice())));
        n + call!(measure(log, longer(&name, name.trim())))
    }

    #[cps]
    fn of_a_map(log: &Log, key: u32) -> usize {
        let mut map = BTreeMap::from([(1, "one".to_owned()), (2, "two".to_owned())]);
        let n = call!(measure(log, map.get(&key).unwrap()));
        call!(write(map.get_mut(&key).unwrap(), "more"));
        let m = call!(maybe(log, map.get(&(key + 5))));
        log.note(format!("{map:?}"));
        n + m
    }

    #[cps]
    fn in_order(log: &Log) -> usize {
        let mut book = Book::new(log, "book");
        let other = Book::new(log, "another");
        let mut n = call!(both_of(log, book.title(), other.title()));
        n += call!(reserve(
            &mut Vec::new(),
            book.title().as_bytes(),
            other.number()
        ));
        n += call!(sum(
            log,
            noted(log, book.title()).as_bytes(),
            other.number()
        ));
        n += call!(sum(noted(log, log), book.title().as_bytes(), book.number()));
        n += call!(sum(
            log,
            book.page(book.number()).unwrap().as_bytes(),
            book.number() + 1
        ));
        call!(write(book.turn(), other.title()));
        call!(write(noted(log, &mut book).turn(), noted(log, "x")));
        let (mut pen, mut case) = (Pen::default(), Case::default());
        n += call!(pen.put(log, other.title(), other.number()));
        n += call!(pen.put(log, book.page(0).unwrap(), n));
        n + call!(
            case.pen(log)
                .put(log, other.title(), noted(log, book.number()))
        )
    }

    #[cps]
    fn before_a_suspension(log: &Log) -> usize {
        let book = Book::new(log, "book");
        let n = call!(sum(
            log,
            &[],
            book.number() + call!(measure(log, book.title()))
        ));
        n + call!(sum(log, book.title().as_bytes(), n))
    }

    #[cps]
    fn leaving(log: &Log, at: usize) -> Option<usize> {
        let book = Book::new(log, "book");
        let other = Book::new(log, "other");
        let page = book.page(at)?.to_owned();
        let n = call!(both_of(log, other.title(), page.as_str()));
        let m = call!(sum(log, other.title().as_bytes(), n));
        other.mark.touch();
        Some(m)
    }

    #[cps]
    fn failing(log: &Log) -> usize {
        let mut book = Book::new(log, "book");
        let _second = log.tracked("second");
        book.at = 1;
        let n = call!(measure(log, book.title()));
        let _third = log.tracked("third");
        n + call!(both_of(log, book.title(), book.torn()))
    }

    #[cps]
    fn in_loops(log: &Log, lines: Vec<Arc<str>>) -> usize {
        let (mut out, mut n) = (String::new(), 0);
        let mut big = ([0u8; 64], String::from("big"));
        let mut turn = noted(log, 0usize);
        for line in lines {
            call!(write(&mut out, line.trim()));
            if call!(sum(log, line.as_bytes(), n)) > 300 {
                continue;
            }
            big.0[n] += 1;
            n += call!(both_of(log, big.1.as_str(), out.as_str()));
            n = call!(sum(log, big.0.as_slice(), n)) % 64;
            call!(write(&mut big.1, line.trim_end()));
            n += call!(sum(log, big.0.as_slice(), turn))
                + call!(sum(log, line.as_bytes(), turn + 1));
            n += call!(sum(log, &big.0[turn..], turn)) + call!(sum(log, &[1], turn));
            n %= 64;
            turn += 1;
        }
        log.note(&out);
        log.note(&big.1);
        n
    }

    #[cps]
    impl Pen {
        #[cps]
        fn is_long(&mut self, than: &usize) -> Result<bool, String> {
            self.0.push('.');
            coop!();
            Ok(self.0.len() > *than)
        }

        #[cps]
        pub(super) fn lengthen(
            &mut self,
            log: &Log,
            upto: &[Option<usize>],
        ) -> Result<usize, String> {
            for upto in upto {
                coop!();
                match upto {
                    Some(upto) => {
                        while !call!(self.is_long(upto))? {
                            log.note(self.0.len());
                        }
                    }
                    None => return Ok(self.0.len()),
                }
            }
            Err("none".to_owned())
        }
    }

    #[cps]
    fn lengthened(log: &Log, upto: &[Option<usize>]) -> Result<usize, String> {
        let mut pen = Pen::default();
        call!(pen.lengthen(log, upto))
    }

    #[cps]
    fn of_parts(log: &Log, mut book: Book<'static>) -> usize {
        let mark = book.mark;
        let n = call!(measure(log, book.title.as_str()));
        call!(write(&mut book.title, book.pages[0].as_str()));
        mark.touch();
        n + call!(both_of(log, book.pages[n % 2].trim(), book.title.trim()))
    }

    #[cps]
    fn through_references(log: &Log, own: String, mut book: Book<'static>, text: &str) -> usize {
        let whole = &own;
        let title = &mut book.title;
        let mut n = call!(measure(log, whole));
        n += call!(measure(log, whole.trim()));
        n += call!(both_of(log, &*whole, text.trim()));
        call!(write(title, whole.as_str()));
        call!(write(&mut *title, "!"));
        title.push('?');
        n += call!(both_of(log, title.trim(), whole));
        n += call!(measure(log, book.title()));
        n += call!(maybe(log, Some(whole)));
        n
    }

    #[cps]
    fn copied(log: &Log, n: u32, at: (u32, [u8; 4])) -> usize {
        let bytes = n.to_le_bytes();
        let m = call!(sum(log, bytes.as_slice(), n.count_ones() as usize));
        let more = n.saturating_add(1);
        let point = at;
        let least = call!(sum(log, point.1.as_ref(), usize::min(m, 3)));
        call!(sum(log, at.1.as_slice(), more.max(n) as usize)) + least
    }

    #[cps]
    fn owned(log: &Log, name: String) -> usize {
        let n = call!(kept(log, name.to_uppercase(), name.len()));
        let book = Book::new(log, "book");
        n + call!(kept(log, book.title().to_owned(), book.number()))
            + call!(kept(log, name, book.number()))
    }

    #[cps]
    fn kept(log: &Log, text: String, n: usize) -> usize {
        coop!();
        log.note(&text);
        text.len() + n
    }
}

fn book(log: &'static Log) -> Book<'static> {
    Book::new(log, "book")
}

#[test]
fn borrows_by_methods_and_functions() {
    assert_same!(|log| through_methods(log, "a line".into(), " name ".into()));
    assert_same!(|log| through_functions(log, " a/b ".into(), b"bytes".to_vec()));
    assert_same!(|log| of_a_map(log, 1));
    assert_same!(|log| of_a_map(log, 7));
    assert_same!(|log| copied(log, 77, (1, [1, 2, 3, 4])));
    assert_same!(|log| owned(log, "name".into()));
}

#[test]
fn effects_stay_in_order() {
    assert_same!(|log| in_order(log));
    assert_same!(|log| before_a_suspension(log));
    assert_same!(|log| leaving(log, 1));
    assert_same!(|log| leaving(log, 2));
    assert_same!(|log| failing(log));
}

#[test]
fn of_what_loops_carry_and_parts_are_left_of() {
    assert_same!(|log| in_loops(log, ["a ", "bc", " def ", "g"].map(Arc::from).to_vec()));
    assert_same!(|log| lengthened(log, &[Some(1), Some(4)]));
    assert_same!(|log| lengthened(log, &[Some(3), None]));
    assert_same!(|log| of_parts(log, book(log)));
    assert_same!(|log| through_references(log, " own ".into(), book(log), "text"));
}
