//! `/operator/parked`: money that came and counts towards no invoice.

use askama::Template;
use domain::MerchantId;
use domain::charge::Placement;

use super::transfers::amount;
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::charges::ChargeRow;
use crate::store::payments::placement_name;
use crate::store::{StoreError, Tx, merchants, overviews};

pub const PATH: &str = "/operator/parked";
const MOST: i64 = 60;

#[derive(Template)]
#[template(path = "dashboard/operator/parked.html")]
struct Page {
    f: Frame,
    coins: Vec<Coins>,
    charges: Vec<Charged>,
}

struct Coins {
    at: Stamp,
    merchant: i64,
    invoice: i64,
    why: String,
    amount: String,
    sender: String,
    tx: String,
    is_flushed: bool,
}

struct Charged {
    at: Stamp,
    merchant: i64,
    invoice: i64,
    why: String,
    amount: String,
    id: String,
    provider: String,
    /// A second capture: no refund of ours reaches it.
    is_surplus: bool,
}

fn why(placement: &str) -> String {
    format!("parked-{}", placement.replace('_', "-"))
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let read = |tx: &Tx<'_>| {
        let number = |id: &MerchantId| merchants::existing(tx, id).map(|merchant| merchant.number);
        let coins = overviews::parked_payments(tx, MOST)?.into_iter();
        let coins = coins.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        let parked = overviews::parked_charges(tx, MOST)?.into_iter();
        let parked = parked.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        let surpluses = overviews::surpluses(tx, MOST)?.into_iter();
        let surpluses =
            surpluses.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        Ok::<_, StoreError>((coins, parked, surpluses))
    };
    let (coins, parked, surpluses) = ask.app().store.read(read).await?;
    let coins = coins.into_iter().map(|(merchant, row)| Coins {
        at: ask.viewer.time(row.seen_at),
        merchant,
        invoice: row.invoice_number,
        why: why(placement_name(row.payment.placement)),
        amount: amount(ask.app(), &row.payment.asset, row.payment.units),
        sender: row.sender,
        tx: row.payment.on_chain.tx_hash.clone(),
        is_flushed: row.payment.flushed_by.is_some(),
    });
    let line = |merchant: i64, row: &ChargeRow, is_surplus: bool| {
        let money = row.charge.received.as_ref()?;
        let (placement, units) = match is_surplus {
            true => ("surplus", row.surplus_left()),
            false => (row.charge.placement.map(Placement::name)?, money.units),
        };
        Some(Charged {
            at: ask.viewer.time(row.changed_at),
            merchant,
            invoice: row.invoice_number,
            why: why(placement),
            amount: amount(ask.app(), &money.currency, units),
            id: row.charge.id.to_string(),
            provider: row.charge.provider.clone(),
            is_surplus,
        })
    };
    // what nobody can give back from here comes first
    let charges = surpluses.iter().filter_map(|(merchant, row)| line(*merchant, row, true));
    let charges = charges.chain(parked.iter().filter_map(|(merchant, row)| line(*merchant, row, false))).collect();
    let page = Page { f: ask.frame(ask.w().text("nav-parked").plain()), coins: coins.collect(), charges };
    ask.show(&page)
}
