//! The functions that are compiled: medium ones, of a few kinds, each some twenty lines with two or
//! three suspension points, and calls from each to the one before.
//!
//! They are written once. `CALL(..)` and `YIELD` stand for what is called and yielded by, and `FN` for
//! how a function begins.

/// What the functions are compiled as.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Cps,
    Async,
    Plain,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Cps => "cps",
            Kind::Async => "async",
            Kind::Plain => "plain",
        }
    }

    /// What stands before the functions.
    fn prelude(self) -> &'static str {
        match self {
            Kind::Cps => "use insideout::prelude::*;\n",
            Kind::Async => YIELD_NOW,
            Kind::Plain => "",
        }
    }

    /// The function `text` in this kind's words.
    fn translate(self, text: &str) -> String {
        let (function, call, after, pause) = match self {
            Kind::Cps => ("#[cps]\npub fn", "call!(", ")", "coop!()"),
            Kind::Async => ("pub async fn", "", ".await", "yield_now().await"),
            Kind::Plain => ("pub fn", "", "", "()"),
        };
        let text = text.replace("FN", function).replace("YIELD", pause);
        let mut rest = text.as_str();
        let mut translated = String::new();
        while let Some((before, behind)) = rest.split_once("CALL(") {
            let (inside, behind) = behind.split_at(closing(behind));
            translated.extend([before, call, inside, after]);
            rest = &behind[1..];
        }
        translated + rest
    }

    /// A line that has the function compiled as far as a use of it does.
    fn used(self, function: &str, arguments: &str) -> String {
        match self {
            Kind::Cps => {
                format!("    all.push(thunk!({function}({arguments})).into_continuation());\n")
            }
            Kind::Async => format!(
                "    all.push(Box::pin(async {{ let _ = {function}({arguments}).await; }}));\n"
            ),
            Kind::Plain => {
                format!("    all.push(Box::new(|| {{ let _ = {function}({arguments}); }}));\n")
            }
        }
    }

    /// The type of those lines' elements.
    fn unit(self) -> &'static str {
        match self {
            Kind::Cps => "Continuation",
            Kind::Async => "std::pin::Pin<Box<dyn Future<Output = ()> + Send>>",
            Kind::Plain => "Box<dyn FnOnce() + Send>",
        }
    }
}

/// Where the parenthesis is closed that stands open before `text`.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    let at = text.find(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    at.expect("parentheses are balanced")
}

/// A crate of so many functions.
pub(crate) fn source(kind: Kind, count: usize) -> String {
    let mut source = String::from(kind.prelude());
    source += TYPES;
    let mut uses = String::new();
    for number in 0..count {
        let (body, arguments) = BODIES[number % BODIES.len()];
        let before = match number.checked_sub(BODIES.len()) {
            Some(before) => format!("f{before}"),
            None => format!("base{number}"),
        };
        let text = body
            .replace("THIS", &format!("f{number}"))
            .replace("BEFORE", &before);
        source += &kind.translate(&text);
        uses += &kind.used(&format!("f{number}"), arguments);
    }
    for (number, (text, _)) in BODIES.iter().enumerate() {
        source += &kind.translate(&base(text, number));
    }
    let unit = kind.unit();
    source
        + &format!(
            "\npub fn all() -> Vec<{unit}> {{\n    let mut all: Vec<{unit}> = Vec::new();\n{uses}    all\n}}\n"
        )
}

/// A function with the signature of `text` that does next to nothing, for the first to call.
fn base(text: &str, number: usize) -> String {
    let signature = text.split('{').next().unwrap_or_default();
    let signature = signature.replace("THIS", &format!("base{number}"));
    let value = BASES[number];
    format!("{signature}{{\n    YIELD;\n    {value}\n}}\n")
}

const YIELD_NOW: &str = "
pub struct YieldNow(bool);

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }
}

pub fn yield_now() -> YieldNow {
    YieldNow(false)
}
";

const TYPES: &str = "
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(i64),
    Word(String),
    Sign(char),
}

#[derive(Debug)]
pub enum Failure {
    Empty,
    Unexpected(char),
    Number(std::num::ParseIntError),
}

