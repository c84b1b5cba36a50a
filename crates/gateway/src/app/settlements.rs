//! Settlement of card and UPI money that came to the operator's accounts: decided here, carried by a transfer, done when that arrives.

mod ends;
pub mod statement;
pub mod table;
#[cfg(test)]
mod tests;

pub use ends::transfer_changed;

use std::collections::BTreeMap;

use domain::amount::AmountError;
use domain::ledger::{EntryRate, Kind as AccountKind, Owner, Unbalanced};
use domain::merchant::Wallet;
use domain::settlement::{Item, Open, Schedule, Terms, batches, decide, item_entry, price};
use domain::time::DAY;
use domain::transfer::Kind;
use domain::{MerchantId, Time, Units};

use super::acts::{Actor, record_for};
use super::charges::refunds;
use super::transfers::{NewTransfer, Rail, reserve as reserve_transfer};
use super::{App, SharedApp, provider_payouts};
use crate::store::audit_log::{self, ActRow};
use crate::store::charges::{self, ChargeRow};
use crate::store::disputes::{self, DisputeState};
use crate::store::settlement_terms::{self, TermsRow};
use crate::store::settlements::{self, ItemRow, ReserveRow, ReserveState, SettlementRow, State};
use crate::store::{StoreError, Tx, ledger, merchants, settings};

/// About the most items of a settlement; what is left goes into the next.
const ITEMS: usize = 200;
/// Where the rate of an item comes from.
const RATE_SOURCE: &str = "locked with the charge";

fn unbalanced(error: Unbalanced) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

fn out_of_range(error: AmountError) -> StoreError {
    StoreError::Inconsistent(error.to_string())
}

/// Frees the reserves whose time is over, and settles every merchant that is due. Answers how many settlements were made.
pub async fn settle_due(app: &SharedApp) -> Result<usize, StoreError> {
    if let Err(error) = ends::release_due(app).await {
        tracing::error!(%error, "Reserves could not be released");
    }
    let (mut made, mut last) = (0, String::new());
    loop {
        let waiting = app.store.read(|tx| charges::merchants_to_settle(tx, &last)).await?;
        let Some(end) = waiting.last() else { return Ok(made) };
        last = end.to_string();
        for merchant in waiting {
            let (worker, id) = (app.clone(), merchant.clone());
            // one merchant's trouble does not hold up the others
            match app.store.write(move |tx| settle(&worker, tx, &id, false)).await {
                Ok(settlements) => made += settlements.len(),
                Err(error) if error.is_outage() => {
                    tracing::debug!(%merchant, %error, "A merchant could not be settled")
                }
                Err(error) => tracing::error!(%merchant, %error, "A merchant could not be settled"),
            }
        }
    }
}

/// Whether the schedule says now. A batch that was called off is decided anew the next day, not at once: somebody had a reason.
fn is_due(tx: &Tx<'_>, merchant: &MerchantId, agreed: &TermsRow, now: Time) -> Result<bool, StoreError> {
    Ok(match agreed.terms.schedule {
        // also after a clock that once was ahead
        Schedule::Daily => agreed.last_day != now.day(),
        Schedule::PerPayment | Schedule::Threshold(_) => {
            settlements::last_canceled(tx, merchant)?.is_none_or(|at| at.day() < now.day())
        }
    })
}

/// Writes down what was agreed with a merchant, and who said so.
pub fn agree(tx: &Tx<'_>, merchant: &MerchantId, terms: Terms, actor: &str, now: Time) -> Result<(), StoreError> {
    let row = settlement_terms::of(tx, merchant)?;
    settlement_terms::put(tx, merchant, &TermsRow { terms, ..row })?;
    let act = ActRow {
        at: now,
        actor: actor.to_owned(),
        act: "settlement.terms".into(),
        about: format!("settlement_terms {merchant}"),
        detail: format!("{:?} -> {terms:?}", row.terms),
    };
    audit_log::append(tx, &act)
}

/// Settles a merchant now, because a person wants it.
pub fn settle_now(app: &App, tx: &Tx<'_>, merchant: &MerchantId, actor: &Actor) -> Result<usize, StoreError> {
    let made = settle(app, tx, merchant, true)?;
    let numbers: Vec<String> = made.iter().map(|row| row.number.to_string()).collect();
    if !numbers.is_empty() {
        let about = format!("settlement_terms {merchant}");
        record_for(app, tx, actor, merchant, "settlement.now", (about, numbers.join(", ")))?;
    }
    Ok(made.len())
}

