//! Checks what the passes promise each other, before code is made of it. A broken promise is a bug of ours,
//! and is reported as such where it arose rather than as the compiler's opinion of the code.

use crate::arms::Arms;
use crate::locals::Locals;
use crate::print::Printed;
use crate::states::{At, States};
use crate::tree::{Kind, Tree};

/// What is wrong, if anything is.
pub(crate) fn validate(
    tree: &Tree,
    states: &States,
    locals: &Locals,
    arms: &Arms,
) -> Result<(), String> {
    let broken = re_enterable(tree)
        .or_else(|| placed(tree, states))
        .or_else(|| held(states, locals, arms));
    match broken {
        Some(broken) => Err(format!("{broken}, in\n{}", Printed(tree, locals))),
        None => Ok(()),
    }
}

/// A state inside a node can only be re-entered if all nodes around it are split too.
fn re_enterable(tree: &Tree) -> Option<String> {
    (0..tree.nodes.len())
        .filter(|id| tree.is_split(*id))
        .find_map(|id| {
            let owner = tree.bodies[tree.nodes[id].body].owner?;
            (!tree.is_split(owner))
                .then(|| format!("node {id} is split, and node {owner} around it is not"))
        })
}

/// Every point and every split loop has a state, and every state is where it says.
fn placed(tree: &Tree, states: &States) -> Option<String> {
    let stateless = tree.nodes.iter().position(|node| match node.kind {
        Kind::Point(_) => node.state.is_none(),
        Kind::Loop { .. } => node.suspends && node.state.is_none(),
        _ => false,
    });
    if let Some(id) = stateless {
        return Some(format!("node {id} has no state"));
    }
    states.all.iter().enumerate().find_map(|(id, state)| {
        let there = match state.at {
            At::Start => id == 0,
            At::Point(node) | At::Loop(node) => tree.nodes[node].state == Some(id),
            At::End(node) => tree.nodes[node].end == Some(id),
        };
        (!there).then(|| format!("state {} is not where it says", state.name))
    })
}

/// A state holds only what is in scope there, each thing under a name of its own, and each local that the
/// author's code names there can be told from every other.
fn held(states: &States, locals: &Locals, arms: &Arms) -> Option<String> {
    (0..states.all.len()).find_map(|state| {
        let (name, fields, scope) = (
            &states.all[state].name,
            arms.fields(state),
            arms.scope(state),
        );
        for (at, field) in fields.iter().enumerate() {
            if fields[..at].iter().any(|other| other.name == field.name) {
                return Some(format!("state {name} holds two `{}`", field.name));
            }
            if field.local.is_some_and(|id| !scope.contains(&id)) {
                return Some(format!(
                    "state {name} holds `{}`, which is not in scope",
                    field.name
                ));
            }
        }
        let captured = fields.iter().filter_map(|field| field.local);
        let shadowed = captured
            .into_iter()
            .find(|id| locals.is_shadowed(*id, scope));
        shadowed.map(|id| {
            format!(
                "state {name} holds `{}`, which is shadowed there",
                locals.field(id)
            )
        })
    })
}
