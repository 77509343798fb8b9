//! A calculator: a tokenizer, a Pratt parser that makes a tree, and an evaluator that walks it.

use std::collections::HashMap;

use behaviour::{Log, assert_same, both};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Op(char),
    Open,
    Close,
    Comma,
}

#[derive(Clone, Debug, PartialEq)]
enum Expr {
    Number(f64),
    Variable(String),
    Prefix(char, Box<Expr>),
    Binary(char, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    Assign(String, Box<Expr>),
}

fn binding(op: char) -> Option<(u8, u8)> {
    Some(match op {
        '=' => (2, 1),
        '+' | '-' => (3, 4),
        '*' | '/' | '%' => (5, 6),
        '^' => (10, 9),
        _ => return None,
    })
}

#[both]
mod cases {
    #[cps]
    fn tokens(text: &str) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                c if c.is_whitespace() => c.len_utf8(),
                '0'..='9' | '.' => {
                    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
                    let end = end.unwrap_or(rest.len());
                    coop!();
                    let number = rest[..end]
                        .parse()
                        .map_err(|_| format!("{} is no number", &rest[..end]))?;
                    tokens.push(Token::Number(number));
                    end
                }
                'a'..='z' | 'A'..='Z' | '_' => {
                    let end = rest
                        .char_indices()
                        .find(|(_, c)| !c.is_alphanumeric() && *c != '_')
                        .map_or(rest.len(), |(at, _)| at);
                    tokens.push(Token::Name(rest[..end].to_owned()));
                    coop!();
                    end
                }
                '(' | ')' | ',' => {
                    tokens.push(match first {
                        '(' => Token::Open,
                        ')' => Token::Close,
                        _ => Token::Comma,
                    });
                    1
                }
                op if binding(op).is_some() => {
                    tokens.push(Token::Op(op));
                    1
                }
                other => return Err(format!("unexpected {other:?}")),
            };
            rest = &rest[length..];
        }
        Ok(tokens)
    }

    #[cps]
    fn parse(tokens: &mut Vec<Token>, least: u8) -> Result<Expr, String> {
        let mut left = match tokens.pop().ok_or("unexpected end")? {
            Token::Number(n) => Expr::Number(n),
            Token::Name(name) => {
                if tokens.last() == Some(&Token::Open) {
                    tokens.pop();
                    let mut args = Vec::new();
                    while tokens.last() != Some(&Token::Close) {
                        args.push(call!(parse(tokens, 0))?);
                        match tokens.last() {
                            Some(Token::Comma) => drop(tokens.pop()),
                            Some(Token::Close) => {}
                            other => Err(format!("expected `,` or `)`, found {other:?}"))?,
                        }
                        coop!();
                    }
                    tokens.pop();
                    Expr::Call(name, args)
                } else {
                    Expr::Variable(name)
                }
            }
            Token::Op(op @ ('-' | '+')) => Expr::Prefix(op, Box::new(call!(parse(tokens, 7))?)),
            Token::Open => {
                let inner = call!(parse(tokens, 0))?;
                let Some(Token::Close) = tokens.pop() else {
                    coop!();
                    return Err("unclosed parenthesis".to_owned());
                };
                inner
            }
            other => return Err(format!("unexpected {other:?}")),
        };
        while let Some(&Token::Op(op)) = tokens.last()
            && let Some((before, after)) = binding(op)
            && before >= least
        {
            tokens.pop();
            coop!();
            let right = call!(parse(tokens, after))?;
            left = match (op, left) {
                ('=', Expr::Variable(name)) => Expr::Assign(name, Box::new(right)),
                ('=', other) => return Err(format!("cannot assign to {other:?}")),
                (op, left) => Expr::Binary(op, Box::new(left), Box::new(right)),
            };
        }
        Ok(left)
    }

    #[cps]
    fn value(log: &Log, expr: &Expr, names: &mut HashMap<String, f64>) -> Result<f64, String> {
        Ok(match expr {
            Expr::Number(n) => *n,
            Expr::Variable(name) => match names.get(name) {
                Some(n) => *n,
                None => return Err(format!("`{name}` is not known")),
            },
            Expr::Prefix(op, of) => {
                let of = call!(value(log, of, names))?;
                if *op == '-' { -of } else { of }
            }
            Expr::Binary(op, left, right) => {
                let (left, right) = (
                    call!(value(log, left, names))?,
                    call!(value(log, right, names))?,
                );
                log.note(format_args!("{left} {op} {right}"));
                match op {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    '/' | '%' if right == 0.0 => return Err("division by zero".into()),
                    '/' => left / right,
                    '%' => left % right,
                    '^' => left.powf(right),
                    _ => unreachable!("the parser knows no `{op}`"),
                }
            }
            Expr::Call(name, args) => {
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(call!(value(log, arg, names))?);
                }
                coop!();
                match (&**name, &values[..]) {
                    ("sqrt", [x]) if *x >= 0.0 => x.sqrt(),
                    ("max", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a.max(*b)),
                    ("sum", all) => all.iter().sum(),
                    (name, args) => return Err(format!("no `{name}` of {args:?}")),
                }
            }
            Expr::Assign(name, of) => {
                let new = call!(value(log, of, names))?;
                if let Some(old) = names.insert(name.clone(), new) {
                    log.note(format_args!("{name} was {old}"));
                }
                new
            }
        })
    }

    #[cps]
    fn run(log: &Log, lines: &[&str]) -> Vec<Result<f64, String>> {
        let mut names = HashMap::from([("pi".to_owned(), 3.0)]);
        let mut results = Vec::new();
        for line in lines {
            let result = 'line: {
                let mut tokens = match call!(tokens(line)) {
                    Ok(tokens) => tokens,
                    Err(error) => break 'line Err(error),
                };
                tokens.reverse();
                let expr = match call!(parse(&mut tokens, 0)) {
                    Ok(expr) if tokens.is_empty() => expr,
                    Ok(_) => break 'line Err(format!("{} tokens left", tokens.len())),
                    Err(error) => break 'line Err(error),
                };
                call!(value(log, &expr, &mut names))
            };
            results.push(result);
        }
        results
    }
}

