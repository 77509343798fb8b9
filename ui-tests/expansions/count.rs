/// Counts.
pub fn count(upto: usize, names: Vec<String>) -> usize {
    ::insideout::Thunk::run(count::thunk(upto, names))
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
pub enum count {}
impl count {
    #[doc(hidden)]
    #[allow(
        unknown_lints,
        mismatched_lifetime_syntaxes,
        unused_macros,
        dead_code,
        non_shorthand_field_patterns,
        unit_bindings,
        unreachable_code,
        unused_braces,
        unused_mut,
        unused_parens
    )]
    #[allow(clippy::all, clippy::nursery, clippy::pedantic, clippy::restriction)]
    pub fn thunk(upto: usize, names: Vec<String>) -> ::insideout::Thunk<'static, usize> {
        #[allow(unused_imports)]
        use coop as _;
        enum Frame<Names, Upto, Acc, N, Iter, NamesKept, X> {
            Start { names: Names, upto: Upto },
            Loop1 { acc: Acc, n: N, names: Names, upto: Upto },
            Coop1 { acc: Acc, n: N, names: Names, upto: Upto },
            Loop2 { iter: Iter, n: N, names: NamesKept },
            Coop2 { x: X, iter: Iter, n: N, names: NamesKept },
        }
        ::insideout::Thunk::described(
            Frame::Start { names, upto },
            |
                mut cx: ::insideout::expansion::Context<
                    '_,
                    Frame<_, _, _, _, _, _, _>,
                    usize,
                >|
            {
                use ::insideout::expansion::{KeepDrop as _, KeepExclusive as _};
                let mut frame = cx.take();
                #[allow(unused_variables)]
                'cps: loop {
                    match { frame } {
                        Frame::Start { upto, names } => {
                            let mut n = 0;
                            let mut acc = Vec::new();
                            #[allow(unreachable_code)]
                            if false {
                                loop {}
                                ::insideout::expansion::held_across_a_suspension(&names);
                                ::insideout::expansion::held_across_a_suspension(&acc);
                            }
                            frame = Frame::Loop1 {
                                acc,
                                n,
                                names,
                                upto,
                            };
                            continue 'cps;
                        }
                        Frame::Loop1 { upto, names, mut n, mut acc } => {
                            'exit1: {
                                if n < upto {
                                    n += 1;
                                    acc.push(names[n % names.len()].len());
                                    return cx
                                        .coop(Frame::Coop1 {
                                            acc,
                                            n,
                                            names,
                                            upto,
                                        });
                                } else {
                                    break 'exit1;
                                }
                            };
                            let mut iter = ::core::iter::IntoIterator::into_iter(acc);
                            frame = Frame::Loop2 {
                                iter,
                                n,
                                names: ::insideout::expansion::Keep::of(names).keep(),
                            };
                            continue 'cps;
                        }
                        Frame::Coop1 { upto, names, mut n, mut acc } => {
                            frame = Frame::Loop1 {
                                acc,
                                n,
                                names,
                                upto,
                            };
                            continue 'cps;
                        }
                        Frame::Loop2 { names: _names, mut n, iter } => {
                            let value: usize = {
                                {
                                    let mut iter = iter;
                                    'exit2: {
                                        match ::core::iter::Iterator::next(&mut iter) {
                                            ::core::option::Option::Some(x) => {
                                                #[allow(unreachable_code)]
                                                if false {
                                                    loop {}
                                                    ::insideout::expansion::held_across_a_suspension(&x);
                                                }
                                                return cx
                                                    .coop(Frame::Coop2 {
                                                        x,
                                                        iter,
                                                        n,
                                                        names: _names,
                                                    });
                                            }
                                            ::core::option::Option::None => break 'exit2,
                                        }
                                    }
                                };
                                n
                            };
                            return cx.done(value);
                        }
                        Frame::Coop2 { names: _names, mut n, iter, x } => {
                            let mut iter = iter;
                            {
                                let x = x;
                                n += x;
                            }
                            frame = Frame::Loop2 {
                                iter,
                                n,
                                names: _names,
                            };
                            continue 'cps;
                        }
                    }
                }
            },
            |frame| {
                let site = &::insideout::expansion::Site {
                    path: ::insideout::expansion::Path::Module(::core::module_path!()),
                    function: "count",
                    file: ::core::file!(),
                    states: &[
                        ("Start", ::core::line!()),
                        ("Loop1", ::core::line!()),
                        ("Coop1", ::core::line!()),
                        ("Loop2", ::core::line!()),
                        ("Coop2", ::core::line!()),
                    ],
                    lends: [],
                };
                let ::core::option::Option::Some(frame) = frame else {
                    return (site, 0)
                };
                (
                    site,
                    match frame {
                        Frame::Start { .. } => 0,
                        Frame::Loop1 { .. } => 1,
                        Frame::Coop1 { .. } => 2,
                        Frame::Loop2 { .. } => 3,
                        Frame::Coop2 { .. } => 4,
                    },
                )
            },
        )
    }
}
