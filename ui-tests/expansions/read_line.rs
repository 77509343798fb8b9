fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
    ::insideout::Thunk::run(Self::read_line_thunk(self, line))
}
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
fn read_line_thunk<'cps>(
    &'cps mut self,
    line: &'cps mut String,
) -> ::insideout::Thunk<'cps, Result<usize, Error>>
where
    Self: 'cps,
{
    #[allow(unused_imports)]
    use call as _;
    enum Frame<Line, This, Chunk, Ret> {
        Start { line: Line, this: This },
        Loop1 { chunk: Chunk, line: Line, this: This },
        Call1 { ret: Ret, chunk: Chunk, line: Line, this: This },
    }
    ::insideout::Thunk::described(
        Frame::Start { line, this: self },
        |
            mut cx: ::insideout::expansion::Context<
                '_,
                Frame<_, _, _, _>,
                Result<usize, Error>,
            >|
        {
            let mut frame = cx.take();
            'cps: loop {
                match frame {
                    #[allow(unused_variables)]
                    Frame::Start { this, line } => {
                        let mut chunk = [0u8; 64];
                        ::insideout::expansion::held_across_a_suspension(&this);
                        ::insideout::expansion::held_across_a_suspension(&line);
                        ::insideout::expansion::held_across_a_suspension(&chunk);
                        frame = Frame::Loop1 { chunk, line, this };
                        continue 'cps;
                    }
                    #[allow(unused_variables)]
                    Frame::Loop1 { this, line, mut chunk } => {
                        return cx
                            .call_with(
                                0,
                                |ret| Frame::Call1 {
                                    ret,
                                    chunk,
                                    line,
                                    this,
                                },
                                move |frame: &mut _| match frame {
                                    Frame::Call1 { this: this, chunk: chunk, .. } => {
                                        (*this).source.read_thunk(&mut (*chunk))
                                    }
                                    _ => ::core::unreachable!(),
                                },
                            );
                    }
                    #[allow(unused_variables)]
                    Frame::Call1 { this, line, mut chunk, ret } => {
                        {
                            let n = {
                                let mut value = cx.returned(ret);
                                match ::insideout::expansion::Try::branch(value) {
                                    ::core::ops::ControlFlow::Continue(value) => value,
                                    ::core::ops::ControlFlow::Break(residual) => {
                                        return cx
                                            .done(
                                                ::insideout::expansion::FromResidual::from_residual(
                                                    residual,
                                                ),
                                            );
                                    }
                                }
                            };
                            if n == 0 {
                                return {
                                    let value: Result<usize, Error> = Ok(line.len());
                                    cx.done(value)
                                };
                            }
                            line.push_str(
                                match ::insideout::expansion::Try::branch(
                                    std::str::from_utf8(&chunk[..n]),
                                ) {
                                    ::core::ops::ControlFlow::Continue(value) => value,
                                    ::core::ops::ControlFlow::Break(residual) => {
                                        return cx
                                            .done(
                                                ::insideout::expansion::FromResidual::from_residual(
                                                    residual,
                                                ),
                                            );
                                    }
                                },
                            );
                        }
                        frame = Frame::Loop1 { chunk, line, this };
                        continue 'cps;
                    }
                }
            }
        },
        |frame| ::insideout::expansion::Site {
            path: ::core::any::type_name::<Self>(),
            function: "read_line",
            file: ::core::file!(),
            states: &[
                ("Start", ::core::line!()),
                ("Loop1", ::core::line!()),
                ("Call1", ::core::line!()),
            ],
            lends: [2],
            at: match frame {
                ::core::option::Option::Some(Frame::Start { .. }) => 0,
                ::core::option::Option::Some(Frame::Loop1 { .. }) => 1,
                ::core::option::Option::Some(Frame::Call1 { .. }) => 2,
                ::core::option::Option::None => 0,
            },
        },
    )
}
