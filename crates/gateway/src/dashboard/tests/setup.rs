//! Profile, API and the list of what is still to be done, through their forms.

use domain::access::Role;
use domain::merchant::{Merchant, Wallet};
use domain::scope::Scopes;

use super::{HOSTILE, Session, Site};
use crate::app::acts;
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::store::{merchants, wallet_changes};
use crate::wire::create::Devise;

const WALLET: &str = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";

async fn owner(site: &Site, of: &Merchant) -> Session {
    let id = site.person("owner@shop.example", None, false, &[(of, Role::Owner)]).await;
    site.session(&id, Some(of), true).await
}

async fn now(site: &Site, of: &Merchant) -> Merchant {
    site.app.store.read(|tx| merchants::existing(tx, &of.id)).await.unwrap()
}

async fn acts_of(site: &Site) -> Vec<String> {
    site.app.store.read(acts::all).await.unwrap().into_iter().map(|read| read.act.act).collect()
}

async fn mails_to(site: &Site, to: &str) -> Vec<String> {
    let all = site.app.store.read(crate::store::mails::list).await.unwrap();
    all.into_iter().filter(|mail| mail.recipient == to).map(|mail| mail.subject).collect()
}

#[tokio::test]
async fn company_website_and_country() {
    let site = Site::new("setup-company").await;
    let session = owner(&site, &site.other).await;
    let bad = [
        ("", "", "", "wrong-company"),
        ("A", "javascript:alert(1)", "", "wrong-website"),
        ("A", "", "XX", "wrong-country"),
    ];
    for (name, website, country, wrong) in bad {
        let fields = [("name", name), ("website", website), ("country", country)];
        let page = site.post("/client/profile", &session, &fields).await;
        let words = crate::dashboard::words::Words { lang: crate::checkout::messages::Lang::En }.text(wrong);
        assert!(page.status == 422 && page.body.contains(&words.to_string()), "{wrong}: {}", page.status);
    }
    assert_eq!(acts_of(&site).await, Vec::<String>::new());
    let fields = [("name", HOSTILE), ("website", "shop.example"), ("country", "IN")];
    for _ in 0..2 {
        let page = site.post("/client/profile", &session, &fields).await;
        assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-profile-saved")));
    }
    // saved again as it was, nothing is written
    assert_eq!(acts_of(&site).await, ["profile.set"]);
    let page = site.get("/client/profile", &session).await;
    assert!(
        page.body.contains("value=\"https://shop.example/\"") && page.body.contains("<option value=\"IN\" selected>")
    );
    assert!(!page.body.contains(HOSTILE));
    assert_eq!(now(&site, &site.other).await.name, HOSTILE);
}

#[tokio::test]
async fn a_first_wallet_waits_for_the_operator() {
    let site = Site::new("setup-first-wallet").await;
    let session = owner(&site, &site.other).await;
    let mistyped = WALLET.replace("5aA", "5Aa");
    for bad in ["", "0x12", "merchant", &mistyped, "0x0000000000000000000000000000000000000000", HOSTILE] {
        let page = site.post("/client/profile/wallet", &session, &[("wallet", bad)]).await;
        assert!(page.status == 422 && page.body.contains("aria-invalid"), "{bad}");
        assert!(!page.body.contains(HOSTILE));
    }
    assert_eq!(now(&site, &site.other).await.wallet, Wallet::Missing);
    for wallet in ["0x0101010101010101010101010101010101010101", WALLET] {
        // until it is active it may be changed
        let page = site.post("/client/profile/wallet", &session, &[("wallet", wallet)]).await;
        assert_eq!(page.cookie("lockgate-flash"), Some("flash-wallet-entered"));
        assert_eq!(now(&site, &site.other).await.wallet, Wallet::Pending(wallet.into()));
    }
    let page = site.get("/client/profile", &session).await;
    assert!(page.body.contains(WALLET) && page.body.contains("being validated and activated"));
    assert_eq!(acts_of(&site).await, ["wallet.set", "wallet.set"]);
    assert_eq!(mails_to(&site, "shop@example.com").await.len(), 2);
}

