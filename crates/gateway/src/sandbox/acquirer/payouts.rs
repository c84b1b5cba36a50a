//! What becomes of a payment out, by order.

use axum::body::Bytes;
use axum::extract::{Path, State};
use rails::sim::acquirer::Behaviour;
use serde::Deserialize;
use serde_json::json;

use crate::sandbox::Sandbox;
use crate::sandbox::controls::{Answer, Refused, answered, read};
use crate::store::{StoreError, merchants, payouts};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    outcome: Word,
    /// Why it is declined; the merchant reads it.
    #[serde(default = "refused")]
    reason: String,
}

fn refused() -> String {
    "Card declined by the issuer".to_owned()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Success,
    Decline,
    /// The bank sends back what was paid. Nobody is told: it is noticed at the next question, within a day.
    TakeBack,
    /// Stays pending until it is ordered otherwise.
    Pending,
    /// Paid, and the connection is closed without an answer.
    TimeoutThenPaid,
    /// The connection is closed without an answer, and nothing was done.
    Timeout,
}

/// Ends a payment that is pending at the processor; of one that has not come there yet, orders what it will be.
pub async fn outcome(State(sandbox): State<Sandbox>, Path(payment): Path<i64>, body: Bytes) -> Answer {
    let Outcome { outcome, reason } = read(&body)?;
    let row = sandbox
        .app
        .store
        .read(|tx| {
            for merchant in merchants::list(tx)? {
                if let Some(row) = payouts::by_number(tx, &merchant.id, payment)? {
                    return Ok(Some(row));
                }
            }
            Ok::<_, StoreError>(None)
        })
        .await?;
    let row = row.ok_or_else(|| Refused::NotFound(format!("There is no payment {payment}.")))?;
    let reference = row.transfer_id.as_str();
    let (known, _) = sandbox.acquirer.payout(reference).await?;
    let decline = (outcome == Word::Decline).then_some(reason.as_str());
    if outcome == Word::TakeBack {
        if !sandbox.acquirer.take_payout_back(reference, &reason).await? {
            return Err(Refused::Bad("Nothing was paid that could be taken back.".into()));
        }
    } else if known.is_some() {
        let ends = matches!(outcome, Word::Success | Word::Decline);
        if !ends || !sandbox.acquirer.end_payout(reference, decline).await? {
            let sentence =
                "It is at the processor already: only success and decline end it, and only while it is pending.";
            return Err(Refused::Bad(sentence.into()));
        }
    } else {
        let behaviour = match outcome {
            Word::Success => Behaviour::Approve,
            Word::Decline => Behaviour::Decline,
            Word::Pending | Word::TakeBack => Behaviour::Pending,
            Word::TimeoutThenPaid => Behaviour::TimeoutThenCharged,
            Word::Timeout => Behaviour::Timeout,
        };
        sandbox.acquirer.order_next(reference, behaviour).await?;
    }
    sandbox.app.wake.providers.notify_one();
    Ok(answered(&json!({ "payment_id": payment, "ordered": known.is_none() })))
}
