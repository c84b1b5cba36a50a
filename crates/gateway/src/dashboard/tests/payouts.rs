//! Payments to cards through the pages: made once, their card never shown, agreed to by another person.

use domain::Units;
use domain::access::Role;
use rusqlite::types::Value;

use super::{HOSTILE, Page, Session, Site};
use crate::app::testing::{funded, paid_out, pays_out};
use crate::store::funds::State;
use crate::store::payouts::{self, PayoutRow};
use crate::store::transfers::{self, Approval};

const CARD: &str = "4242424242424242";
const NEW: &str = "/client/payouts/new";

async fn person(site: &Site, email: &str, role: Role) -> Session {
    let id = site.person(email, None, false, &[(&site.shop, role)]).await;
    site.session(&id, Some(&site.shop), true).await
}

/// What tells this form from the next.
fn once(page: &Page) -> String {
    let (_, rest) = page.body.split_once("name=\"once\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

async fn all(site: &Site) -> Vec<PayoutRow> {
    site.app.store.read(|tx| payouts::after(tx, &site.shop.id, 0)).await.unwrap()
}

async fn one(site: &Site, number: i64) -> (PayoutRow, transfers::TransferRow) {
    let read = |tx: &crate::store::Tx<'_>| {
        let row = payouts::existing(tx, &site.shop.id, number)?;
        let transfer = transfers::existing(tx, &site.shop.id, &row.transfer_id)?;
        Ok::<_, crate::store::StoreError>((row, transfer))
    };
    site.app.store.read(read).await.unwrap()
}

/// Whether these digits stand anywhere in the database.
fn is_kept(site: &Site, digits: &str) -> bool {
    let holds = |value: &Value| matches!(value, Value::Text(text) if text.contains(digits));
    site.everything().iter().any(|(_, rows)| rows.iter().flatten().any(holds))
}

#[tokio::test]
async fn a_payment_is_made_once_and_its_card_is_not_shown() {
    let site = Site::new("payout-made").await;
    let finance = person(&site, "finance@shop.example", Role::Finance).await;
    funded(&site.app, &site.shop, "").await;
    pays_out(&site.app, &site.shop, None).await;
    let form = site.get(NEW, &finance).await;
    assert!(form.body.contains("920.00 EUR") && form.body.contains("autocomplete=\"off\""), "{}", form.body);
    let once = once(&form);
    let fields = |amount: &'static str, card: &'static str, name: &'static str| {
        let once = once.clone();
        [
            ("once", once),
            ("amount", amount.to_owned()),
            ("firstname", name.to_owned()),
            ("lastname", "Smith".to_owned()),
            ("card_number", card.to_owned()),
            ("expiry", "04/35".to_owned()),
        ]
    };
    let send = async |fields: [(&'static str, String); 6]| {
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        site.post(NEW, &finance, &fields).await
    };
    for (amount, card, name) in [
        ("0", "4242 4242 4242 4242", "Ann"),
        ("99999999", "4242 4242 4242 4242", "Ann"),
        ("920.01", "4242 4242 4242 4242", "Ann"),
        ("10", "4242 4242 4242 4241", "Ann"),
        // typed into the wrong field
        ("10", "4242 4242 4242 4242", "4242 4242 4242 4242"),
        ("4242424242424242", "4242 4242 4242 4242", "Ann"),
        // digits that are no card's number of a brand we know, and yet what was typed as one
        ("10", "1234567890123456", "1234567890123456"),
    ] {
        let page = send(fields(amount, card, name)).await;
        assert_eq!(page.status, 422, "{amount} {card} {name}");
        let shown = page.body.replace(' ', "");
        // the sandbox's hint names the card that is paid
        assert_eq!(shown.matches(CARD).count(), 1, "{amount} {card} {name}");
        assert!(!shown.contains("4242424242424241") && !shown.contains("1234567890123456"));
        assert!(!page.body.contains("value=\"4242") && page.body.contains("aria-invalid"));
    }
    assert!(all(&site).await.is_empty());
    let made = send(fields("10.50", "4242 4242 4242 4242", "Ann")).await;
    assert_eq!(made.status, 303, "{}", made.body);
    let again = send(fields("10.50", "4242 4242 4242 4242", "Ann")).await;
    assert_eq!((again.status, again.location()), (303, made.location()), "a second click");
    let rows = all(&site).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].minor, rows[0].asked_by.as_deref()), (Units(1_050), Some("finance@shop.example")));
    assert_eq!(rows[0].card_expiry, "04/2035");
    // other values from the same page are another wish
    assert_ne!(send(fields("11", "4242 4242 4242 4242", "Ann")).await.location(), made.location());
    assert_eq!(send(fields("11", "4242 4242 4242 4242", "Bob")).await.status, 303);
    let page = site.get(made.location(), &finance).await;
    assert!(page.body.contains("•••• 4242") && page.body.contains("finance@shop.example"), "{}", page.body);
    assert!(!page.body.contains("4242XX") && !page.body.contains(CARD));
    assert!(!is_kept(&site, CARD), "the number is sealed");
    let list = site.get("/client/payouts", &finance).await;
    assert!(list.body.contains("•••• 4242") && list.body.contains("887.50 EUR"), "{}", list.body);
    // the acts are in the merchant's log
    let acts = site.get("/client/acts", &finance).await;
    assert!(acts.body.contains("transfer.asked") && acts.body.contains("10.50 EUR"), "{}", acts.body);
}

