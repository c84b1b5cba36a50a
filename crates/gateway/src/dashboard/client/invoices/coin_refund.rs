//! The page of a refund of coins: how far it is, where the coins go, and what its merchant may do about it now.

use askama::Template;
use axum::http::StatusCode;
use domain::access::Permission;
use domain::coin_refund::{Source, State};
use domain::{MerchantId, RefundId, Time};

use super::one::Wrong;
use super::{LIST, path};
use crate::app::App;
use crate::app::accounts::sessions::Desk;
use crate::app::coin_refunds::wallet::{self, Due, not_it};
use crate::app::coin_refunds::{Refused, acts};
use crate::checkout::qr::{self, eip681};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::money::{Badge, amount};
use crate::dashboard::frame::Frame;
use crate::dashboard::once;
use crate::dashboard::pages::{Answer, Failed};
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::dashboard::words::Words;
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{StoreError, Tx, invoices};

/// A line of the invoice's page.
pub struct Line {
    pub path: String,
    pub amount: String,
    pub state: Badge,
    pub source: Text,
    pub to: Option<String>,
    pub tx: Option<String>,
    pub asked: Stamp,
}

/// The refunds of an invoice's coins, oldest first.
pub fn lines(ask: &Ask, tx: &Tx<'_>, merchant: &MerchantId, number: i64) -> Result<Vec<Line>, StoreError> {
    let (app, w) = (ask.app(), ask.w());
    let line = |row: CoinRefundRow| Line {
        path: path_of(number, &row.id),
        amount: amount(app, row.units, &row.asset),
        state: state(w, &row, app.now()),
        source: source(w, row.source),
        asked: ask.viewer.time(row.created_at),
        to: row.destination,
        tx: row.tx_hash,
    };
    Ok(coin_refunds::of_invoice(tx, merchant, number)?.into_iter().map(line).collect())
}

fn path_of(number: i64, id: &RefundId) -> String {
    format!("{}/refunds/{id}", path(number))
}

fn source(w: Words, source: Source) -> Text {
    w.text(&format!("source-{}", source.name()))
}

fn state(w: Words, row: &CoinRefundRow, now: Time) -> Badge {
    let tone = match row.state {
        State::Asked if now >= row.link_ends => return Badge { tone: "bad", label: w.text("refund-run-out") },
        State::Confirmed if row.source == Source::MerchantWallet => {
            return Badge { tone: "wait", label: w.text("refund-to-send") };
        }
        State::Asked | State::Confirmed | State::Reported => "wait",
        State::Done => "good",
        State::Failed => "bad",
        State::Canceled => "plain",
    };
    Badge { tone, label: w.text(&format!("refund-{}", row.state.name())) }
}

/// The same in a sentence, with what comes next.
fn says(w: Words, row: &CoinRefundRow, now: Time) -> Text {
    match (row.state, row.source) {
        (State::Asked, _) if now >= row.link_ends => w.text("coins-back-run-out"),
        (State::Asked, _) => w.text("coins-back-asked"),
        (State::Confirmed, Source::MerchantWallet) => w.text("coins-back-confirmed-wallet"),
        (State::Confirmed, Source::Treasury) => w.text("coins-back-confirmed-treasury"),
        (State::Reported, _) => w.text("coins-back-reported"),
        (State::Done, _) => w.text("coins-back-done"),
        (State::Failed, _) => w.text("coins-back-failed"),
        (State::Canceled, _) => w.text("coins-back-canceled"),
    }
}

/// What a wallet needs to know.
struct Pay {
    from: String,
    to: String,
    units: String,
    symbol: String,
    contract: Option<String>,
    chain: String,
    chain_id: u64,
    uri: String,
    qr: Option<String>,
}

fn pay(app: &App, w: Words, row: &CoinRefundRow) -> Option<Pay> {
    // one that is named already is not paid again
    let Due { chain, asset, wallet, to } = wallet::due(app, row).ok().filter(|_| row.state == State::Confirmed)?;
    let uri = eip681(chain.chain_id, (&asset.kind).into(), to, row.units.0);
    Some(Pay {
        from: wallet.to_string(),
        to: to.to_string(),
        units: row.units.decimal(asset.decimals, 0),
        symbol: asset.symbol.clone(),
        contract: wallet::contract(asset).map(|contract| contract.to_string()),
        chain: chain.title.clone(),
        chain_id: chain.chain_id,
        qr: qr::svg(&uri, &w.text("coins-back-qr").plain()),
        uri,
    })
}

#[derive(Template)]
#[template(path = "dashboard/client/coin_refund.html")]
struct Page {
    f: Frame,
    here: String,
    id: String,
    amount: String,
    state: Badge,
    says: Text,
    /// Of a link that is good: until when.
    link_ends: Option<Stamp>,
    source: Text,
    chain: String,
    to: Option<String>,
    tx: Option<String>,
    /// A transaction that was named and is not it, and why.
    refused: Option<(String, Text)>,
    /// Anything else that was noted.
    note: Option<String>,
    asked: Stamp,
    changed: Stamp,
    email: String,
    once: String,
    pay: Option<Pay>,
    may_report: bool,
    may_mail: bool,
    may_cancel: bool,
    /// When it may be, if that is later.
    cancel_from: Option<Stamp>,
    typed: String,
    hash_wrong: String,
    wrong: Option<Wrong>,
}

