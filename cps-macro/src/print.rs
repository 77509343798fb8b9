//! Prints a [`Tree`], one line a statement, with the locals under the names of their fields.

use crate::carried::Group;
use crate::locals::Locals;
use crate::tree::{Bind, BodyId, Callee, Kind, NodeId, Point, Stmt, Tree};
use proc_macro2::TokenStream;
use quote::ToTokens;
use std::fmt::Write as _;

/// Prints a tree with the locals under their fields' names.
pub(crate) struct Printed<'a>(pub(crate) &'a Tree, pub(crate) &'a Locals);

fn carrying(group: &Group) -> String {
    let names = group.carried.iter().rev().map(|field| &*field.name);
    format!(" carrying {}", names.collect::<Vec<_>>().join(", "))
}

impl std::fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.body(self.0.root, 0, &mut out);
        f.write_str(&out)
    }
}

impl Printed<'_> {
    fn code(&self, code: impl ToTokens) -> TokenStream {
        self.1.pretty(code.to_token_stream())
    }

    fn body(&self, id: BodyId, depth: usize, out: &mut String) {
        let pad = "  ".repeat(depth);
        for (index, stmt) in self.0.bodies[id].stmts.iter().enumerate() {
            let groups = self.0.groups.iter().filter(|group| group.body == id);
            for group in groups.filter(|group| group.looped(self.0).is_none()) {
                if group.first == index {
                    writeln!(out, "{pad}from here{}", carrying(group)).expect("a string");
                }
            }
            match stmt {
                Stmt::Native(stmt) => writeln!(out, "{pad}{}", self.code(stmt)).expect("a string"),
                Stmt::Tail(expr) => writeln!(out, "{pad}= {}", self.code(expr)).expect("a string"),
                Stmt::Node(node) => self.node(*node, depth, out),
            }
            let mut groups = self.0.groups.iter().filter(|group| group.body == id);
            if groups.any(|group| group.last == Some(index)) {
                writeln!(out, "{pad}to here").expect("a string");
            }
        }
    }

    fn node(&self, id: NodeId, depth: usize, out: &mut String) {
        let node = &self.0.nodes[id];
        let pad = "  ".repeat(depth);
        let bind = match &node.bind {
            Bind::Let(binding) => format!("let {} = ", self.code(&binding.pat)),
            Bind::Statement => String::new(),
            Bind::Tail => "= ".to_owned(),
        };
        let head = match &node.kind {
            Kind::Point(Point::Coop) => "coop".to_owned(),
            Kind::Point(Point::Suspend(expr)) => format!("suspend {}", self.code(expr)),
            Kind::Point(Point::Migrate(expr)) => format!("migrate {}", self.code(expr)),
            Kind::Point(Point::Call(Callee::Free(expr))) => format!("call {}", self.code(expr)),
            Kind::Point(Point::Call(Callee::Borrowing { thunk, held, .. })) => {
                let held: Vec<_> = held.iter().map(|id| self.1.field(*id)).collect();
                format!("call {} borrowing {}", self.code(thunk), held.join(", "))
            }
            Kind::Point(Point::Retry(retry)) => {
                let place = retry
                    .place
                    .as_ref()
                    .map(|place| self.code(place).to_string());
                let operand = retry.operand.map(|id| self.1.field(id).to_owned());
                let operands: Vec<_> = place.into_iter().chain(operand).collect();
                format!("{} {}", retry.attempt, operands.join(", "))
            }
            Kind::Block { unsafety: true, .. } => "unsafe".to_owned(),
            Kind::Block { .. } => "block".to_owned(),
            Kind::If { cond, .. } => format!("if {}", self.code(cond)),
            Kind::Match { scrutinee, .. } => format!("match {}", self.code(scrutinee)),
            Kind::Loop { body } => {
                let it = |group: &&Group| group.body == *body && group.looped(self.0).is_some();
                let group = self.0.groups.iter().find(it);
                format!("loop{}", group.map(carrying).unwrap_or_default())
            }
        };
        writeln!(out, "{pad}{bind}{head}").expect("a string");
        match &node.kind {
            Kind::Match { arms, .. } => {
                for arm in arms {
                    writeln!(out, "{pad}  {} =>", self.code(&arm.pat)).expect("a string");
                    self.body(arm.body, depth + 2, out);
                }
            }
            Kind::If { then, other, .. } => {
                self.body(*then, depth + 1, out);
                if let Some(other) = other {
                    writeln!(out, "{pad}else").expect("a string");
                    self.body(*other, depth + 1, out);
                }
            }
            kind => kind
                .bodies()
                .into_iter()
                .for_each(|body| self.body(body, depth + 1, out)),
        }
    }
}
