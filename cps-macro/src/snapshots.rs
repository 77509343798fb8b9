//! What the passes make of some functions: the tree of each form, and whole expansions to read in review.
//!
//! `UPDATE_EXPECT=1 cargo test -p cps-macro` writes anew what is expected.

use crate::diagnostics::Diagnostics;
use crate::expand::{Compiled, expand};
use crate::options::Options;
use crate::print::Printed;
use crate::signature::sibling;
use expect_test::{Expect, ExpectFile, expect, expect_file};
use quote::format_ident;
use std::collections::HashSet;
use syn::ItemFn;

fn lowered(function: &str, expected: Expect) {
    let function: ItemFn = syn::parse_str(function).expect("a function");
    let mut diagnostics = Diagnostics::default();
    let root = crate::root::Root::named(format_ident!("insideout"));
    let face = sibling(&function.sig, &root, false, false);
    let none = HashSet::new();
    let compiled = Compiled::new(&function, &root, &face, &none, &mut diagnostics);
    let mut compiled = compiled.expect("a function that can be lowered");
    let groups = compiled.groups(&compiled.arms(&root, &face.result).1);
    compiled.group(groups);
    let states: Vec<_> = compiled
        .states
        .all
        .iter()
        .map(|state| &*state.name)
        .collect();
    expected.assert_eq(&format!(
        "{}{}\n",
        Printed(&compiled.tree, &compiled.locals),
        states.join(" ")
    ));
}

fn expanded(function: &str, expected: ExpectFile) {
    let options: Options = syn::parse_str("crate = ::insideout").expect("options");
    let function: ItemFn = syn::parse_str(function).expect("a function");
    let code = syn::parse2(expand(&options, function, Diagnostics::default())).expect("items");
    expected.assert_eq(&prettyplease::unparse(&code));
}

