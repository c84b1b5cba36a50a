use std::sync::Arc;

use domain::access::Role;

use super::super::{Reach, SandboxAcquirer, SandboxChain, SandboxFile, people, seed};
use super::*;
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::clock::Clock;
use crate::dashboard::tests::{Session, Site, merchant};
use crate::random::Random;
use crate::store::{Database, Store, attempts, charges, users};
use crate::wire::create::Devise;

/// The pages of a sandbox without workers, which are here, and its chain.
async fn desk(name: &str) -> (Site, Sandbox) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = std::env::temp_dir().join(format!("lockgate-desk-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("lockgate.db");
    let store = Store::open(&Database::File(path.clone())).unwrap();
    let (clock, base_url) = (Clock::system(), "http://127.0.0.1:1");
    let chain = Arc::new(SandboxChain::resume(&store, &clock, 1).await.unwrap());
    let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, 1, &Reach::open(base_url)).await.unwrap());
    let made =
        seed::gateway(&store, &clock, &Random::seeded(1), &chain, &Reach::open(base_url), (1, Default::default()))
            .await
            .unwrap();
    let file = SandboxFile::of(base_url, &made).map(Arc::new);
    let shop = made.shop.clone().unwrap();
    let sandbox = Sandbox { app: made.app.clone(), chain, acquirer, file };
    let other = merchant(&made.app, "Other").await;
    let own = sandbox.clone();
    let site = Site::on(made.app.clone(), (shop.merchant, other), path, move |web| {
        crate::dashboard::routes().with_state(web.clone()).merge(routes(&own, web))
    });
    (site, sandbox)
}

async fn owner(site: &Site) -> Session {
    let owner = site.app.store.read(|tx| users::by_email(tx, people::MERCHANT.email)).await.unwrap().unwrap();
    site.session(&owner.id, Some(&site.shop), true).await
}

async fn sold(site: &Site, to: &domain::merchant::Merchant) -> i64 {
    create(&site.app, to.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    site.app.store.read(|tx| invoices::latest_number(tx, &to.id)).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_invoice_of_ones_own_is_paid_and_nobody_elses() {
    let (site, sandbox) = desk("pays").await;
    let session = owner(&site).await;
    let number = sold(&site, &site.shop).await;
    // its page leads here
    let page = site.get(&invoice_path(number), &session).await;
    assert!(page.body.contains(&format!("href=\"{PATH}?invoice={number}\"")), "{}", page.body);
    let page = site.get(&format!("{PATH}?invoice={number}"), &session).await;
    assert!(page.status == 200 && page.body.contains(&format!("value=\"{number}\"")), "{}", page.body);
    assert!(page.body.contains("sandbox-mark"), "marked as a sandbox's");
    let head = sandbox.chain.look(|chain| chain.head_number()).await;
    let fields = [("invoice", number.to_string()), ("outcome", "paid".to_owned()), ("method", "crypto".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let paid = site.post("/client/sandbox/pay", &session, &fields).await;
    assert_eq!((paid.status, paid.location()), (303, invoice_path(number).as_str()), "{}", paid.body);
    let made = site.app.store.read(|tx| attempts::of_invoice(tx, &site.shop.id, number)).await.unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(sandbox.chain.look(|chain| chain.head_number()).await, head + 1, "the payment is in a block");
    // what cannot be is said in words
    let wrong = [("invoice", fields[0].1), ("outcome", "decline"), ("method", "crypto")];
    let refused = site.post("/client/sandbox/pay", &session, &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("Coins cannot do this"), "{}", refused.body);
    // another merchant's, and none
    let foreign = sold(&site, &site.other).await.to_string();
    let before = site.everything();
    for number in [foreign.as_str(), "999999", "<script>", ""] {
        let answer = site.post("/client/sandbox/pay", &session, &[("invoice", number), ("outcome", "paid")]).await;
        assert!(answer.status == 422 && !answer.body.contains("<script>"), "{number}: {}", answer.body);
    }
    assert!(site.everything() == before, "nothing has changed");
    let tried = site.app.store.read(|tx| charges::of_invoice(tx, &site.other.id, foreign.parse().unwrap())).await;
    assert!(tried.unwrap().is_empty());
}

#[tokio::test]
async fn chain_and_clock_are_moved() {
    let (site, sandbox) = desk("moves").await;
    let session = owner(&site).await;
    let head = sandbox.chain.look(|chain| chain.head_number()).await;
    let mined = site.post("/client/sandbox/chain", &session, &[("blocks", "3")]).await;
    assert_eq!((mined.status, mined.location()), (303, PATH));
    assert_eq!(sandbox.chain.look(|chain| chain.head_number()).await, head + 3);
    for (word, halted) in [("yes", true), ("no", false)] {
        site.post("/client/sandbox/chain", &session, &[("halted", word)]).await;
        assert_eq!(sandbox.chain.is_halted(), halted);
    }
    assert_eq!(site.post("/client/sandbox/chain", &session, &[("depth", "2")]).await.status, 303);
    for wrong in [("blocks", "0"), ("blocks", "-1"), ("depth", "100000")] {
        assert_eq!(site.post("/client/sandbox/chain", &session, &[wrong]).await.status, 422, "{wrong:?}");
    }
    let now = site.app.now();
    assert_eq!(site.post("/client/sandbox/clock", &session, &[("seconds", "3600")]).await.status, 303);
    assert!(site.app.now().since(now) >= 3_600_000);
    assert_eq!(site.post("/client/sandbox/clock", &session, &[("seconds", "0")]).await.status, 422);
}

#[tokio::test]
async fn each_role_and_no_foreign_form() {
    let (site, sandbox) = desk("roles").await;
    let clerk = site.person("clerk@shop.example", None, false, &[(&site.shop, Role::ReadOnly)]).await;
    let clerk = site.session(&clerk, Some(&site.shop), true).await;
    let (owner, nobody) = (owner(&site).await, site.stranger().await);
    for row in rows(&sandbox) {
        let (let_in, looks) = match row.method {
            Get => (200, 200),
            Post => (422, 403),
        };
        for (session, status) in [(&owner, let_in), (&clerk, looks), (&nobody, 303)] {
            let page = match row.method {
                Get => site.get(row.path, session).await,
                Post => site.post(row.path, session, &[]).await,
            };
            assert_eq!(page.status, status, "{row:?}: {}", page.body);
        }
        if row.method == Post {
            let forged = Session { csrf: "0".repeat(64), ..owner.clone() };
            assert_eq!(site.post(row.path, &forged, &[("blocks", "1")]).await.status, 403, "{row:?}");
        }
    }
}

/// The rows of every gateway are in the table; these are not.
#[tokio::test]
async fn a_live_gateway_has_no_such_page() {
    let site = Site::live("desk-live").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    assert!(crate::dashboard::table().iter().all(|row| !row.path.contains("sandbox")));
    assert_eq!(site.get("/client/sandbox/enter", &session).await.status, 404, "it has none to switch to");
    assert_eq!(site.get(PATH, &session).await.status, 404);
    let number = sold(&site, &site.shop).await;
    for path in [crate::dashboard::client::HOME, &invoice_path(number), "/account/find"] {
        let page = site.get(path, &session).await;
        assert!(page.status == 200 && !page.body.contains("/client/sandbox"), "{path}: {}", page.body);
    }
    for path in ["/client/sandbox/pay", "/client/sandbox/chain", "/client/sandbox/clock"] {
        assert!([404, 405].contains(&site.post(path, &session, &[]).await.status), "{path}");
    }
}
