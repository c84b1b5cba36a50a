//! Paid, forged, paid otherwise than asked, declined, on a phone.

use domain::charge::{Placement, State};

use super::at_every_provider;
use super::payer::{INR, Invoice, USD};
use super::psp::{Kind, Psp, Standing, now};
use super::rows::Rows;
use super::shop::Shop;
use crate::harness::wait_until;

at_every_provider!(paid, paid_otherwise_than_asked, declined);

pub const PAID: [&str; 3] = ["invoice:created", "invoice:opened", "invoice:awaiting_approval"];

/// A gateway that sells by one provider.
pub async fn open(kind: &'static Kind, name: &str) -> (Psp, Shop, String) {
    let psp = Psp::start(kind).await;
    let mut shop = Shop::open(&format!("{name}-{}", kind.name)).await;
    let account = shop.sell_by(&psp);
    shop.start(None).await;
    (psp, shop, account)
}

/// The payer looks at the page and presses its button: he is shown what the provider says, exactly so.
pub async fn begin(shop: &Shop, psp: &Psp, invoice: &Invoice) {
    shop.look(invoice).await;
    shop.choose(invoice).await;
    let page = shop.look(invoice).await;
    assert_eq!(page.state, psp.kind.page, "{page:?}");
    for text in (psp.kind.shown)(&psp.last()) {
        assert!(page.shows(&text), "{text}: {page:?}");
    }
}

/// The payer pays at the provider, which tells us.
pub async fn pay(shop: &Shop, psp: &Psp, account: &str, invoice: &Invoice) {
    let paid = psp.change(|payment| payment.standing = Standing::Paid);
    shop.hear(account, psp.kind, &paid).await;
    shop.client.status_becomes(invoice.id, PAID[2]).await;
}

pub fn price(kind: &Kind) -> (u128, &'static str) {
    if kind.method == "CARD" { (USD, "USD") } else { (INR, "INR") }
}

async fn paid(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "paid").await;
    let invoice = shop.invoice(kind).await;
    begin(&shop, &psp, &invoice).await;
    let asked = psp.last();
    assert_eq!((asked.amount.0, asked.currency.as_str()), price(kind));

    // only after a press the page leads on by itself, and only to the provider's page
    let leads_on = r#"http-equiv="refresh" content="0;url="#;
    assert!(!shop.look(&invoice).await.shows(leads_on));
    assert_eq!(shop.led_on(&invoice).await.shows(leads_on), kind.page == "card-continue");

    // another look, another press: still one
    shop.choose(&invoice).await;
    assert_eq!(shop.look(&invoice).await.state, kind.page);
    assert_eq!((psp.payments().len(), psp.sends()), (1, kind.steps));

    // forged, though true: nothing is asked
    Rows::of(&shop).await.rest(&invoice).await;
    let questions = psp.read(|books| books.questions);
    let paid = psp.change(|payment| payment.standing = Standing::Paid);
    let (headers, body) = (kind.event)(&paid, now());
    let mut forged = headers.clone();
    let signature = &mut forged.last_mut().unwrap().1;
    let last = if signature.pop() == Some('0') { '1' } else { '0' };
    signature.push(last);
    assert_eq!(shop.post(&account, &forged, &body).await, 401);
    if kind.signs_body {
        assert_eq!(shop.post(&account, &headers, &format!("{body} ")).await, 401);
    }
    assert_eq!(shop.post(&account, &[], &body).await, 401);
    let elsewhere = account.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(shop.post(&elsewhere, &headers, &body).await, 404);
    assert_eq!(psp.read(|books| books.questions), questions);
    assert_eq!(shop.client.status(invoice.id).await, "invoice:opened");

    // told by the provider, and only then asked
    pay(&shop, &psp, &account, &invoice).await;
    shop.is_told(&invoice, &PAID).await;
    assert_eq!(shop.look(&invoice).await.state, "received");
    let infos = shop.client.infos(invoice.id).await;
    assert_eq!(
        (&infos["fiat_amount"], &infos["fiat_currency"]),
        (&expected_amount(kind), &price(kind).1.into()),
        "{infos}"
    );

    // a duplicate asks again, and changes nothing
    let before = psp.read(|books| books.questions);
    shop.hear(&account, kind, &psp.last()).await;
    wait_until("it is asked again", || async { psp.read(|books| books.questions) }, |now| *now > before).await;
    shop.audit();
    assert_eq!(shop.told(&invoice), PAID);
    assert_eq!(psp.read(|books| books.strange.clone()), Vec::<String>::new());
}

fn expected_amount(kind: &Kind) -> serde_json::Value {
    serde_json::from_str(if kind.method == "CARD" { "15.04" } else { "1255.84" }).unwrap()
}

async fn paid_otherwise_than_asked(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "otherwise").await;
    let rows = Rows::of(&shop).await;
    let (units, currency) = price(kind);
    for taken in [(domain::Units(units - 1), currency), (domain::Units(units), "EUR")] {
        let invoice = shop.invoice(kind).await;
        begin(&shop, &psp, &invoice).await;
        let paid = psp.change(|payment| (payment.standing, payment.taken) = (Standing::Paid, Some(taken)));
        shop.hear(&account, kind, &paid).await;
        let charge = || async { rows.charges(&invoice).await.remove(0).charge };
        let charge = wait_until("it is recorded", charge, |charge| charge.state == State::Paid).await;
        assert_eq!(charge.placement, Some(Placement::Mismatch));
        let received = charge.received.unwrap();
        assert_eq!((received.units, received.currency.as_str()), taken);
        assert_eq!(shop.client.status(invoice.id).await, "invoice:opened");
        assert_eq!(shop.told(&invoice), PAID[..2]);
        let parked = shop.said(&["payments", "parked"]);
        assert!(parked.contains(charge.id.as_str()), "{parked}");
    }
    shop.audit();
}

async fn declined(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "declined").await;
    let invoice = shop.invoice(kind).await;
    begin(&shop, &psp, &invoice).await;
    let refused = psp.change(|payment| payment.standing = Standing::Declined);
    let before = psp.read(|books| books.questions);
    shop.hear(&account, kind, &refused).await;
    wait_until("it is asked", || async { psp.read(|books| books.questions) }, |now| *now > before).await;
    let (page, status) = kind.declined;
    shop.page_becomes(&invoice, page).await;
    shop.client.status_becomes(invoice.id, status).await;
    if status == "invoice:opened" {
        // another card, or another try by the same code
        pay(&shop, &psp, &account, &invoice).await;
        shop.is_told(&invoice, &PAID).await;
    } else {
        shop.is_told(&invoice, &[PAID[0], PAID[1], status]).await;
    }
    assert_eq!(psp.payments().len(), 1);
    shop.audit();
}

/// UPI on a phone: the link to the payer's app, after so many requests.
async fn on_a_phone(kind: &'static Kind, sends: usize) {
    let (psp, shop, account) = open(kind, "phone").await;
    let invoice = Invoice { on_phone: true, ..shop.invoice(kind).await };
    begin(&shop, &psp, &invoice).await;
    assert!(psp.last().on_phone);
    pay(&shop, &psp, &account, &invoice).await;
    assert_eq!((psp.payments().len(), psp.sends()), (1, sends));
    shop.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn razorpay_on_a_phone() {
    on_a_phone(&super::psp::RAZORPAY, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cashfree_on_a_phone() {
    on_a_phone(&super::psp::CASHFREE, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phonepe_on_a_phone() {
    on_a_phone(&super::psp::PHONEPE, 1).await;
}
