//! `/operator/merchants/{number}`: what the operator knows of a merchant, and decides.

pub mod keys;
pub mod payouts;
pub mod routes;
pub mod senders;
pub mod stop;
pub mod terms;
pub mod wallet;

use askama::Template;
use domain::merchant::{Merchant, Wallet};
use senders::Sender;

use crate::app::accounts::sessions::Person;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::operator::MERCHANTS;
use crate::dashboard::operator::merchants::wallet_state;
use crate::dashboard::pages::{Answer, Failed};
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::audit_log::ActRow;
use crate::store::merchants::PayoutRules;
use crate::store::wallet_changes::ChangeRow;
use crate::store::{StoreError, Tx, audit_log, merchants, payout_senders, storefronts, wallet_changes};

/// Of the acts about a merchant the last ones.
const ACTS: i64 = 20;

struct Key {
    id: String,
    hint: String,
    made: Stamp,
    is_valid: bool,
    ends: Option<Stamp>,
}

pub(super) struct Act {
    pub at: Stamp,
    pub actor: String,
    pub act: String,
    pub detail: String,
}

/// What the fields of the forms hold.
struct Fields {
    fee: String,
    min: String,
    max: String,
    payout_min: String,
    payout_max: String,
    payout_day: String,
    payout_approval: String,
    payout_spread: String,
    sender: String,
    reason: String,
    stop_reason: String,
}

#[derive(Template)]
#[template(path = "dashboard/operator/merchant.html")]
struct Page {
    f: Frame,
    merchant: Merchant,
    here: String,
    wallet: Option<String>,
    state: (&'static str, &'static str),
    is_pending: bool,
    change: Option<(ChangeRow, Stamp, Stamp)>,
    keys: Vec<Key>,
    addresses: Vec<String>,
    /// What the merchant does not offer its payers, of what it could.
    off: Vec<String>,
    /// Since when nothing new begins for it, and why.
    stopped: Option<(Stamp, String)>,
    /// Where its funds may come from; without any, from everywhere.
    senders: Vec<Sender>,
    acts: Vec<Act>,
    v: Fields,
    wrong: Option<Text>,
}

pub(super) fn path(number: i64) -> String {
    format!("{MERCHANTS}/{number}")
}

pub(super) fn act_line(ask: &Ask, act: ActRow) -> Act {
    Act { at: ask.viewer.time(act.at), actor: act.actor, act: act.act, detail: act.detail }
}

/// The merchant that the path names.
pub(super) async fn named(ask: &Ask) -> Result<Merchant, Failed> {
    let number = ask.number("number")?;
    ask.app().store.read(|tx| merchants::by_number(tx, number)).await?.ok_or(Failed::NotFound)
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let merchant = named(&ask).await?;
    let page = compose(&ask, merchant, None).await?;
    ask.show(&page)
}

/// The page once more, with what is wrong, and what was typed.
async fn again(ask: &Ask, merchant: Merchant, wrong: &str) -> Answer {
    again_saying(ask, merchant, ask.w().text(wrong)).await
}

async fn again_saying(ask: &Ask, merchant: Merchant, wrong: Text) -> Answer {
    let page = compose(ask, merchant, Some(wrong)).await?;
    ask.show_again(&page)
}

