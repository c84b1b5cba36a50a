//! Everything that happened to an invoice, in one list, read from its rows alone.

use std::collections::BTreeSet;

use domain::charge::Money;
use domain::ledger::{EntryRate, Posting, Reason};
use domain::payment::{Finality, Placement};
use domain::{ChargeId, MerchantId, RefundId, Time, TransferId, Units};

use super::coin_refunds::about as about_refund;
use super::transfers::acts::about as about_transfer;
use crate::store::disputes::DisputeState;
use crate::store::events::About;
use crate::store::invoices::{self, InvoiceRow};
use crate::store::{
    StoreError, Tx, attempts, audit_log, charges, coin_refunds, deliveries, disputes, events, flushes, ledger_pages,
    payments, transfers,
};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Item {
    pub at: Time,
    pub what: What,
}

#[derive(Debug, Clone)]
pub enum What {
    /// It reached a state, which the merchant is told by the callback with this number: the wire's word.
    Reached {
        seq: i64,
        status: String,
    },
    /// Events of it have left for an archive, up to its last one.
    Archived {
        events: i64,
    },
    /// A coin was chosen: a deposit address and a price until `quote_ends`.
    Attempt {
        asset: String,
        chain: String,
        address: String,
        due: Units,
        price: String,
        source: String,
        quote_ends: Time,
    },
    /// A transfer to a deposit address.
    Payment {
        tx_hash: String,
        chain: String,
        asset: String,
        units: Units,
        sender: String,
        finality: Finality,
        placement: Placement,
    },
    /// Coins left the deposit address for the merchant's wallet and the fee's.
    Flush {
        tx_hash: String,
        chain: String,
        asset: String,
        merchant: Units,
        fee: Units,
        finality: Finality,
    },
    /// A payment at a provider was begun.
    Charge {
        id: ChargeId,
        provider: String,
        method: &'static str,
        asked: Money,
    },
    /// What its provider said last.
    ChargeAnswer {
        id: ChargeId,
        state: &'static str,
        note: Option<String>,
        received: Option<Money>,
    },
    Disputed {
        charge: ChargeId,
        reference: String,
        money: Money,
        is_open: bool,
        /// Of an open one: until when evidence is to be sent, if that is known.
        evidence_due: Option<Time>,
    },
    DisputeClosed {
        charge: ChargeId,
        reference: String,
        state: DisputeState,
    },
    /// A refund was decided; `transfer` moves it.
    Refund {
        transfer: TransferId,
        asset: String,
        units: Units,
        state: &'static str,
    },
    RefundEnded {
        transfer: TransferId,
        asset: String,
        units: Units,
        state: &'static str,
        tx_hash: Option<String>,
    },
    /// A refund of coins: the payer has a link and says where they go.
    CoinRefund {
        id: RefundId,
        asset: String,
        units: Units,
        source: &'static str,
    },
    CoinRefundConfirmed {
        id: RefundId,
        destination: String,
    },
    CoinRefundNow {
        id: RefundId,
        state: &'static str,
        tx_hash: Option<String>,
    },
    /// A payment to a card left for the processor, which knows it by this.
    Sent {
        reference: Option<String>,
    },
    Entry {
        seq: i64,
        reason: Reason,
        postings: Vec<Posting>,
        rate: Option<EntryRate>,
    },
    /// One try to deliver the callback with this number.
    Callback {
        seq: i64,
        attempt: i64,
        url: String,
        http_status: Option<i64>,
        outcome: String,
        millis: i64,
    },
    /// What a person did.
    Act {
        actor: String,
        act: String,
        detail: String,
    },
}

/// Everything about an invoice, oldest first; `None` when the merchant has no such invoice.
pub fn timeline(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    number: i64,
) -> Result<Option<(InvoiceRow, Vec<Item>)>, StoreError> {
    let Some(row) = invoices::by_number(tx, merchant, number)? else { return Ok(None) };
    let mut items = Vec::new();
    let mut acts = BTreeSet::from([super::invoices::about(number)]);
    let (about, created_at) = (About::invoice(number), row.invoice.created_at);
    told(tx, merchant, about, (row.last_event, created_at), &mut items)?;
    coins(tx, merchant, number, &mut items)?;
    at_providers(tx, merchant, number, &mut items, &mut acts)?;
    coin_refunds_of(tx, merchant, number, &mut items, &mut acts)?;
    for entry in ledger_pages::of_invoice(tx, merchant, number)? {
        let (seq, draft) = (entry.seq, entry.draft);
        let what = What::Entry { seq, reason: draft.reason, postings: draft.postings, rate: draft.rate };
        items.push(Item { at: draft.at, what });
    }
    for about in acts {
        for act in audit_log::about(tx, &about)? {
            items.push(Item { at: act.at, what: What::Act { actor: act.actor, act: act.act, detail: act.detail } });
        }
    }
    // what is of one moment stays in the order in which it follows from each other
    items.sort_by_key(|item| item.at);
    Ok(Some((row, items)))
}

