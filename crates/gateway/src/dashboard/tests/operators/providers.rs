use std::collections::BTreeMap;

use domain::ledger::Owner;
use domain::{AccountId, Time};
use rails::provider::{HttpRequest, Received};

use super::{BOSS, last_act};
use crate::app::charges::hints::{HintRefused, take};
use crate::app::providers::heard::MANY;
use crate::app::testing::charged;
use crate::dashboard::tests::{Page, Session, Site};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::provider_events::EventRow;
use crate::store::{Tx, audit_log, provider_events};

const PASSWORD: &str = "correct horse battery";
const SECRET: &str = "sk_live_never_seen_again";

async fn site(name: &str) -> (Site, Session) {
    let site = Site::new(name).await;
    let boss = site.person(BOSS, Some(PASSWORD), true, &[]).await;
    let session = site.session(&boss, None, true).await;
    (site, session)
}

async fn account(site: &Site, id: &AccountId) -> AccountRow {
    site.app.store.read(|tx| provider_accounts::existing(tx, id)).await.unwrap()
}

fn kept(site: &Site, row: &AccountRow) -> BTreeMap<String, String> {
    let opened = site.app.master_key.open(row.id.as_str(), &row.sealed).unwrap();
    serde_json::from_slice(&opened).unwrap()
}

/// Nothing that anybody reads holds the secret, nor does any row.
async fn is_nowhere(site: &Site, pages: &[&Page], secret: &str) {
    for page in pages {
        assert!(!page.body.contains(secret) && !format!("{:?}", page.headers).contains(secret));
    }
    let acts = site.app.store.read(|tx| audit_log::after(tx, 0)).await.unwrap();
    assert!(acts.iter().all(|(_, act, _)| !format!("{act:?}").contains(secret)));
    assert!(!format!("{:?}", site.everything()).contains(secret), "a row holds it as it is");
}

#[tokio::test]
async fn credentials_are_replaced_with_the_password_and_never_shown() {
    let (site, session) = site("op-credentials").await;
    let row = charged(&site.app, &site.shop, false).await;
    let id = row.charge.account_id;
    let here = format!("/operator/providers/{id}");
    let fields = |password: &'static str| {
        [("act", "replace"), ("field-api_key", SECRET), ("field-webhook_secret", ""), ("password", password)]
    };
    let before = account(&site, &id).await.sealed;
    for password in ["", "wrong password"] {
        let page = site.post(&here, &session, &fields(password)).await;
        assert!(page.status == 422 && page.body.contains("This is not your password"), "{}", page.body);
        is_nowhere(&site, &[&page], SECRET).await;
    }
    assert_eq!(account(&site, &id).await.sealed, before);
    let page = site.post(&here, &session, &fields(PASSWORD)).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-provider-set")), "{}", page.body);
    let now = kept(&site, &account(&site, &id).await);
    assert_eq!((now["api_key"].as_str(), now["webhook_secret"].as_str()), (SECRET, "kept-secret"), "empty stays");
    assert_eq!(last_act(&site).await, (BOSS.into(), "provider.credentials".into(), "api_key".into()));
    let (shown, list) = (site.get(&here, &session).await, site.get("/operator/providers", &session).await);
    assert!(shown.body.contains(BOSS) && list.body.contains(BOSS), "who set them is said");
    assert!(shown.body.contains("type=\"password\" name=\"field-api_key\" value=\"\""), "{}", shown.body);
    is_nowhere(&site, &[&page, &shown, &list], SECRET).await;
    is_nowhere(&site, &[&shown, &list], "kept-secret").await;
    let page = site.post(&here, &session, &[("act", "replace"), ("password", PASSWORD)]).await;
    assert!(page.status == 422 && page.body.contains("Nothing was entered"), "{}", page.body);
}

