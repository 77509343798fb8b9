fn read_line(&mut self, line: &mut String) -> Result<usize, Error> {
    ::insideout::Thunk::run(Self::read_line_thunk(self, line))
}
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
        Loop1 { at: AtLoop1<Line, This, Ret>, chunk: Chunk },
    }
    enum AtLoop1<Line, This, Ret> {
        Running,
        Loop1 { line: Line, this: This },
        Call1 { ret: Ret, line: Line, this: This },
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
            #[allow(unused_variables)]
            match cx.frame() {
                Frame::Start { .. } => {
                    cx.moved(|mut cx| match cx.take() {
                        Frame::Start { this, line } => {
                            let mut chunk = [0u8; 64];
                            #[allow(unreachable_code)]
                            if false {
                                loop {}
                                ::insideout::expansion::held_across_a_suspension(&this);
                                ::insideout::expansion::held_across_a_suspension(&line);
                            }
                            return cx
                                .again(Frame::Loop1 {
                                    at: AtLoop1::Loop1 { line, this },
                                    chunk,
                                });
                        }
                        _ => ::core::unreachable!(),
                    })
                }
                Frame::Loop1 { at: _, .. } => {
                    let value: Result<usize, Error> = 'done: {
                        let (frame, mut turn) = cx.split();
                        let Frame::Loop1 { chunk: chunk, at: slot, .. } = frame else {
                            ::core::unreachable!()
                        };
                        let mut at = ::core::mem::replace(slot, AtLoop1::Running);
                        'cps: loop {
                            match at {
                                AtLoop1::Loop1 { this, line } => {
                                    return cx
                                        .stay()
                                        .call_with(
                                            0,
                                            |frame, ret| {
                                                if let Frame::Loop1 { at: slot, .. } = frame {
                                                    *slot = AtLoop1::Call1 { ret, line, this };
                                                }
                                            },
                                            move |lent| match lent.frame() {
                                                Frame::Loop1 {
                                                    chunk: chunk,
                                                    at: AtLoop1::Call1 { this: this, .. },
                                                    ..
                                                } => (*this).source.read_thunk(&mut (*chunk)),
                                                _ => ::core::unreachable!(),
                                            },
                                        );
                                }
                                AtLoop1::Call1 { this, line, ret } => {
                                    {
                                        let n = {
                                            let mut value = turn.returned(ret);
                                            match ::insideout::expansion::Try::branch(value) {
                                                ::core::ops::ControlFlow::Continue(value) => value,
                                                ::core::ops::ControlFlow::Break(residual) => {
                                                    break 'done (::insideout::expansion::FromResidual::from_residual(
                                                        residual,
                                                    ));
                                                }
                                            }
                                        };
                                        if n == 0 {
                                            break 'done ({
                                                let value: Result<usize, Error> = Ok(line.len());
                                                value
                                            });
                                        }
                                        line.push_str(
                                            match ::insideout::expansion::Try::branch(
                                                std::str::from_utf8(&(*chunk)[..n]),
                                            ) {
                                                ::core::ops::ControlFlow::Continue(value) => value,
                                                ::core::ops::ControlFlow::Break(residual) => {
                                                    break 'done (::insideout::expansion::FromResidual::from_residual(
                                                        residual,
                                                    ));
                                                }
                                            },
                                        );
                                    }
                                    at = AtLoop1::Loop1 { line, this };
                                    continue 'cps;
                                }
                                AtLoop1::Running => ::core::unreachable!(),
                            }
                        }
                    };
                    return cx.stay().done(value);
                }
            }
        },
        |frame| {
            let site = &::insideout::expansion::Site {
                path: ::insideout::expansion::Path::Type(::core::any::type_name::<Self>),
                function: "read_line",
                file: ::core::file!(),
                states: &[
                    ("Start", ::core::line!()),
                    ("Loop1", ::core::line!()),
                    ("Call1", ::core::line!()),
                ],
                lends: [2],
            };
            let ::core::option::Option::Some(frame) = frame else { return (site, 0) };
            (
                site,
                match frame {
                    Frame::Start { .. } => 0,
                    Frame::Loop1 { at: AtLoop1::Loop1 { .. }, .. } => 1,
                    Frame::Loop1 { at: AtLoop1::Call1 { .. }, .. } => 2,
                    _ => 0,
                },
            )
        },
    )
}