#[tokio::test]
async fn another_person_than_who_asked_agrees() {
    let site = Site::new("payout-agreed").await;
    let ann = person(&site, "ann@shop.example", Role::Finance).await;
    let bob = person(&site, "bob@shop.example", Role::Admin).await;
    // the merchant's own address
    let owner = person(&site, "Shop@shop.example", Role::Owner).await;
    let number = paid_out(&site.app, &site.shop, "ann@shop.example", 500).await;
    let here = format!("/client/payouts/{number}");
    let list = site.get("/client/payouts", &ann).await;
    assert!(list.body.contains("Waiting for a second person"), "{}", list.body);
    let own = site.post(&format!("{here}/approve"), &ann, &[]).await;
    assert!(own.status == 422 && own.body.contains("Somebody else has to approve it"), "{}", own.body);
    assert_eq!(one(&site, number).await.1.approval, Approval::Wanted);
    assert_eq!(site.post(&format!("{here}/approve"), &bob, &[]).await.location(), here);
    let (_, transfer) = one(&site, number).await;
    assert_eq!((transfer.approval, transfer.approved_by.as_deref()), (Approval::Given, Some("bob@shop.example")));
    let page = site.get(&here, &ann).await;
    assert!(page.body.contains("bob@shop.example") && page.body.contains("approved it"), "{}", page.body);
    for act in ["approve", "refuse"] {
        assert_eq!(site.post(&format!("{here}/{act}"), &bob, &[]).await.status, 422, "it waits no more");
    }
    // what a key asked for is not approved by whoever has the merchant's own address
    let number = paid_out(&site.app, &site.shop, "api:key 1234…", 600).await;
    let here = format!("/client/payouts/{number}");
    assert_eq!(site.post(&format!("{here}/approve"), &owner, &[]).await.status, 422);
    assert_eq!(site.post(&format!("{here}/refuse"), &owner, &[]).await.location(), here);
    let (row, _) = one(&site, number).await;
    assert_eq!((row.state, row.card_sealed), (State::Failed, None));
    assert_eq!(row.failed_reason.as_deref(), Some("Refused by the merchant"));
    let page = site.get("/client/payouts", &ann).await;
    assert!(page.body.contains("1835.00 EUR"), "only the first is set aside: {}", page.body);
}

