//! `kill -9` between "sent to the provider" and "answer stored": afterwards the payer is charged once or not at all, and the gateway's
//! books agree with the provider's.

use domain::charge::State;

use super::at_every_provider;
use super::payer::{Invoice, Page};
use super::payments::{PAID, pay};
use super::psp::{Fault, Kind, Psp, Standing};
use super::rows::Rows;
use super::shop::Shop;
use crate::harness::wait_until;

at_every_provider!(before_it_was_sent, after_it_was_sent, while_its_answer_was_on_the_way, while_it_was_on_the_way);

async fn open(kind: &'static Kind, name: &str) -> (Psp, Shop, String) {
    let psp = Psp::start(kind).await;
    let shop = Shop::open(&format!("{name}-{}", kind.name)).await;
    let account = shop.sell_by(&psp);
    (psp, shop, account)
}

/// An invoice whose first callback has arrived: one that is on its way when the gateway dies is told again only some time later.
async fn invoice(shop: &Shop, kind: &Kind) -> Invoice {
    let invoice = shop.invoice(kind).await;
    shop.is_told(&invoice, &PAID[..1]).await;
    invoice
}

/// The payer comes back to a gateway that was started again. It asks, sends nothing, and offers nothing that could charge again.
async fn comes_back(shop: &Shop, psp: &Psp, invoice: &Invoice, expected: &str) -> Page {
    let (sends, questions) = psp.read(|books| (books.sends.len(), books.questions));
    // who comes back again and again is not asked about each time
    let look = || async { (shop.come_back(invoice).await, psp.read(|books| books.questions)) };
    let is_there = |(page, asked): &(Page, usize)| page.state == expected && *asked > questions;
    let (page, _) = wait_until(&format!("it is asked, and the page is {expected}"), look, is_there).await;
    if expected == "processing" {
        assert!(!page.shows("name=\"action\""), "{page:?}");
    }
    shop.choose(invoice).await;
    assert_eq!(shop.look(invoice).await.state, expected);
    assert_eq!(psp.sends(), sends, "sent again");
    assert!(psp.payments().len() <= 1, "{:?}", psp.payments());
    assert_eq!(Rows::of(shop).await.charges(invoice).await.len(), 1);
    shop.audit();
    page
}

/// Whoever holds what the provider gave out pays it: once, and it is the charge that we know of.
async fn is_paid_once(shop: &Shop, psp: &Psp, account: &str, invoice: &Invoice) {
    pay(shop, psp, account, invoice).await;
    shop.is_told(invoice, &PAID).await;
    assert_eq!(shop.look(invoice).await.state, "received");
    let charge = Rows::of(shop).await.charges(invoice).await.remove(0).charge;
    let (units, currency) = psp.last().paid();
    let received = charge.received.unwrap();
    assert_eq!((charge.id.as_str(), received.units, received.currency), (&*psp.last().charge, units, currency));
    assert_eq!(psp.payments().len(), 1);
    shop.audit();
}

async fn before_it_was_sent(kind: &'static Kind) {
    let (psp, mut shop, _) = open(kind, "before").await;
    shop.start(Some("before_provider_send")).await;
    let invoice = invoice(&shop, kind).await;
    shop.choose(&invoice).await;
    shop.crashed().await;
    shop.start(None).await;
    comes_back(&shop, &psp, &invoice, "processing").await;
    assert_eq!((psp.sends(), psp.payments().len()), (0, 0));

    // only after ten minutes it is sure that nothing is on the way, and the payer may try again
    shop.kill();
    let rows = Rows::of(&shop).await;
    rows.age(&invoice, 11 * 60_000).await;
    shop.start(None).await;
    shop.come_back(&invoice).await;
    assert_eq!(rows.charges(&invoice).await[0].charge.state, State::NotSent);
    let page = shop.look(&invoice).await;
    assert_eq!(page.state, if kind.method == "CARD" { "card-start" } else { "choose" });
    assert_eq!(psp.sends(), 0);
    shop.audit();
}

async fn after_it_was_sent(kind: &'static Kind) {
    let (psp, mut shop, account) = open(kind, "after").await;
    shop.start(Some("after_provider_send")).await;
    let invoice = invoice(&shop, kind).await;
    shop.choose(&invoice).await;
    shop.crashed().await;
    assert_eq!((psp.sends(), psp.payments().len()), (1, 1));
    shop.start(None).await;
    let page = comes_back(&shop, &psp, &invoice, kind.page_after_loss).await;
    let begun = psp.last();
    if kind.page_after_loss == kind.page {
        (kind.shown)(&begun).iter().for_each(|text| assert!(page.shows(text), "{text}: {page:?}"));
    }
    if begun.standing == Standing::Waiting {
        is_paid_once(&shop, &psp, &account, &invoice).await;
    }
    assert_eq!(psp.sends(), 1);
}

async fn while_its_answer_was_on_the_way(kind: &'static Kind) {
    let (psp, mut shop, account) = open(kind, "answer").await;
    shop.start(None).await;
    let invoice = invoice(&shop, kind).await;
    let mut faults = vec![Fault::None; kind.steps - 1];
    faults.push(Fault::HoldAfter);
    psp.next(&faults);
    killed_while_held(&mut shop, &psp, &invoice).await;
    assert_eq!((psp.sends(), psp.last().standing), (kind.steps, Standing::Waiting));
    psp.tell();
    shop.start(None).await;
    comes_back(&shop, &psp, &invoice, kind.page_after_loss).await;
    is_paid_once(&shop, &psp, &account, &invoice).await;
    assert_eq!(psp.sends(), kind.steps);
}

/// The provider works on it only after we asked what became of it: "nothing is known" must not be believed so soon.
async fn while_it_was_on_the_way(kind: &'static Kind) {
    let (psp, mut shop, account) = open(kind, "way").await;
    shop.start(None).await;
    let invoice = invoice(&shop, kind).await;
    psp.next(&[Fault::HoldBefore]);
    killed_while_held(&mut shop, &psp, &invoice).await;
    shop.start(None).await;
    comes_back(&shop, &psp, &invoice, "processing").await;
    assert_eq!((psp.sends(), psp.payments().len()), (1, 0));
    psp.tell();
    wait_until("the provider gets to it", || async { psp.payments().len() }, |made| *made == 1).await;
    comes_back(&shop, &psp, &invoice, kind.page_after_loss).await;
    if psp.last().standing == Standing::Waiting {
        is_paid_once(&shop, &psp, &account, &invoice).await;
    }
    assert_eq!(psp.sends(), 1);
}

async fn killed_while_held(shop: &mut Shop, psp: &Psp, invoice: &Invoice) {
    let held = wait_until("the provider holds it", || async { psp.read(|books| books.held) }, |held| *held == 1);
    tokio::select! {
        () = shop.choose(invoice) => panic!("it was answered"),
        _ = held => {}
    }
    shop.kill();
}