/// What is seen of an account that fails: on its page, and among what waits for the operator.
#[tokio::test]
async fn an_account_that_fails_again_and_again_is_seen() {
    let (site, session) = site("op-health").await;
    let row = charged(&site.app, &site.shop, false).await;
    let here = format!("/operator/providers/{}", row.charge.account_id);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("Not asked yet") && page.body.contains("None has come yet"), "{}", page.body);
    let before = site.get("/operator/", &session).await;
    // nobody listens where the account's API is
    for _ in 0..MANY {
        let read = |tx: &Tx<'_>| provider_accounts::existing(tx, &row.charge.account_id);
        let mut opened = site.app.open_account(site.app.store.read(read).await.unwrap()).unwrap();
        let asked = opened.ask(&site.app, "test", |account| HttpRequest::get(account.url("/payments"))).await;
        assert!(asked.is_err());
    }
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("Fails again and again") && page.body.contains("Could not be reached"), "{}", page.body);
    assert!(page.body.contains("Failures in a row: ") && page.body.contains(&format!("{MANY}</bdi>")), "{}", page.body);
    let home = site.get("/operator/", &session).await;
    let tile = |page: &Page| {
        let (before, _) = page.body.split_once("Provider accounts that fail").expect("a card");
        let (_, figure) = before.rsplit_once("<span class=\"figure\">").expect("its figure");
        figure.to_owned()
    };
    let card = |count: u32| format!("{count}</span> <a href=\"/operator/providers\">");
    assert_eq!((tile(&before), tile(&home)), (card(0), card(1)));
    // a callback that was signed with another secret, and one that is right
    let received = |body: &[u8]| Received { headers: Vec::new(), body: body.to_vec() };
    let refused = take(&site.app, row.charge.account_id.as_str(), received(b"{}")).await;
    assert!(matches!(refused, Err(HintRefused::Forged(_))), "{refused:?}");
    let event = EventRow {
        merchant_id: None,
        account_id: row.charge.account_id.clone(),
        event_id: "evt-1".into(),
        what: "payment.paid".into(),
        about: String::new(),
        charges: 1,
        received_at: Time(1_893_456_000_000),
    };
    site.app.store.write(move |tx| provider_events::insert(tx, &event)).await.unwrap();
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("its signature is not right") && page.body.contains("2030-01-01"), "{}", page.body);
    // dealt with: nobody asks it any more, so nothing would ever end the row
    assert_eq!(site.post(&here, &session, &[("act", "off")]).await.status, 303);
    assert_eq!(tile(&site.get("/operator/", &session).await), card(0));
}

#[tokio::test]
async fn accounts_are_kept_for_whoever_owns_them_and_turned_off_and_on() {
    let (site, session) = site("op-accounts").await;
    let chosen = site.get("/operator/providers/new?kind=sandbox_card:card", &session).await;
    assert!(chosen.status == 200 && chosen.body.contains("field-api_key"), "{}", chosen.body);
    let number = site.shop.number.to_string();
    let with = |merchant: &str, key: &str| {
        let fields = [
            ("kind", "sandbox_card:card"),
            ("merchant", merchant),
            ("field-api_key", key),
            ("field-webhook_secret", SECRET),
            ("password", PASSWORD),
        ];
        fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let add = async |merchant: &str, key: &str| {
        let fields = with(merchant, key);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        site.post("/operator/providers", &session, &fields).await
    };
    let missing = add(&number, "").await;
    assert!(missing.status == 422 && missing.body.contains("is required"), "{}", missing.body);
    let nobody = add("77", SECRET).await;
    assert!(nobody.status == 422 && nobody.body.contains("no merchant with this number"), "{}", nobody.body);
    let added = add(&number, SECRET).await;
    assert_eq!((added.status, added.cookie("lockgate-flash")), (303, Some("flash-provider-added")), "{}", added.body);
    is_nowhere(&site, &[&missing, &nobody, &added], SECRET).await;
    let here = added.location().to_owned();
    let id = AccountId::parse(here.rsplit('/').next().unwrap()).unwrap();
    let row = account(&site, &id).await;
    assert_eq!((row.owner, row.merchant_id.as_ref()), (Owner::Merchant, Some(&site.shop.id)));
    assert_eq!(last_act(&site).await.1, "provider.add");
    for (act, active) in [("off", false), ("on", true)] {
        assert_eq!(site.post(&here, &session, &[("act", act)]).await.status, 303);
        assert_eq!(account(&site, &id).await.active, active);
        assert_eq!(last_act(&site).await.1, format!("provider.{act}"));
    }
    assert_eq!(site.post(&here, &session, &[("act", "burn")]).await.status, 422);
    assert_eq!(site.get("/operator/providers/acc_00000000000000000000000000", &session).await.status, 404);
}
