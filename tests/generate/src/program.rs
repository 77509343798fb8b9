//! A program: a few functions that call one another, and the arguments with which they are compared.

use crate::code::Code;
use crate::maker::Maker;
use crate::random::Random;
use crate::scope::State;
use crate::signature::{GIVE, Signature, helpers};
use crate::types::Ty;

/// How many times a function is compared, with arguments of its own each time.
const CASES: usize = 3;

/// A few functions that a seed decides.
#[derive(Clone, Debug)]
pub struct Program {
    /// What it was made from.
    pub seed: u64,
    /// Its functions.
    pub functions: Vec<Function>,
}

/// A generated function.
#[derive(Clone, Debug)]
pub struct Function {
    head: String,
    /// What it does.
    pub body: Code,
    name: String,
    /// The arguments of each comparison; none if it is only called by others.
    arguments: Vec<String>,
    whole: bool,
    method: bool,
    /// What the trait says of it that it is a method of, if it is one of a trait.
    declared: Option<String>,
    /// The trait provides it.
    provided: bool,
    left_out: bool,
}

impl Program {
    /// The program that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut callees: Vec<_> = helpers().into_iter().map(|(helper, _)| helper).collect();
        let mut functions = Vec::new();
        // Where functions are called plainly, suspensions cannot be counted.
        let whole = random.chance(15);
        for number in 0..random.between(2, 4) {
            let (signature, function) = function(&mut random, number, &callees, whole);
            callees.insert(0, signature.clone());
            callees.insert(0, signature);
            functions.push(function);
        }
        Program { seed, functions }
    }

    /// This program with one thing in it left out, the smallest first.
    pub fn reductions(&self) -> Vec<Program> {
        let mut all = Vec::new();
        for at in 0..self.functions.len() {
            let mut change = |change: &dyn Fn(&mut Function)| {
                let mut smaller = self.clone();
                change(&mut smaller.functions[at]);
                all.push(smaller);
            };
            let function = &self.functions[at];
            if !function.left_out {
                change(&|function| function.left_out = true);
                for body in function.body.reductions() {
                    change(&|function| function.body = body.clone());
                }
                for case in 0..function.arguments.len() {
                    change(&|function| drop(function.arguments.remove(case)));
                }
            }
        }
        all.sort_by_key(Program::size);
        all
    }

    /// How much there is of it.
    pub fn size(&self) -> usize {
        let left = self.functions.iter().filter(|function| !function.left_out);
        left.map(|function| 1 + function.body.size() + 3 * function.arguments.len())
            .sum()
    }

    /// What two reductions of the same program leave of it.
    pub fn merged(&self, one: &Program, other: &Program) -> Program {
        let functions = self
            .functions
            .iter()
            .zip(&one.functions)
            .zip(&other.functions);
        let functions = functions.map(|((base, one), other)| Function {
            body: base.body.merged(&one.body, &other.body),
            left_out: one.left_out || other.left_out,
            arguments: if one.arguments == base.arguments {
                other.arguments.clone()
            } else {
                one.arguments.clone()
            },
            ..base.clone()
        });
        Program {
            seed: self.seed,
            functions: functions.collect(),
        }
    }

    /// The module's text. Without `moved` it holds the blocking half only.
    pub fn text(&self, moved: bool) -> String {
        let bodies: Vec<_> = self
            .functions
            .iter()
            .map(|function| function.text("    "))
            .collect();
        let bodies = bodies.join("\n");
        let machine = self.functions.iter().any(|function| function.method);
        let mut text = "use crate::prelude::*;\n\n".to_owned();
        text += if moved {
            "#[both]\nmod cases {\n"
        } else {
            "mod plain {\n    use super::*;\n    use behaviour::plain::*;\n"
        };
        let (helpers, _): (Vec<_>, Vec<_>) = helpers()
            .into_iter()
            .map(|(one, text)| ((one.name, text), ()))
            .unzip();
        if bodies.contains("give(") {
            text += &format!("    {}\n\n", GIVE.replace('\n', "\n    "));
        }
        for (name, helper) in helpers {
            if bodies.contains(&format!("{name}(log")) {
                text += &format!("    {}\n\n", helper.replace('\n', "\n    "));
            }
        }
        if machine {
            text += MACHINE;
        }
        text += &bodies;
        text += "}\n\npub fn compare() {\n";
        if moved {
            for function in &self.functions {
                text += &function.comparisons();
            }
        }
        text + "}\n"
    }
}

const MACHINE: &str = "    #[derive(Debug)]
    pub struct Machine {
        state: u32,
        stack: Vec<u32>,
        part: Tracked,
        label: Option<String>,
    }

";

