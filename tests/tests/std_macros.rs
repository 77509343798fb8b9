//! Suspensions inside the arguments of the standard macros.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
#![allow(
    clippy::useless_vec,
    clippy::dbg_macro,
    clippy::unnecessary_literal_unwrap
)]

use std::fmt::Write as _;

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn formats(log: &Log, name: &str, width: usize) -> String {
        let a = format!("{} {}", call!(give(1)), log.value("second", 2));
        let b = format!(
            "{name} {0} {0:?} {x:>width$}",
            call!(give("zero")),
            x = call!(give(3))
        );
        let tracked = log.tracked("t");
        let c = format!(
            "{:?} {} {:?}",
            tracked,
            call!(give(4)),
            call!(give(log.tracked("u")))
        );
        let d = std::format!("{a:>0$} {}", call!(give(10usize)),);
        let e = format!("{{}} {:2$.*}", 2, call!(give(1.23456)), call!(give(8)));
        [a, b, c, d, e].join("|")
    }

    #[cps]
    fn prints(log: &Log) {
        println!("{}", call!(give("printed")));
        print!("{}", call!(give("printed\n")));
        eprintln!("{} {}", log.value("first", 1), call!(give(2)));
        std::eprint!("{}\n", call!(give(3)));
    }

    #[cps]
    fn writes(log: &Log) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        write!(text, "{}", call!(give(1)))?;
        writeln!(text, "{} {}", call!(give(2)), log.value("late", 3))?;
        writeln!(&mut text)?;
        let out = &mut text;
        write!(out, "{}", call!(give(4)))?;
        write!(out, "{out_of}", out_of = call!(give(5)))?;
        let done = write!(&mut text, "{}", call!(give('x')));
        coop!();
        done.map(|()| text)
    }

    #[cps]
    fn asserts(log: &Log, n: u32) -> u32 {
        assert!(call!(give(true)));
        assert!(call!(give(n)) > 1, "n is {}", n);
        assert!(
            n > 2,
            "n is {} and {}",
            call!(give(n)),
            log.value("only then", 2)
        );
        assert_eq!(call!(give(n)) % 2, 1);
        assert_eq!(log.value("left", n), call!(give(n)), "{n} is odd");
        assert_ne!(call!(give(n)), 5, "{}", log.value("message", "five"));
        debug_assert!(call!(give(n)) < 9);
        debug_assert_eq!(n, call!(give(n)));
        debug_assert_ne!(n + 1, call!(give(n)), "never");
        n
    }

    #[cps]
    fn vecs(log: &Log) -> Vec<Vec<u32>> {
        let a = vec![log.value("a", 1), call!(give(2)), log.value("c", 3)];
        let b = vec![call!(give(1)); 3];
        let c = vec![log.value("element", 7); call!(give(2))];
        let d = vec![call!(give(a)), b, c, vec![]];
        let e: Vec<u32> = vec![];
        coop!();
        d.into_iter().chain([e]).collect()
    }

    #[cps]
    fn matches(log: &Log, n: Option<u32>) -> bool {
        let a = matches!(call!(give(n)), Some(1..=3));
        let b = matches!(n, Some(m) if m > 2);
        log.note(format!("{a} {b}"));
        if matches!(call!(give(n)), Some(m) if m > 1 && a) || matches!(n, None | Some(9)) {
            coop!();
            return true;
        }
        let limit = 5;
        coop!();
        matches!(n, Some(m) if m == limit)
    }

    #[cps]
    fn dbgs() -> u32 {
        let a = dbg!(call!(give(1)) + 1);
        let (b, c) = dbg!(a, call!(give(2)));
        coop!();
        b + c
    }

    #[cps]
    fn panics(log: &Log, n: u32) -> u32 {
        let _guard = log.tracked("guard");
        match n {
            0 => panic!("zero {}", call!(give(0))),
            1 => todo!("one {}", call!(give(1))),
            2 => unreachable!("two {}", call!(give(2))),
            3 => unimplemented!("three {}", call!(give(3))),
            4 => std::panic!("{}", {
                coop!();
                n
            }),
            n => n,
        }
    }

    #[cps]
    fn question_in_macros(log: &Log, texts: &[&str]) -> Result<String, std::num::ParseIntError> {
        let mut out = format!("{}", texts[0].parse::<u32>()?);
        coop!();
        out += &format!(
            "{} {}",
            call!(give(texts[1])).parse::<u32>()?,
            texts[2].parse::<u32>()?
        );
        log.note(&out);
        let list = vec![
            texts[0].parse::<u32>()?,
            call!(give(texts[1].parse::<u32>()))?,
        ];
        Ok(format!(
            "{out} {list:?} {}",
            if list.len() > 5 { return Ok(out) } else { 3 }
        ))
    }

    #[cps]
    fn other_std(log: &Log, n: u32) -> String {
        let line = (line!() > 0, file!().len() > 1);
        coop!();
        let text = concat!("a", 1, true);
        let name = stringify!(log + n);
        coop!();
        let cfg = cfg!(debug_assertions);
        let path = module_path!().len() > 1;
        let option = option_env!("SURELY_NOT_SET").is_none();
        let args = std::format_args!("{n}").to_string();
        coop!();
        thread_local!(static HERE: u32 = const { 3 });
        let here = HERE.with(|here| *here);
        log.note(here);
        format!("{line:?} {text} {name} {cfg} {path} {option} {args}")
    }
}

#[test]
fn formatting() {
    assert_same!(|log| formats(log, "name", 5));
    assert_same!(|log| prints(log));
    assert_same!(|log| writes(log));
}

#[test]
fn assertions() {
    for n in [0, 2, 3, 4, 5, 9] {
        assert_same!(|log| asserts(log, n));
    }
}

#[test]
fn values() {
    assert_same!(|log| vecs(log));
    assert_same!(|_log| dbgs());
    for n in [None, Some(1), Some(3), Some(5), Some(9)] {
        assert_same!(|log| matches(log, n));
    }
}

#[test]
fn diverging_macros() {
    for n in 0..6 {
        assert_same!(|log| panics(log, n));
    }
}

#[test]
fn questions_and_others() {
    assert_same!(|log| question_in_macros(log, &["1", "2", "3"]));
    assert_same!(|log| question_in_macros(log, &["1", "x", "3"]));
    assert_same!(|log| question_in_macros(log, &["1", "2", "x"]));
    assert_same!(|log| other_std(log, 3));
}
