//! How a payment behaves: chosen by the card's number, or ordered.

use serde::{Deserialize, Serialize};

use super::WEBHOOK_AFTER_MILLIS;

/// What an order is about that takes the next payment, whichever it is.
pub const ANY: &str = "*";

/// How a payment behaves. What is said of cards holds for UPI too, as soon as the payer is in his app; what is refused there has no
/// finer reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    Approve,
    /// The payer must act: pass 3-D Secure, or pay in the UPI app.
    Challenge,
    /// A soft decline that asks for 3-D Secure: the same card for the same description gets the challenge the next time.
    AskForChallenge,
    Decline,
    InsufficientFunds,
    WrongCode,
    ExpiredCard,
    /// Stays pending until it is ordered otherwise.
    Pending,
    /// Approved; a dispute is opened soon after, and lost after days.
    Chargeback,
    /// Approved; held for review soon after, until it is released.
    Hold,
    /// Approved with one minor unit less than was asked (more, if it was one).
    WrongAmount,
    /// Approved, and the connection is closed without an answer.
    TimeoutThenCharged,
    /// The connection is closed without an answer, and nothing was done.
    Timeout,
    /// 429: turned away at the door, nothing was done.
    Busy,
    /// 503, and nothing was done: which the caller cannot know.
    Unavailable,
}

/// What is ordered for a payment to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Instead of what the card's number says.
    #[serde(default)]
    pub behaviour: Option<Behaviour>,
    /// Between something happening and its webhook.
    #[serde(default = "usual_delay")]
    pub webhook_delay_millis: i64,
    /// How often each webhook is posted; 0 for never.
    #[serde(default = "once")]
    pub webhook_times: u8,
}

fn usual_delay() -> i64 {
    WEBHOOK_AFTER_MILLIS
}

fn once() -> u8 {
    1
}

impl Default for Order {
    fn default() -> Self {
        Self { behaviour: None, webhook_delay_millis: usual_delay(), webhook_times: once() }
    }
}

impl From<Behaviour> for Order {
    fn from(behaviour: Behaviour) -> Self {
        Self { behaviour: Some(behaviour), ..Self::default() }
    }
}
