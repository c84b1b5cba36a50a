use domain::access::Role;
use domain::charge::Money;
use domain::ledger::{Kind, Owner};
use domain::transfer::Kind as TransferKind;
use domain::{Time, Units};
use rails::provider::{DisputeSeen, DisputeState as Seen};

use super::{BOSS, last_act, operated};
use crate::app::charges::disputes::record;
use crate::app::invoices::create;
use crate::app::testing::{begun, charged, new_invoice, says, says_paid};
use crate::dashboard::tests::{HOSTILE, Page, Site};
use crate::store::charges::{self, ChargeRow};
use crate::store::{ledger, transfers};
use crate::wire::create::Devise;

async fn again(site: &Site, row: &ChargeRow) -> ChargeRow {
    site.app.store.read(|tx| charges::existing(tx, &row.merchant_id, &row.charge.id)).await.unwrap()
}

#[tokio::test]
async fn what_is_held_back_is_asked_about_or_given_back_once() {
    let (site, session) = operated("op-withheld").await;
    let free = charged(&site.app, &site.shop, false).await;
    let row = charged(&site.app, &site.shop, true).await;
    let list = site.get("/operator/withheld", &session).await;
    assert!(list.body.contains(row.charge.id.as_str()) && !list.body.contains(free.charge.id.as_str()));
    assert!(!list.body.contains(HOSTILE) && list.body.contains("850.00 INR"), "{}", list.body);
    let here = format!("/operator/withheld/{}/{}", site.shop.number, row.charge.id);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("invoice:withheld") && page.body.contains("Ask the provider now"), "{}", page.body);
    // of another merchant's there is nothing
    let elsewhere = format!("/operator/withheld/{}/{}", site.other.number, row.charge.id);
    assert_eq!(site.get(&elsewhere, &session).await.status, 404);

    assert_eq!(again(&site, &row).await.due_at.filter(|at| *at <= site.app.now()), None);
    let page = site.post(&here, &session, &[("act", "ask")]).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-withheld-asked")));
    assert_eq!(again(&site, &row).await.due_at, Some(site.app.now()));
    assert_eq!(last_act(&site).await.1, "charge.ask");

    for (reason, said) in [("no", "8 to 500 characters"), ("card 4111 1111 1111 1111", "holds a card number")] {
        let page = site.post(&here, &session, &[("act", "give-back"), ("reason", reason)]).await;
        assert!(page.status == 422 && page.body.contains(said), "{}", page.body);
    }
    let give = [("act", "give-back"), ("reason", "the payer asked for it <b>")];
    let page = site.post(&here, &session, &give).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-withheld-given-back")), "{}", page.body);
    assert_eq!(last_act(&site).await, (BOSS.into(), "charge.give_back".into(), "the payer asked for it <b>".into()));
    let of =
        |kind| site.app.store.read(move |tx| transfers::of_subject(tx, &row.merchant_id, kind, row.charge.id.as_str()));
    let refunds = of(TransferKind::ChargeRefund).await.unwrap();
    assert_eq!(refunds.iter().map(|refund| refund.units).collect::<Vec<_>>(), [Units(85_000)]);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("asked for it &#60;b&#62;") && page.body.contains(refunds[0].id.as_str()));
    let page = site.post(&here, &session, &give).await;
    assert!(page.status == 422 && page.body.contains("Nothing of it can be given back"), "{}", page.body);

    let here = format!("/operator/withheld/{}/{}", site.shop.number, free.charge.id);
    for act in ["ask", "give-back"] {
        let page = site.post(&here, &session, &[("act", act), ("reason", "not held at all")]).await;
        assert!(page.status == 422 && page.body.contains("not held back any more"), "{act}: {}", page.body);
    }
}

