//! The acquirer's controls: what happened to its payments, what shall happen, and how the next ones behave.

use axum::body::Bytes;
use axum::extract::{Path, State};
use domain::fiat;
use rails::sim::acquirer::{ANY, Acquirer, Act, ActRefused, Behaviour, Order, Payment};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::sandbox::controls::{Answer, Refused, answered, bounded, read};

/// As many as a person looks at.
const NEWEST: usize = 20;

/// As the acquirer shows it, with what a person needs beside it.
fn shown(acquirer: &Acquirer, payment: &Payment) -> Value {
    let mut shown = acquirer.shown(payment);
    shown["amount_decimal"] = decimal(payment).into();
    shown["acts"] = Act::fitting(payment).map(Act::name).collect();
    shown
}

/// What was asked, in the currency's notation: `15.04`.
pub fn decimal(payment: &Payment) -> String {
    let digits = fiat::minor_digits(&payment.currency).unwrap_or(0);
    payment.amount.decimal(digits, digits)
}

/// The newest first.
pub async fn list(State(sandbox): State<Sandbox>) -> Answer {
    let look = |acquirer: &Acquirer| acquirer.newest(NEWEST).map(|payment| shown(acquirer, payment)).collect();
    let payments: Vec<Value> = sandbox.acquirer.look(look).await?;
    Ok(answered(&json!({ "payments": payments })))
}

pub async fn act(State(sandbox): State<Sandbox>, Path((reference, act)): Path<(String, String)>) -> Answer {
    let act = Act::from_name(&act).ok_or_else(|| {
        let known = Act::ALL.map(|(_, name)| name).join(", ");
        Refused::NotFound(format!("No act {act}. Known are {known}."))
    })?;
    let payment = sandbox.acquirer.act(&reference, act).await?.map_err(|error| match error {
        ActRefused::Unknown(_) => Refused::NotFound(format!("The acquirer knows no payment {reference}.")),
        ActRefused::NotNow { .. } => Refused::Bad(format!("{error}.")),
    })?;
    Ok(answered(&sandbox.acquirer.look(|acquirer| shown(acquirer, &payment)).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Next {
    /// The charge's id, what the payment is described as, or `*`.
    #[serde(default = "any")]
    about: String,
    behaviour: Option<Behaviour>,
    #[serde(default)]
    webhook_delay_seconds: Option<i64>,
    #[serde(default = "once")]
    webhook_times: u8,
}

fn any() -> String {
    ANY.to_owned()
}

fn once() -> u8 {
    1
}

pub async fn order(State(sandbox): State<Sandbox>, body: Bytes) -> Answer {
    let Next { about, behaviour, webhook_delay_seconds, webhook_times } = read(&body)?;
    bounded("webhook_times", webhook_times, (0, 10))?;
    let mut order = Order { behaviour, webhook_times, ..Order::default() };
    if let Some(seconds) = webhook_delay_seconds {
        order.webhook_delay_millis = bounded("webhook_delay_seconds", seconds, (0, 400 * 86_400))? * 1_000;
    }
    if !(1..=200).contains(&about.len()) {
        return Err(Refused::Bad("about must have 1 to 200 signs.".into()));
    }
    sandbox.acquirer.order_next(&about, order).await?;
    Ok(answered(&json!({ "ordered": about })))
}
