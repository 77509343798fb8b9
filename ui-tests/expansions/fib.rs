fn fib(n: u64) -> u64 {
    ::insideout::Thunk::run(fib::thunk(n))
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
enum fib {}
impl fib {
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
    fn thunk(n: u64) -> ::insideout::Thunk<'static, u64> {
        #[allow(unused_imports)]
        use call as _;
        enum Frame<N, Ret, Ret2, A> {
            Start { n: N },
            Call1 { ret: Ret, n: N },
            Call2 { ret: Ret2, a: A },
        }
        ::insideout::Thunk::described(
            Frame::Start { n },
            |mut cx: ::insideout::expansion::Context<'_, Frame<_, _, _, _>, u64>| {
                #[allow(unused_variables)]
                match cx.take() {
                    Frame::Start { n } => {
                        if n < 2 {
                            return {
                                let value: u64 = n;
                                cx.done(value)
                            };
                        }
                        let callee = ::insideout::expansion::callee(<fib>::thunk(n - 1));
                        return cx.call(|ret| Frame::Call1 { ret, n }, callee);
                    }
                    Frame::Call1 { n, ret } => {
                        let a = cx.callee.returned(ret);
                        #[allow(unreachable_code)]
                        if false {
                            loop {}
                            ::insideout::expansion::held_across_a_suspension(&a);
                        }
                        let callee = ::insideout::expansion::callee(<fib>::thunk(n - 2));
                        return cx.call(|ret| Frame::Call2 { ret, a }, callee);
                    }
                    Frame::Call2 { a, ret } => {
                        let value: u64 = {
                            let b = cx.callee.returned(ret);
                            a + b
                        };
                        return cx.done(value);
                    }
                }
            },
            |frame| {
                let site = &::insideout::expansion::Site {
                    path: ::insideout::expansion::Path::Module(::core::module_path!()),
                    function: "fib",
                    file: ::core::file!(),
                    states: &[
                        ("Start", ::core::line!()),
                        ("Call1", ::core::line!()),
                        ("Call2", ::core::line!()),
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
                        Frame::Call1 { .. } => 1,
                        Frame::Call2 { .. } => 2,
                    },
                )
            },
        )
    }
}
