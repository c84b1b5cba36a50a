use domain::invoice::State;
use domain::merchant::Wallet;

use super::*;
use crate::app::invoices::create;
use crate::app::testing::{app, new_invoice};
use crate::store::invoices::{self, Paid};
use crate::wire::create::Devise;
use domain::Units;

#[tokio::test]
async fn letters_are_whole_in_every_language() {
    let (app, merchant) = app("papers", Wallet::Missing).await;
    create(&app, merchant.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    let mut row = app
        .store
        .read(|tx| {
            let number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
            invoices::existing(tx, &merchant.id, number)
        })
        .await
        .unwrap();
    let paid = Paid {
        asset: "USDT_polygon".into(),
        symbol: "USDT".into(),
        decimals: 6,
        units: Units(15_040_000),
        merchant_units: Units(15_000_000),
        fee_units: Units(40_000),
        charged: None,
    };
    for lang in Lang::ALL {
        row.invoice.state = State::Created;
        let (kind, open) = letter(&app, &merchant, &row, lang).unwrap().unwrap();
        assert!(kind == Kind::Invoice && open.file.is_none(), "{lang:?}");
        let page = cases::own_page_url(&app, &merchant, &row).unwrap();
        let line = format!("{page}&lang={}", lang.code());
        assert!(open.body.lines().any(|own| own == line), "{lang:?}: the link has a line of its own: {}", open.body);
        row.invoice.state = State::Settled;
        row.paid = Some(paid.clone());
        let (kind, receipt) = letter(&app, &merchant, &row, lang).unwrap().unwrap();
        assert_eq!(kind, Kind::Receipt);
        let pdf = STANDARD.decode(receipt.file.as_ref().unwrap().base64.as_bytes()).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 10_000);
        for letter in [&open, &receipt] {
            assert!(letter.subject.contains("Shop") && letter.subject.contains(&row.invoice.number.to_string()));
            assert!(letter.body.contains("15.04 USD") && letter.body.contains("Shop"), "{lang:?}: {}", letter.body);
            for text in [&letter.subject, &letter.body] {
                assert!(!text.contains("letter-") && !text.contains('{'), "{lang:?}: {text}");
                assert!(!text.contains(|c| ('\u{fdd0}'..='\u{fdef}').contains(&c)), "{lang:?}");
            }
            assert!(!letter.subject.contains(|c: char| c.is_control() || ('\u{2066}'..='\u{2069}').contains(&c)));
        }
        row.paid = None;
    }
    row.invoice.state = State::Expired;
    assert!(letter(&app, &merchant, &row, Lang::En).unwrap().is_none());
}
