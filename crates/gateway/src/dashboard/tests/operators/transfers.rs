use domain::transfer::{Kind, State};
use domain::{TransferId, Units};

use super::{BOSS, last_act, operated};
use crate::app::acts::{Actor, record};
use crate::app::testing::reserved;
use crate::app::transfers::acts::{ASKED, about};
use crate::app::transfers::{NewTransfer, Rail, reserve};
use crate::dashboard::tests::{HOSTILE, Page, Session, Site};
use crate::store::transfers::{self, TransferRow};
use crate::store::{StoreError, Tx};

async fn row(site: &Site, id: &TransferId) -> TransferRow {
    site.app.store.read(|tx| transfers::find(tx, id)).await.unwrap().unwrap()
}

async fn asked_by(site: &Site, id: &TransferId, who: &'static str) {
    let (app, id) = (site.app.clone(), id.clone());
    let ask = move |tx: &Tx<'_>| record(&app, tx, &Actor(who.into()), ASKED, about(&id), String::new());
    site.app.store.write(ask).await.unwrap();
}

async fn change(site: &Site, id: &TransferId, change: fn(&mut TransferRow)) {
    let id = id.clone();
    let change = move |tx: &Tx<'_>| {
        let mut row = transfers::find(tx, &id)?.unwrap();
        change(&mut row);
        transfers::update(tx, &mut row)
    };
    site.app.store.write(change).await.unwrap();
}

async fn act(site: &Site, session: &Session, id: &TransferId, act: &str, evidence: &str) -> Page {
    let fields = [("act", act), ("evidence", evidence)];
    site.post(&format!("/operator/transfers/{id}"), session, &fields).await
}

#[tokio::test]
async fn who_asked_for_a_transfer_does_not_approve_it() {
    let (site, session) = operated("op-approve").await;
    let id = reserved(&site.app, &site.shop, true).await;
    asked_by(&site, &id, BOSS).await;
    let approvals = site.get("/operator/approvals", &session).await;
    assert!(approvals.body.contains(id.as_str()) && !approvals.body.contains(HOSTILE));
    let page = act(&site, &session, &id, "approve", "").await;
    assert!(page.status == 422 && page.body.contains("Somebody else has to approve it"), "{}", page.body);
    assert_eq!(row(&site, &id).await.approved_by, None);
    // a retry would send what nobody has approved
    let page = act(&site, &session, &id, "retry", "").await;
    assert!(page.status == 422 && page.body.contains("approve it first"), "{}", page.body);
    let second = site.person("second@lockgate.example", None, true, &[]).await;
    let second = site.session(&second, None, true).await;
    let page = act(&site, &second, &id, "approve", "").await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-transfer-approved")));
    assert_eq!(row(&site, &id).await.approved_by.as_deref(), Some("second@lockgate.example"));
    let (who, done, _) = last_act(&site).await;
    assert_eq!((who.as_str(), done.as_str()), ("second@lockgate.example", "transfer.approve"));
    let page = site.get(&format!("/operator/transfers/{id}"), &session).await;
    assert!(page.body.contains("transfer.asked") && page.body.contains("transfer.approve"), "{}", page.body);
    assert!(!site.get("/operator/approvals", &session).await.body.contains(id.as_str()));
    assert_eq!(act(&site, &second, &id, "approve", "").await.status, 422);
}

#[tokio::test]
async fn a_parked_transfer_is_listed_with_its_reason_and_called_off_once() {
    let (site, session) = operated("op-parked").await;
    let id = reserved(&site.app, &site.shop, false).await;
    change(&site, &id, |row| row.parked = Some("the treasury <b>lacks</b> coins".into())).await;
    let list = site.get("/operator/transfers?show=parked", &session).await;
    assert!(list.body.contains("the treasury &#60;b&#62;lacks") && list.body.contains(id.as_str()), "{}", list.body);
    assert!(!site.get("/operator/transfers?show=waiting", &session).await.body.contains(id.as_str()));
    let there = format!("/operator/transfers/{id}");
    assert_eq!(site.get(&format!("/operator/transfers?id={id}"), &session).await.location(), there);
    assert!(site.get("/operator/transfers?id=x", &session).await.body.contains("no transfer with this number"));
    assert_eq!(act(&site, &session, &id, "retry", "").await.status, 303);
    assert_eq!(row(&site, &id).await.parked, None);
    assert_eq!(act(&site, &session, &id, "cancel", "").await.status, 303);
    assert_eq!(row(&site, &id).await.state, State::Canceled);
    assert_eq!(last_act(&site).await.1, "transfer.cancel");
    for again in ["cancel", "retry", "approve", "arrived", "failed"] {
        let page = act(&site, &session, &id, again, "seen in the provider's list, number 17").await;
        assert!(page.status == 422 && page.body.contains("It is over"), "{again}: {}", page.body);
    }
    assert_eq!(act(&site, &session, &id, "burn", "").await.status, 422);
    assert_eq!(site.get("/operator/transfers/trf_00000000000000000000000000", &session).await.status, 404);
}

