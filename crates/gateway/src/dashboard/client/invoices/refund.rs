//! Giving money back: what can be, and the form that decides it.

use domain::coin_refund::Source;
use domain::{ChargeId, MerchantId};

use super::one::{Wrong, show};
use super::path;
use crate::app::accounts::sessions::Desk;
use crate::app::acts::Actor;
use crate::app::charges::refunds::{RefundRefused, refundable};
use crate::app::coin_refunds;
use crate::app::refunds::{self, AskFailed, Refused, Wanted, paid_charges};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::money::{amount, minor};
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::words::Words;
use crate::store::{StoreError, Tx, invoices};

/// Something of which money can be given back.
#[derive(Debug, Clone)]
pub struct Choice {
    /// `charge:<id>`, or `coins:<asset>:<source>`.
    pub value: String,
    pub label: Text,
}

pub fn choices(ask: &Ask, tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<Choice>, StoreError> {
    let (app, w, mut choices) = (ask.app(), ask.w(), Vec::new());
    for row in paid_charges(tx, merchant, number, None)? {
        let (left, currency) =
            (refundable(tx, &row)?, row.charge.received.as_ref().map_or("", |money| money.currency.as_str()));
        if left.is_zero() {
            continue;
        }
        choices.push(Choice {
            value: format!("charge:{}", row.charge.id),
            label: w.fill(
                "refund-of-charge",
                &[w.ltr("amount", minor(left, currency)), w.ltr("provider", &row.charge.provider)],
            ),
        });
    }
    for asset in coin_refunds::received(tx, merchant, number)?.into_keys() {
        let left = coin_refunds::left(tx, (merchant, number), &asset, None, app.now())?;
        if left.is_zero() {
            continue;
        }
        for source in [Source::MerchantWallet, Source::Treasury] {
            let key = format!("refund-by-{}", source.name());
            choices.push(Choice {
                value: format!("coins:{asset}:{}", source.name()),
                label: w.fill(&key, &[w.ltr("amount", amount(app, left, &asset))]),
            });
        }
    }
    Ok(choices)
}

/// What was chosen in the form; `None` where it is none of the choices.
fn wanted(ask: &Ask, merchant: MerchantId, invoice: i64) -> Option<Wanted> {
    let amount = if ask.form.is_ticked("all") { "all" } else { ask.form.text("amount") };
    let plain = Wanted { merchant, invoice, amount: amount.to_owned(), charge: None, asset: None, from: None };
    match ask.form.text("of").split_once(':')? {
        ("charge", id) => Some(Wanted { charge: Some(ChargeId::parse(id).ok()?), ..plain }),
        ("coins", rest) => {
            let (asset, source) = rest.rsplit_once(':')?;
            Some(Wanted { asset: Some(asset.to_owned()), from: Some(Source::from_name(source)?), ..plain })
        }
        _ => None,
    }
}

pub async fn ask(ask: Ask, desk: Desk) -> Answer {
    let (number, w) = (ask.number("number")?, ask.w());
    let merchant = desk.merchant.id.clone();
    ask.app().store.read(|tx| invoices::by_number(tx, &merchant, number)).await?.ok_or(Failed::NotFound)?;
    let again = |why: Text| Some(Wrong { about: "refund", why });
    let once = once::key(&ask, &["of", "amount", "all"].map(|name| ask.form.text(name)));
    let (Some(wanted), Some(once)) = (wanted(&ask, merchant, number), once) else {
        return show(&ask, &desk, number, again(w.text("refund-choose"))).await;
    };
    match refunds::ask(ask.app(), wanted, Some(once), Actor(desk.person.user.email.clone())).await {
        Ok(_) => Ok(ask.go_saying(&path(number), "flash-refund-decided")),
        Err(AskFailed::Store(error) | AskFailed::Refused(Refused::Store(error))) => Err(error.into()),
        Err(AskFailed::Refused(Refused::Charge(RefundRefused::Store(error)))) => Err(error.into()),
        Err(AskFailed::Refused(Refused::Coins(coin_refunds::Refused::Store(error)))) => Err(error.into()),
        Err(AskFailed::Refused(refused)) => show(&ask, &desk, number, again(in_words(w, &refused))).await,
        Err(AskFailed::KeyReused) => show(&ask, &desk, number, again(w.text("refund-choose"))).await,
    }
}

/// Why not, in the page's words: those of the command line name its options.
fn in_words(w: Words, refused: &Refused) -> Text {
    use coin_refunds::Refused as Coins;
    match refused {
        Refused::Amount(_) | Refused::Coins(Coins::Amount(_)) => w.text("refund-amount-wrong"),
        Refused::Charge(RefundRefused::Nothing) | Refused::Coins(Coins::Nothing) => w.text("refund-above-zero"),
        Refused::SeveralCharges | Refused::Both | Refused::FromWhom | Refused::Coins(Coins::SeveralCoins(_)) => {
            w.text("refund-choose")
        }
        Refused::Nothing | Refused::Charge(RefundRefused::NotPaid) | Refused::Coins(Coins::NothingReceived) => {
            w.text("refund-nothing-paid")
        }
        Refused::Charge(RefundRefused::TooMuch { .. }) => w.text("refund-too-much"),
        Refused::Coins(Coins::TooMuch { left, symbol }) => {
            w.fill("refund-too-much-coins", &[w.ltr("left", format!("{left} {symbol}"))])
        }
        Refused::Charge(RefundRefused::NotOffered) => w.text("refund-not-offered"),
        Refused::Coins(Coins::NoEmail) => w.text("refund-no-email"),
        Refused::Coins(Coins::NotByTreasury(why)) => w.fill("refund-not-by-treasury", &[w.name("why", why)]),
        other => w.fill("refund-refused", &[w.name("why", other)]),
    }
}
