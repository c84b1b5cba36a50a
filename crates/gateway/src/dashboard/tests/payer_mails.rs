//! What payers are sent from an invoice's page, and by itself.

use domain::Units;
use domain::access::Role;
use domain::invoice::State;

use tokio_util::sync::CancellationToken;

use super::{HOSTILE, Session, Site};
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::app::{acts, payer_mails};
use crate::papers::NoPaper;
use crate::store::invoices::{self, Paid};
use crate::store::mails::{self, MailRow};
use crate::store::{StoreError, Tx, payer_mails as mail_rows};
use crate::wire::create::Devise;
use crate::workers::write_receipts;

async fn support(site: &Site) -> Session {
    let id = site.person("support@shop.example", None, false, &[(&site.shop, Role::Support)]).await;
    site.session(&id, Some(&site.shop), true).await
}

async fn invoice(site: &Site) -> i64 {
    let shop = site.shop.clone();
    create(&site.app, shop.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    site.app.store.read(|tx| invoices::latest_number(tx, &shop.id)).await.unwrap().unwrap()
}

/// As if its money had come.
async fn is_paid(site: &Site, number: i64) {
    let (shop, now) = (site.shop.id.clone(), site.app.now());
    let pay = move |tx: &Tx<'_>| {
        let mut row = invoices::existing(tx, &shop, number)?;
        let was = row.invoice.state;
        row.invoice.state = State::Received;
        let (asset, symbol) = ("USDT_polygon".to_owned(), "USDT".to_owned());
        let (units, merchant_units, fee_units) = (Units(15_040_000), Units(15_000_000), Units(40_000));
        row.paid = Some(Paid { asset, symbol, decimals: 6, units, merchant_units, fee_units, charged: None });
        invoices::update(tx, &row, was)?;
        payer_mails::paid(tx, &shop, number, now)
    };
    site.app.store.write(pay).await.unwrap();
}

async fn to_payer(site: &Site) -> Vec<MailRow> {
    let all = site.app.store.read(mails::list).await.unwrap();
    all.into_iter().filter(|mail| mail.recipient == "payer@example.com").collect()
}

async fn round(site: &Site) -> Result<usize, NoPaper> {
    write_receipts::round(&site.app, &CancellationToken::new()).await
}

async fn press(site: &Site, session: &Session, number: i64, what: &str, once: &str) -> super::Page {
    let fields = [("what", what), ("once", once)];
    site.post(&format!("/client/invoices/{number}/mail"), session, &fields).await
}

fn nth(n: u32) -> String {
    format!("{n:032x}")
}

#[tokio::test]
async fn each_press_sends_one_mail_and_a_few_are_enough() {
    let site = Site::new("mails-presses").await;
    let session = support(&site).await;
    let number = invoice(&site).await;
    let path = format!("/client/invoices/{number}");
    let shown = site.get(&path, &session).await;
    assert!(shown.body.contains("Send the invoice") && !shown.body.contains("Send the receipt"), "{}", shown.body);
    // not paid yet, none of ours, nothing named
    for (what, once) in [("receipt", nth(1)), ("invoice", "x".into()), ("", nth(1)), ("invoice", String::new())] {
        let page = press(&site, &session, number, what, &once).await;
        assert!(page.status == 422 && page.body.contains("There is nothing to send"), "{what}: {}", page.body);
    }
    // a second click is the same press
    for _ in 0..2 {
        let page = press(&site, &session, number, "invoice", &nth(1)).await;
        assert_eq!((page.location(), page.cookie("lockgate-flash")), (path.as_str(), Some("flash-mail-written")));
    }
    assert_eq!(to_payer(&site).await.len(), 1);
    for n in 2..=3 {
        assert_eq!(press(&site, &session, number, "invoice", &nth(n)).await.status, 303);
    }
    let page = press(&site, &session, number, "invoice", &nth(4)).await;
    assert!(page.status == 422 && page.body.contains("That is enough for now."));
    assert_eq!(to_payer(&site).await.len(), 3);
    // what was refused left nothing behind: after a day the same press may go
    site.app.clock.advance(24 * 3_600_000);
    assert_eq!(press(&site, &session, number, "invoice", &nth(4)).await.status, 303);
    let sent = to_payer(&site).await;
    assert_eq!(sent.len(), 4);
    assert!(
        sent[0].body.contains("/widget/sale/create/?token=")
            && sent[0].body.contains("&lang=en")
            && sent[0].file.as_ref().is_some_and(|file| file.name == format!("invoice-{number}.pdf"))
    );
    // the timeline, and the log of acts of this merchant
    let page = site.get(&path, &session).await;
    assert!(page.body.contains("sent the invoice to the payer") && page.body.contains("support@shop.example"));
    let log = site.app.store.read(acts::all).await.unwrap();
    assert_eq!(log.iter().filter(|read| read.act.act == "invoice.mail").count(), 4);
    // a paid one has a receipt instead; looking only sends nothing
    is_paid(&site, number).await;
    assert_eq!(press(&site, &session, number, "invoice", &nth(5)).await.status, 422);
    assert_eq!(press(&site, &session, number, "receipt", &nth(6)).await.status, 303);
    let receipt = to_payer(&site).await.pop().unwrap();
    let file = receipt.file.unwrap();
    assert_eq!(file.name, format!("receipt-{number}.pdf"));
    assert!(file.base64.starts_with("JVBERi0"), "%PDF-");
    let reader = site.person("reader@shop.example", None, false, &[(&site.shop, Role::ReadOnly)]).await;
    let reader = site.session(&reader, Some(&site.shop), true).await;
    assert!(!site.get(&path, &reader).await.body.contains("/mail\""));
    assert_eq!(press(&site, &reader, number, "receipt", &nth(7)).await.status, 403);
}

