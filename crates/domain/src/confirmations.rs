//! How deep a payment must be buried before it counts as final.

use crate::amount::Units;

/// Confirmations by amount: larger payments wait longer. Monotone: no step asks for less than the one below it.
///
/// A transaction in the newest block has one confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationPolicy {
    steps: Vec<Step>,
    beyond: u64,
}

/// Payments worth up to and including `up_to_minor` (minor units of the invoice currency) need `confirmations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub up_to_minor: Units,
    pub confirmations: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    #[error("confirmations must be at least 1")]
    Zero,
    #[error("confirmation steps must rise: amounts strictly, confirmations never falling")]
    NotRising,
}

impl ConfirmationPolicy {
    /// `beyond` holds above the last step, and for money whose worth is not known.
    pub fn new(steps: Vec<Step>, beyond: u64) -> Result<Self, BadPolicy> {
        if beyond == 0 || steps.iter().any(|step| step.confirmations == 0) {
            return Err(BadPolicy::Zero);
        }
        let rising =
            steps.windows(2).all(|w| w[0].up_to_minor < w[1].up_to_minor && w[0].confirmations <= w[1].confirmations)
                && steps.last().is_none_or(|last| last.confirmations <= beyond);
        if rising { Ok(Self { steps, beyond }) } else { Err(BadPolicy::NotRising) }
    }

    /// Confirmations a payment worth `minor` needs; `None` when its worth is not known.
    pub fn needed(&self, minor: Option<Units>) -> u64 {
        let step = minor.and_then(|minor| self.steps.iter().find(|step| minor <= step.up_to_minor));
        step.map_or(self.beyond, |step| step.confirmations)
    }

    /// The most that is asked of any payment: what a flush waits for, so that all it moved is final before it is.
    pub fn deepest(&self) -> u64 {
        self.beyond
    }
}

/// Confirmations of a block at `number` when the newest is `head`.
pub fn depth(head: u64, number: u64) -> u64 {
    if number > head { 0 } else { head - number + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_payments_wait_longer() {
        let step = |up_to, confirmations| Step { up_to_minor: Units(up_to), confirmations };
        let policy = ConfirmationPolicy::new(vec![step(10_000, 2), step(100_000, 8)], 64).unwrap();
        let cases = [(Some(1), 2), (Some(10_000), 2), (Some(10_001), 8), (Some(100_001), 64), (None, 64)];
        for (minor, expected) in cases {
            assert_eq!(policy.needed(minor.map(Units)), expected, "{minor:?}");
        }
        assert_eq!(ConfirmationPolicy::new(vec![step(1, 8), step(2, 2)], 64), Err(BadPolicy::NotRising));
        assert_eq!(ConfirmationPolicy::new(vec![step(1, 80)], 64), Err(BadPolicy::NotRising));
        assert_eq!(ConfirmationPolicy::new(vec![], 0), Err(BadPolicy::Zero));
    }

    #[test]
    fn the_newest_block_is_one_deep() {
        assert_eq!((depth(10, 10), depth(10, 8), depth(10, 11)), (1, 3, 0));
    }
}