impl Function {
    /// The function, with each line indented.
    pub fn text(&self, indent: &str) -> String {
        if self.left_out {
            return String::new();
        }
        if self.provided {
            return self.provided(indent);
        }
        if self.method {
            let inner = format!("{indent}    ");
            let (declared, of) = match &self.declared {
                None => (String::new(), String::new()),
                Some(head) => {
                    let name = format!("Has{}", self.name.to_uppercase());
                    let all = format!(
                        "{indent}#[cps]\n{indent}trait {name} {{\n{inner}#[cps]\n{inner}{head};\n{indent}}}\n\n"
                    );
                    (all, format!("{name} for "))
                }
            };
            return format!(
                "{declared}{indent}#[cps]\n{indent}impl {of}Machine {{\n{inner}#[cps]\n{inner}{} {}\n{indent}}}\n",
                self.head,
                self.body.text(&inner)
            );
        }
        format!(
            "{indent}#[cps]\n{indent}{} {}\n",
            self.head,
            self.body.text(indent)
        )
    }

    fn provided(&self, indent: &str) -> String {
        let (name, inner) = (self.name.to_uppercase(), format!("{indent}    "));
        format!(
            "{indent}#[cps]\n{indent}trait Has{name} {{\n{inner}#[cps]\n{inner}{} {}\n{indent}}}\n\n{indent}impl Has{name} for Machine {{}}\n",
            self.head,
            self.body.text(&inner)
        )
    }

    fn comparisons(&self) -> String {
        let whole = if self.whole { "whole " } else { "" };
        let left = self.arguments.iter().filter(|_| !self.left_out);
        let cases = left.map(|arguments| {
            format!(
                "    assert_same!({whole}|log| {}(log, {arguments}));\n",
                self.name
            )
        });
        cases.collect()
    }
}

/// Makes one function that may call others.
fn function(
    random: &mut Random,
    number: usize,
    callees: &[Signature],
    whole: bool,
) -> (Signature, Function) {
    let name = format!("f{number}");
    let kind = random.below(10);
    let method = kind < 2;
    let recursive = kind == 2;
    let lends = kind == 3 || kind == 4;
    let generic = kind == 5 || kind == 6;
    let mut params = Vec::new();
    if recursive {
        params.push(Ty::Int("u8"));
    }
    if generic {
        let param = Ty::Param("T");
        let all = [
            param.clone(),
            param.clone().option(),
            Ty::Ref(param.boxed()),
        ];
        params.push(random.pick(&all));
    }
    for _ in 0..random.between(2, 5) {
        let ty = Ty::random(random, 2);
        params.push(match random.below(4) {
            0 if lends => Ty::Ref(ty.boxed()),
            1 if lends && ty.is_lendable() => Ty::RefMut(ty.boxed()),
            _ => ty,
        });
    }
    let result = match random.below(6) {
        0 | 1 => Ty::random(random, 1).option(),
        2 => Ty::Result(Ty::random(random, 1).boxed(), Ty::Named("Failure").boxed()),
        3 => Ty::Tuple(vec![Ty::random(random, 1), Ty::random(random, 1)]),
        _ => Ty::random(random, 2),
    };
    let receiver = method.then(|| {
        let machine = Ty::Named("Machine").boxed();
        match random.below(2) {
            0 => Ty::Ref(machine),
            _ => Ty::RefMut(machine),
        }
    });
    let mut signature = Signature {
        name: name.clone(),
        params: receiver.iter().chain(&params).cloned().collect(),
        result: result.clone(),
        method,
        recursive,
    };
    let mut maker = Maker {
        random,
        scopes: vec![Vec::new()],
        loops: 0,
        stay: 0,
        targets: Vec::new(),
        calm: 0,
        pure: 0,
        leaving: 0,
        budget: 0,
        counter: 0,
        result: result.clone(),
        callees,
        diverged: false,
        whole,
    };
    let head = maker.head(&name, receiver.as_ref(), &params, recursive);
    let provided = method && maker.chance(30);
    if provided {
        // Of its receiver a trait knows nothing.
        maker.scopes[0][0].state = State::Gone;
    }
    let declared =
        (method && !provided && maker.chance(50)).then(|| maker.declared(&name, &signature));
    let body = maker.body(recursive.then_some(&signature));
    let owned = receiver.is_none() && params.iter().all(|ty| !ty.is_ref());
    let arguments = if owned {
        let cases = (0..CASES).map(|_| {
            let given = signature.clone().concrete(random);
            arguments(random, &given.params)
        });
        cases.collect()
    } else {
        Vec::new()
    };
    signature.recursive = recursive;
    let function = Function {
        head,
        body,
        name,
        arguments,
        whole,
        method,
        declared,
        provided,
        left_out: false,
    };
    (signature, function)
}

