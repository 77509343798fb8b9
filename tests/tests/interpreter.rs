//! A parser and an interpreter, as one would write them: methods that call each other, matches on references,
//! loops in loops.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, Tracked, assert_same, both};

#[derive(Debug, Clone)]
enum Expr {
    Number(u32),
    Name(String),
    Less(Box<Expr>, Box<Expr>),
    Add(Box<Expr>, Box<Expr>),
}

#[derive(Debug)]
enum Stmt {
    Set(String, Expr),
    While(Expr, Vec<Stmt>),
    Do(Expr),
}

#[derive(Debug)]
struct Lexer {
    words: Vec<&'static str>,
    at: usize,
}

impl Lexer {
    fn peek(&self) -> Option<&'static str> {
        self.words.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'static str> {
        self.at += 1;
        self.words.get(self.at - 1).copied()
    }
}

#[both]
mod cases {
    #[derive(Debug)]
    pub(super) struct Parser {
        lexer: Lexer,
        seen: Tracked,
    }

    #[cps]
    impl Parser {
        #[cps]
        fn atom(&mut self) -> Result<Expr, String> {
            coop!();
            match self.lexer.next() {
                Some(word) => match word.parse() {
                    Ok(n) => Ok(Expr::Number(n)),
                    Err(_) => Ok(Expr::Name(word.to_owned())),
                },
                None => Err("end".to_owned()),
            }
        }

        #[cps]
        fn expr(&mut self) -> Result<Expr, String> {
            let mut left = call!(self.atom())?;
            while let Some(op @ ("+" | "<")) = self.lexer.peek() {
                self.lexer.next();
                let right = Box::new(call!(self.atom())?);
                left = match op {
                    "+" => Expr::Add(Box::new(left), right),
                    _ => Expr::Less(Box::new(left), right),
                };
            }
            Ok(left)
        }

        #[cps]
        fn stmt(&mut self) -> Result<Stmt, String> {
            if self.lexer.peek() == Some("while") {
                self.lexer.next();
                let cond = call!(self.expr())?;
                let mut body = Vec::new();
                while self.lexer.peek() != Some("end") {
                    body.push(call!(self.stmt())?);
                }
                self.lexer.next();
                return Ok(Stmt::While(cond, body));
            }
            let expr = call!(self.expr())?;
            let stmt = if let (Expr::Name(name), Some("=")) = (&expr, self.lexer.peek()) {
                self.lexer.next();
                Stmt::Set(name.clone(), call!(self.expr())?)
            } else {
                Stmt::Do(expr)
            };
            self.seen.touch();
            Ok(stmt)
        }

        #[cps]
        pub(super) fn all(mut self) -> Result<Vec<Stmt>, String> {
            let mut all = Vec::new();
            while self.lexer.peek().is_some() {
                all.push(call!(self.stmt())?);
            }
            Ok(all)
        }
    }

    #[derive(Debug)]
    pub(super) struct Machine {
        names: Vec<(String, u32)>,
        steps: u32,
    }

    #[cps]
    impl Machine {
        #[cps]
        fn value(&mut self, expr: &Expr) -> Result<u32, String> {
            self.steps += 1;
            coop!();
            match expr {
                Expr::Number(n) => Ok(*n),
                Expr::Name(name) => self
                    .names
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, n)| *n)
                    .ok_or_else(|| format!("no {name}")),
                Expr::Add(one, other) => Ok(call!(self.value(one))? + call!(self.value(other))?),
                Expr::Less(one, other) => {
                    Ok((call!(self.value(one))? < call!(self.value(other))?).into())
                }
            }
        }

        #[cps]
        pub(super) fn run(&mut self, log: &Log, stmts: &[Stmt]) -> Result<Option<u32>, String> {
            let mut last = None;
            for stmt in stmts {
                coop!();
                match stmt {
                    Stmt::Set(name, expr) => {
                        let n = call!(self.value(expr))?;
                        self.names.retain(|(known, _)| known != name);
                        self.names.push((name.clone(), n));
                    }
                    Stmt::While(cond, body) => {
                        while call!(self.value(cond))? != 0 {
                            last = call!(self.run(log, body))?;
                            log.note(format!("{last:?}"));
                        }
                    }
                    Stmt::Do(expr) => last = Some(call!(self.value(expr))?),
                }
            }
            Ok(last)
        }
    }

    #[cps]
    fn run(log: &Log, text: &'static str) -> Result<(Option<u32>, u32), String> {
        let lexer = Lexer {
            words: text.split(' ').collect(),
            at: 0,
        };
        let seen = log.tracked("seen");
        let stmts = call!({ Parser { lexer, seen } }.all())?;
        log.note(format!("{stmts:?}"));
        let mut machine = Machine {
            names: Vec::new(),
            steps: 0,
        };
        let last = call!(machine.run(log, &stmts))?;
        Ok((last, machine.steps))
    }
}

#[test]
fn programs() {
    assert_same!(|log| run(log, "a = 1 while a < 5 a = a + 1 a end a + a"));
    assert_same!(|log| run(log, "a = 1 + 2 b"));
    assert_same!(|log| run(log, "a ="));
}
