fn fib(n: u64) -> u64 {
    ::insideout::Thunk::run(fib::thunk(n))
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
enum fib {}
impl fib {
    #[doc(hidden)]
    #[allow(
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
        ::insideout::Thunk::new(
            Frame::Start { n },
            |mut cx: ::insideout::expansion::Context<'_, Frame<_, _, _, _>, u64>| {
                match cx.take() {
                    Frame::Start { n } => {
                        if n < 2 {
                            return {
                                let value: u64 = n;
                                cx.done(value)
                            };
                        }
                        let callee = <fib>::thunk(n - 1);
                        return cx.call(|ret| Frame::Call1 { ret, n }, callee);
                    }
                    #[allow(unused_variables)]
                    Frame::Call1 { n, ret } => {
                        let a = cx.returned(ret);
                        ::insideout::expansion::held_across_a_suspension(&a);
                        let callee = <fib>::thunk(n - 2);
                        return cx.call(|ret| Frame::Call2 { ret, a }, callee);
                    }
                    #[allow(unused_variables)]
                    Frame::Call2 { a, ret } => {
                        let value: u64 = {
                            let b = cx.returned(ret);
                            a + b
                        };
                        return cx.done(value);
                    }
                }
            },
        )
    }
}