#[tokio::test]
async fn what_is_held_back_is_listed_by_when_that_began() {
    let (site, session) = operated("op-withheld-since").await;
    let mut paid = Vec::new();
    for _ in 0..2 {
        paid.push(charged(&site.app, &site.shop, false).await);
        site.app.clock.advance(60_000);
    }
    // the one that was paid last is held first
    let first = says_paid(&site.app, &paid[1], true, None).await;
    site.app.clock.advance(60_000);
    let second = says_paid(&site.app, &paid[0], true, None).await;
    assert_eq!(second.held_at, first.held_at.map(|at| at.plus(60_000)));
    assert_eq!(second.changed_at, paid[0].changed_at, "what is settled by when it was paid goes by this");
    let seen = |at: Option<Time>| {
        let at = jiff::Timestamp::from_millisecond(at.unwrap().0).unwrap();
        format!("<time datetime=\"{}\"", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    };
    let list = site.get("/operator/withheld", &session).await;
    let at = |row: &ChargeRow| list.body.find(&format!("/{}\">{}", row.charge.id, seen(row.held_at)));
    assert!(at(&first).is_some() && at(&first) < at(&second), "{}", list.body);
    let of_second = format!("/operator/withheld/{}/{}", site.shop.number, second.charge.id);
    assert!(site.get(&of_second, &session).await.body.contains(&seen(second.held_at)));
    // the next page begins after the last one of this
    let next = format!("/operator/withheld?since={}&last={}", first.held_at.unwrap().0, first.charge.id);
    let next = site.get(&next, &session).await;
    let leads_to = |row: &ChargeRow| next.body.contains(&format!("/{}\"", row.charge.id));
    assert!(leads_to(&second) && !leads_to(&first), "{}", next.body);
    // freed and held again: since then
    says_paid(&site.app, &first, false, None).await;
    assert_eq!(again(&site, &first).await.held_at, None);
    site.app.clock.advance(60_000);
    let later = says_paid(&site.app, &first, true, None).await;
    assert!(later.held_at > second.held_at);
}

#[tokio::test]
async fn what_was_given_back_is_said_in_the_currency_that_was_taken() {
    let (site, session) = operated("op-withheld-currency").await;
    let new = new_invoice("payer@example.com", 1_000, Devise::Usd);
    create(&site.app, std::sync::Arc::new(site.shop.clone()), new).await.unwrap();
    let row = begun(&site.app, &site.shop, 1_000, None).await;
    let taken = Money { units: Units(1_000), currency: "USD".into() };
    let row = says(&site.app, &row, taken, true, Some(Units(250))).await;
    let here = format!("/operator/withheld/{}/{}", site.shop.number, row.charge.id);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("850.00 INR") && page.body.contains("2.50 USD"), "{}", page.body);
    assert!(!page.body.contains("2.50 INR"));
}

#[tokio::test]
async fn what_was_taken_twice_is_listed_until_it_is_given_back() {
    let (site, session) = operated("op-surplus").await;
    let row = charged(&site.app, &site.shop, false).await;
    let twice = Money { units: Units(170_000), currency: "INR".into() };
    says(&site.app, &row, twice.clone(), false, Some(Units(10_000))).await;
    let page = site.get("/operator/parked", &session).await;
    assert!(page.body.contains("Taken more than once") && page.body.contains("750.00 INR"), "{}", page.body);
    assert!(page.body.contains(row.charge.id.as_str()) && page.body.contains("give it back at the provider"));
    says(&site.app, &row, twice, false, Some(Units(85_000))).await;
    let page = site.get("/operator/parked", &session).await;
    assert!(page.body.contains("No parked payments") && !page.body.contains(row.charge.id.as_str()), "{}", page.body);
}

#[tokio::test]
async fn disputes_are_listed_by_state_with_what_the_merchant_owes() {
    let (site, session) = operated("op-disputes").await;
    let row = charged(&site.app, &site.shop, false).await;
    let says = |state| {
        let (reference, currency) = (HOSTILE.into(), "INR".into());
        let seen = DisputeSeen { reference, amount: Units(85_000), currency, state, evidence_due: None };
        record(&site.app, &row, vec![seen])
    };
    says(Seen::Open).await.unwrap();
    let open = site.get("/operator/disputes", &session).await;
    assert!(open.body.contains("850.00 INR") && !open.body.contains(HOSTILE), "{}", open.body);
    assert!(site.get("/operator/disputes?show=won", &session).await.body.contains("No disputes here"));
    let owed = site.app.store.read(|tx| ledger::debt(tx, &site.shop.id, "INR")).await.unwrap();
    let short = site.app.store.read(|tx| ledger::balance(tx, &site.shop.id, Owner::Merchant, Kind::Payable, "INR"));
    assert_eq!(short.await.unwrap(), Units::ZERO);
    assert_eq!(owed.is_zero(), !open.body.contains("class=\"error\""), "what is owed is shown");
    says(Seen::Lost).await.unwrap();
    assert!(site.get("/operator/disputes?show=lost", &session).await.body.contains("850.00 INR"));
    assert!(site.get("/operator/disputes", &session).await.body.contains("No disputes here"));
    let home = site.get("/operator/", &session).await;
    assert!(home.body.contains("Open disputes") && home.body.contains("Held back"));
}

