use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Units;
use domain::ledger::{Account, Draft, Kind, Owner, Posting, Reason, Side};
use domain::merchant::Wallet;
use futures_util::TryStreamExt;

use super::*;
use crate::app::invoices::create;
use crate::app::testing::app;
use crate::app::testing::new_invoice;
use crate::wire::create::Devise;

#[test]
fn what_begins_like_a_formula_is_text() {
    for text in
        ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", " =1", "\"=1", "' =1", " \"'@x", "\u{feff}=1", "＝1"]
    {
        assert_eq!(guarded(text), format!("'{text}"));
    }
    for text in ["", "15.04", "ann@example.com", "a=b", "a-b", " x", "O'Neill", "€5"] {
        assert_eq!(guarded(text), text);
    }
}

fn records(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    assert!(bytes.ends_with(b"\r\n") && !String::from_utf8_lossy(bytes).replace("\r\n", "").contains('\n'));
    let mut reader = csv::Reader::from_reader(bytes);
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (head, rows)
}

async fn whole(stream: impl Stream<Item = Result<Bytes, StoreError>>) -> Vec<u8> {
    let chunks: Vec<Bytes> = stream.try_collect().await.unwrap();
    chunks.concat()
}

#[tokio::test]
async fn invoices_newest_first_and_guarded() {
    let (app, merchant) = app("export-invoices", Wallet::Missing).await;
    for (email, devise) in [("=cmd|' /C calc'!A0", Devise::Usd), ("a,\"b\"@example.com", Devise::Eur)] {
        create(&app, Arc::new(merchant.clone()), new_invoice(email, 1504, devise)).await.unwrap();
    }
    let all = whole(invoices(app.clone(), merchant.id.clone(), Filter::default())).await;
    let (head, rows) = records(&all);
    assert_eq!(head, INVOICES);
    let shown = |row: &[String]| (row[0].clone(), row[5].clone(), row[6].clone(), row[7].clone());
    let own = |a: &str, b: &str, c: &str, d: &str| (a.to_owned(), b.to_owned(), c.to_owned(), d.to_owned());
    assert_eq!(shown(&rows[0]), own("2", "15.04", "EUR", "a,\"b\"@example.com"));
    assert_eq!(shown(&rows[1]), own("1", "15.04", "USD", "'=cmd|' /C calc'!A0"));
    let euros = Filter { devise: Some("EUR".into()), ..Filter::default() };
    assert_eq!(records(&whole(invoices(app, merchant.id, euros)).await).1.len(), 1);
}

/// Every posting once, and the sums are the trial balance: over all days, and over any division of them.
#[tokio::test]
async fn entries_come_to_the_trial_balance() {
    let (app, merchant) = app("export-entries", Wallet::Missing).await;
    let today = app.now().day();
    let posting = |owner, kind, asset: &str, side, units| Posting {
        account: Account { owner, kind, asset: asset.into() },
        side,
        units: Units(units),
    };
    let drafts = (0..1_300_i64).map(|number| {
        let (asset, units) = if number % 3 == 0 { ("EUR", 7) } else { ("USD", 1504) };
        Draft {
            cause: format!("test:{number}"),
            reason: Reason::ChargePaid,
            invoice_number: Some(number),
            // not in the order of their numbers
            at: Time((today - number % 4) * DAY + (number * 7919) % 1000),
            rate: None,
            postings: vec![
                posting(Owner::Operator, Kind::Provider, asset, Side::Debit, units),
                posting(Owner::Operator, Kind::Fee, asset, Side::Credit, 1),
                posting(Owner::Merchant, Kind::Payable, asset, Side::Credit, units - 1),
            ],
        }
    });
    let (drafts, book): (Vec<Draft>, _) = (drafts.collect(), merchant.id.clone());
    let enter = move |tx: &Tx<'_>| drafts.iter().try_for_each(|draft| ledger::enter(tx, &book, draft).map(|_| ()));
    app.store.write(enter).await.unwrap();
    type Sums = BTreeMap<(String, String, String), (Units, Units)>;
    let add = |sums: &mut Sums, bytes: &[u8]| {
        let (head, rows) = records(bytes);
        assert_eq!(head, ENTRIES);
        for row in &rows {
            let decimals = row[13].parse().unwrap();
            let read = |text: &str| if text.is_empty() { Units::ZERO } else { Units::parse(text, decimals).unwrap() };
            let sum = sums.entry((row[6].clone(), row[7].clone(), row[8].clone())).or_default();
            *sum = (sum.0.plus(read(&row[9])).unwrap(), sum.1.plus(read(&row[10])).unwrap());
        }
        rows.len()
    };
    let balances: Sums = app
        .store
        .read(|tx| ledger::accounts(tx, &merchant.id))
        .await
        .unwrap()
        .into_iter()
        .map(|row| {
            let Account { owner, kind, asset } = row.account;
            ((owner.name().to_owned(), kind.name().to_owned(), asset), (row.debit, row.credit))
        })
        .collect();
    let mut sums = Sums::new();
    let all = whole(entries(app.clone(), merchant.id.clone(), (0, today))).await;
    assert_eq!(add(&mut sums, &all), 3 * 1_300);
    assert_eq!(sums, balances);
    let mut sums = Sums::new();
    for days in [(today - 3, today - 2), (today - 1, today - 1), (today, i64::MAX)] {
        add(&mut sums, &whole(entries(app.clone(), merchant.id.clone(), days)).await);
    }
    assert_eq!(sums, balances);
    let before = whole(entries(app, merchant.id, (0, today - 4))).await;
    assert!(records(&before).1.is_empty());
}
