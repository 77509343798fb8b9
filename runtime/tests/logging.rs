//! The backend of the crate `log`: nothing is lost, in order for each who logs, also at exit.

use insideout::logging::Backlog;
use log::{Level, Log, Record};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Keeps what is written, slowly.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        thread::sleep(Duration::from_micros(50));
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    /// The messages, as they were written.
    fn messages(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| line.split_once("here ").unwrap().1.to_string())
            .collect()
    }
}

fn log(to: &Backlog, message: &str) {
    let mut record = Record::builder();
    record.level(Level::Info).target("here");
    to.log(&record.args(format_args!("{message}")).build());
}

#[test]
fn a_full_backlog_holds_back_and_loses_nothing() {
    let paper = Paper::default();
    let backlog = Backlog::new(2, paper.clone());
    thread::scope(|s| {
        for who in 0..4 {
            let backlog = &backlog;
            s.spawn(move || (0..100).for_each(|n| log(backlog, &format!("{who} {n}"))));
        }
    });
    drop(backlog);
    let messages = paper.messages();
    assert_eq!(messages.len(), 400);
    for who in 0..4 {
        let mine = messages.iter().filter(|m| m.starts_with(&who.to_string()));
        let expected = (0..100).map(|n| format!("{who} {n}"));
        assert!(mine.cloned().eq(expected));
    }
}

#[test]
fn flush_waits_for_what_came_before() {
    let paper = Paper::default();
    let backlog = Backlog::new(64, paper.clone());
    (0..50).for_each(|n| log(&backlog, &n.to_string()));
    backlog.flush();
    assert_eq!(paper.messages().len(), 50);
}

/// The test runs itself as a program that logs and exits.
#[test]
fn nothing_is_lost_at_exit() {
    if std::env::var_os("LOG_AND_EXIT").is_some() {
        let backlog = Backlog::new(16, std::io::stderr()).install(log::LevelFilter::Info);
        std::mem::forget(backlog.unwrap());
        (0..1000).for_each(|n| log::info!(target: "here", "{n}"));
        log::debug!("not shown");
        std::process::exit(0);
    }
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["nothing_is_lost_at_exit", "--nocapture"]);
    let output = program.env("LOG_AND_EXIT", "1").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said.lines()
            .filter(|line| line.contains("INFO  here"))
            .count(),
        1000,
        "{said}"
    );
    assert!(!said.contains("not shown"));
}
