//! What a merchant is settled for card and UPI money that came to the operator's accounts: which charges, how much of each, in coins.
//!
//! Pure: the rows come in as values, oldest first, and the items of a batch go out.

use std::collections::BTreeMap;

use crate::amount::{AmountError, Units, mul_div_floor};
use crate::charge::{Money, Settle};
use crate::exchange::Conversion;
use crate::fee::BasisPoints;
use crate::ids::ChargeId;
use crate::ledger::{Account, Draft, EntryRate, Kind, Owner, Posting, Reason, Side, Unbalanced};
use crate::time::Time;

/// When a merchant is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedule {
    /// Each charge as soon as it is free.
    PerPayment,
    /// Once a UTC day, soon after midnight: what was paid on the days before.
    Daily,
    /// As soon as it comes to this much, in whole coins.
    Threshold(u64),
}

impl Schedule {
    pub fn name(self) -> &'static str {
        match self {
            Schedule::PerPayment => "per_payment",
            Schedule::Daily => "daily",
            Schedule::Threshold(_) => "threshold",
        }
    }

    /// `coins` is the threshold; only that schedule has one.
    pub fn from_name(name: &str, coins: Option<u64>) -> Option<Schedule> {
        match (name, coins) {
            ("per_payment", None) => Some(Schedule::PerPayment),
            ("daily", None) => Some(Schedule::Daily),
            ("threshold", Some(coins)) if coins > 0 => Some(Schedule::Threshold(coins)),
            _ => None,
        }
    }

    /// Whether what was paid at `paid_at` may be settled at `now`.
    pub fn is_ripe(self, paid_at: Time, now: Time) -> bool {
        self != Schedule::Daily || paid_at.day() < now.day()
    }
}

/// What was agreed with a merchant about its settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub schedule: Schedule,
    /// The part kept back of each charge, and for how many days.
    pub reserve: BasisPoints,
    pub reserve_days: u32,
    /// What the operator keeps of the coins for the conversion.
    pub spread: BasisPoints,
    /// Nothing is settled until a person says so.
    pub paused: bool,
}

impl Default for Terms {
    fn default() -> Terms {
        let (reserve, spread) = (BasisPoints::ZERO, BasisPoints::ZERO);
        Terms { schedule: Schedule::Daily, reserve, reserve_days: 0, spread, paused: false }
    }
}

/// A paid charge that counts and is not settled through: nothing of it was, or something came free again since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub charge: ChargeId,
    pub received: Money,
    /// The operator's, in the charge's currency.
    pub fee: Units,
    /// Given back, about to be given back, disputed or held.
    pub gone: Units,
    /// Settled before, and what is kept in reserve of it.
    pub settled: Units,
    /// No settlement has it yet.
    pub first: bool,
    /// What it is settled in; `None` where the money is not the operator's to settle.
    pub settle: Option<Settle>,
    /// Its time has come, and nobody holds or disputes it.
    pub ripe: bool,
}

impl Open {
    /// What of the merchant's share is still there, in the charge's currency.
    pub fn free(&self) -> Units {
        self.received.units.less(self.fee).less(self.gone).less(self.settled)
    }
}

/// A charge's part in a settlement. `gross - fee - deducted = reserve + contribution`, in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub charge: ChargeId,
    /// The coin: an asset's code.
    pub asset: String,
    pub currency: String,
    /// What was received; of a charge that was settled before, what has come free since.
    pub gross: Units,
    pub fee: Units,
    /// Given back or taken for what the merchant owed.
    pub deducted: Units,
    pub reserve: Units,
    pub contribution: Units,
    /// Base units of the coin at the charge's rate, before the spread. Rounded down.
    pub coins: Units,
    pub spread: Units,
}

impl Item {
    /// What the merchant gets, base units of the coin.
    pub fn net(&self) -> Units {
        self.coins.less(self.spread)
    }
}

/// `part` of a share, rounded up: what is kept back is never short.
fn part_up(part: BasisPoints, units: Units) -> Result<Units, AmountError> {
    let rest = u128::from(10_000 - part.get());
    Ok(units.less(Units(mul_div_floor(units.0, rest, 10_000)?)))
}

/// Coins for `contribution` of a charge, at the rate locked with it. Rounded down: never more than there is.
///
/// # Errors
/// `OutOfRange` when it does not fit, or nothing was received.
pub fn coins_for(contribution: Units, received: Units, settle: &Settle) -> Result<Units, AmountError> {
    mul_div_floor(contribution.0, settle.units.0, received.0).map(Units)
}

/// Coins for one unit of a charge's currency (of `digits` places), as decimal text with 12 places, rounded down: for people. What counts are
/// the amounts locked with the charge.
///
/// # Errors
/// `OutOfRange` when it does not fit, or nothing was received.
pub fn price(received: Units, digits: u8, settle: &Settle, decimals: u8) -> Result<String, AmountError> {
    const PLACES: u8 = 12;
    let ten = |places: u8| 10u128.checked_pow(places.into()).ok_or(AmountError::OutOfRange);
    let (up, down) = (digits.saturating_add(PLACES), decimals);
    let divisor = received.0.checked_mul(ten(down.saturating_sub(up))?).ok_or(AmountError::OutOfRange)?;
    let scaled = mul_div_floor(settle.units.0, ten(up.saturating_sub(down))?, divisor)?;
    Ok(Units(scaled).decimal(PLACES, 2))
}