/// Another merchant's invoice of the same number is no business of this session.
#[tokio::test]
async fn nobody_sends_mails_about_anothers_invoice() {
    let site = Site::new("mails-foreign").await;
    let number = invoice(&site).await;
    let other = site.person("other@example.com", None, false, &[(&site.other, Role::Owner)]).await;
    let session = site.session(&other, Some(&site.other), true).await;
    assert_eq!(press(&site, &session, number, "invoice", &nth(1)).await.status, 404);
    assert_eq!(to_payer(&site).await.len(), 0);
}

/// The shop is called like a script; names may also hold line breaks.
#[tokio::test]
async fn no_name_begins_another_header() {
    let site = Site::new("mails-headers").await;
    let session = support(&site).await;
    let number = invoice(&site).await;
    let shop = site.shop.id.clone();
    let rename = move |tx: &Tx<'_>| {
        let mut profile = crate::store::merchants::profile(tx, &shop)?;
        profile.name = format!("Tea\r\nBcc: thief@example.com\r\n\r\n{HOSTILE}\u{202e}");
        crate::store::merchants::set_profile(tx, &shop, &profile)
    };
    site.app.store.write(rename).await.map_err(|error: StoreError| error.to_string()).unwrap();
    assert_eq!(press(&site, &session, number, "invoice", &nth(1)).await.status, 303);
    let mail = to_payer(&site).await.remove(0);
    assert!(mail.subject.contains("Tea Bcc: thief@example.com"), "{}", mail.subject);
    assert!(!mail.subject.contains(char::is_control) && !mail.subject.contains('\u{202e}'));
    assert!(!mail.body.contains("\nBcc:") && !mail.body.contains('\r'));
}

#[tokio::test]
async fn a_receipt_goes_out_by_itself_where_that_is_wanted_and_once() {
    let site = Site::new("mails-by-itself").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let first = invoice(&site).await;
    is_paid(&site, first).await;
    assert_eq!(round(&site).await.unwrap(), 0, "by default none");
    let ways = [("lang", "fr"), ("receipts", "1")];
    assert_eq!(site.post("/client/profile/branding/payers", &session, &ways).await.status, 303);
    let shown = site.get("/client/profile/branding", &session).await;
    assert!(
        shown.body.contains("name=\"receipts\" value=\"1\" checked")
            && shown.body.contains("value=\"fr\" lang=\"fr\" selected")
    );
    let second = invoice(&site).await;
    // two facts may say the same
    is_paid(&site, second).await;
    is_paid(&site, second).await;
    assert_eq!(round(&site).await.unwrap(), 1);
    assert_eq!(round(&site).await.unwrap(), 0);
    is_paid(&site, second).await;
    assert_eq!(round(&site).await.unwrap(), 0);
    let sent = to_payer(&site).await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].subject.starts_with(&format!("Reçu de la facture {second}")), "{}", sent[0].subject);
    assert!(sent[0].file.is_some());
    let log = site.app.store.read(acts::all).await.unwrap();
    let by: Vec<&str> =
        log.iter().filter(|read| read.act.act == "receipt.mail").map(|read| read.act.actor.as_str()).collect();
    assert_eq!(by, ["lockgate"]);
    // what was undone before it was written is not written
    let third = invoice(&site).await;
    is_paid(&site, third).await;
    let shop = site.shop.id.clone();
    let undo = move |tx: &Tx<'_>| {
        let mut row = invoices::existing(tx, &shop, third)?;
        row.invoice.state = State::Failed(domain::invoice::Failure::PaymentReversed);
        invoices::update(tx, &row, State::Received)
    };
    site.app.store.write(undo).await.map_err(|error: StoreError| error.to_string()).unwrap();
    assert_eq!(round(&site).await.unwrap(), 1);
    assert_eq!((round(&site).await.unwrap(), to_payer(&site).await.len()), (0, 1));
}

/// A receipt that cannot be written holds up none of the others, and those that go by themselves do not use up what people may send.
#[tokio::test]
async fn one_that_fails_holds_up_no_other() {
    let site = Site::new("mails-one-fails").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let ways = [("lang", "fr"), ("receipts", "1")];
    assert_eq!(site.post("/client/profile/branding/payers", &session, &ways).await.status, 303);
    let shop = site.shop.id.clone();
    let spoil = move |tx: &Tx<'_>| {
        // its merchant is gone, which no decision of ours can bring about
        let nobody = domain::MerchantId::new(ulid::Ulid(7));
        for number in 1..=25 {
            mail_rows::insert(tx, (&nobody, number), "paid", mail_rows::State::Due, domain::Time(0))?;
        }
        for number in 0..payer_mails::MOST_OF_A_MERCHANT {
            mail_rows::insert(tx, (&shop, 1_000 + number), "paid", mail_rows::State::Written, domain::Time(i64::MAX))?;
        }
        Ok::<_, StoreError>(())
    };
    site.app.store.write(spoil).await.unwrap();
    let number = invoice(&site).await;
    is_paid(&site, number).await;
    let stop = CancellationToken::new();
    stop.cancel();
    assert_eq!(write_receipts::round(&site.app, &stop).await.unwrap(), 0, "who is to stop begins nothing");
    assert_eq!(to_payer(&site).await.len(), 0);
    assert!(round(&site).await.is_err());
    assert_eq!(to_payer(&site).await.len(), 1);
    assert_eq!(press(&site, &session, number, "receipt", &nth(1)).await.status, 303);
    assert_eq!(to_payer(&site).await.len(), 2);
}
