//! The ledger entries of a crypto payment: received into forwarders, then out to the merchant and the operator.

use crate::amount::Units;
use crate::attempt::Attempt;
use crate::ledger::{Account, Draft, EntryRate, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::payment::{OnChain, Payment};
use crate::time::Time;

/// The unique cause of a fact's entry: the fact's key, its block included, and how many times it has become final there.
pub fn cause(what: &str, key: &OnChain, round: u32) -> String {
    format!("{what}:{}:{}:{}:{}:{round}", key.chain, key.tx_hash, key.log_index, key.block_hash)
}

fn posting(owner: Owner, kind: Kind, side: Side, asset: &str, units: Units) -> Posting {
    Posting { account: Account { owner, kind, asset: asset.to_owned() }, side, units }
}

/// A payment became final: the coins lie in the forwarder, owed to the merchant and, by the attempt's fee, to the operator.
///
/// # Errors
/// `OutOfRange` when the split does not fit; the entry balances by construction.
pub fn payment_received(payment: &Payment, attempt: &Attempt, invoice: i64, now: Time) -> Result<Draft, Unbalanced> {
    let split = attempt.fee.split(payment.units)?;
    let owed = if payment.placement.is_parked() { Kind::Parked } else { Kind::Payable };
    let asset = &payment.asset;
    let postings = vec![
        posting(Owner::Operator, Kind::Clearing, Side::Debit, asset, payment.units),
        posting(Owner::Merchant, owed, Side::Credit, asset, split.merchant),
        posting(Owner::Operator, Kind::Fee, Side::Credit, asset, split.fee),
    ];
    let draft = Draft::new(cause("payment", &payment.on_chain, payment.round), Reason::PaymentReceived, now, postings)?;
    let rate = (payment.asset == attempt.asset).then(|| EntryRate {
        price: attempt.rate.price.to_string(),
        source: attempt.rate.source.clone(),
        at: attempt.rate.at,
    });
    Ok(Draft { invoice_number: Some(invoice), rate, ..draft })
}

/// A flush became final: what `payments` were owed has left the forwarder.
///
/// The contract rounds the fee once over the whole balance, the payments were rounded one by one: the books follow the
/// payments, and differ from the chain by less than one base unit a payment, in the operator's favour on the chain.
///
/// # Errors
/// `Empty` without payments.
pub fn flushed(
    key: &OnChain,
    round: u32,
    payments: &[Payment],
    attempt: &Attempt,
    invoice: i64,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let mut postings = Vec::with_capacity(payments.len() * 3);
    for payment in payments {
        let split = attempt.fee.split(payment.units)?;
        let owed = if payment.placement.is_parked() { Kind::Parked } else { Kind::Payable };
        postings.push(posting(Owner::Merchant, owed, Side::Debit, &payment.asset, split.merchant));
        postings.push(posting(Owner::Operator, Kind::Fee, Side::Debit, &payment.asset, split.fee));
        postings.push(posting(Owner::Operator, Kind::Clearing, Side::Credit, &payment.asset, payment.units));
    }
    let draft = Draft::new(cause("flush", key, round), Reason::Settled, now, postings)?;
    Ok(Draft { invoice_number: Some(invoice), ..draft })
}
