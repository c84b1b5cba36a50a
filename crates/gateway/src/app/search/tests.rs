use std::sync::Arc;

use domain::invoice::State;
use domain::merchant::{Merchant, Wallet};
use domain::time::DAY;

use super::*;
use crate::app::invoice_lists::{self, Filter, From};
use crate::app::invoices::create;
use crate::app::testing::{app, new_invoice};
use crate::app::{SharedApp, audit, figures};
use crate::wire::create::Devise;

async fn make(app: &SharedApp, merchant: &Merchant, email: &str, minor: u128) {
    create(app, Arc::new(merchant.clone()), new_invoice(email, minor, Devise::Usd)).await.unwrap();
}

/// Puts an invoice into a state, as a decision would.
async fn put(app: &SharedApp, merchant: &Merchant, number: i64, next: State) {
    let (worker, merchant) = (app.clone(), merchant.clone());
    let put = move |tx: &Tx<'_>| {
        let mut row = invoices::existing(tx, &merchant.id, number)?;
        crate::app::invoices::change_state(&worker, tx, &merchant, &mut row, next, worker.now())
    };
    app.store.write(put).await.unwrap();
}

async fn found(app: &SharedApp, merchant: &Merchant, typed: &str) -> (Vec<i64>, bool) {
    let wanted = wanted(typed);
    let found = app.store.read(|tx| find(app, tx, &merchant.id, &wanted, None, 10)).await.unwrap();
    (found.rows.iter().map(|row| row.invoice.number).collect(), found.in_part)
}

#[test]
fn what_was_typed() {
    let hash = "ab".repeat(32);
    let term = |number: Option<i64>, term: &str| Wanted { number, term: Some(term.into()), hash: None };
    for (typed, expected) in [
        (" 12 ", term(Some(12), "12")),
        ("#12", Wanted { number: Some(12), ..Wanted::default() }),
        ("15.04", term(None, "15.04")),
        ("15.40", term(None, "15.4")),
        ("$15.00", term(None, "15")),
        ("15.04 USD", term(None, "15.04")),
        ("Ann@Example.com", term(None, "ann@example.com")),
        ("INV_01ABC", term(None, "inv_01abc")),
        ("1e5", Wanted::default()),
        ("-1", Wanted::default()),
        ("", Wanted::default()),
        (&hash.to_uppercase(), Wanted { hash: Some(format!("0x{hash}")), ..Wanted::default() }),
        (&format!("0x{hash}"), Wanted { hash: Some(format!("0x{hash}")), ..Wanted::default() }),
    ] {
        assert_eq!(wanted(typed), expected, "{typed}");
    }
}

/// Found at once, before the worker passes it and after; by whole terms only, and each merchant its own.
#[tokio::test]
async fn found_before_it_was_passed_and_after() {
    let (app, merchant) = app("search", Wallet::Missing).await;
    make(&app, &merchant, "Ann@example.com", 1504).await;
    make(&app, &merchant, "bob@example.com", 200).await;
    make(&app, &merchant, "ann@example.com", 1500).await;
    let id = app.store.read(|tx| invoices::existing(tx, &merchant.id, 2)).await.unwrap().invoice.id;
    for _ in 0..2 {
        for (typed, numbers) in [
            ("ann@example.com", vec![3, 1]),
            ("ann@", vec![]),
            ("15.04", vec![1]),
            ("2", vec![2]),
            ("2.00", vec![2]),
            (id.as_str(), vec![2]),
            ("15", vec![3]),
            ("#3", vec![3]),
            ("#4", vec![]),
        ] {
            assert_eq!(found(&app, &merchant, typed).await, (numbers, false), "{typed}");
        }
        assert!(!pass(&app, merchant.id.clone()).await.unwrap());
    }
    let other = domain::MerchantId::new(ulid::Ulid(7));
    let nothing = app.store.read(|tx| find(&app, tx, &other, &wanted("ann@example.com"), None, 10)).await.unwrap();
    assert!(nothing.rows.is_empty() && nothing.next.is_none());
}

/// Pages follow each other without a gap, over what was passed and what was not.
#[tokio::test]
async fn pages_of_what_was_found() {
    let (app, merchant) = app("search-pages", Wallet::Missing).await;
    for number in 1..=7 {
        make(&app, &merchant, if number == 4 { "bob@example.com" } else { "ann@example.com" }, 100).await;
        if number == 3 {
            pass(&app, merchant.id.clone()).await.unwrap();
        }
    }
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let read = |tx: &Tx<'_>| find(&app, tx, &merchant.id, &wanted("ann@example.com"), before, 2);
        let found = app.store.read(read).await.unwrap();
        seen.extend(found.rows.iter().map(|row| row.invoice.number));
        before = found.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [7, 6, 5, 3, 2, 1]);
}

/// What is a number and an amount too: the invoice of that number comes first, and no page shows it again.
#[tokio::test]
async fn an_invoice_whose_number_was_typed_comes_once() {
    let (app, merchant) = app("search-number", Wallet::Missing).await;
    for _ in 0..6 {
        make(&app, &merchant, "ann@example.com", 200).await;
    }
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let read = |tx: &Tx<'_>| find(&app, tx, &merchant.id, &wanted("2"), before, 2);
        let found = app.store.read(read).await.unwrap();
        seen.extend(found.rows.iter().map(|row| row.invoice.number));
        before = found.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, [2, 6, 5, 4, 3, 1]);
}

