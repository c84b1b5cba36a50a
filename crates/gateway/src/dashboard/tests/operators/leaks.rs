//! What an operator does about a key that leaked and about fraud: ends the key, stops the merchant, says where its funds come from.

use domain::access::Role;

use super::{BOSS, last_act, mails, operated};
use crate::app::acts::Actor;
use crate::app::merchants::Office;
use crate::app::payment_links::{self, NewLink};
use crate::app::testing::paid_out;
use crate::dashboard::tests::{Session, Site};
use crate::store::payment_links::Asks;
use crate::store::payout_senders::{self, SenderRow};
use crate::store::{Tx, merchants};
use crate::wire::paths;

const SALE: &str = r#"{"email":"payer@example.com","amount":"15.04","devise":"USD"}"#;
const PAYMENT: &str = r#"{"amount":"10","currency":"EUR","firstname":"john","lastname":"smith","card_number":"4242424242424242","expiry":"04/2035"}"#;
const REASON: &str = "Stolen cards <today>.";
const WALLET: &str = "0x0202020202020202020202020202020202020202";
const OTHER: &str = "0x0303030303030303030303030303030303030303";

/// One more key of the shop's for everything, and its id.
async fn key(site: &Site) -> (String, String) {
    let (office, id) = (Office::of(&site.app), site.shop.id.clone());
    let make = move |tx: &Tx<'_>| {
        merchants::add_ip(tx, &id, &"127.0.0.1/32".parse().unwrap())?;
        office.add_key(tx, &id)
    };
    let (key, id) = site.app.store.write(make).await.unwrap();
    (key.expose().to_owned(), id.to_string())
}

/// Until whoever remembers the merchant has heard of a change.
async fn heard() {
    tokio::time::sleep(2 * merchants::SEEN_FOR).await;
}

async fn owner(site: &Site) -> Session {
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    site.session(&owner, Some(&site.shop), true).await
}

fn invoices(site: &Site) -> usize {
    site.everything().into_iter().find(|(table, _)| table == "invoices").map_or(0, |(_, rows)| rows.len())
}

#[tokio::test]
async fn a_leaked_key_is_ended_and_the_merchant_told() {
    let (site, session) = operated("op-key").await;
    let (key, id) = key(&site).await;
    let here = format!("/operator/merchants/{}", site.shop.number);
    assert_eq!(site.call_with(&key, paths::CREATE, SALE).await["errorCode"], 0);
    assert!(site.get(&here, &session).await.body.contains(&id));
    let (end, elsewhere) = (format!("{here}/keys"), format!("/operator/merchants/{}/keys", site.other.number));
    for (path, key) in [(&elsewhere, id.as_str()), (&end, ""), (&end, "key_x")] {
        let page = site.post(path, &session, &[("key", key)]).await;
        assert!(page.status == 422 && page.body.contains("no such key"), "{path} {key}: {}", page.body);
    }
    let page = site.post(&end, &session, &[("key", &id)]).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-key-revoked")));
    let hint = format!("{}…", &key[..4]);
    assert_eq!(last_act(&site).await, (BOSS.into(), "key.revoked".into(), hint));
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.shop.email && body.contains(&key[..4]) && body.contains(BOSS), "{body}");
    let told = mails(&site).await.len();
    assert_eq!(site.post(&end, &session, &[("key", &id)]).await.status, 303, "twice");
    assert_eq!(mails(&site).await.len(), told, "and told once");
    heard().await;
    assert_eq!(site.call_with(&key, paths::CREATE, SALE).await["errorCode"], 50007);
    assert!(!site.get(&here, &session).await.body.contains(&id), "an ended key is offered no end");
    let acts = site.get("/client/acts", &owner(&site).await).await;
    assert!(acts.body.contains("key.revoked") && acts.body.contains(BOSS), "{}", acts.body);
}