/// The items of one currency. `owed` is what the merchant is owed in it, already net of debts; `open` all its open charges, oldest first.
///
/// What was owed less than the charges come to has paid debts: it is taken from the oldest first. The sum of contributions and reserves
/// never exceeds `owed`.
///
/// # Errors
/// `OutOfRange` when an amount does not fit.
pub fn decide(owed: Units, open: &[Open], terms: &Terms) -> Result<Vec<Item>, AmountError> {
    let total = open.iter().try_fold(Units::ZERO, |sum, open| sum.plus(open.free()))?;
    let mut short = total.less(owed);
    let mut items = Vec::new();
    for open in open.iter().filter(|open| open.ripe) {
        let Some(settle) = &open.settle else { continue };
        let free = open.free();
        let taken = short.min(free);
        short = short.less(taken);
        let pay = free.less(taken);
        let reserve = if open.first { part_up(terms.reserve, pay)? } else { Units::ZERO };
        let contribution = pay.less(reserve);
        let coins = coins_for(contribution, open.received.units, settle)?;
        let given = (open.received.currency.clone(), contribution);
        let made = Conversion::new(given, settle.asset.clone(), coins, terms.spread)?;
        // less than the smallest coin waits for more; of one that was settled before there is nothing to say
        if made.net().is_zero() && (!pay.is_zero() || !open.first) {
            continue;
        }
        let (gross, fee) = if open.first { (open.received.units, open.fee) } else { (free, Units::ZERO) };
        items.push(Item {
            charge: open.charge.clone(),
            asset: settle.asset.clone(),
            currency: open.received.currency.clone(),
            gross,
            fee,
            deducted: gross.less(fee).less(pay),
            reserve,
            contribution,
            coins,
            spread: made.spread,
        });
    }
    Ok(items)
}

/// Puts items together by coin. A batch with nothing to pay makes no settlement; nor does one below `least` (by coin).
///
/// # Errors
/// `OutOfRange` when a sum does not fit.
pub fn batches(
    items: Vec<Item>,
    least: impl Fn(&str) -> Units,
) -> Result<BTreeMap<String, (Units, Vec<Item>)>, AmountError> {
    let mut batches: BTreeMap<String, (Units, Vec<Item>)> = BTreeMap::new();
    for item in items {
        let (sum, items) = batches.entry(item.asset.clone()).or_default();
        *sum = sum.plus(item.net())?;
        items.push(item);
    }
    batches.retain(|asset, (sum, _)| !sum.is_zero() && *sum >= least(asset));
    Ok(batches)
}

/// The unique cause of an item's entry.
pub fn item_cause(number: i64, charge: &ChargeId) -> String {
    format!("settlement:{number}:{charge}")
}

/// The unique cause of a reserve's release.
pub fn release_cause(number: i64, charge: &ChargeId) -> String {
    format!("reserve:{number}:{charge}")
}

fn posting(kind: Kind, asset: &str, side: Side, units: Units) -> Posting {
    Posting { account: Account { owner: Owner::Merchant, kind, asset: asset.to_owned() }, side, units }
}

/// An item's entry: its share leaves what is owed, a part is kept back, the rest is converted and set aside. `None` when nothing moves.
///
/// # Errors
/// Never for an item of [`decide`]: it balances by construction.
pub fn item_entry(
    number: i64,
    invoice: i64,
    item: &Item,
    rate: &EntryRate,
    now: Time,
) -> Result<Option<Draft>, Unbalanced> {
    let pay = item.contribution.plus(item.reserve)?;
    if pay.is_zero() {
        return Ok(None);
    }
    let converted = Conversion {
        given: (item.currency.clone(), item.contribution),
        wanted: item.asset.clone(),
        gross: item.coins,
        spread: item.spread,
    };
    let (owed, aside) = ((Owner::Merchant, Kind::Payable), (Owner::Merchant, Kind::Settling));
    let mut postings = converted.postings(owed, aside);
    postings[0].units = pay;
    postings.insert(1, posting(Kind::Reserve, &item.currency, Side::Credit, item.reserve));
    let draft = Draft::new(item_cause(number, &item.charge), Reason::SettlementReserved, now, postings)?;
    Ok(Some(Draft { invoice_number: Some(invoice), rate: Some(rate.clone()), ..draft }))
}

/// What was kept back of a charge is owed again.
///
/// # Errors
/// `Empty` when it is nothing.
pub fn release_entry(
    number: i64,
    invoice: i64,
    charge: &ChargeId,
    kept: &Money,
    now: Time,
) -> Result<Draft, Unbalanced> {
    let postings = vec![
        posting(Kind::Reserve, &kept.currency, Side::Debit, kept.units),
        posting(Kind::Payable, &kept.currency, Side::Credit, kept.units),
    ];
    let draft = Draft::new(release_cause(number, charge), Reason::ReserveReleased, now, postings)?;
    Ok(Draft { invoice_number: Some(invoice), ..draft })
}

#[cfg(test)]
mod tests;
