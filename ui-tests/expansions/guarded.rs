fn guarded(lock: Lock, data: Data, early: bool) {
    ::insideout::Thunk::run(guarded::thunk(lock, data, early))
}
#[doc(hidden)]
#[allow(dead_code, non_camel_case_types, clippy::exhaustive_enums)]
enum guarded {}
impl guarded {
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
    fn thunk(lock: Lock, data: Data, early: bool) -> ::insideout::Thunk<'static, ()> {
        #[allow(unused_imports)]
        use coop as _;
        enum Frame<Early, Data, Lock, GuardKept, DataHeld, Lock2, LockKept> {
            Start { early: Early, data: Data, lock: Lock },
            Coop1 {
                _guard: GuardKept,
                data: ::core::option::Option<DataHeld>,
                lock: Lock,
            },
            Coop2 {
                lock_2: Lock2,
                _guard: GuardKept,
                data: ::core::option::Option<DataHeld>,
                lock: LockKept,
            },
        }
        ::insideout::Thunk::described(
            Frame::Start { early, data, lock },
            |
                mut cx: ::insideout::expansion::Context<
                    '_,
                    Frame<_, _, _, _, _, _, _>,
                    (),
                >|
            {
                use ::insideout::expansion::{KeepDrop as _, KeepExclusive as _};
                #[allow(unused_variables)]
                match cx.take() {
                    Frame::Start { lock, data, early } => {
                        let mut _data = ::core::option::Option::None;
                        let data = data;
                        let early = early;
                        let _guard = lock.take();
                        if early {
                            consume(data);
                        } else {
                            _data = ::core::option::Option::Some(
                                ::insideout::expansion::Keep::of(data).keep(),
                            );
                        };
                        let kept_guard = {
                            let held = ::insideout::expansion::Keep::of(_guard).keep();
                            ::insideout::expansion::held_across_a_suspension(&held);
                            held
                        };
                        #[allow(unreachable_code)]
                        if false {
                            loop {}
                            ::insideout::expansion::held_across_a_suspension(&lock);
                        }
                        return cx
                            .coop(Frame::Coop1 {
                                _guard: kept_guard,
                                data: _data,
                                lock,
                            });
                    }
                    Frame::Coop1 { lock, data: mut _data, _guard: _guard } => {
                        let lock_2 = lock.count();
                        let kept_lock = ::insideout::expansion::Keep::of(lock).keep();
                        #[allow(unreachable_code)]
                        if false {
                            loop {}
                            ::insideout::expansion::held_across_a_suspension(&lock_2);
                        }
                        return cx
                            .coop(Frame::Coop2 {
                                lock_2,
                                _guard: _guard,
                                data: _data,
                                lock: kept_lock,
                            });
                    }
                    Frame::Coop2 {
                        lock: _lock,
                        data: mut _data,
                        _guard: _guard,
                        lock_2,
                    } => {
                        let value: () = {
                            report(lock_2);
                        };
                        return cx.done(value);
                    }
                }
            },
            |frame| {
                let site = &::insideout::expansion::Site {
                    path: ::insideout::expansion::Path::Module(::core::module_path!()),
                    function: "guarded",
                    file: ::core::file!(),
                    states: &[
                        ("Start", ::core::line!()),
                        ("Coop1", ::core::line!()),
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
                        Frame::Coop1 { .. } => 1,
                        Frame::Coop2 { .. } => 2,
                    },
                )
            },
        )
    }
}
