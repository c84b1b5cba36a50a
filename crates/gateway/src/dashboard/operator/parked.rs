//! `/operator/parked`: money that came and counts towards no invoice, and how many callbacks of each merchant were given up.

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
/// Where callbacks that were given up are.
pub const CALLBACKS: &str = "/operator/parked#h-callbacks";
const MOST: i64 = 60;
/// Merchants on a page, and the callbacks that are counted for it.
const MERCHANTS: usize = 30;
const COUNTED: i64 = 1_000;

#[derive(Template)]
#[template(path = "dashboard/operator/parked.html")]
struct Page {
    f: Frame,
    coins: Vec<Coins>,
    charges: Vec<Charged>,
    callbacks: Vec<GivenUp>,
    is_first: bool,
    next: Option<String>,
}

struct GivenUp {
    merchant: i64,
    merchant_name: String,
    count: String,
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
    /// What was given back there before: it may be this.
    given_back: Option<String>,
}

fn why(placement: &str) -> String {
    format!("parked-{}", placement.replace('_', "-"))
}

/// Whose they are, and how many of each; more of the last one where the count ended. And after whom the next page begins.
fn by_merchant(ids: &[MerchantId]) -> (Vec<(&MerchantId, String)>, Option<&MerchantId>) {
    let is_cut = i64::try_from(ids.len()).is_ok_and(|found| found >= COUNTED);
    let groups: Vec<&[MerchantId]> = ids.chunk_by(PartialEq::eq).collect();
    let mut shown = Vec::new();
    for (at, group) in groups.iter().copied().enumerate().take(MERCHANTS) {
        let more = if is_cut && at.saturating_add(1) == groups.len() { "+" } else { "" };
        shown.extend(group.first().map(|id| (id, format!("{}{more}", group.len()))));
    }
    let next = shown.last().filter(|_| is_cut || groups.len() > MERCHANTS).map(|(id, _)| *id);
    (shown, next)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let after = ask.query("after").to_owned();
    let read = |tx: &Tx<'_>| {
        let number = |id: &MerchantId| merchants::existing(tx, id).map(|merchant| merchant.number);
        let coins = overviews::parked_payments(tx, MOST)?.into_iter();
        let coins = coins.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        let parked = overviews::parked_charges(tx, MOST)?.into_iter();
        let parked = parked.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        let surpluses = overviews::surpluses(tx, MOST)?.into_iter();
        let surpluses =
            surpluses.map(|row| Ok((number(&row.merchant_id)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
        let ids = overviews::given_up(tx, &after, COUNTED)?;
        let (callbacks, next) = by_merchant(&ids);
        let callbacks = callbacks.into_iter().map(|(id, count)| {
            let merchant = merchants::existing(tx, id)?;
            Ok(GivenUp { merchant: merchant.number, merchant_name: merchant.name, count })
        });
        let callbacks = callbacks.collect::<Result<Vec<_>, StoreError>>()?;
        let next = next.map(|id| format!("{PATH}?after={id}#h-callbacks"));
        Ok::<_, StoreError>((coins, parked, surpluses, callbacks, next))
    };
    let (coins, parked, surpluses, callbacks, next) = ask.app().store.read(read).await?;
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
            given_back: (is_surplus && !row.refunded_elsewhere.is_zero())
                .then(|| amount(ask.app(), &money.currency, row.refunded_elsewhere)),
        })
    };
    // what nobody can give back from here comes first
    let charges = surpluses.iter().filter_map(|(merchant, row)| line(*merchant, row, true));
    let charges = charges.chain(parked.iter().filter_map(|(merchant, row)| line(*merchant, row, false))).collect();
    ask.show(&Page {
        f: ask.frame(ask.w().text("nav-parked").plain()),
        coins: coins.collect(),
        charges,
        callbacks,
        is_first: after.is_empty(),
        next,
    })
}