/// States, and how the merchant was told of them. What it is about was made at a moment, and has had so many events.
pub(super) fn told(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    about: About,
    (last_event, created_at): (i64, Time),
    items: &mut Vec<Item>,
) -> Result<(), StoreError> {
    let events = events::of(tx, merchant, about)?;
    let first = events.first().map_or(last_event + 1, |event| event.seq);
    if first > 1 {
        items.push(Item { at: created_at, what: What::Archived { events: first - 1 } });
    }
    for event in events {
        items.push(Item { at: event.at, what: What::Reached { seq: event.seq, status: event.status } });
    }
    for delivery in deliveries::of(tx, merchant, about)? {
        for tried in deliveries::attempts(tx, &delivery)? {
            let what = What::Callback {
                seq: delivery.seq,
                attempt: tried.attempt,
                url: delivery.url.clone(),
                http_status: tried.http_status,
                outcome: tried.outcome,
                millis: tried.millis,
            };
            items.push(Item { at: tried.at, what });
        }
    }
    Ok(())
}

fn coins(tx: &Tx<'_>, merchant: &MerchantId, number: i64, items: &mut Vec<Item>) -> Result<(), StoreError> {
    let attempts = attempts::of_invoice(tx, merchant, number)?;
    for flush in flushes::of_attempts(tx, merchant, &attempts)? {
        let what = What::Flush {
            tx_hash: flush.on_chain.tx_hash,
            chain: flush.on_chain.chain,
            asset: flush.asset,
            merchant: flush.merchant_units,
            fee: flush.fee_units,
            finality: flush.finality,
        };
        items.push(Item { at: flush.on_chain.block_time, what });
    }
    for attempt in attempts {
        let what = What::Attempt {
            asset: attempt.asset,
            chain: attempt.chain,
            address: format!("0x{}", hex::encode(attempt.address)),
            due: attempt.due_units,
            price: attempt.rate.price.to_string(),
            source: attempt.rate.source,
            quote_ends: attempt.quote_expires_at,
        };
        items.push(Item { at: attempt.created_at, what });
    }
    for payment in payments::of_invoice(tx, merchant, number)? {
        let what = What::Payment {
            tx_hash: payment.payment.on_chain.tx_hash,
            chain: payment.payment.on_chain.chain,
            asset: payment.payment.asset,
            units: payment.payment.units,
            sender: payment.sender,
            finality: payment.payment.finality,
            placement: payment.payment.placement,
        };
        items.push(Item { at: payment.seen_at, what });
    }
    Ok(())
}

/// Charges, what became of them, their disputes and refunds.
fn at_providers(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    number: i64,
    items: &mut Vec<Item>,
    acts: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    for row in charges::of_invoice(tx, merchant, number)? {
        let id = row.charge.id.clone();
        acts.insert(format!("charges {id}"));
        let (method, asked) = (row.charge.method.name(), row.charge.asked);
        let what = What::Charge { id: id.clone(), provider: row.charge.provider, method, asked };
        items.push(Item { at: row.charge.created_at, what });
        let (state, received) = (row.charge.state.name(), row.charge.received);
        let what = What::ChargeAnswer { id: id.clone(), state, note: row.note, received };
        items.push(Item { at: row.changed_at, what });
        for dispute in disputes::of_charge(tx, merchant, &id)? {
            let (charge, reference) = (id.clone(), dispute.reference.clone());
            let is_open = dispute.state == DisputeState::Open;
            let evidence_due = dispute.evidence_due_at.filter(|_| is_open);
            let what = What::Disputed { charge, reference, money: dispute.money, is_open, evidence_due };
            items.push(Item { at: dispute.opened_at, what });
            if let Some(at) = dispute.closed_at {
                let (charge, reference, state) = (id.clone(), dispute.reference, dispute.state);
                items.push(Item { at, what: What::DisputeClosed { charge, reference, state } });
            }
        }
        let kind = domain::transfer::Kind::ChargeRefund;
        for refund in transfers::of_subject(tx, merchant, kind, id.as_str())? {
            moved(refund, items, acts);
        }
    }
    Ok(())
}

fn moved(row: transfers::TransferRow, items: &mut Vec<Item>, acts: &mut BTreeSet<String>) {
    acts.insert(about_transfer(&row.id));
    let (transfer, asset, units, state) = (row.id, row.asset, row.units, row.state.name());
    let what = What::Refund { transfer: transfer.clone(), asset: asset.clone(), units, state };
    items.push(Item { at: row.created_at, what });
    if row.changed_at > row.created_at {
        let what = What::RefundEnded { transfer, asset, units, state, tx_hash: row.tx_hash };
        items.push(Item { at: row.changed_at, what });
    }
}

fn coin_refunds_of(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    number: i64,
    items: &mut Vec<Item>,
    acts: &mut BTreeSet<String>,
) -> Result<(), StoreError> {
    for row in coin_refunds::of_invoice(tx, merchant, number)? {
        acts.insert(about_refund(&row.id));
        let (id, asset, units) = (row.id.clone(), row.asset, row.units);
        items.push(Item { at: row.created_at, what: What::CoinRefund { id, asset, units, source: row.source.name() } });
        if let (Some(at), Some(destination)) = (row.confirmed_at, row.destination) {
            items.push(Item { at, what: What::CoinRefundConfirmed { id: row.id.clone(), destination } });
        }
        if let Some(id) = &row.transfer_id
            && let Some(transfer) = transfers::by_id(tx, merchant, id)?
        {
            moved(transfer, items, acts);
        }
        if row.changed_at > row.created_at {
            let what = What::CoinRefundNow { id: row.id, state: row.state.name(), tx_hash: row.tx_hash };
            items.push(Item { at: row.changed_at, what });
        }
    }
    Ok(())
}