async fn compose(ask: &Ask, merchant: Merchant, wrong: Option<Text>) -> Result<Page, Failed> {
    let id = merchant.id.clone();
    let read = |tx: &Tx<'_>| {
        let (keys, ips) = (merchants::keys(tx, &id)?, merchants::ips(tx, &id)?);
        let (rules, change) = (merchants::payout_rules(tx, &id)?, wallet_changes::waiting(tx, &id)?);
        let (coins_off, senders) = (storefronts::of(tx, &id)?.coins_off, payout_senders::of_merchant(tx, &id)?);
        let acts = audit_log::of_merchant(tx, &id, i64::MAX, ACTS)?;
        Ok::<_, StoreError>((keys, ips, rules, change, coins_off, senders, acts))
    };
    let (keys, ips, rules, change, coins_off, senders, acts) = ask.app().store.read(read).await?;
    let (now, time) = (ask.app().now(), |at| ask.viewer.time(at));
    let keys = keys.into_iter().map(|key| Key {
        is_valid: key.is_valid(now),
        id: key.id.to_string(),
        hint: key.hint,
        made: time(key.created_at),
        ends: key.expires_at.map(time),
    });
    let list = ask.w().text("nav-merchants").plain();
    Ok(Page {
        f: ask.frame(merchant.name.clone()).under(list, MERCHANTS),
        here: path(merchant.number),
        wallet: match &merchant.wallet {
            Wallet::Active(address) | Wallet::Pending(address) => Some(address.clone()),
            Wallet::Missing => None,
        },
        state: wallet_state(&merchant.wallet),
        is_pending: matches!(merchant.wallet, Wallet::Pending(_)),
        change: change.map(|change| {
            let (asked, from) = (time(change.asked_at), time(change.effective_at));
            (change, asked, from)
        }),
        keys: keys.collect(),
        off: off(ask, &merchant, coins_off),
        stopped: merchant.stopped.as_ref().map(|stopped| (time(stopped.at), stopped.reason.clone())),
        senders: senders::shown(ask, senders, now),
        addresses: ips.0.iter().map(ToString::to_string).collect(),
        acts: acts.into_iter().map(|(_, act)| act_line(ask, act)).collect(),
        v: fields(ask, &merchant, &rules),
        merchant,
        wrong,
    })
}

/// Ways by their names, and coins by their codes.
fn off(ask: &Ask, merchant: &Merchant, coins_off: Vec<String>) -> Vec<String> {
    let off = merchant.ways_off;
    let ways = [("way-card", off.card), ("way-upi", off.upi), ("way-crypto", off.coins)];
    let named = ways.into_iter().filter(|(_, off)| *off).map(|(word, _)| ask.w().text(word).plain());
    named.chain(coins_off).collect()
}

/// As typed, or as kept.
fn fields(ask: &Ask, merchant: &Merchant, rules: &PayoutRules) -> Fields {
    let or = |name: &str, kept: String| {
        if ask.form.is_ticked(name) { ask.form.text(name).to_owned() } else { kept }
    };
    let percent = |bps: u16| domain::Units(bps.into()).decimal(2, 0);
    Fields {
        fee: or("fee", percent(merchant.fee.get())),
        min: or("min", merchant.min_amount.decimal(2, 0)),
        max: or("max", merchant.max_amount.decimal(2, 0)),
        payout_min: or("payout_min", rules.min.decimal(2, 0)),
        payout_max: or("payout_max", rules.max.decimal(2, 0)),
        payout_day: or("payout_day", rules.day_max.decimal(2, 0)),
        payout_approval: or("payout_approval", rules.approval_above.map_or(String::new(), |above| above.decimal(2, 0))),
        payout_spread: or("payout_spread", percent(rules.spread.get())),
        sender: or("sender", String::new()),
        reason: or("reason", String::new()),
        stop_reason: or("stop_reason", String::new()),
    }
}

/// A share as people write it: `1.5` percent.
pub(super) fn percent(text: &str) -> Option<domain::fee::BasisPoints> {
    let hundredths = domain::Units::parse(text.trim_end_matches('%').trim(), 2).ok()?;
    domain::fee::BasisPoints::new(i64::try_from(hundredths.0).ok()?).ok()
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    vec![
        ("/operator/merchants/{number}", |_, merchant| Box::pin(async move { path(merchant.number) })),
        ("/operator/merchants/{number}/wallet", |_, merchant| {
            Box::pin(async move { path(merchant.number) + "/wallet" })
        }),
        ("/operator/merchants/{number}/keys", |_, merchant| Box::pin(async move { path(merchant.number) + "/keys" })),
        ("/operator/merchants/{number}/stop", |_, merchant| Box::pin(async move { path(merchant.number) + "/stop" })),
        ("/operator/merchants/{number}/senders", |_, merchant| {
            Box::pin(async move { path(merchant.number) + "/senders" })
        }),
        ("/operator/merchants/{number}/terms", |_, merchant| Box::pin(async move { path(merchant.number) + "/terms" })),
        ("/operator/merchants/{number}/routes", |_, merchant| Box::pin(async move { routes::path(merchant.number) })),
        ("/operator/merchants/{number}/payouts", |_, merchant| {
            Box::pin(async move { path(merchant.number) + "/payouts" })
        }),
    ]
}