#[tokio::test]
async fn lists_by_keyset_and_filter() {
    let (app, merchant) = app("invoice-lists", Wallet::Missing).await;
    for number in 1..=9_i64 {
        let devise = if number == 5 { Devise::Eur } else { Devise::Usd };
        create(&app, Arc::new(merchant.clone()), new_invoice("a@example.com", 100, devise)).await.unwrap();
        if number % 3 == 0 {
            put(&app, &merchant, number, State::Opened).await;
            app.clock.advance(DAY.unsigned_abs());
        }
    }
    let page = async |filter: &Filter, from: From, limit: usize| {
        let page = app.store.read(|tx| invoice_lists::page(tx, &merchant.id, filter, from, limit)).await.unwrap();
        let numbers: Vec<i64> = page.rows.iter().map(|row| row.invoice.number).collect();
        (numbers, page)
    };
    let all = Filter::default();
    let (numbers, first) = page(&all, From::Newest, 4).await;
    assert_eq!((numbers, first.total, first.newer), (vec![9, 8, 7, 6], Some(9), None));
    let (numbers, second) = page(&all, From::Older(first.older.unwrap()), 4).await;
    assert_eq!(numbers, [5, 4, 3, 2]);
    let (numbers, third) = page(&all, From::Older(second.older.unwrap()), 4).await;
    assert_eq!((numbers, third.older), (vec![1], None));
    let (numbers, _) = page(&all, From::Newer(third.newer.unwrap()), 4).await;
    assert_eq!(numbers, [5, 4, 3, 2]);
    let (numbers, back) = page(&all, From::Newer(second.newer.unwrap()), 4).await;
    assert_eq!((numbers, back.newer), (vec![9, 8, 7, 6], None));
    let opened = Filter { states: vec!["opened"], ..Filter::default() };
    let (numbers, opened) = page(&opened, From::Newest, 2).await;
    assert_eq!((numbers, opened.total, opened.older.is_some()), (vec![9, 6], Some(3), true));
    let euros = Filter { devise: Some("EUR".into()), ..Filter::default() };
    let (numbers, euros) = page(&euros, From::Newest, 2).await;
    assert_eq!((numbers, euros.total, euros.older, euros.cut), (vec![5], None, None, false));
    let today = app.now().day();
    let days = Filter { from_day: Some(today - 2), to_day: Some(today - 2), ..Filter::default() };
    assert_eq!(page(&days, From::Newest, 9).await.0, [6, 5, 4]);
    let none = Filter { states: vec!["settled"], ..Filter::default() };
    assert_eq!(page(&none, From::Newest, 9).await.1.total, Some(0));
}

/// Amounts are right before the worker has passed an invoice and after, whatever its states were meanwhile; and the auditor sees a wrong one.
#[tokio::test]
async fn figures_are_those_of_the_rows() {
    let (app, merchant) = app("figures", Wallet::Missing).await;
    for minor in [100, 250, 1000, 40] {
        make(&app, &merchant, "a@example.com", minor).await;
    }
    put(&app, &merchant, 1, State::Opened).await;
    put(&app, &merchant, 1, State::Received).await;
    pass(&app, merchant.id.clone()).await.unwrap();
    make(&app, &merchant, "a@example.com", 7).await;
    for number in [2, 5] {
        put(&app, &merchant, number, State::Opened).await;
        put(&app, &merchant, number, State::Received).await;
    }
    put(&app, &merchant, 1, State::Settled).await;
    put(&app, &merchant, 3, State::Expired).await;
    let today = app.now().day();
    let read = async || app.store.read(|tx| figures::figures(tx, &merchant.id, today, 7)).await.unwrap();
    let before = read().await;
    assert!(!pass(&app, merchant.id.clone()).await.unwrap());
    let after = read().await;
    assert_eq!(before, after);
    assert_eq!((after.days.len(), after.in_part), (7, false));
    let day = after.last(1).unwrap();
    let usd = |minor| figures::Volume::from([("USD".to_owned(), Units(minor))]);
    assert_eq!((day.volume.clone(), day.awaiting.clone(), day.settled.clone()), (usd(357), usd(257), usd(100)));
    let counts = &day.counts;
    assert_eq!(
        (counts.made, counts.paid, counts.awaiting, counts.settled, counts.expired, counts.open),
        (5, 3, 2, 1, 1, 1)
    );
    assert_eq!(counts.success_permille(), Some(750));
    assert_eq!(after.last(7).unwrap().counts, day.counts);
    let volumes = |report: &audit::Report| {
        report.findings.iter().filter(|finding| finding.row.starts_with("volume_days")).count()
    };
    assert_eq!(volumes(&app.store.read(audit::audit).await.unwrap()), 0);
    let owner = merchant.id.clone();
    app.store.write(move |tx| crate::store::volume::damage(tx, &owner)).await.unwrap();
    assert_eq!(volumes(&app.store.read(audit::audit).await.unwrap()), 1);
}

#[tokio::test]
async fn nothing_needs_attention_where_nothing_is_wrong() {
    let (app, merchant) = app("attention", Wallet::Missing).await;
    make(&app, &merchant, "a@example.com", 100).await;
    assert!(app.store.read(|tx| figures::trouble(tx, &merchant.id)).await.unwrap().is_none());
    put(&app, &merchant, 1, State::Opened).await;
    put(&app, &merchant, 1, State::Received).await;
    put(&app, &merchant, 1, State::Withheld).await;
    assert_eq!(app.store.read(|tx| figures::trouble(tx, &merchant.id)).await.unwrap().withheld, 1);
}
