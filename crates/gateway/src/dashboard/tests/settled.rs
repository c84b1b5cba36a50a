//! A payment from the charge to its settlement, as the merchant's people and his payer see it.

use std::path::PathBuf;
use std::sync::Arc;

use domain::Units;
use domain::access::Role;
use domain::charge::Settle;
use domain::invoice::State;
use domain::merchant::Wallet;
use tokio_util::sync::CancellationToken;

use super::{Page, Session, Site, merchant};
use crate::app::invoices::{cancel, create, token_of};
use crate::app::settlements;
use crate::app::testing::{app, begun, new_invoice, says_paid, tether};
use crate::app::{payer_mails, transfers as transfer_case};
use crate::store::charges::ChargeRow;
use crate::store::events::{self, About};
use crate::store::invoices::{self, InvoiceRow};
use crate::store::payer_mails::DueMail;
use crate::store::{StoreError, Tx, mails, storefronts, transfers};
use crate::wire::create::Devise;
use crate::workers::write_receipts;

/// A site with a coin that merchants are settled in.
async fn site(name: &str) -> Site {
    let (mut app, other) = app(name, Wallet::Missing).await;
    Arc::get_mut(&mut app).unwrap().assets.push(tether());
    let shop = merchant(&app, "Tea & Cookies").await;
    Site::on(app, (shop, other), PathBuf::new(), |web| {
        crate::dashboard::routes().merge(crate::checkout::routes::routes()).with_state(web)
    })
}

/// A new invoice, and a charge of it that its provider has not answered.
async fn charge(site: &Site) -> ChargeRow {
    let new = new_invoice("payer@example.com", 1_000, Devise::Usd);
    create(&site.app, site.shop.clone().into(), new).await.unwrap();
    let settle = Settle { asset: "USDT_polygon".into(), units: Units(10_000_000) };
    begun(&site.app, &site.shop, 1_000, Some(settle)).await
}

async fn invoice(site: &Site, charge: &ChargeRow) -> InvoiceRow {
    let (shop, number) = (&site.shop.id, charge.invoice_number);
    site.app.store.read(|tx| invoices::existing(tx, shop, number)).await.unwrap()
}

/// Settles what waits, and its coins arrive.
async fn settle(site: &Site) {
    let (app, shop) = (site.app.clone(), site.shop.id.clone());
    let settle = move |tx: &Tx<'_>| {
        let [row] = &settlements::settle(&app, tx, &shop, true)?[..] else { panic!("one settlement") };
        let mut transfer = transfers::existing(tx, &shop, &row.transfer_id)?;
        transfer.tx_hash = Some(format!("0x{}", "ab".repeat(32)));
        transfer_case::arrived(&app, tx, &mut transfer, app.now())
    };
    site.app.store.write(settle).await.unwrap();
}

async fn round(site: &Site) -> usize {
    write_receipts::round(&site.app, &CancellationToken::new()).await.unwrap()
}

async fn to_payer(site: &Site) -> Vec<String> {
    let all = site.app.store.read(mails::list).await.unwrap();
    all.into_iter().filter(|mail| mail.recipient == "payer@example.com").map(|mail| mail.subject).collect()
}

/// Money that a provider holds back for review is no receipt's. Once it is free and settled the merchant is told that it is paid, and the
/// receipt goes, once.
#[tokio::test]
async fn a_receipt_that_was_dropped_goes_when_what_was_held_is_settled() {
    let site = site("settled-held").await;
    let shop = site.shop.id.clone();
    let wanted = move |tx: &Tx<'_>| storefronts::set_ways(tx, &shop, Some("en"), true);
    site.app.store.write(wanted).await.map_err(|error: StoreError| error.to_string()).unwrap();
    let charge = charge(&site).await;
    says_paid(&site.app, &charge, false, None).await;
    assert_eq!(invoice(&site, &charge).await.invoice.state, State::Received);
    says_paid(&site.app, &charge, true, None).await;
    assert_eq!(invoice(&site, &charge).await.invoice.state, State::Withheld);
    assert_eq!((round(&site).await, round(&site).await), (1, 0));
    assert!(to_payer(&site).await.is_empty(), "there is nothing to say of money that is held back");
    says_paid(&site.app, &charge, false, None).await;
    assert_eq!(invoice(&site, &charge).await.invoice.state, State::Withheld, "it waits there for its settlement");
    assert_eq!(round(&site).await, 0);
    settle(&site).await;
    let row = invoice(&site, &charge).await;
    assert_eq!((row.invoice.state, row.settle_tx_hash.is_some()), (State::Settled, true));
    let about = About::invoice(charge.invoice_number);
    let told = site.app.store.read(|tx| events::of(tx, &site.shop.id, about)).await.unwrap();
    let told: Vec<&str> = told.iter().map(|event| event.status.as_str()).collect();
    let all = ["created", "opened", "awaiting_approval", "withheld", "paid"].map(|status| format!("invoice:{status}"));
    assert_eq!(told, all);
    // whoever looked before it was settled has no letter, and ends nothing
    let (merchant_id, invoice_number) = (site.shop.id.clone(), charge.invoice_number);
    let (app, due) = (site.app.clone(), DueMail { merchant_id, invoice_number, cause: "paid".into() });
    site.app.store.write(move |tx| payer_mails::write(&app, tx, &due, None)).await.unwrap();
    assert_eq!((round(&site).await, round(&site).await), (1, 0));
    let number = charge.invoice_number;
    assert_eq!(to_payer(&site).await, [format!("Receipt for invoice {number} from Tea & Cookies")]);
}