/// Decides a merchant's settlements, one a coin. `asked` is whether a person wants it now, whatever the schedule says.
pub fn settle(app: &App, tx: &Tx<'_>, merchant: &MerchantId, asked: bool) -> Result<Vec<SettlementRow>, StoreError> {
    let now = app.now();
    let agreed = settlement_terms::of(tx, merchant)?;
    let Wallet::Active(wallet) = merchants::existing(tx, merchant)?.wallet else { return Ok(Vec::new()) };
    if agreed.terms.paused || !(asked || is_due(tx, merchant, &agreed, now)?) {
        return Ok(Vec::new());
    }
    let mut waiting = BTreeMap::new();
    let mut by_currency: BTreeMap<String, Vec<Open>> = BTreeMap::new();
    for row in charges::to_settle(tx, merchant)? {
        if let Some((open, pending)) = open(app, tx, &row, &agreed, asked, now)? {
            by_currency.entry(open.received.currency.clone()).or_default().push(open);
            waiting.insert(row.charge.id.clone(), (row, pending));
        }
    }
    let mut items = Vec::new();
    for (currency, open) in &by_currency {
        let owed = ledger::balance(tx, merchant, Owner::Merchant, AccountKind::Payable, currency)?;
        items.extend(decide(owed, open, &agreed.terms).map_err(out_of_range)?);
    }
    let coins = match agreed.terms.schedule {
        Schedule::Threshold(coins) if !asked => u128::from(coins),
        _ => 0,
    };
    let least = |asset: &str| {
        let decimals = app.asset(asset).map_or(0, |asset| u32::from(asset.decimals));
        Units(10u128.checked_pow(decimals).and_then(|one| coins.checked_mul(one)).unwrap_or(u128::MAX))
    };
    let (mut made, mut whole) = (Vec::new(), true);
    for (_, items) in batches(items, least).map_err(out_of_range)?.into_values() {
        let (units, taken) = prefix(&items)?;
        whole &= taken.len() == items.len();
        made.push(make(app, tx, (merchant, &wallet), &agreed, units, taken, &waiting)?);
    }
    mark(tx, merchant, by_currency.values().flatten(), &waiting)?;
    if agreed.terms.schedule == Schedule::Daily && whole {
        settlement_terms::put(tx, merchant, &TermsRow { last_day: now.day(), ..agreed })?;
    }
    Ok(made)
}

/// The first items of a batch, as many as a settlement takes, and what they come to: above zero, as the batch is.
fn prefix(items: &[Item]) -> Result<(Units, &[Item]), StoreError> {
    let mut sum = Units::ZERO;
    for (nth, item) in (1..).zip(items) {
        sum = sum.plus(item.net()).map_err(out_of_range)?;
        if nth >= ITEMS && !sum.is_zero() {
            return Ok((sum, &items[..nth]));
        }
    }
    Ok((sum, items))
}

/// A charge as the decision sees it, and whether something that is under way may give a part of it back to the merchant.
fn open(
    app: &App,
    tx: &Tx<'_>,
    row: &ChargeRow,
    agreed: &TermsRow,
    asked: bool,
    now: Time,
) -> Result<Option<(Open, bool)>, StoreError> {
    let (merchant, charge) = (&row.merchant_id, &row.charge);
    let Some(received) = charge.received.clone() else { return Ok(None) };
    let split = charge.fee.split(received.units).map_err(out_of_range)?;
    let (mut gone, mut pending, mut disputed) = (row.refunded_elsewhere, charge.held, false);
    gone = gone.plus(refunds::given_back(tx, merchant, &charge.id)?).map_err(out_of_range)?;
    pending |= refunds::of_charge(tx, merchant, &charge.id)?.iter().any(|refund| refund.state.is_open());
    for dispute in disputes::of_charge(tx, merchant, &charge.id)? {
        if dispute.state != DisputeState::Won {
            gone = gone.plus(dispute.money.units).map_err(out_of_range)?;
            disputed = true;
        }
        pending |= dispute.state == DisputeState::Open;
    }
    // it is at the merchant's bank, and owed to nobody: counted here, it would be taken from what the operator owes
    if charge.owner == Owner::Merchant && provider_payouts::is_paid_out(tx, merchant, &charge.id)? {
        gone = received.units;
    }
    if charge.held {
        gone = gone.plus(split.merchant).map_err(out_of_range)?;
    }
    let earlier = settlements::of_charge(tx, merchant, &charge.id)?;
    let earlier = earlier.into_iter().filter(|(_, state, _)| *state != State::Canceled);
    let (mut settled, mut first) = (Units::ZERO, true);
    for (ItemRow { item, .. }, _, _) in earlier {
        let sum = item.contribution.plus(item.reserve).and_then(|pay| settled.plus(pay));
        (settled, first) = (sum.map_err(out_of_range)?, false);
    }
    for reserve in settlements::reserves_of_charge(tx, merchant, &charge.id)? {
        if reserve.state == ReserveState::Released {
            settled = settled.less(reserve.kept.units);
        }
    }
    let coin = charge.settle.as_ref().and_then(|settle| app.asset(&settle.asset));
    if charge.settle.is_some() && coin.is_none() {
        tracing::error!(charge = %charge.id, "A charge is to be settled in a coin that is no longer configured");
    }
    let ripe = coin.is_some()
        && charge.owner == Owner::Operator
        && !charge.held
        && !disputed
        && (asked || agreed.terms.schedule.is_ripe(row.changed_at, now));
    let (id, settle) = (charge.id.clone(), charge.settle.clone());
    Ok(Some((Open { charge: id, received, fee: split.fee, gone, settled, first, settle, ripe }, pending)))
}