#[tokio::test]
async fn another_wallet_waits_and_can_be_called_off() {
    let site = Site::new("setup-other-wallet").await;
    let session = owner(&site, &site.shop).await;
    let old = site.shop.wallet.clone();
    let page = site.post("/client/profile/wallet", &session, &[("wallet", WALLET)]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-wallet-waits"));
    assert_eq!(now(&site, &site.shop).await.wallet, old);
    let waiting = site.app.store.read(|tx| wallet_changes::waiting(tx, &site.shop.id)).await.unwrap().unwrap();
    assert_eq!((waiting.new.as_str(), waiting.asked_by.as_str()), (WALLET, "owner@shop.example"));
    assert_eq!(waiting.effective_at, site.app.now().plus(site.app.payee_wait_millis));
    // no second one beside it
    assert_eq!(site.post("/client/profile/wallet", &session, &[("wallet", WALLET)]).await.status, 422);
    assert!(site.get("/client/profile", &session).await.body.contains("Call the change off"));
    let page = site.post("/client/profile/wallet/cancel", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-wallet-canceled"));
    let page = site.post("/client/profile/wallet/cancel", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-nothing-waits"));
    assert_eq!(now(&site, &site.shop).await.wallet, old);
    assert_eq!(acts_of(&site).await, ["wallet.change_asked", "wallet.change_canceled"]);
    // the merchant reads of it
    assert!(site.get("/client/acts", &session).await.body.contains("wallet.change_canceled"));
}

/// The key that a page shows.
fn shown(page: &super::Page) -> String {
    let (_, rest) = page.body.split_once("id=\"new-key\" dir=\"ltr\">").expect("a key");
    rest.split('<').next().unwrap().to_owned()
}

const EVERYTHING: [(&str, &str); 4] =
    [("scope", "sell"), ("scope", "read"), ("scope", "pay_out"), ("scope", "callbacks")];

#[tokio::test]
async fn a_key_for_less_says_so_and_stays_when_the_others_are_rotated() {
    let site = Site::new("setup-scopes").await;
    let session = owner(&site, &site.shop).await;
    for nothing in [&[][..], &[("scope", "")], &[("scope", "everything")]] {
        let page = site.post("/client/api/keys", &session, nothing).await;
        assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-scope-none"));
    }
    let key = shown(&site.post("/client/api/keys", &session, &[("scope", "read")]).await);
    let page = site.get("/client/api", &session).await;
    assert!(
        page.body.contains("<td>Read invoices, pay-outs and balances</td>")
            && page.body.contains("<td>Everything</td>")
    );
    site.post("/client/api/keys/rotate", &session, &[]).await;
    site.app.clock.advance(24 * 3_600_000);
    let keys = site.app.store.read(|tx| merchants::keys(tx, &site.shop.id)).await.unwrap();
    let valid: Vec<_> = keys.iter().filter(|key| key.is_valid(site.app.now())).map(|key| key.hint.as_str()).collect();
    assert!(valid.len() == 2 && valid.contains(&&key[..4]), "{valid:?}");
    assert_eq!(acts_of(&site).await, ["key.made", "key.rotated"]);
    // the one for everything is ended: what is left cannot check a signature, and the page says so
    let said = "None of the valid keys is for callbacks";
    assert!(!site.get("/client/api", &session).await.body.contains(said));
    let whole = keys.iter().find(|key| key.is_valid(site.app.now()) && key.scopes == Scopes::ALL).unwrap();
    site.post(&format!("/client/api/keys/{}/revoke", whole.id), &session, &[]).await;
    assert!(site.get("/client/api", &session).await.body.contains(said));
}

#[tokio::test]
async fn keys_are_shown_once_rotated_and_ended() {
    let site = Site::new("setup-keys").await;
    let session = owner(&site, &site.shop).await;
    let made = site.post("/client/api/keys", &session, &EVERYTHING).await;
    let key = shown(&made);
    assert!(made.status == 200 && key.len() == 32);
    // the samples have it where it was made, and nowhere else; nor has any row it as it is
    assert!(made.body.matches(&key).count() > 3);
    let page = site.get("/client/api", &session).await;
    assert!(
        !page.body.contains(&key) && page.body.contains("YOUR_API_KEY") && page.body.contains("http://127.0.0.1/api/")
    );
    assert!(!format!("{:?}", site.everything()).contains(&key));
    let valid = async || {
        let keys = site.app.store.read(|tx| merchants::keys(tx, &site.shop.id)).await.unwrap();
        keys.into_iter().filter(|key| key.is_valid(site.app.now())).map(|key| key.hint).collect::<Vec<_>>()
    };
    assert_eq!(valid().await.len(), 2);
    let newest = shown(&site.post("/client/api/keys/rotate", &session, &[]).await);
    assert_eq!(valid().await.len(), 3);
    site.app.clock.advance(24 * 3_600_000 - 1);
    assert_eq!(valid().await.len(), 3);
    site.app.clock.advance(1);
    assert_eq!(valid().await, [&newest[..4]]);
    let keys = site.app.store.read(|tx| merchants::keys(tx, &site.shop.id)).await.unwrap();
    let last = &keys.iter().find(|key| key.hint == newest[..4]).unwrap().id;
    let page = site.post(&format!("/client/api/keys/{last}/revoke"), &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-key-revoked"));
    assert_eq!(valid().await, Vec::<String>::new());
    assert_eq!(acts_of(&site).await, ["key.made", "key.rotated", "key.revoked"]);
    assert_eq!(mails_to(&site, "shop@shop.example").await.len(), 3);
    // as many as may be, and no more
    for _ in 0..10 {
        assert_eq!(site.post("/client/api/keys", &session, &EVERYTHING).await.status, 200);
    }
    let page = site.post("/client/api/keys", &session, &EVERYTHING).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-keys-enough"));
    assert_eq!(valid().await.len(), 10);
}

#[tokio::test]
async fn addresses_are_listed_and_removed() {
    let site = Site::new("setup-addresses").await;
    let session = owner(&site, &site.shop).await;
    let page = site.get("/client/api", &session).await;
    assert!(page.body.contains("error 50010") && page.body.contains("Add my address"));
    for bad in ["", "example.com", "10.0.0.0/33", "0.0.0.0/0", "::/0", HOSTILE] {
        let page = site.post("/client/api/addresses", &session, &[("entry", bad)]).await;
        assert!(page.status == 422 && !page.body.contains(HOSTILE), "{bad}");
    }
    for good in ["203.0.113.7", "198.51.100.9/24", "2001:db8:1::/48", "127.0.0.1", "127.0.0.1"] {
        let page = site.post("/client/api/addresses", &session, &[("entry", good)]).await;
        assert_eq!(page.cookie("lockgate-flash"), Some("flash-address-added"), "{good}");
    }
    let listed = async || {
        let list = site.app.store.read(|tx| merchants::ips(tx, &site.shop.id)).await.unwrap();
        list.0.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let all = ["127.0.0.1/32", "198.51.100.0/24", "2001:db8:1::/48", "203.0.113.7/32"];
    assert_eq!(listed().await, all);
    let page = site.get("/client/api", &session).await;
    assert!(!page.body.contains("Add my address") && all.iter().all(|entry| page.body.contains(entry)));
    let remove = async |entry| site.post("/client/api/addresses/remove", &session, &[("entry", entry)]).await.status;
    assert_eq!((remove("203.0.113.7/32").await, remove("203.0.113.7/32").await, remove("?").await), (303, 404, 404));
    assert_eq!(listed().await.len(), 3);
    let acts = acts_of(&site).await;
    assert_eq!(acts.iter().filter(|act| *act == "address.added").count(), 4);
    assert_eq!(acts.last().unwrap(), "address.removed");
}

#[tokio::test]
async fn the_list_says_what_is_left_and_goes_away() {
    let site = Site::new("setup-list").await;
    let session = owner(&site, &site.other).await;
    let left = async || site.get("/client/", &session).await.body.matches("<strong><a href=").count();
    // there: a confirmed address and the first key
    assert_eq!(left().await, 5);
    let fields = [("name", "Shop"), ("website", "shop.example"), ("country", "IN")];
    site.post("/client/profile", &session, &fields).await;
    site.post("/client/api/addresses", &session, &[("entry", "203.0.113.7")]).await;
    site.post("/client/callbacks/url", &session, &[("url", "https://shop.example/callback")]).await;
    assert_eq!(left().await, 2);
    site.post("/client/profile/wallet", &session, &[("wallet", WALLET)]).await;
    let page = site.get("/client/", &session).await;
    assert!(page.body.contains("The operator is checking your wallet"));
    let (app, id) = (site.app.clone(), site.other.id.clone());
    app.store.write(move |tx| merchants::set_wallet(tx, &id, &Wallet::Active(WALLET.into()))).await.unwrap();
    assert_eq!(left().await, 1);
    make_an_invoice(&site, &site.other).await;
    assert!(!site.get("/client/", &session).await.body.contains("id=\"checklist\""));
}

async fn make_an_invoice(site: &Site, of: &Merchant) {
    let new = new_invoice("a@example.com", 1_000, Devise::Usd);
    create(&site.app, std::sync::Arc::new(of.clone()), new).await.unwrap();
}