/// The refund that the path names, as one of this merchant's.
#[derive(Clone)]
pub(super) struct At {
    pub merchant: MerchantId,
    pub number: i64,
    pub id: RefundId,
}

impl At {
    pub fn of(ask: &Ask, desk: &Desk) -> Result<At, Failed> {
        let id = RefundId::parse(ask.id("id")).map_err(|_| Failed::NotFound)?;
        Ok(At { merchant: desk.merchant.id.clone(), number: ask.number("number")?, id })
    }

    pub fn path(&self) -> String {
        path_of(self.number, &self.id)
    }
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    show(&ask, &desk, &At::of(&ask, &desk)?, None).await
}

/// The page; after a refusal with why.
pub(super) async fn show(ask: &Ask, desk: &Desk, at: &At, wrong: Option<Wrong>) -> Answer {
    let (app, w, now) = (ask.app(), ask.w(), ask.app().now());
    let read = |tx: &Tx<'_>| {
        let row = acts::existing(tx, (&at.merchant, at.number), &at.id)?;
        Ok::<_, Refused>((invoices::existing(tx, &at.merchant, at.number)?.email, row))
    };
    let (email, row) = match app.store.read(read).await {
        Ok(found) => found,
        Err(Refused::Store(error)) => return Err(error.into()),
        Err(_) => return Err(Failed::NotFound),
    };
    let may = desk.access.may(Permission::Refund);
    let is_own = row.source == Source::MerchantWallet;
    let cancelable = acts::may_cancel(&row, now);
    let noted = row.note.as_deref().and_then(not_it);
    let shown = amount(app, row.units, &row.asset);
    let title = w.fill("coins-back-title", &[w.ltr("amount", &shown)]).plain();
    let number = w.fill("inv-title", &[w.ltr("number", at.number)]).plain();
    let is_hash = wrong.as_ref().is_some_and(|wrong| wrong.about == "hash");
    let page = Page {
        f: ask.frame(title).under(w.text("nav-invoices").plain(), LIST).under(number, path(at.number)).light(),
        here: at.path(),
        id: at.id.to_string(),
        amount: shown,
        state: state(w, &row, now),
        says: says(w, &row, now),
        link_ends: (row.state == State::Asked && now < row.link_ends).then(|| ask.viewer.time(row.link_ends)),
        source: source(w, row.source),
        chain: app.chains.get(&row.chain).map_or_else(|| row.chain.clone(), |chain| chain.title.clone()),
        refused: noted.map(|(hash, why)| (hash.to_owned(), w.text(&format!("not-it-{why}")))),
        note: row.note.clone().filter(|_| noted.is_none()),
        asked: ask.viewer.time(row.created_at),
        changed: ask.viewer.time(row.changed_at),
        email,
        once: once::fresh(app),
        pay: pay(app, w, &row).filter(|_| may),
        may_report: may && is_own && matches!(row.state, State::Confirmed | State::Reported),
        may_mail: may && row.state == State::Asked,
        may_cancel: may && cancelable.is_ok(),
        cancel_from: matches!(cancelable, Err(Refused::MaybeSent))
            .then(|| ask.viewer.time(acts::free_from(&row)))
            .filter(|_| may),
        typed: ask.form.text("tx").chars().take(80).collect(),
        hash_wrong: wrong.as_ref().filter(|_| is_hash).map(|wrong| wrong.why.plain()).unwrap_or_default(),
        wrong: wrong.filter(|_| !is_hash),
        to: row.destination,
        tx: row.tx_hash,
    };
    let is_again = page.wrong.is_some() || !page.hash_wrong.is_empty();
    ask.show_as(if is_again { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    use crate::app::SharedApp;
    use crate::app::testing::{asked_back, new_invoice};
    use crate::dashboard::tests::HOSTILE;
    use crate::wire::create::Devise;
    use domain::merchant::Merchant;

    async fn made(app: SharedApp, merchant: Merchant) -> String {
        let new = new_invoice(HOSTILE, 1504, Devise::Usd);
        crate::app::invoices::create(&app, merchant.clone().into(), new).await.unwrap();
        let newest = app.store.read(|tx| invoices::latest_number(tx, &merchant.id)).await.unwrap().unwrap();
        path_of(newest, &asked_back(&app, &merchant, newest).await)
    }
    vec![
        ("/client/invoices/{number}/refunds/{id}", |app, merchant| Box::pin(made(app, merchant))),
        ("/client/invoices/{number}/refunds/{id}/mail", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/mail" })
        }),
        ("/client/invoices/{number}/refunds/{id}/cancel", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/cancel" })
        }),
        ("/client/invoices/{number}/refunds/{id}/paid", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/paid" })
        }),
    ]
}