impl From<std::num::ParseIntError> for Failure {
    fn from(error: std::num::ParseIntError) -> Self {
        Failure::Number(error)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Account {
    pub owner: String,
    pub balance: i64,
    pub history: Vec<(String, i64)>,
}
";

/// What `base` returns, for each of [`BODIES`].
const BASES: [&str; 6] = [
    "Ok(vec![Token::Word(text)])",
    "amounts.len() as i64 + limit",
    "Some(limit as usize + words.len())",
    "Account { balance: i64::from(steps), ..account }",
    "rows.into_iter().take(columns).flatten().collect()",
    "Ok(input.len() as u32 ^ key)",
];

/// Functions and arguments for them.
const BODIES: [(&str, &str); 6] = [
    (
        "
FN THIS(text: String) -> Result<Vec<Token>, Failure> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = text.chars().collect();
    for (at, letter) in letters.into_iter().enumerate() {
        match letter {
            '0'..='9' | 'a'..='z' => word.push(letter),
            ' ' | '+' | '-' if word.is_empty() => tokens.push(Token::Sign(letter)),
            ' ' | '+' | '-' => {
                let done = std::mem::take(&mut word);
                if done.starts_with(|first: char| first.is_ascii_digit()) {
                    tokens.push(Token::Number(done.parse()?));
                } else {
                    tokens.push(Token::Word(done));
                }
            }
            other => return Err(Failure::Unexpected(other)),
        }
        if at % 64 == 63 {
            YIELD;
        }
    }
    let more = CALL(BEFORE(word))?;
    tokens.extend(more);
    Ok(tokens)
}
",
        "String::from(\"a 1 + b 2\")",
    ),
    (
        "
FN THIS(amounts: Vec<i64>, limit: i64) -> i64 {
    let mut total = 0;
    let mut refused = Vec::new();
    for amount in &amounts {
        if total + amount > limit {
            refused.push(*amount);
            continue;
        }
        total += amount;
    }
    let mut round = 0;
    while round < 3 && !refused.is_empty() {
        round += 1;
        YIELD;
        let half: Vec<i64> = refused.iter().map(|amount| amount / 2).collect();
        let taken = CALL(BEFORE(half, limit - total));
        total += taken;
        refused.retain(|amount| *amount > taken);
    }
    if total > limit { limit } else { total }
}
",
        "vec![3, 5, 8], 10",
    ),
    (
        "
FN THIS(words: Vec<String>, limit: u32) -> Option<usize> {
    let mut longest: Option<String> = None;
    for word in words.iter() {
        let better = match &longest {
            Some(known) => word.len() > known.len(),
            None => true,
        };
        if better {
            longest = Some(word.clone());
        }
    }
    let longest = longest?;
    let mut left = limit;
    let found = loop {
        if left == 0 {
            break longest.len();
        }
        left -= 1;
        YIELD;
        let rest: Vec<String> = words.iter().skip(1).cloned().collect();
        if let Some(other) = CALL(BEFORE(rest, left / 2)) {
            break other.max(longest.len());
        }
    };
    Some(found)
}
",
        "vec![String::from(\"a\"), String::from(\"bc\")], 4",
    ),
    (
        "
FN THIS(account: Account, steps: u8) -> Account {
    let mut account = account;
    let name = format!(\"{}-{steps}\", account.owner);
    for step in 0..steps {
        let amount = i64::from(step) * 3 - 1;
        YIELD;
        if amount < 0 && account.balance < -amount {
            account.history.push((name.clone(), 0));
            continue;
        }
        account.balance += amount;
        account.history.push((name.clone(), amount));
        if account.history.len() > 16 {
            let short = account.history.split_off(8);
            account.history = short;
        }
    }
    let other = CALL(BEFORE(account.clone(), steps / 2));
    if other.balance > account.balance {
        YIELD;
        return other;
    }
    account
}
",
        "Account::default(), 3",
    ),
    (
        "
FN THIS(rows: Vec<Vec<u32>>, columns: usize) -> Vec<u32> {
    let mut sums = vec![0; columns];
    for row in &rows {
        for (column, value) in row.iter().enumerate().take(columns) {
            sums[column] += value;
        }
    }
    let mut outer = 0;
    while outer < columns {
        let mut inner = outer + 1;
        while inner < columns {
            if sums[inner] < sums[outer] {
                sums.swap(inner, outer);
            }
            inner += 1;
        }
        YIELD;
        outer += 1;
    }
    if columns > 1 {
        let rest = CALL(BEFORE(rows, columns - 1));
        for (sum, more) in sums.iter_mut().zip(rest) {
            *sum += more;
        }
    }
    sums
}
",
        "vec![vec![1, 2], vec![3]], 2",
    ),
    (
        "
FN THIS(input: Vec<u8>, key: u32) -> Result<u32, Failure> {
    if input.is_empty() {
        return Err(Failure::Empty);
    }
    let mut state = key;
    let mut chunks = 0u32;
    for chunk in input.chunks(16) {
        for byte in chunk {
            state = state.rotate_left(5) ^ u32::from(*byte);
        }
        chunks += 1;
    }
    YIELD;
    let text = String::from_utf8_lossy(&input).into_owned();
    let number: u32 = match text.trim().parse() {
        Ok(number) => number,
        Err(_) if chunks > 1 => {
            let half = input[..input.len() / 2].to_vec();
            CALL(BEFORE(half, state))?
        }
        Err(error) => return Err(error.into()),
    };
    YIELD;
    Ok(state.wrapping_add(number) / chunks.max(1))
}
",
        "vec![49, 50], 7",
    ),
];