/// A refund that a provider was asked for.
async fn asked_of_a_provider(site: &Site) -> TransferId {
    let (app, merchant) = (site.app.clone(), site.shop.id.clone());
    let make = move |tx: &Tx<'_>| {
        let new = NewTransfer {
            merchant,
            kind: Kind::CoinRefund,
            subject: "2".into(),
            invoice_number: None,
            taken_from: domain::ledger::Kind::Parked,
            asset: "USDT_polygon".into(),
            units: Units(5),
            rail: Rail::Chain("polygon".into()),
            destination: "0x0101010101010101010101010101010101010101".into(),
            needs_approval: false,
        };
        Ok::<_, StoreError>(reserve(&app, tx, new)?.id)
    };
    let id = site.app.store.write(make).await.unwrap();
    change(site, &id, |row| row.state = State::Sending).await;
    id
}

#[tokio::test]
async fn what_may_have_been_sent_needs_evidence_and_the_chains_word() {
    let (site, session) = operated("op-mark").await;
    let id = asked_of_a_provider(&site).await;
    let page = act(&site, &session, &id, "failed", "explorer, transaction 0x17").await;
    assert!(page.status == 422 && page.body.contains("may still end by itself"), "{}", page.body);
    change(&site, &id, |row| row.parked = Some("nobody knows".into())).await;
    let page = act(&site, &session, &id, "failed", "no").await;
    assert!(page.status == 422 && page.body.contains("8 to 1,000 characters"), "{}", page.body);
    let page = act(&site, &session, &id, "arrived", "paid from card 4111 1111 1111 1111").await;
    assert!(page.status == 422 && page.body.contains("holds a card number"), "{}", page.body);
    let page = act(&site, &session, &id, "failed", "explorer, transaction 0x17 <i>").await;
    assert!(page.status == 422 && page.body.contains("may still be mined"), "{}", page.body);
    assert!(page.body.contains("0x17 &#60;i&#62;</textarea>"), "what was typed stays: {}", page.body);
    let page = act(&site, &session, &id, "cancel", "").await;
    assert!(page.status == 422 && page.body.contains("given out to be signed is destroyed"), "{}", page.body);
    assert_eq!(row(&site, &id).await.state, State::Sending);
}

#[tokio::test]
async fn home_counts_what_waits_and_says_what_is_late() {
    let (site, session) = operated("op-home").await;
    let page = site.get("/operator/", &session).await;
    assert!(page.body.contains("tile") && !page.body.contains("tile busy"), "{}", page.body);
    let id = reserved(&site.app, &site.shop, true).await;
    change(&site, &id, |row| row.parked = Some("why".into())).await;
    let page = site.send("GET", "/operator/", &session, &[("hx-request", "true")], "").await;
    assert_eq!(page.body.matches("tile busy").count(), 2, "to approve, and parked: {}", page.body);
    assert!(page.body.contains("hx-trigger=\"live\"") && page.body.contains("The database answers"));
}

#[tokio::test]
async fn a_claim_asks_only_about_what_is_there() {
    let (site, session) = operated("op-claim").await;
    assert_eq!(site.get("/operator/claim", &session).await.status, 200);
    for query in ["merchant=x&invoice=1", "merchant=1&invoice=", "merchant=77&invoice=1"] {
        assert_eq!(site.get(&format!("/operator/claim?{query}"), &session).await.status, 422, "{query}");
    }
    let path = format!("/operator/claim?merchant={}&invoice=1", site.shop.number);
    let page = site.get(&path, &session).await;
    assert!(page.status == 200 && page.body.contains("No deposit address"), "{}", page.body);
}
