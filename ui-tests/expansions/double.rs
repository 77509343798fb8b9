fn double<T: Add<Output = T> + Copy + Send>(
    inbox: Receiver<T>,
    outbox: Sender<T>,
    pool: &Pool,
) -> Result<(), Closed> {
    ::insideout::Thunk::run(double::thunk::<T>(inbox, outbox, pool))
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
enum double {}
impl double {
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
    fn thunk<'cps, T: 'cps + Add<Output = T> + Copy + Send>(
        inbox: Receiver<T>,
        outbox: Sender<T>,
        pool: &'cps Pool,
    ) -> ::insideout::Thunk<'cps, Result<(), Closed>> {
        #[allow(unused_imports)]
        use migrate as _;
        #[allow(unused_imports)]
        use recv as _;
        #[allow(unused_imports)]
        use send as _;
        enum Frame<Pool, Outbox, Inbox, Verdict, Message, OutboxKept, InboxKept> {
            Start { pool: Pool, outbox: Outbox, inbox: Inbox },
            Migrate1 { verdict: Verdict, outbox: Outbox, inbox: Inbox },
            Loop1 { outbox: Outbox, inbox: Inbox },
            Recv1 { outbox: Outbox, inbox: Inbox },
            Send1 { message: Message, outbox: Outbox, inbox: Inbox },
            EndLoop1 { outbox: OutboxKept, inbox: InboxKept },
        }
        ::insideout::Thunk::described(
            Frame::Start {
                pool,
                outbox,
                inbox,
            },
            |
                mut cx: ::insideout::expansion::Context<
                    '_,
                    Frame<_, _, _, _, _, _, _>,
                    Result<(), Closed>,
                >|
            {
                use ::insideout::expansion::{KeepDrop as _, KeepExclusive as _};
                let mut frame = cx.take();
                #[allow(unused_variables)]
                'cps: loop {
                    match { frame } {
                        Frame::Start { inbox, outbox, pool } => {
                            #[allow(unreachable_code)]
                            if false {
                                loop {}
                                ::insideout::expansion::held_across_a_suspension(&inbox);
                                ::insideout::expansion::held_across_a_suspension(&outbox);
                            }
                            let give = ::insideout::expansion::points::migrate(&pool);
                            return cx
                                .migrate(
                                    Frame::Migrate1 {
                                        verdict: ::core::result::Result::Ok(()),
                                        outbox,
                                        inbox,
                                    },
                                    give,
                                    |frame| {
                                        if let Frame::Migrate1 { verdict, .. } = frame {
                                            *verdict = ::core::result::Result::Err(
                                                ::insideout::Closed(()),
                                            );
                                        }
                                    },
                                );
                        }
                        Frame::Migrate1 { inbox, outbox, verdict } => {
                            {
                                let mut value = verdict;
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
                            frame = Frame::Loop1 { outbox, inbox };
                            continue 'cps;
                        }
                        Frame::Loop1 { inbox, outbox } => {
                            frame = Frame::Recv1 { outbox, inbox };
                            continue 'cps;
                        }
                        Frame::Recv1 { inbox, outbox } => {
                            'exit1: {
                                let mut value_2 = match ::insideout::expansion::points::recv_held(
                                    &inbox,
                                ) {
                                    ::insideout::expansion::Attempt::Ready(value) => value,
                                    ::insideout::expansion::Attempt::Wait((), give) => {
                                        return cx
                                            .suspend_at(
                                                Frame::Recv1 { outbox, inbox },
                                                give,
                                                |frame| match frame {
                                                    Frame::Recv1 { inbox: inbox, .. } => {
                                                        ::core::option::Option::Some(&*inbox)
                                                    }
                                                    _ => ::core::option::Option::None,
                                                },
                                            );
                                    }
                                };
                                if let Ok(n) = value_2 {
                                    let mut message = ::insideout::expansion::points::message(
                                        &outbox,
                                        n + n,
                                    );
                                    frame = Frame::Send1 {
                                        message,
                                        outbox,
                                        inbox,
                                    };
                                    continue 'cps;
                                } else {
                                    break 'exit1;
                                }
                            };
                            frame = Frame::EndLoop1 {
                                outbox: ::insideout::expansion::Keep::of(outbox).keep(),
                                inbox: ::insideout::expansion::Keep::of(inbox).keep(),
                            };
                            continue 'cps;
                        }
                        Frame::Send1 { inbox, outbox, message } => {
                            'exit1: {
                                {
                                    let mut value_3 = {
                                        let mut message = message;
                                        match ::insideout::expansion::points::send(
                                            &outbox,
                                            message,
                                        ) {
                                            ::insideout::expansion::Attempt::Ready(value) => value,
                                            ::insideout::expansion::Attempt::Wait(message, give) => {
                                                return cx
                                                    .suspend(
                                                        Frame::Send1 {
                                                            message,
                                                            outbox,
                                                            inbox,
                                                        },
                                                        give,
                                                    );
                                            }
                                        }
                                    };
                                    if { value_3 }.is_err() {
                                        break 'exit1;
                                    }
                                }
                                frame = Frame::Loop1 { outbox, inbox };
                                continue 'cps;
                            };
                            frame = Frame::EndLoop1 {
                                outbox: ::insideout::expansion::Keep::of(outbox).keep(),
                                inbox: ::insideout::expansion::Keep::of(inbox).keep(),
                            };
                            continue 'cps;
                        }
                        Frame::EndLoop1 { inbox: _inbox, outbox: _outbox } => {
                            let value: Result<(), Closed> = { Ok(()) };
                            return cx.done(value);
                        }
                    }
                }
            },
            |frame| {
                let site = &::insideout::expansion::Site {
                    path: ::insideout::expansion::Path::Module(::core::module_path!()),
                    function: "double",
                    file: ::core::file!(),
                    states: &[
                        ("Start", ::core::line!()),
                        ("Migrate1", ::core::line!()),
                        ("Loop1", ::core::line!()),
                        ("Recv1", ::core::line!()),
                        ("Send1", ::core::line!()),
                        ("EndLoop1", ::core::line!()),
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
                        Frame::Migrate1 { .. } => 1,
                        Frame::Loop1 { .. } => 2,
                        Frame::Recv1 { .. } => 3,
                        Frame::Send1 { .. } => 4,
                        Frame::EndLoop1 { .. } => 5,
                    },
                )
            },
        )
    }
}
