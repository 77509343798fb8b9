//! `?` on `Option`, `Result` and `ControlFlow`, with error conversion, in every position.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]
// What clippy would rather have written otherwise is what is tested.
#![allow(clippy::needless_question_mark)]

use std::error::Error;
use std::fmt;
use std::num::ParseIntError;
use std::ops::ControlFlow;

use behaviour::{Log, assert_same, both};

#[derive(Debug, PartialEq)]
enum Failure {
    Parse(ParseIntError),
    Negative(i64),
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "failure {self:?}")
    }
}

impl Error for Failure {}

impl From<ParseIntError> for Failure {
    fn from(error: ParseIntError) -> Self {
        Failure::Parse(error)
    }
}

#[both]
mod cases {
    #[cps]
    fn option(log: &Log, a: Option<u32>, b: Option<u32>) -> Option<u32> {
        let _guard = log.tracked("guard");
        let a = a?;
        coop!();
        log.note(a);
        let b = call!(give(b))?;
        coop!();
        Some(a + b)
    }

    #[cps]
    fn result(log: &Log, text: &str) -> Result<u32, ParseIntError> {
        let _guard = log.tracked("guard");
        let n: u32 = text.parse()?;
        coop!();
        log.note(n);
        Ok(n)
    }

    #[cps]
    fn converted(log: &Log, text: &str) -> Result<i64, Failure> {
        let n: i64 = text.trim().parse()?;
        coop!();
        if n < 0 {
            Err(Failure::Negative(n))?;
        }
        log.note(n);
        let doubled = call!(give("8")).parse::<i64>()? * 2;
        coop!();
        Ok(n + doubled)
    }

    #[cps]
    fn boxed(log: &Log, text: &str) -> Result<i64, Box<dyn Error + Send + Sync>> {
        let n = call!(converted(log, text))?;
        log.note(n);
        if n > 100 {
            return Err("too large".into());
        }
        let _: i64 = text.parse()?;
        coop!();
        Err(std::io::Error::other("always"))?
    }

    #[cps]
    fn of_a_call_in_operands(log: &Log, a: Option<u32>, b: Option<u32>) -> Option<u32> {
        let sum = call!(give(a))? + call!(give(b))?;
        log.note(sum);
        Some(sum)
    }

    #[cps]
    fn in_arguments(log: &Log, text: &str) -> Result<i64, Failure> {
        let largest = i64::max(text.parse::<i64>()?, call!(give("5".parse::<i64>()))?);
        log.note(largest);
        Ok(call!(give(largest)))
    }

    #[cps]
    fn in_a_loop(log: &Log, texts: &[&str]) -> Result<Vec<i64>, Failure> {
        let mut numbers = Vec::new();
        for text in texts {
            let _turn = log.tracked(*text);
            numbers.push(call!(converted(log, text))?);
        }
        Ok(numbers)
    }

    #[cps]
    fn chained(value: Option<Option<Result<u8, Failure>>>) -> Option<Option<u8>> {
        coop!();
        let inner = call!(give(value))??.ok()?;
        Some(Some(inner))
    }

    #[cps]
    fn statement(log: &Log, checks: &[bool]) -> Result<(), String> {
        for (at, ok) in checks.iter().enumerate() {
            call!(give(if *ok {
                Ok(())
            } else {
                Err(format!("check {at}"))
            }))?;
            log.note(at);
        }
        Ok(())
    }

    #[cps]
    fn control_flow(log: &Log, values: &[i32]) -> ControlFlow<i32, u32> {
        let mut passed = 0;
        for value in values {
            coop!();
            let step = if *value < 0 {
                ControlFlow::Break(*value)
            } else {
                ControlFlow::Continue(1)
            };
            passed += call!(give(step))?;
            log.note(passed);
        }
        ControlFlow::Continue(passed)
    }

    #[cps]
    fn tail(log: &Log, text: &str) -> Result<i64, Failure> {
        log.note("tail");
        Ok(call!(converted(log, text))?)
    }

    #[cps]
    fn inside_native_code(texts: &[&str]) -> Result<i64, Failure> {
        let mut sum = 0;
        coop!();
        for text in texts {
            sum += text.parse::<i64>()?;
        }
        let closure = |text: &str| -> Result<i64, Failure> { Ok(text.parse::<i64>()? * 2) };
        sum += closure("4")?;
        coop!();
        Ok(sum)
    }
}

#[test]
fn on_options() {
    for (a, b) in [(None, None), (Some(1), None), (Some(1), Some(2))] {
        assert_same!(|log| option(log, a, b));
        assert_same!(|log| of_a_call_in_operands(log, a, b));
    }
    assert_same!(|_log| chained(None));
    assert_same!(|_log| chained(Some(Some(Ok(3)))));
    assert_same!(|_log| chained(Some(Some(Err(Failure::Negative(1))))));
}

#[test]
fn on_results_with_conversion() {
    for text in ["12", "", "-4", "x", "99"] {
        assert_same!(|log| result(log, text));
        assert_same!(|log| converted(log, text));
        assert_same!(|log| boxed(log, text));
        assert_same!(|log| in_arguments(log, text));
        assert_same!(|log| tail(log, text));
    }
}

#[test]
fn in_loops_and_statements() {
    assert_same!(|log| in_a_loop(log, &["1", "2"]));
    assert_same!(|log| in_a_loop(log, &["1", "x", "2"]));
    assert_same!(|log| statement(log, &[true, true]));
    assert_same!(|log| statement(log, &[true, false, true]));
    assert_same!(|_log| inside_native_code(&["1", "2"]));
    assert_same!(|_log| inside_native_code(&["1", "two"]));
}

#[test]
fn on_control_flow() {
    assert_same!(|log| control_flow(log, &[1, 2]));
    assert_same!(|log| control_flow(log, &[1, -2, 3]));
}
