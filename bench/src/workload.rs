//! What a workload is: the same work, written for each contender; and what it should show.

use crate::measure::Cost;

/// The contender that the ratios are to.
pub(crate) const OURS: &str = "insideout";

/// The same work for several contenders, ours first.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// The work, in one line.
    pub(crate) about: &'static str,
    /// What one operation is.
    pub(crate) operation: &'static str,
    pub(crate) decides: Decides,
    /// Into how many samples each is divided.
    pub(crate) parts: usize,
    pub(crate) contenders: Vec<Contender>,
    pub(crate) goals: Vec<Goal>,
}

/// By which of the measured things contenders are compared.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Decides {
    /// Where threads wait for each other.
    Wall,
    /// Where one thread works: what else the machine does disturbs this less.
    Cpu,
    Bytes,
}

/// One way to do the work.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// How many operations a sample has.
    pub(crate) operations: usize,
    /// Does that many.
    pub(crate) run: fn(usize) -> Cost,
}

/// What a workload should show. A ratio is what the other needs, divided by what we need.
pub(crate) enum Goal {
    /// The ratio to this contender is at least so much.
    Against(&'static str, f64),
    /// The ratio to the fastest of all other contenders is at least so much.
    Fastest(f64),
    /// One operation costs at most so much, in nanoseconds or bytes.
    AtMost(f64),
}

impl Workload {
    pub(crate) fn new(name: &'static str, about: &'static str, operation: &'static str) -> Self {
        Workload {
            name,
            about,
            operation,
            decides: Decides::Wall,
            parts: 1,
            contenders: Vec::new(),
            goals: Vec::new(),
        }
    }

    pub(crate) fn decides(mut self, by: Decides) -> Self {
        self.decides = by;
        self
    }

    /// Takes so many times as many samples, each with that part of the operations: for work whose cost
    /// depends on how the processes come to lie beside each other, which it does not leave for a while.
    pub(crate) fn in_parts(mut self, parts: usize) -> Self {
        self.parts = parts;
        self
    }

    /// Adds a contender that does so many operations in a sample.
    pub(crate) fn with(
        mut self,
        name: &'static str,
        operations: usize,
        run: fn(usize) -> Cost,
    ) -> Self {
        self.contenders.push(Contender {
            name,
            operations,
            run,
        });
        self
    }

    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goals.push(goal);
        self
    }

    /// What decides, of a cost.
    pub(crate) fn value(&self, cost: Cost) -> f64 {
        match (cost, self.decides) {
            (Cost::Time { cpu, .. }, Decides::Cpu) => cpu,
            (Cost::Time { wall, .. }, _) => wall,
            (Cost::Bytes(bytes), _) => bytes,
        }
    }
}
