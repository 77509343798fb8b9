//! Compiles every misuse in `ui/` and compares what the compiler says with what it said when it was read last.

#![forbid(unsafe_code)]

use std::process::Command;

/// The version whose words the `.stderr` files hold.
const VERSION: &str = "rustc 1.95.";

#[test]
fn ui() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs");
    let version = String::from_utf8_lossy(&version.stdout);
    if !version.starts_with(VERSION) {
        println!("skipped: the messages are those of {VERSION}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