#[tokio::test]
async fn a_stopped_merchant_begins_nothing_new_and_may_go_on() {
    let (site, session) = operated("op-stop").await;
    let ((key, _), his) = (key(&site).await, owner(&site).await);
    let stop = format!("/operator/merchants/{}/stop", site.shop.number);
    let why = |reason: &'static str| [("act", "stop"), ("stop_reason", reason)];
    for fields in [&why("")[..], &why("fraud"), &why("it is 4111 1111 1111 1111"), &[("act", "resume")], &[]] {
        assert_eq!(site.post(&stop, &session, fields).await.status, 422, "{fields:?}");
    }
    let typed = site.post(&stop, &session, &why("short<")).await;
    assert!(typed.body.contains("value=\"short&#60;\""), "what was typed stays: {}", typed.body);
    // before: a payment that waits for a second person, a link
    let waiting = format!("/client/payouts/{}/approve", paid_out(&site.app, &site.shop, "api:key 1234…", 600).await);
    let new = NewLink {
        devise: "USD".into(),
        asks: Asks::Open { min: None, max: None },
        title: "Tea".into(),
        description: None,
        reusable: true,
        expires_at: None,
    };
    let link = payment_links::create(&site.app, site.shop.id.clone(), new, None, Actor("a".into())).await.unwrap();
    let link = payment_links::url(&site.app, &site.shop, &link).replace(&site.app.base_url, "");
    assert!(!site.get(&link, &Session::default()).await.body.contains("switched off"));

    let page = site.post(&stop, &session, &why(REASON)).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-merchant-stopped")));
    assert_eq!(last_act(&site).await, (BOSS.into(), "merchant.stop".into(), REASON.into()));
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.shop.email && body.contains(REASON), "{body}");
    assert_eq!(site.post(&stop, &session, &why(REASON)).await.status, 422, "twice");
    heard().await;
    let before = invoices(&site);
    let refused = site.call_with(&key, paths::CREATE, SALE).await;
    assert_eq!(refused["errorCode"], 50008);
    assert_eq!(refused["errorMessage"], "You cannot create a sale because the operator has stopped your account");
    let refused = site.call_with(&key, paths::PAYMENT_SEND, PAYMENT).await;
    assert_eq!((&refused["errorCode"], &refused["success"]), (&50008.into(), &false.into()), "{refused}");
    assert!(site.call_with(&key, paths::HISTORY[0], "{}").await["list"].is_array(), "lists go on");
    let fields = [("amount", "15.04"), ("devise", "USD"), ("email", "payer@example.com")];
    for path in ["/client/invoices/new", "/client/pos"] {
        let page = site.post(path, &his, &fields).await;
        assert!(page.status == 422 && page.body.contains("has stopped your business"), "{path}: {}", page.body);
    }
    assert!(site.get(&link, &Session::default()).await.body.contains("switched off"));
    assert_eq!(site.post(&link, &Session::default(), &fields).await.status, 409);
    assert_eq!(invoices(&site), before);
    let page = site.post(&waiting, &his, &[]).await;
    assert!(page.status == 422 && page.body.contains("nothing new begins for it"), "{}", page.body);
    let senders = format!("/operator/merchants/{}/senders", site.shop.number);
    let page = site.post(&senders, &session, &[("act", "add"), ("sender", WALLET)]).await;
    assert!(page.status == 422 && page.body.contains("nothing new begins for it"), "{}", page.body);
    let home = site.get("/client/", &his).await;
    assert!(home.body.contains("The operator has stopped this business") && home.body.contains("&#60;today&#62;"));
    assert!(!home.body.contains("<today>"));
    let list = site.get("/operator/merchants", &session).await;
    assert_eq!(list.body.matches("<span class=\"badge bad\">Stopped</span>").count(), 1, "{}", list.body);

    assert_eq!(site.post(&stop, &session, &[("act", "resume")]).await.status, 303);
    assert_eq!(last_act(&site).await.1, "merchant.resume");
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.shop.email && body.contains("go on"), "{body}");
    heard().await;
    assert_eq!(site.call_with(&key, paths::CREATE, SALE).await["errorCode"], 0);
    assert_eq!(site.post(&waiting, &his, &[]).await.status, 303);
    assert!(!site.get("/client/", &his).await.body.contains("has stopped this business"));
    let acts = site.get("/client/acts", &his).await;
    assert!(acts.body.contains("merchant.stop") && acts.body.contains("merchant.resume"), "{}", acts.body);
}

#[tokio::test]
async fn the_wallets_that_funds_come_from_are_listed() {
    let (site, session) = operated("op-senders").await;
    let path = |number| format!("/operator/merchants/{number}/senders");
    let (here, elsewhere) = (path(site.shop.number), path(site.other.number));
    let of = |act: &'static str, wallet: &'static str| [("act", act), ("sender", wallet)];
    for (fields, words) in [
        (of("add", "0x1"), "This is no wallet address"),
        (of("add", "0x0000000000000000000000000000000000000000"), "are gone"),
        (of("burn", WALLET), "did not say what to do"),
        (of("remove", WALLET), "not on the list"),
    ] {
        let page = site.post(&here, &session, &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{fields:?}: {}", page.body);
    }
    let list = async || -> Vec<SenderRow> {
        site.app.store.read(|tx| payout_senders::of_merchant(tx, &site.shop.id)).await.unwrap()
    };
    assert_eq!(
        site.post(&here, &session, &of("add", WALLET)).await.cookie("lockgate-flash"),
        Some("flash-sender-added")
    );
    let (who, act, detail) = last_act(&site).await;
    assert!((who.as_str(), act.as_str()) == (BOSS, "payout.sender_added") && detail.contains(WALLET), "{detail}");
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.shop.email && body.contains(WALLET), "{body}");
    for (path, words) in [(&here, "on the list already"), (&elsewhere, "is on the list of merchant")] {
        let page = site.post(path, &session, &of("add", WALLET)).await;
        assert!(page.status == 422 && page.body.contains(words), "{path}: {}", page.body);
    }
    // another than the first waits, and so does taking off the last
    assert_eq!(site.post(&here, &session, &of("add", OTHER)).await.status, 303);
    let now = site.app.now();
    assert_eq!(list().await.iter().filter(|row| row.is_in_force(now)).count(), 1);
    let shown = site.get(&format!("/operator/merchants/{}", site.shop.number), &session).await;
    assert!(shown.body.contains(WALLET) && shown.body.contains(OTHER), "{}", shown.body);
    assert_eq!(site.post(&here, &session, &of("remove", OTHER)).await.status, 303);
    let page = site.post(&here, &session, &of("remove", WALLET)).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-sender-removed"));
    assert_eq!(last_act(&site).await.1, "payout.sender_removed");
    assert!(list().await.iter().any(|row| row.wallet == WALLET && row.ends_at.is_some_and(|end| end > now)));
}
