use domain::access::Role;
use domain::merchant::Wallet;

use super::{BOSS, last_act, mails, operated};
use crate::app::acts::Actor;
use crate::app::wallets::wish;
use crate::dashboard::tests::Site;
use crate::store::merchants;

const ADDRESS: &str = "0x0202020202020202020202020202020202020202";
const OTHER: &str = "0x0303030303030303030303030303030303030303";

/// The other merchant enters a wallet, which waits for the operator.
async fn entered(site: &Site, address: &'static str, by: &'static str) {
    let (app, id) = (site.app.clone(), site.other.id.clone());
    let wish = move |tx: &crate::store::Tx<'_>| {
        wish(&app, tx, &id, Wallet::Pending(address.into()), 0, &Actor(by.into())).map(|_| ())
    };
    site.app.store.write(wish).await.unwrap();
}

async fn wallet(site: &Site) -> Wallet {
    let id = site.other.id.clone();
    site.app.store.read(|tx| merchants::existing(tx, &id)).await.unwrap().wallet
}

#[tokio::test]
async fn merchants_are_found_by_name_address_and_number() {
    let (site, session) = operated("op-search").await;
    let page = site.get("/operator/merchants", &session).await;
    assert!(page.body.contains("shop@shop.example") && page.body.contains("shop@example.com"));
    for asked in ["SHOP@SHOP", "shop.ex"] {
        let page = site.get(&format!("/operator/merchants?q={asked}"), &session).await;
        assert!(page.body.contains("shop@shop.example") && !page.body.contains("shop@example.com"), "{asked}");
    }
    // signs of a pattern stand for themselves
    for asked in ["sh%25p", "s_op", "%25", "!", "nobody"] {
        let page = site.get(&format!("/operator/merchants?q={asked}"), &session).await;
        assert!(page.status == 200 && !page.body.contains("shop@"), "{asked}");
    }
    let number = site.other.number;
    let page = site.get(&format!("/operator/merchants?q={number}"), &session).await;
    assert_eq!(page.location(), format!("/operator/merchants/{number}"));
    assert_eq!(site.get("/operator/merchants/999", &session).await.status, 404);
    assert_eq!(site.get("/operator/merchants/x", &session).await.status, 404);
    let after = site.get(&format!("/operator/merchants?after={}", site.shop.number.max(number)), &session).await;
    assert!(!after.body.contains("shop@"));
}

#[tokio::test]
async fn a_wallet_is_approved_as_it_was_seen_and_not_by_who_entered_it() {
    let (site, session) = operated("op-wallet").await;
    let path = format!("/operator/merchants/{}/wallet", site.other.number);
    let approve = |address: &'static str| [("act", "approve"), ("address", address)];
    // nothing waits yet
    assert_eq!(site.post(&path, &session, &approve(ADDRESS)).await.status, 422);
    entered(&site, ADDRESS, BOSS).await;
    let page = site.post(&path, &session, &approve(ADDRESS)).await;
    assert!(page.status == 422 && page.body.contains("You entered this wallet yourself"), "{}", page.body);
    entered(&site, OTHER, "owner@shop.example").await;
    let page = site.post(&path, &session, &approve(ADDRESS)).await;
    assert!(page.status == 422 && page.body.contains("Another wallet was entered"), "{}", page.body);
    assert_eq!(wallet(&site).await, Wallet::Pending(OTHER.into()));
    let page = site.post(&path, &session, &approve(OTHER)).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-wallet-approved")));
    assert_eq!(wallet(&site).await, Wallet::Active(OTHER.into()));
    assert_eq!(last_act(&site).await, (BOSS.into(), "wallet.approve".into(), OTHER.into()));
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.other.email && body.contains(OTHER) && body.contains("is active"), "{body}");
    // twice does nothing
    assert_eq!(site.post(&path, &session, &approve(OTHER)).await.status, 422);
}