type Waiting = BTreeMap<domain::ChargeId, (ChargeRow, bool)>;

/// Writes a settlement down: entries, rows, and the transfer that carries it.
fn make(
    app: &App,
    tx: &Tx<'_>,
    (merchant, wallet): (&MerchantId, &str),
    agreed: &TermsRow,
    units: Units,
    items: &[Item],
    waiting: &Waiting,
) -> Result<SettlementRow, StoreError> {
    let now = app.now();
    let missing = || StoreError::Inconsistent("a settlement of nothing, or in no coin".into());
    let asset = items.first().and_then(|item| app.asset(&item.asset)).ok_or_else(missing)?;
    let number = settings::next_number(tx, "settlement")?;
    let transfer = reserve_transfer(
        app,
        tx,
        NewTransfer {
            merchant: merchant.clone(),
            kind: Kind::Settlement,
            subject: number.to_string(),
            invoice_number: None,
            taken_from: AccountKind::Payable,
            asset: asset.code.clone(),
            units,
            rail: Rail::Chain(asset.chain.clone()),
            destination: wallet.to_owned(),
            needs_approval: false,
        },
    )?;
    let row = SettlementRow {
        merchant_id: merchant.clone(),
        number,
        asset: asset.code.clone(),
        units,
        wallet: wallet.to_owned(),
        state: State::UnderWay,
        transfer_id: transfer.id,
        tx_hash: None,
        created_at: now,
        changed_at: now,
        settled_at: None,
    };
    settlements::insert(tx, &row)?;
    for item in items {
        let (charge, _) = waiting.get(&item.charge).ok_or_else(missing)?;
        let rate = rate(&charge.charge, asset.decimals)?;
        let item_row = ItemRow { number, invoice_number: charge.invoice_number, item: item.clone(), rate };
        enter_item(tx, merchant, &item_row, now)?;
        if !item.reserve.is_zero() {
            let kept = domain::charge::Money { units: item.reserve, currency: item.currency.clone() };
            settlements::insert_reserve(
                tx,
                &ReserveRow {
                    merchant_id: merchant.clone(),
                    number,
                    charge_id: item.charge.clone(),
                    invoice_number: charge.invoice_number,
                    kept,
                    release_at: now.plus(i64::from(agreed.terms.reserve_days) * DAY),
                    state: ReserveState::Kept,
                    released_at: None,
                },
            )?;
        }
    }
    tracing::info!(%merchant, number, units = %row.units, asset = row.asset, items = items.len(), "A settlement was decided");
    Ok(row)
}

/// The rate a charge's items are settled at.
fn rate(charge: &domain::charge::Charge, decimals: u8) -> Result<EntryRate, StoreError> {
    let missing = || StoreError::Inconsistent(format!("charge {} has no rate to be settled at", charge.id));
    let (received, settle) = charge.received.as_ref().zip(charge.settle.as_ref()).ok_or_else(missing)?;
    let digits = domain::fiat::minor_digits(&received.currency).unwrap_or(2);
    let price = price(received.units, digits, settle, decimals).map_err(out_of_range)?;
    Ok(EntryRate { price, source: RATE_SOURCE.into(), at: charge.created_at })
}

fn enter_item(tx: &Tx<'_>, merchant: &MerchantId, row: &ItemRow, now: Time) -> Result<(), StoreError> {
    settlements::insert_item(tx, merchant, row)?;
    let entry = item_entry(row.number, row.invoice_number, &row.item, &row.rate, now).map_err(unbalanced)?;
    match entry {
        Some(entry) if !ledger::enter(tx, merchant, &entry)? => {
            Err(StoreError::Inconsistent(format!("the entry {} is there already", entry.cause)))
        }
        _ => Ok(()),
    }
}

/// Charges that are settled through are not looked at again, until a reserve is freed or a settlement is called off. One of which a
/// part was taken for a debt stays: should the debt's reason fall away, that part is settled too.
fn mark<'o>(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    open: impl Iterator<Item = &'o Open>,
    waiting: &Waiting,
) -> Result<(), StoreError> {
    for open in open {
        let items = settlements::of_charge(tx, merchant, &open.charge)?;
        let live = items.iter().filter(|(_, state, _)| *state != State::Canceled);
        let (mut settled, mut known) = (Units::ZERO, false);
        for (row, _, _) in live {
            let pay = row.item.contribution.plus(row.item.reserve).and_then(|pay| settled.plus(pay));
            (settled, known) = (pay.map_err(out_of_range)?, true);
        }
        for reserve in settlements::reserves_of_charge(tx, merchant, &open.charge)? {
            if reserve.state == ReserveState::Released {
                settled = settled.less(reserve.kept.units);
            }
        }
        let pending = waiting.get(&open.charge).is_none_or(|(_, pending)| *pending);
        if known && !pending && (Open { settled, ..open.clone() }).free().is_zero() {
            charges::set_settled(tx, merchant, &open.charge, true)?;
        }
    }
    Ok(())
}