/// Makes a key in the browser, as `path` does it, and pays with it over the API: the payment's number.
async fn paid_by_key(site: &Site, person: &Session, path: &str) -> i64 {
    let made = site.post(path, person, &[("scope", "pay_out")]).await;
    let (_, rest) = made.body.split_once("id=\"new-key\" dir=\"ltr\">").expect("a key");
    let key = rest.split('<').next().unwrap();
    let payment = r#"{"amount":"10","currency":"EUR","firstname":"john","lastname":"smith","card_number":"4242424242424242","expiry":"04/2035"}"#;
    let answer = site.call_with(key, crate::wire::paths::PAYMENT_SEND, payment).await;
    answer["payment_id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn who_made_a_key_does_not_approve_what_it_asks_for() {
    let site = Site::new("payout-key").await;
    let ann = person(&site, "ann@shop.example", Role::Admin).await;
    let bob = person(&site, "bob@shop.example", Role::Admin).await;
    funded(&site.app, &site.shop, "").await;
    pays_out(&site.app, &site.shop, Some(Units(499))).await;
    assert_eq!(site.post("/client/api/addresses", &ann, &[("entry", "127.0.0.1")]).await.status, 303);
    // each of them once: whoever made the key, and whoever made one in the place of others
    for (path, maker, second) in [("/client/api/keys", &ann, &bob), ("/client/api/keys/rotate", &bob, &ann)] {
        let number = paid_by_key(&site, maker, path).await;
        let here = format!("/client/payouts/{number}");
        let own = site.post(&format!("{here}/approve"), maker, &[]).await;
        assert!(own.status == 422 && own.body.contains("You made the key that asked for it"), "{}", own.body);
        assert_eq!(one(&site, number).await.1.approval, Approval::Wanted);
        assert_eq!(site.post(&format!("{here}/approve"), second, &[]).await.location(), here);
        assert_eq!(one(&site, number).await.1.approval, Approval::Given);
    }
    // nor as an operator, if he is one besides
    let eve = site.person("eve@shop.example", None, true, &[(&site.shop, Role::Admin)]).await;
    let eve = site.session(&eve, Some(&site.shop), true).await;
    let number = paid_by_key(&site, &eve, "/client/api/keys").await;
    let transfer = format!("/operator/transfers/{}", one(&site, number).await.1.id);
    let own = site.post(&transfer, &eve, &[("act", "approve")]).await;
    assert!(own.status == 422 && own.body.contains("You made the key that asked for it"), "{}", own.body);
    assert_eq!(one(&site, number).await.1.approval, Approval::Wanted);
}

#[tokio::test]
async fn lists_are_filtered_and_exported() {
    let site = Site::new("payout-lists").await;
    let finance = person(&site, "finance@shop.example", Role::Finance).await;
    paid_out(&site.app, &site.shop, "=cmd|' /C calc'!A0", 100).await;
    let number = paid_out(&site.app, &site.shop, HOSTILE, 700).await;
    site.post(&format!("/client/payouts/{number}/refuse"), &finance, &[]).await;
    for (query, payments) in [
        ("", 2),
        ("?state=pending", 1),
        ("?state=failed", 1),
        ("?state=success", 0),
        ("?from=2023-11-14&to=2023-11-14", 2),
        ("?to=2023-11-13", 0),
        ("?state=%3Cscript%3E&from=x&page=-3", 2),
        ("?page=2", 0),
    ] {
        let page = site.get(&format!("/client/payouts{query}"), &finance).await;
        assert_eq!(page.body.matches("•••• 4242").count(), payments, "{query}: {}", page.body);
        assert!(!page.body.contains(HOSTILE) && !page.body.contains("<script>"));
    }
    let file = site.get("/client/payouts/export.csv", &finance).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.body.lines().count(), 3, "{}", file.body);
    assert!(file.body.contains(",'=cmd|' /C calc'!A0,") && !file.body.contains("4242XX"), "{}", file.body);
    let some = site.get("/client/payouts/export.csv?state=failed&from=2023-11-14", &finance).await;
    assert!(some.body.lines().count() == 2 && some.body.contains("Refused by the merchant"), "{}", some.body);
    assert_eq!(site.get("/client/payouts/export.csv?to=2023-11-13", &finance).await.body.lines().count(), 1);
    let funds = site.get("/client/payouts/funds", &finance).await;
    assert_eq!(funds.body.matches("1000.00 USDC").count(), 2, "{}", funds.body);
    assert!(funds.body.contains("920.00 EUR") && funds.body.contains("919.00 EUR"), "the oldest pays first");
}
