//! Compiles every misuse in `ui/` and compares what the compiler says with what it said when it was read last; so it
//! does with the broken promises in `sizes/`, which it says only where code is made.

#![forbid(unsafe_code)]

use std::process::Command;

/// The version whose words the `.stderr` files hold.
const VERSION: &str = "rustc 1.95.";

/// Whether the words are those of the compiler at hand.
fn comparable() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout);
    if !version.starts_with(VERSION) {
        println!("skipped: the messages are those of {VERSION}x, this is {version}");
        return false;
    }
    true
}

#[test]
fn ui() {
    if comparable() {
        trybuild::TestCases::new().compile_fail("ui/*.rs");
    }
}

#[test]
fn sizes() {
    if comparable() {
        // One that is to run makes trybuild build, and not only check.
        let cases = trybuild::TestCases::new();
        cases.pass("sizes/as_*.rs");
        cases.compile_fail("sizes/larger_*.rs");
    }
}
