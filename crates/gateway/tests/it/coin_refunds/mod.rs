//! Coins back to a payer: only to the address confirmed by the mailed link, never above what came, once.

mod browser;
mod links;
mod wallet;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use domain::coin_refund::State;
use domain::transfer::State as TransferState;
use domain::{MerchantId, RefundId};
use gateway::store::coin_refunds::{self, CoinRefundRow};
use gateway::store::transfers;
use reqwest::Method;

use crate::harness::*;
use crate::treasury::{PAYER, assert_received, beside, beside_what_sleeps};

pub const OTHER: &str = "0x8888888888888888888888888888888888888888";

pub struct Desk<'s> {
    pub sandbox: &'s Sandbox,
    mails: Cell<usize>,
    /// Whose the refunds are whose links came; any other is the sandbox's shop's.
    owners: RefCell<BTreeMap<RefundId, MerchantId>>,
}

impl<'s> Desk<'s> {
    pub fn of(sandbox: &'s Sandbox) -> Desk<'s> {
        Desk { sandbox, mails: Cell::new(0), owners: RefCell::default() }
    }

    /// An invoice of 10 USDC for which 11 came, all with the merchant.
    pub async fn over_paid(&self) -> i64 {
        let (id, _) = self.sandbox.client.sell("10", "USDC_polygon").await;
        self.sandbox.client.pay(id, Pay { outcome: "over", ..Pay::default() }).await;
        self.sandbox.client.status_becomes(id, PAID).await;
        id
    }

    pub fn refund(&self, id: i64, more: &[&str]) -> Result<String, String> {
        let output = self.sandbox.run(&[&["refund", "1", &id.to_string()], more].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    /// The path of the link in the newest mail, and the refund it is for; the mail went to the invoice's address.
    pub async fn link(&self) -> (String, RefundId) {
        let all = self.sandbox.client.get("/sandbox/mails").await.ok()["mails"].as_array().unwrap().clone();
        assert!(all.len() > self.mails.get(), "a mail was written");
        self.mails.set(all.len());
        let mail = all.last().unwrap();
        assert_eq!(mail["to"], "customer@shop.example");
        let body = mail["body"].as_str().unwrap();
        let start = format!("{}/refund/", self.sandbox.client.base);
        let (_, rest) = body.split_once(&start).unwrap_or_else(|| panic!("no link: {body}"));
        let token = rest.split_whitespace().next().unwrap();
        assert_eq!(token.len(), 64);
        let hash = gateway::app::coin_refunds::token_hash(token);
        let row = self.sandbox.database().store.read(|tx| coin_refunds::by_token(tx, &hash)).await.unwrap().unwrap();
        self.owners.borrow_mut().insert(row.id.clone(), row.merchant_id);
        (format!("/refund/{token}"), row.id)
    }

    pub async fn row(&self, id: &RefundId) -> CoinRefundRow {
        let database = self.sandbox.database();
        let known = self.owners.borrow().get(id).cloned();
        let owner = known.unwrap_or_else(|| database.merchant.clone());
        database.store.read(|tx| coin_refunds::by_id(tx, &owner, id)).await.unwrap().unwrap()
    }

    pub async fn becomes(&self, id: &RefundId, state: State) -> CoinRefundRow {
        wait_until(&format!("the refund is {}", state.name()), || self.row(id), |row| row.state == state).await
    }

    /// Posts the page's form, as a payer's browser does: no key.
    pub async fn post(&self, link: &str, action: &str, address: &str) -> Answer {
        let body = format!("lang=en&action={action}&address={}", percent_encoded(address));
        let request = self.sandbox.client.request_without_key(Method::POST, link);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded").body(body);
        self.sandbox.client.send(request).await
    }

    pub async fn visit(&self, link: &str) -> Answer {
        self.sandbox.client.visit(link).await
    }
}

/// 15.04 USD by card: 14.89 are owed to the merchant by the operator.
pub async fn card_money(sandbox: &Sandbox) {
    let (_, id, _) = sandbox.client.charge_card(&card_sale(APPROVED)).await;
    sandbox.database().charges_become(id, &[domain::charge::State::Paid]).await;
}

#[tokio::test]
async fn from_the_treasury_to_the_confirmed_address() {
    let sandbox = Sandbox::start().await;
    let (desk, _) = (Desk::of(&sandbox), beside(&sandbox).await);
    let id = desk.over_paid().await;
    let look = desk.refund(id, &[]).unwrap();
    assert!(look.contains("USDC_polygon: 11 came, 11 can be given back"), "{look}");
    let refused = desk.refund(id, &["--amount", "1"]).unwrap_err();
    assert!(refused.contains("--from merchant-wallet"), "{refused}");
    let treasury = ["--from", "treasury", "--amount"];
    let refused = desk.refund(id, &[&treasury[..], &["1"]].concat()).unwrap_err();
    assert!(refused.contains("the operator holds nothing for the merchant"), "{refused}");
    card_money(&sandbox).await;
    for (amount, words) in
        [("0", "above zero"), ("11.000001", "at most 11 USDC"), ("-1", ""), ("1.0000001", "decimal places")]
    {
        let refused = desk.refund(id, &[&treasury[..], &[amount]].concat()).unwrap_err();
        assert!(refused.contains(words), "{amount}: {refused}");
    }
    desk.refund(id, &[&treasury[..], &["1"]].concat()).unwrap();
    let (link, refund) = desk.link().await;
    let page = desk.visit(&link).await;
    assert_eq!((page.status, shown(&page)), (200, "refund-enter"));
    assert!(page.body.contains("1 USDC") && page.body.contains("Polygon"), "{}", page.body);
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(desk.row(&refund).await.state, State::Asked, "looking decides nothing");
    let checked = desk.post(&link, "check", PAYER).await;
    assert_eq!((checked.status, shown(&checked)), (200, "refund-sure"));
    assert_eq!(desk.row(&refund).await.state, State::Asked, "nor does the first step");
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);
    let row = desk.becomes(&refund, State::Done).await;
    assert_eq!(row.destination.as_deref(), Some(PAYER));
    let page = desk.visit(&link).await;
    assert_eq!((page.status, shown(&page)), (200, "refund-done"));
    // the link is used up: another address changes nothing
    assert_eq!(desk.post(&link, "confirm", OTHER).await.status, 303);
    assert_eq!(shown(&desk.post(&link, "check", OTHER).await), "refund-done");
    assert_eq!(desk.row(&refund).await.destination.as_deref(), Some(PAYER));
    assert_received(&sandbox, 1_000_000).await;
    sandbox
        .database()
        .assert_balances(&[
            ("operator provider USD", 1_504),
            ("merchant payable USD", -1_389),
            ("operator fee USD", -15),
            ("operator fx USD", -100),
            ("operator fx USDC_polygon", 1_000_000),
            ("operator treasury USDC_polygon", -1_000_000),
        ])
        .await;
    let look = desk.refund(id, &[]).unwrap();
    assert!(look.contains("11 came, 10 can be given back") && look.contains("arrived"), "{look}");
    assert!(desk.refund(id, &[&treasury[..], &["10.5"]].concat()).is_err());
    // the contract has no word for a refund
    assert_eq!(sandbox.client.status(id).await, PAID);
    let log = sandbox.said(&["log"]);
    assert!(log.contains("coin_refund.asked") && log.contains("coin_refund.confirmed"), "{log}");
}

/// The transfer is called off before it was sent: what was converted is owed in dollars again, and may be asked for again.
#[tokio::test]
async fn what_is_called_off_is_owed_as_before() {
    let mut sandbox = Sandbox::start().await;
    beside(&sandbox).await;
    card_money(&sandbox).await;
    let desk = Desk::of(&sandbox);
    let id = desk.over_paid().await;
    desk.refund(id, &["--from", "treasury", "--amount", "all"]).unwrap();
    let (link, refund) = desk.link().await;
    sandbox.kill9();
    let beside = beside_what_sleeps(&sandbox).await;
    let token = link.trim_start_matches("/refund/");
    gateway::app::coin_refunds::confirm::confirm(&beside.app, token, PAYER).await.unwrap();
    let desk = Desk::of(&sandbox);
    let transfer = desk.row(&refund).await.transfer_id.unwrap();
    let row = beside.app.store.read(|tx| transfers::find(tx, &transfer)).await.unwrap().unwrap();
    assert_eq!((row.state, row.units.0), (TransferState::Reserved, 11_000_000));
    sandbox.audit();
    assert!(desk.refund(id, &["--cancel", refund.as_str()]).unwrap_err().contains("transfers cancel"));
    sandbox.said(&["transfers", "cancel", transfer.as_str()]);
    assert_eq!(desk.row(&refund).await.state, State::Canceled);
    sandbox.audit();
    let database = sandbox.database();
    let owed = [("operator provider USD", 1_504), ("merchant payable USD", -1_489), ("operator fee USD", -15)];
    database.assert_balances(&owed).await;
    desk.refund(id, &["--from", "treasury", "--amount", "11"]).unwrap();
    assert!(desk.refund(id, &["--from", "treasury", "--amount", "0.000001"]).is_err());
}