/// The text of some arguments that nothing stands behind.
fn arguments(random: &mut Random, params: &[Ty]) -> String {
    let mut maker = Maker {
        random,
        scopes: vec![Vec::new()],
        loops: 0,
        stay: 0,
        targets: Vec::new(),
        calm: 1,
        pure: 0,
        leaving: 1,
        budget: 0,
        counter: 100,
        result: Ty::Unit,
        callees: &[],
        diverged: false,
        whole: false,
    };
    let codes: Vec<_> = params
        .iter()
        .map(|ty| maker.literal(ty, 0).text("    "))
        .collect();
    codes.join(", ")
}

impl Maker<'_> {
    /// Declares the parameters; returns the function's first line.
    fn head(
        &mut self,
        name: &str,
        receiver: Option<&Ty>,
        params: &[Ty],
        recursive: bool,
    ) -> String {
        let mut written = Vec::new();
        if let Some(ty) = receiver {
            self.declare_as("self", ty, false);
            written.push(
                if matches!(ty, Ty::RefMut(_)) {
                    "&mut self"
                } else {
                    "&self"
                }
                .to_owned(),
            );
        }
        written.push("log: &Log".to_owned());
        for (at, ty) in params.iter().enumerate() {
            if recursive && at == 0 {
                written.push("turns: u8".to_owned());
                continue;
            }
            if !ty.is_ref() && !ty.projections().is_empty() && self.chance(25) {
                let pattern = self.pattern(ty, crate::patterns::Mode::Value, true);
                // Parameters must have names of their own.
                let names: Vec<_> = self.scopes[0].iter().map(|var| var.name.clone()).collect();
                if !pattern
                    .bindings
                    .iter()
                    .any(|(name, ..)| names.contains(name))
                {
                    self.bind(&pattern, None);
                    written.push(format!("{}: {}", pattern.text, ty.name()));
                    continue;
                }
            }
            let mutable = !ty.is_ref() && self.chance(50);
            let name = format!("{}{at}", self.pick(&["a", "b", "c", "t"]));
            let id = self.declare_as(&name, ty, mutable);
            self.var(id).spelled = true;
            let word = if mutable { "mut " } else { "" };
            written.push(format!("{word}{name}: {}", ty.name()));
        }
        let generic = params.iter().any(|ty| ty.with(&Ty::Unit) != *ty);
        let generics = if generic {
            "<T: std::fmt::Debug + Send + Sync>"
        } else {
            ""
        };
        format!(
            "fn {name}{generics}({}) -> {}",
            written.join(", "),
            self.result.name()
        )
    }

    /// A method as its trait declares it.
    fn declared(&self, name: &str, signature: &Signature) -> String {
        let receiver = match signature.params.first() {
            Some(Ty::RefMut(_)) => "&mut self",
            _ => "&self",
        };
        let params = signature.params.iter().enumerate().skip(1);
        let params: String = params
            .map(|(at, ty)| format!(", p{at}: {}", ty.name()))
            .collect();
        let result = signature.result.name();
        format!("fn {name}({receiver}, log: &Log{params}) -> {result}")
    }

    fn body(&mut self, recursive: Option<&Signature>) -> Code {
        let result = self.result.clone();
        let mut codes = Vec::new();
        if let Some(signature) = recursive {
            codes.push(self.turn(signature));
        }
        for _ in 0..self.random.between(3, 8) {
            if self.diverged {
                break;
            }
            self.budget = self.random.between(3, 30) as i32;
            codes.extend(self.statements(1, 0));
        }
        if !self.diverged {
            self.budget = 12;
            codes.push(self.value(&result, 0));
        }
        Code::new(crate::code::Role::Fixed, "$", [codes.into()])
    }

    /// The end of a recursion, and the next turn of it.
    fn turn(&mut self, signature: &Signature) -> Code {
        let params = &signature.params[1..];
        let literals: Vec<_> = params
            .iter()
            .map(|ty| {
                let budget = std::mem::replace(&mut self.budget, 0);
                let stay = std::mem::replace(&mut self.stay, 1);
                let literal = self.literal(ty, 0);
                self.stay = stay;
                self.budget = budget;
                literal
            })
            .collect();
        let places = vec!["$"; literals.len()].join(", ");
        let form = format!(
            "if turns > 0 {{\n    let value = call!({}(log, turns - 1, {places}));\n    log.note(format!(\"{{value:?}}\"));\n    drop(value);\n}}",
            signature.name
        );
        Code::statement(&form, literals.into_iter().map(crate::code::Part::Code))
    }
}

impl crate::batch::Source {
    /// A program's text.
    pub fn of(program: &Program) -> Self {
        crate::batch::Source {
            plain: program.text(false),
            both: program.text(true),
        }
    }
}
