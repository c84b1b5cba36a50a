//! What payers, providers and wires do besides: pressed twice, told before the answer came, gone another way, given back elsewhere.

use domain::Units;
use domain::charge::{Placement, State};

use super::at_every_provider;
use super::payer::Invoice;
use super::payments::{PAID, begin, open, pay, price};
use super::psp::{CHECKOUT_COM, Fault, Kind, Psp, RAZORPAY, Refund, STRIPE, Standing};
use super::rows::Rows;
use super::shop::Shop;
use crate::harness::wait_until;

at_every_provider!(pressed_twice_at_once, told_before_the_answer_came, killed_while_asking);

async fn pressed_twice_at_once(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "twice").await;
    let invoice = shop.invoice(kind).await;
    tokio::join!(shop.choose(&invoice), shop.choose(&invoice), shop.choose(&invoice));
    assert_eq!((psp.payments().len(), psp.sends()), (1, kind.steps));
    assert_eq!(shop.look(&invoice).await.state, kind.page);
    pay(&shop, &psp, &account, &invoice).await;
    shop.audit();
}

/// While the provider holds its answer back the payer looks, presses and pays.
async fn told_before_the_answer_came(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "early").await;
    let invoice = shop.invoice(kind).await;
    let mut faults = vec![Fault::None; kind.steps - 1];
    faults.push(Fault::HoldAfter);
    psp.next(&faults);
    let meanwhile = async {
        wait_until("it is held", || async { psp.read(|books| books.held) }, |held| *held == 1).await;
        assert_eq!(shop.look(&invoice).await.state, "processing");
        shop.choose(&invoice).await;
        pay(&shop, &psp, &account, &invoice).await;
        psp.tell();
    };
    tokio::join!(shop.choose(&invoice), meanwhile);
    // the answer that comes last says that the payer has yet to pay: that is over
    assert_eq!(shop.look(&invoice).await.state, "received");
    shop.is_told(&invoice, &PAID).await;
    assert_eq!((psp.payments().len(), psp.sends()), (1, kind.steps));
    shop.audit();
}

async fn killed_while_asking(kind: &'static Kind) {
    let (psp, mut shop, _) = open(kind, "asking").await;
    let invoice = shop.invoice(kind).await;
    begin(&shop, &psp, &invoice).await;
    shop.kill();
    psp.change(|payment| payment.standing = Standing::Paid);
    Rows::of(&shop).await.age(&invoice, 60_000).await;
    shop.run_until("after_provider_sync").await;
    shop.start(None).await;
    shop.client.status_becomes(invoice.id, PAID[2]).await;
    shop.is_told(&invoice, &PAID).await;
    assert_eq!(psp.sends(), kind.steps);
    shop.audit();
}

/// A card payment is begun, then the payer takes UPI. What can be closed is closed; what is paid all the same is found, and parked.
async fn gone_another_way(card: &'static Kind, is_closed: bool) {
    let (first, second) = (Psp::start(card).await, Psp::start(&RAZORPAY).await);
    let mut shop = Shop::open(&format!("other-way-{}", card.name)).await;
    let (card_account, upi_account) = (shop.sell_by(&first), shop.sell_by(&second));
    shop.start(None).await;
    let rows = Rows::of(&shop).await;
    let invoice = shop.invoice_of_any_method().await;
    let (by_card, by_upi) = (Invoice { method: "CARD", ..invoice.clone() }, Invoice { method: "UPI", ..invoice });
    begin(&shop, &first, &by_card).await;
    begin(&shop, &second, &by_upi).await;
    if is_closed {
        wait_until("it is closed", || async { first.last().standing }, |now| *now == Standing::Closed).await;
    }
    pay(&shop, &second, &upi_account, &by_upi).await;
    shop.is_told(&by_upi, &PAID).await;
    if !is_closed {
        let paid = first.change(|payment| payment.standing = Standing::Paid);
        shop.hear(&card_account, card, &paid).await;
        let seen = || async { rows.charges(&by_card).await[0].charge.clone() };
        let charge = wait_until("it is found", seen, |charge| charge.state == State::Paid).await;
        assert_ne!(charge.placement, Some(Placement::Credited));
        assert_eq!(shop.told(&by_card), PAID);
        // it can be given back
        let id = charge.id.to_string();
        let number = by_card.id.to_string();
        shop.said(&["refund", "1", &number, "--charge", &id, "--amount", "all"]);
        wait_until("it is given back", || async { first.last().refunds.len() }, |made| *made == 1).await;
    }
    assert_eq!((first.payments().len(), second.payments().len()), (1, 1));
    shop.audit();
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_card_that_can_be_closed_to_upi() {
    gone_another_way(&STRIPE, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_page_that_cannot_be_closed_to_upi() {
    gone_another_way(&CHECKOUT_COM, false).await;
}

/// Somebody gives money back in the provider's dashboard.
#[tokio::test(flavor = "multi_thread")]
async fn given_back_elsewhere() {
    for kind in [&STRIPE, &CHECKOUT_COM, &RAZORPAY] {
        let (psp, shop, account) = open(kind, "elsewhere").await;
        let invoice = shop.invoice(kind).await;
        begin(&shop, &psp, &invoice).await;
        pay(&shop, &psp, &account, &invoice).await;
        let refund = Refund { nth: 1, ours: "by-hand".into(), amount: Units(400) };
        let back = psp.change(|payment| payment.refunds.push(refund));
        shop.hear(&account, kind, &back).await;
        let rows = Rows::of(&shop).await;
        let booked = || async { rows.charges(&invoice).await[0].refunded_elsewhere };
        wait_until("it is booked", booked, |units| *units == Units(400)).await;
        let left = Units(price(kind).0 - 399).decimal(2, 2);
        let why = shop.refused(&["refund", "1", &invoice.id.to_string(), "--amount", &left]);
        assert!(why.contains("at most"), "{why}");
        shop.audit();
    }
}