/// Files leave the house: only who may export is shown where they are, and given them.
#[tokio::test]
async fn a_statement_is_shown_to_all_and_taken_away_by_some() {
    let site = site("settled-files").await;
    let charge = charge(&site).await;
    says_paid(&site.app, &charge, false, None).await;
    settle(&site).await;
    for (role, may_export) in
        [(Role::Owner, true), (Role::Finance, true), (Role::Support, false), (Role::ReadOnly, false)]
    {
        let id = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
        let session = site.session(&id, Some(&site.shop), true).await;
        let page = site.get("/client/balances/statement?number=1", &session).await;
        assert!(page.status == 200 && page.body.contains("9.90 USDT"), "{role:?}: {}", page.body);
        for ending in ["pdf", "csv", "txt"] {
            let path = format!("/client/balances/statement.{ending}?number=1");
            assert_eq!(page.body.contains(&path), may_export, "{role:?} {ending}");
            assert_eq!(site.get(&path, &session).await.status, if may_export { 200 } else { 403 }, "{role:?} {ending}");
        }
    }
}

/// Nobody is told with the shop's name that he has paid, or given up, when he has not: the payer's page says how it is.
#[tokio::test]
async fn a_page_of_results_says_only_what_is_true_of_the_invoice() {
    let site = site("settled-results").await;
    let charge = charge(&site).await;
    let row = invoice(&site, &charge).await;
    let token = token_of(&site.shop, &row).unwrap().encode(&site.app.page_key);
    let ask = async |which: &str, token: &str| -> Page {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        site.get(&format!("/service/pay/{which}/?{query}"), &Session::default()).await
    };
    let leads_back = async |which: &str, token: &str| {
        let page = ask(which, token).await;
        let (path, query) = page.location().split_once('?').unwrap_or_default();
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!((page.status, path), (303, "/widget/sale/create/"), "{which}: {page:?}");
        assert_eq!(query, [("token".to_owned(), token.to_owned())]);
    };
    for which in ["success", "cancel", "pending"] {
        leads_back(which, &token).await;
    }
    says_paid(&site.app, &charge, false, None).await;
    let page = ask("success", &token).await;
    assert!(page.status == 200 && page.body.contains("Tea &#38; Cookies"), "{}", page.body);
    leads_back("cancel", &token).await;
    says_paid(&site.app, &charge, true, None).await;
    leads_back("success", &token).await;
    says_paid(&site.app, &charge, false, None).await;
    settle(&site).await;
    assert_eq!(ask("success", &token).await.status, 200);
    let french = site.get(&format!("/service/pay/cancel/?token={token}&lang=fr"), &Session::default()).await;
    assert!(french.location().ends_with("&lang=fr"), "{french:?}");
    // one that the payer gave up
    create(&site.app, site.shop.clone().into(), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let shop = &site.shop;
    let read = |tx: &Tx<'_>| invoices::existing(tx, &shop.id, invoices::latest_number(tx, &shop.id)?.unwrap_or(0));
    let row = site.app.store.read(read).await.unwrap();
    let token = token_of(shop, &row).unwrap().encode(&site.app.page_key);
    cancel(&site.app, &token).await.unwrap();
    let page = ask("cancel", &token).await;
    assert!(page.status == 200 && page.body.contains("Tea &#38; Cookies"), "{}", page.body);
    leads_back("success", &token).await;
    // without a token, or with one of nobody's, nothing is known
    for path in ["/service/pay/success/", "/service/pay/success/?token=1.x"] {
        assert_eq!(site.get(path, &Session::default()).await.status, 200, "{path}");
    }
}
