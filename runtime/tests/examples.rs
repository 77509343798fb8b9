//! The smaller examples do what they say, from the outside: what they print, and how they end.
//!
//! `cargo test` and `cargo test -p insideout` build the examples first; with `--test examples`
//! alone that is for you to do.

mod programs;

use programs::example;

#[test]
fn skynet_adds_up() {
    let sum = |arguments: &[&str]| {
        let run = example("skynet").args(arguments).output().unwrap();
        assert_eq!(run.status.code(), Some(0));
        String::from_utf8(run.stdout).unwrap()
    };
    assert_eq!(sum(&[]), "499999500000\n");
    assert_eq!(sum(&["1"]), "0\n");
    assert_eq!(sum(&["7"]), "21\n");
    assert_eq!(sum(&["1234"]), format!("{}\n", 1234 * 1233 / 2));
    for wrong in ["0", "-1", "many"] {
        let run = example("skynet").arg(wrong).output().unwrap();
        assert_eq!(run.status.code(), Some(2));
        assert!(run.stderr.starts_with(b"usage: skynet "));
    }
}

#[test]
fn goto_is_where_it_went() {
    let run = example("goto").output().unwrap();
    assert_eq!(
        str::from_utf8(&run.stdout).unwrap(),
        "starts on goto\nis on red-0\nis on green-0\nis on blue-0\n\
         was on goto, red-0, green-0, blue-0, back on goto\n"
    );
    assert!(run.status.success());
}

#[test]
fn pipeline_survives_being_frozen_ejected_and_thawed_under_load() {
    for (least, moves) in [(0_u64, 0), (1, 1), (2_000, 25), (0, 40)] {
        let run = example("pipeline")
            .args([least.to_string(), moves.to_string()])
            .output()
            .unwrap();
        let (out, err) = (
            String::from_utf8(run.stdout).unwrap(),
            String::from_utf8(run.stderr).unwrap(),
        );
        assert_eq!(run.status.code(), Some(0), "{err}");
        let (came, sum) = out.trim().split_once(" numbers, ").unwrap();
        let came: u64 = came.parse().unwrap();
        assert!(came >= least);
        let squares = (0..came).map(|n| n.wrapping_mul(n));
        let expected = squares.fold(0_u64, u64::wrapping_add);
        assert_eq!(sum.parse(), Ok(expected));
        assert!(err.contains(&format!("moved {moves} times")), "{err}");
        // It was moved only from where it had squared something.
        if moves > 1 {
            assert!(err.contains("on left") && err.contains("on right"), "{err}");
        }
    }
    let usage = example("pipeline").arg("many").output().unwrap();
    assert_eq!(usage.status.code(), Some(2));
}