/// Each page holds so many; every one is on exactly one of them.
#[tokio::test]
async fn no_dispute_is_lost_between_pages() {
    let (site, session) = operated("op-disputes-pages").await;
    let row = charged(&site.app, &site.shop, false).await;
    let seen = |nth: u32| DisputeSeen {
        reference: format!("dsp-{nth:02}&x"),
        amount: Units(1),
        currency: "INR".into(),
        state: Seen::Open,
        // of some a date is known
        evidence_due: nth.is_multiple_of(2).then(|| Time(2_000_000_000_000 - i64::from(nth))),
    };
    record(&site.app, &row, (0..70).map(seen).collect()).await.unwrap();
    let (mut path, mut found, mut pages) = ("/operator/disputes".to_owned(), 0, 0);
    loop {
        let page = site.get(&path, &session).await;
        found += page.body.matches("<code>dsp-").count();
        pages += 1;
        let next = page
            .body
            .split("href=\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|to| to.starts_with("/operator/disputes?") && to.contains("before=") && !to.contains("lang="));
        match next {
            Some(next) => path = next.replace("&#38;", "&").replace("&amp;", "&"),
            None => break,
        }
        assert!(pages < 9);
    }
    assert_eq!((found, pages), (70, 3));
}

#[tokio::test]
async fn what_evidence_is_due_for_first_comes_first_and_its_merchant_is_told_by_when() {
    let (site, session) = operated("op-disputes-due").await;
    let row = charged(&site.app, &site.shop, false).await;
    let says = |name: &str, state, evidence_due| {
        let (reference, currency) = (name.to_owned(), "INR".to_owned());
        let seen = vec![DisputeSeen { reference, amount: Units(1), currency, state, evidence_due }];
        let (app, row) = (site.app.clone(), row.clone());
        async move { record(&app, &row, seen).await.unwrap() }
    };
    let at = |day: i64| Some(Time(1_893_456_000_000 + day * domain::time::DAY));
    for (name, due) in [("dsp-none", None), ("dsp-late", at(9)), ("dsp-soon", at(2)), ("dsp-over", Some(Time(5)))] {
        says(name, Seen::Open, due).await;
    }
    let order = |page: &Page| {
        let mut order: Vec<_> = ["over", "soon", "late", "none"]
            .iter()
            .filter_map(|name| Some((page.body.find(&format!("<code>dsp-{name}"))?, *name)))
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    let open = site.get("/operator/disputes", &session).await;
    assert_eq!(order(&open), ["over", "soon", "late", "none"]);
    assert!(open.body.contains("2030-01-03") && open.body.contains("Not known"), "{}", open.body);
    assert_eq!(open.body.matches("Time is over").count(), 1);
    // another date counts, and what says nothing takes none away
    says("dsp-late", Seen::Open, at(1)).await;
    says("dsp-soon", Seen::Open, None).await;
    assert_eq!(order(&site.get("/operator/disputes", &session).await), ["over", "late", "soon", "none"]);
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let owner = site.session(&owner, Some(&site.shop), true).await;
    let invoice = format!("/client/invoices/{}", row.invoice_number);
    let page = site.get(&invoice, &owner).await;
    assert!(page.body.contains("Evidence is due by <time datetime=\"2030-01-02T00:00:00Z\""), "{}", page.body);
    assert!(page.body.contains("only the provider’s own pages say"));
    // what the bank decides now waits for nobody; a round that begins later has a date of its own, or none
    says("dsp-over", Seen::UnderReview, Some(Time(5))).await;
    says("dsp-late", Seen::Won, None).await;
    says("dsp-late", Seen::Open, None).await;
    let open = site.get("/operator/disputes", &session).await;
    assert_eq!((order(&open)[0], open.body.matches("Time is over").count()), ("soon", 0));
    assert!(!open.body.contains("2030-01-02"), "{}", open.body);
    for name in ["dsp-none", "dsp-late", "dsp-soon", "dsp-over"] {
        says(name, Seen::Won, None).await;
    }
    assert!(!site.get(&invoice, &owner).await.body.contains("Evidence is due by"));
    assert!(!site.get("/operator/disputes?show=won", &session).await.body.contains("Evidence due by"));
}