#[tokio::test]
async fn a_wallet_is_refused_with_a_reason_that_the_merchant_reads() {
    let (site, session) = operated("op-refuse").await;
    let path = format!("/operator/merchants/{}/wallet", site.other.number);
    entered(&site, ADDRESS, "owner@shop.example").await;
    let refuse = |reason: &'static str| [("act", "refuse"), ("address", ADDRESS), ("reason", reason)];
    for reason in ["", "no", "it is 4111 1111 1111 1111"] {
        assert_eq!(site.post(&path, &session, &refuse(reason)).await.status, 422, "{reason}");
    }
    let page = site.post(&path, &session, &refuse("short<")).await;
    assert!(page.body.contains("value=\"short&#60;\""), "what was typed stays: {}", page.body);
    assert_eq!(wallet(&site).await, Wallet::Pending(ADDRESS.into()));
    let page = site.post(&path, &session, &refuse("It belongs to an exchange.")).await;
    assert_eq!(page.status, 303);
    assert_eq!(wallet(&site).await, Wallet::Missing);
    let (who, act, detail) = last_act(&site).await;
    assert_eq!((who.as_str(), act.as_str()), (BOSS, "wallet.refuse"));
    assert!(detail.contains("an exchange"));
    let (to, body) = mails(&site).await.pop().unwrap();
    assert!(to == site.other.email && body.contains("It belongs to an exchange."), "{body}");
}

#[tokio::test]
async fn terms_are_set_and_written_down() {
    let (site, session) = operated("op-terms").await;
    let path = format!("/operator/merchants/{}/terms", site.other.number);
    let terms = |fee: &'static str, min: &'static str, max: &'static str| [("fee", fee), ("min", min), ("max", max)];
    let bad = [terms("101", "1", "2"), terms("-1", "1", "2"), terms("1.005", "1", "2"), terms("1", "x", "2")];
    for fields in bad.iter().chain(&[terms("1", "0", "2"), terms("1", "3", "2"), terms("1", "1", "1e9")]) {
        assert_eq!(site.post(&path, &session, fields).await.status, 422, "{fields:?}");
    }
    let page = site.post(&path, &session, &terms("2.5", "1.50", "2000")).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let id = site.other.id.clone();
    let now = site.app.store.read(|tx| merchants::existing(tx, &id)).await.unwrap();
    assert_eq!((now.fee.get(), now.min_amount.0, now.max_amount.0, now.s2s), (250, 150, 200_000, false));
    let (who, act, detail) = last_act(&site).await;
    assert_eq!((who.as_str(), act.as_str()), (BOSS, "merchant.terms"));
    assert!(detail.contains("fee from 100 hundredths of a percent to 250") && !detail.contains("server"), "{detail}");
    let page = site.get(&format!("/operator/merchants/{}", site.other.number), &session).await;
    assert!(page.body.contains("merchant.terms") && page.body.contains(BOSS));

    let path = format!("/operator/merchants/{}/payouts", site.other.number);
    let rules = |min: &'static str, above: &'static str| {
        let rest = [("payout_max", "500"), ("payout_day", "1000"), ("payout_spread", "1")];
        [&[("payout_min", min), ("payout_approval", above)][..], &rest].concat()
    };
    assert_eq!(site.post(&path, &session, &rules("501", "")).await.status, 422);
    assert_eq!(site.post(&path, &session, &rules("5", "-")).await.status, 422);
    assert_eq!(site.post(&path, &session, &rules("5", "250")).await.status, 303);
    let id = site.other.id.clone();
    let now = site.app.store.read(|tx| merchants::payout_rules(tx, &id)).await.unwrap();
    assert_eq!((now.min.0, now.approval_above.map(|above| above.0), now.spread.get()), (500, Some(25_000), 100));
    assert_eq!(last_act(&site).await.1, "payout.rules");
}

#[tokio::test]
async fn a_merchants_own_people_do_not_get_there() {
    let (site, _) = operated("op-own").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.other, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.other), true).await;
    entered(&site, ADDRESS, "owner@shop.example").await;
    let path = format!("/operator/merchants/{}/wallet", site.other.number);
    assert_eq!(site.post(&path, &session, &[("act", "approve"), ("address", ADDRESS)]).await.status, 403);
    assert_eq!(wallet(&site).await, Wallet::Pending(ADDRESS.into()));
}