#[test]
fn calculations() {
    let lines = [
        "1 + 2 * 3",
        "(1 + 2) * -3",
        "2 ^ 3 ^ 2",
        "x = y = 4 - 1",
        "x * y + sqrt(16) % 3",
        "max(1, x, 2) - sum() - sum(1, 2)",
        "-2 ^ 2",
    ];
    let expected = [7.0, -9.0, 512.0, 3.0, 10.0, 0.0, -4.0].map(Ok);
    assert_eq!(moved::run(Log::forever(), &lines), expected);
    assert_same!(|log| run(
        log,
        &[
            "1 + 2 * 3",
            "(1 + 2) * -3",
            "2 ^ 3 ^ 2",
            "x = y = 4 - 1",
            "x * y + sqrt(16) % 3",
            "max(1, x, 2) - sum() - sum(1, 2)",
            "x = pi",
        ]
    ));
}

#[test]
fn errors() {
    for (line, error) in [
        ("1 +", "unexpected end"),
        ("(1", "unclosed parenthesis"),
        ("1 / (2 - 2)", "division by zero"),
        ("z", "`z` is not known"),
        ("1 = 2", "cannot assign to Number(1.0)"),
        ("f(1 2)", "expected `,` or `)`, found Some(Number(2.0))"),
        ("sqrt(-1)", "no `sqrt` of [-1.0]"),
        ("1 $ 2", "unexpected '$'"),
        ("1.2.3", "1.2.3 is no number"),
        ("1 2", "1 tokens left"),
    ] {
        assert_eq!(moved::run(Log::forever(), &[line]), [Err(error.to_owned())]);
        assert_same!(|log| run(log, behaviour::forever([line])));
    }
}