#[test]
fn a_point_alone_needs_no_scope() {
    lowered(
        "fn f(n: u32) -> u32 { let m = n; coop!(); let k = call!(g(m)); k }",
        expect![[r#"
            = block
              let m = n ;
              coop
              let k = call < g > :: thunk (m)
              = k
            Start Coop1 Call1
        "#]],
    );
}

#[test]
fn operands_before_a_suspension_are_taken_early() {
    lowered(
        "fn f(a: T, b: T) -> T { h(a, call!(g()), b) }",
        expect![[r#"
            = block
              = block
                let mut value = a ;
                let value_2 = call < g > :: thunk ()
                = h (value , value_2 , b)
            Start Call1
        "#]],
    );
    lowered(
        "fn f(mut v: Vec<T>) { v.push(call!(g())); v[0] += call!(g()); }",
        expect![[r#"
            = block
              block
                let value = call < g > :: thunk ()
                = v . push (value)
              block
                let value_2 = call < g > :: thunk ()
                = v [0] += value_2
            Start Call1 Call2
        "#]],
    );
}

#[test]
fn a_lazy_operator_is_a_branch() {
    lowered(
        "fn f(a: bool) -> bool { a && call!(g()) }",
        expect![[r#"
            = block
              = block
                let value = if a
                  = call < g > :: thunk ()
                else
                  = false
                = value
            Start Call1 EndIf1
        "#]],
    );
}

#[test]
fn loops_become_loops_around_a_branch() {
    lowered(
        "fn f(n: u32) { while n > 0 { coop!(); } }",
        expect![[r#"
            = block
              = loop
                = if n > 0
                  coop
                else
                  break 'exit1 ;
            Start Loop1 Coop1
        "#]],
    );
    lowered(
        "fn f(v: Vec<u32>) { for x in v { if x == 0 { break; } coop!(); } }",
        expect![[r#"
            = block
              = block
                let mut iter = :: core :: iter :: IntoIterator :: into_iter (v) ;
                = loop
                  = match :: core :: iter :: Iterator :: next (& mut iter)
                    :: core :: option :: Option :: Some (x) =>
                      if x == 0 { break 'exit1 ; }
                      coop
                    :: core :: option :: Option :: None =>
                      = break 'exit1
            Start Loop1 Coop1
        "#]],
    );
}

#[test]
fn a_condition_with_let_may_suspend_anywhere() {
    lowered(
        "fn f(o: Option<u32>) -> u32 { if let Some(n) = o && call!(g(n)) { n } else { 0 } }",
        expect![[r#"
            = block
              = block
                if let Some (n) = o
                  = block
                    let value = call < g > :: thunk (n)
                    = if value { break 'exit1 ({ n }) }
                = { 0 }
            Start Call1 EndIf1
        "#]],
    );
}

#[test]
fn ways_meet_in_a_state_only_if_there_is_more_than_one() {
    lowered(
        "fn f(a: bool) { if a { coop!(); } h(); }",
        expect![[r#"
        = block
          if a
            coop
          h () ;
        Start Coop1 EndIf1
    "#]],
    );
    lowered(
        "fn f(a: bool) { if a { coop!(); return; } h(); }",
        expect![[r#"
            = block
              if a
                coop
                return cx . done (()) ;
              h () ;
            Start Coop1
        "#]],
    );
    lowered(
        "fn f(a: bool) { h(); if a { coop!(); } }",
        expect![[r#"
        = block
          h () ;
          = if a
            coop
        Start Coop1
    "#]],
    );
}

#[test]
fn a_branch_that_consumes_is_split_only_if_a_part_may_be_gone() {
    lowered(
        "fn f(s: T, a: bool) { if a { drop(s); } coop!(); }",
        expect![[r#"
            = block
              if a
                drop (s) ;
              coop
            Start Coop1
        "#]],
    );
    lowered(
        "fn f(s: T, a: bool) { if a { h(s.x); } else if s.x { drop(s); } coop!(); }",
        expect![[r#"
            = block
              if a
                h (s . x) ;
              else
                = if s . x
                  drop (s) ;
              coop
            Start EndIf1 EndIf2 Coop1
        "#]],
    );
    lowered(
        "fn f(s: &T, a: bool) { if a { drop(s); } coop!(); }",
        expect![[r#"
            = block
              if a { drop (s) ; }
              coop
            Start Coop1
        "#]],
    );
}

#[test]
fn a_callee_borrows_places() {
    lowered(
        "fn f() { let mut b = [0; 4]; let mut c = C; call!(c.read(&mut b[..2], &format!(\"x\"), 1 + 1)); }",
        expect![[r#"
            = block
              let mut b = [0 ; 4] ;
              let mut c = C ;
              block
                let mut value = format ! ("x") ;
                let mut value_2 = 1 + 1 ;
                = call c . read_thunk (& mut b [.. 2] , & value , value_2) borrowing b, c, value
            Start Call1
        "#]],
    );
}

#[test]
fn a_loop_carries_what_it_cannot_give_away() {
    lowered(
        "fn f(a: Big, b: Big, c: Big, n: u32) {
            while a.steps() < n { b.room[0] += 1; if n == 7 { return c.finish(); } coop!(); }
        }",
        expect![[r#"
            = block
              = loop carrying a, b
                = if a . steps () < n
                  b . room [0] += 1 ;
                  if n == 7 { return { let value : () = c . finish () ; cx . done (value) } ; }
                  coop
                else
                  break 'exit1 ;
            Start Loop1 Coop1 EndLoop1
        "#]],
    );
    lowered(
        "fn f(guard: T, big: Big) -> T { let mut room = [0; 64]; loop { room[0] += 1; use_up(guard); guard = next(); coop!(); big.step(); } }",
        expect![[r#"
            = block
              let mut room = [0 ; 64] ;
              = loop carrying room
                room [0] += 1 ;
                use_up (guard) ;
                guard = next () ;
                coop
                big . step () ;
            Start Loop1 Coop1
        "#]],
    );
    lowered(
        "fn f(mut big: Big) { loop { drop(big.name); big.name = new(); coop!(); big.step(); } }",
        expect![[r#"
            = block
              = loop
                drop (big . name) ;
                big . name = new () ;
                coop
                big . step () ;
            Start Loop1 Coop1
        "#]],
    );
    lowered(
        "fn f(mut a: Big) { for n in 0..9 { let mut b = [n; 64]; coop!(); loop { coop!(); if b[0] == a.n { break; } } } }",
        expect![[r#"
            = block
              = block
                let mut iter = :: core :: iter :: IntoIterator :: into_iter (0 .. 9) ;
                = loop carrying a, iter
                  = match :: core :: iter :: Iterator :: next (& mut iter)
                    :: core :: option :: Option :: Some (n) =>
                      let mut b = [n ; 64] ;
                      from here carrying b
                      coop
                      = loop
                        coop
                        = if b [0] == a . n { break 'exit2 ; }
                    :: core :: option :: Option :: None =>
                      = break 'exit1
            Start Loop1 Coop1 Loop2 Coop2 EndLoop1
        "#]],
    );
}

#[test]
fn a_stretch_carries_what_is_large() {
    lowered(
        "fn f(a: [u8; 64], n: u32) {
            coop!(); coop!(); coop!(); drop(n); if n == 7 { coop!(); } let b = a; coop!(); g(b[0]);
        }",
        expect![[r#"
            = block
              from here carrying a
              coop
              coop
              coop
              drop (n) ;
              if n == 7
                coop
              let b = a ;
              coop
              g (b [0]) ;
            Start Coop1 Coop2 Coop3 Coop4 EndIf1 Coop5
        "#]],
    );
    lowered(
        "fn f(a: [Name; 64]) { coop!(); coop!(); coop!(); drop(a); coop!(); coop!(); }",
        expect![[r#"
            = block
              from here carrying a
              coop
              coop
              coop
              to here
              drop (a) ;
              coop
              coop
            Start Coop1 Coop2 Coop3 EndPoint1 Coop4 Coop5
        "#]],
    );
}

#[test]
fn expansion_of_a_loop() {
    let function = "
        /// Counts.
        pub fn count(upto: usize, names: Vec<String>) -> usize {
            let mut n = 0;
            let mut acc = Vec::new();
            while n < upto { n += 1; acc.push(names[n % names.len()].len()); coop!(); }
            for x in acc { coop!(); n += x; }
            n
        }";
    expanded(function, expect_file!["../../ui-tests/expansions/count.rs"]);
}

#[test]
fn expansion_of_a_recursion() {
    let function = "
        fn fib(n: u64) -> u64 {
            if n < 2 { return n; }
            let a = call!(fib(n - 1));
            let b = call!(fib(n - 2));
            a + b
        }";
    expanded(function, expect_file!["../../ui-tests/expansions/fib.rs"]);
}

#[test]
fn expansion_of_a_method_whose_callee_borrows() {
    let function = "
        fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
            let mut chunk = [0u8; 64];
            loop {
                let n = call!(self.source.read(&mut chunk))?;
                if n == 0 { return Ok(line.len()); }
                line.push_str(std::str::from_utf8(&chunk[..n])?);
            }
        }";
    expanded(
        function,
        expect_file!["../../ui-tests/expansions/read_line.rs"],
    );
}

#[test]
fn expansion_of_a_pipeline_stage() {
    let function = "
        fn double<T: Add<Output = T> + Copy + Send>(inbox: Receiver<T>, outbox: Sender<T>, pool: &Pool) -> Result<(), Closed> {
            migrate!(pool)?;
            while let Ok(n) = recv!(inbox) {
                if send!(outbox, n + n).is_err() { break; }
            }
            Ok(())
        }";
    expanded(
        function,
        expect_file!["../../ui-tests/expansions/double.rs"],
    );
}

#[test]
fn expansion_that_keeps_what_must_be_dropped() {
    let function = "
        fn guarded(lock: Lock, data: Data, early: bool) {
            let _guard = lock.take();
            if early { consume(data); }
            coop!();
            let lock = lock.count();
            coop!();
            report(lock);
        }";
    expanded(
        function,
        expect_file!["../../ui-tests/expansions/guarded.rs"],
    );
}
