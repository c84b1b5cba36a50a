//! A refund of coins from the merchant's own wallet, as its people see it; and nobody else's.

use std::path::PathBuf;
use std::sync::Arc;

use domain::access::Role;
use domain::coin_refund::State;
use domain::merchant::{Merchant, Wallet};
use domain::{RefundId, Time};

use super::weight::{loaded, needs_no_parts};
use super::{Page, Session, Site, merchant};
use crate::app::acts;
use crate::app::coin_refunds::confirm::{NotConfirmed, confirm};
use crate::app::coin_refunds::wallet::NotIt;
use crate::app::invoices::create;
use crate::app::testing::{app, asked_back, coins_came, new_invoice, polygon, tether};
use crate::checkout::messages::Lang;
use crate::dashboard::words::Words;
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::{StoreError, Tx, invoices, mails};
use crate::wire::create::Devise;

const PAYER: &str = "0x9999999999999999999999999999999999999999";

/// A site with a coin and its chain, which nobody is asked about.
async fn site(name: &str) -> Site {
    let (mut app, other) = app(name, Wallet::Missing).await;
    let own = Arc::get_mut(&mut app).unwrap();
    own.assets.push(tether());
    own.chains.insert("polygon".into(), polygon());
    let shop = merchant(&app, "Tea & Cookies").await;
    Site::on(app, (shop, other), PathBuf::new(), |web| {
        crate::dashboard::routes().merge(crate::checkout::routes::routes()).with_state(web)
    })
}

async fn invoice(site: &Site, of: &Merchant) -> i64 {
    let new = new_invoice("payer@example.com", 1_000, Devise::Usd);
    create(&site.app, of.clone().into(), new).await.unwrap();
    site.app.store.read(|tx| invoices::latest_number(tx, &of.id)).await.unwrap().unwrap()
}

async fn session(site: &Site, role: Role) -> Session {
    let person = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
    site.session(&person, Some(&site.shop), true).await
}

fn nth(number: u8) -> String {
    format!("{number:032x}")
}

/// Asks for a refund in the form of an invoice for which ten coins came; the path of its page.
async fn asked(site: &Site, session: &Session, amount: &str) -> (i64, String) {
    let number = invoice(site, &site.shop).await;
    coins_came(&site.app, &site.shop, number, 10_000_000).await;
    let (here, once) = (format!("/client/invoices/{number}"), nth(99));
    let fields = [("of", "coins:USDT_polygon:merchant_wallet"), ("amount", amount), ("once", &once)];
    let sent = site.post(&format!("{here}/refund"), session, &fields).await;
    assert_eq!((sent.status, sent.location()), (303, here.as_str()), "{}", sent.body);
    let page = site.get(&here, session).await;
    let (_, rest) = page.body.split_once(&format!("href=\"{here}/refunds/")).expect("a line of it");
    (number, format!("{here}/refunds/{}", rest.split('"').next().unwrap()))
}

/// The tokens of the links that the payer was sent, oldest first.
async fn tokens(site: &Site) -> Vec<String> {
    let all = site.app.store.read(mails::list).await.unwrap();
    let bodies = all.into_iter().filter(|mail| mail.recipient == "payer@example.com").map(|mail| mail.body);
    bodies.filter_map(|body| Some(body.split_once("/refund/")?.1.get(..64)?.to_owned())).collect()
}

async fn row(site: &Site, path: &str) -> CoinRefundRow {
    let id = RefundId::parse(path.rsplit('/').next().unwrap()).unwrap();
    site.app.store.read(|tx| coin_refunds::by_id(tx, &site.shop.id, &id)).await.unwrap().unwrap()
}

/// What an element shows that is there to be copied.
fn copied<'a>(page: &'a Page, id: &str) -> &'a str {
    let start = format!("<code id=\"{id}\" dir=\"ltr\">");
    page.body.split_once(&start).unwrap_or_else(|| panic!("no {id}: {}", page.body)).1.split('<').next().unwrap()
}

#[tokio::test]
async fn it_is_mailed_again_paid_and_named_in_the_browser() {
    let site = site("coins-back").await;
    let owner = session(&site, Role::Owner).await;
    let (_, path) = asked(&site, &owner, "4").await;
    let page = site.get(&path, &owner).await;
    assert!(page.status == 200 && page.body.contains("4.00 USDT") && page.body.contains("waits for the payer"));
    assert!(page.body.contains(&format!("action=\"{path}/mail\"")) && page.body.contains("/cancel\""));
    assert!(!page.body.contains("/paid\"") && !page.body.contains("class=\"qr\""), "nobody knows where to yet");
    // one press is one mail, and a payer is not sent many
    let mail = async |press: u8| {
        let once = nth(press);
        site.post(&format!("{path}/mail"), &owner, &[("once", &once)]).await
    };
    for press in [1, 1, 2, 3, 1] {
        assert_eq!(mail(press).await.cookie("lockgate-flash"), Some("flash-refund-link-mailed"), "{press}");
    }
    let refused = mail(4).await;
    assert!(refused.status == 422 && refused.body.contains("three mails about this invoice"), "{}", refused.body);
    assert_eq!(site.post(&format!("{path}/mail"), &owner, &[]).await.status, 422, "a form of nobody's");
    let sent = tokens(&site).await;
    assert_eq!(sent.len(), 4, "the first, and three more");
    assert!(matches!(confirm(&site.app, &sent[0], PAYER).await, Err(NotConfirmed::NoLink)), "replaced");
    confirm(&site.app, &sent[3], PAYER).await.unwrap();

    let page = site.get(&path, &owner).await;
    let contract = alloy_primitives::Address::repeat_byte(0x70).to_string();
    let wallet = row(&site, &path).await.wallet;
    for (id, value) in
        [("pay-to", PAYER), ("pay-amount", "4"), ("pay-contract", &contract), ("pay-from", wallet.as_str())]
    {
        assert_eq!(copied(&page, id), value, "{id}");
        assert!(page.body.contains(&format!("data-copy=\"{id}\"")), "{id}");
    }
    let uri = format!("ethereum:{contract}@137/transfer?address={PAYER}&#38;uint256=4000000");
    assert!(page.body.contains(&uri) && page.body.contains("class=\"qr\""), "{}", page.body);
    assert!(!page.body.contains("/mail\"") && !page.body.contains("/cancel\""));
    for lang in Lang::ALL {
        let page = site.get(&format!("{path}?lang={}", lang.code()), &owner).await;
        assert!(page.body.contains("class=\"qr\""), "{lang:?}");
        assert!(loaded(&page) < super::pages::WEIGHT, "{lang:?}: {}", loaded(&page));
        needs_no_parts(&page, &path);
    }
    // who only reads sees where it goes, and has nothing to do there
    let reader = session(&site, Role::ReadOnly).await;
    let page = site.get(&path, &reader).await;
    assert!(page.status == 200 && page.body.contains(PAYER) && !page.body.contains(&format!("action=\"{path}/")));
    // he may have sent it already
    let refused = site.post(&format!("{path}/cancel"), &owner, &[]).await;
    assert!(refused.status == 422 && refused.body.contains("seven days after"), "{}", refused.body);

    let name = async |hash: &str| site.post(&format!("{path}/paid"), &owner, &[("tx", hash)]).await;
    for bad in ["", "0x12", &"g".repeat(64), "<script>alert(1)</script>"] {
        let page = name(bad).await;
        assert!(page.status == 422 && page.body.contains("This is no transaction hash"), "{bad}: {}", page.body);
        assert!(!page.body.contains("<script>alert") && page.body.contains("class=\"qr\""));
    }
    let hash = format!("0x{}", "ab".repeat(32));
    assert_eq!(name(&hash).await.cookie("lockgate-flash"), Some("flash-refund-reported"));
    let first = row(&site, &path).await;
    assert_eq!((first.state, first.tx_hash.as_deref()), (State::Reported, Some(hash.as_str())));
    assert_eq!(name(&format!(" {hash}\n")).await.status, 303);
    assert_eq!(row(&site, &path).await.version, first.version, "twice is once");
    let page = site.get(&path, &owner).await;
    assert!(page.body.contains(&hash) && page.body.contains("Name another transaction"), "{}", page.body);
    assert!(!page.body.contains("class=\"qr\""), "what is named is not paid again");
    let log = site.app.store.read(acts::all).await.unwrap();
    let by_owner = log.iter().filter(|read| read.act.actor == "owner@shop.example").map(|read| read.act.act.as_str());
    let again = "coin_refund.link_sent_again";
    let acts = ["coin_refund.asked", again, again, again, "coin_refund.reported"];
    assert_eq!(by_owner.collect::<Vec<_>>(), acts);
}

#[tokio::test]
async fn a_wrong_amount_is_called_off_at_once_and_a_confirmed_one_after_seven_days() {
    let site = site("coins-back-off").await;
    let owner = session(&site, Role::Owner).await;
    let (number, path) = asked(&site, &owner, "10").await;
    let off = async |path: &str| site.post(&format!("{path}/cancel"), &owner, &[]).await;
    for _ in 0..2 {
        assert_eq!(off(&path).await.cookie("lockgate-flash"), Some("flash-refund-canceled"));
    }
    let token = tokens(&site).await.remove(0);
    assert!(matches!(confirm(&site.app, &token, PAYER).await, Err(NotConfirmed::NoLink)));
    let page = site.get(&path, &owner).await;
    assert!(page.body.contains("called off") && !page.body.contains(&format!("action=\"{path}/")), "{}", page.body);
    assert_eq!(site.post(&format!("{path}/mail"), &owner, &[("once", &nth(1))]).await.status, 422);
    assert_eq!(site.post(&format!("{path}/paid"), &owner, &[("tx", &"ab".repeat(32))]).await.status, 422);

    // the amount is free again
    let (here, once) = (format!("/client/invoices/{number}"), nth(2));
    let fields = [("of", "coins:USDT_polygon:merchant_wallet"), ("all", "1"), ("once", once.as_str())];
    assert_eq!(site.post(&format!("{here}/refund"), &owner, &fields).await.location(), here);
    let confirmed = confirm(&site.app, &tokens(&site).await[1], PAYER).await.unwrap();
    let second = format!("{here}/refunds/{}", confirmed.id);
    assert_eq!(off(&second).await.status, 422);
    site.app.clock.advance(7 * 86_400_000);
    // nobody stays signed in for so long
    let later = session(&site, Role::Admin).await;
    assert!(site.get(&second, &later).await.body.contains("/cancel\""));
    assert_eq!(site.post(&format!("{second}/cancel"), &later, &[]).await.status, 303);
    assert_eq!(row(&site, &second).await.state, State::Canceled);
}

/// An id of another merchant's under one's own invoice, and one of another invoice of one's own.
#[tokio::test]
async fn a_refund_of_another_invoice_is_not_there() {
    let site = Site::new("coins-back-strangers").await;
    let owner = session(&site, Role::Owner).await;
    let (first, second) = (invoice(&site, &site.shop).await, invoice(&site, &site.shop).await);
    let theirs = invoice(&site, &site.other).await;
    let own = asked_back(&site.app, &site.shop, first).await.to_string();
    let foreign = asked_back(&site.app, &site.other, theirs).await.to_string();
    let before = site.everything();
    let (once, hash) = (nth(1), format!("0x{}", "ab".repeat(32)));
    for (number, id) in [
        (first, foreign.as_str()),
        (theirs, foreign.as_str()),
        (second, own.as_str()),
        (theirs, own.as_str()),
        (first, "ref_01J00000000000000000000000"),
        (first, "x"),
    ] {
        let path = format!("/client/invoices/{number}/refunds/{id}");
        assert_eq!(site.get(&path, &owner).await.status, 404, "{path}");
        for act in ["mail", "cancel", "paid"] {
            let fields = [("once", once.as_str()), ("tx", hash.as_str())];
            let page = site.post(&format!("{path}/{act}"), &owner, &fields).await;
            assert_eq!(page.status, 404, "{path}/{act}");
        }
    }
    assert!(site.everything() == before, "something has changed");
    assert_eq!(site.get(&format!("/client/invoices/{first}/refunds/{own}"), &owner).await.status, 200);
}

/// What pages ask for by a name that is put together.
#[tokio::test]
async fn every_state_and_every_fault_has_words() {
    let w = Words { lang: Lang::En };
    for (_, name, words) in NotIt::ALL {
        assert!(w.has(&format!("not-it-{name}")), "{name}: {words}");
    }
    for (_, name) in State::ALL {
        assert!(w.has(&format!("refund-{name}")), "{name}");
    }
    // a note of the worker's is shown in the reader's words, any other as it is
    let site = site("coins-back-notes").await;
    let owner = session(&site, Role::Owner).await;
    let (_, path) = asked(&site, &owner, "4").await;
    for (note, shown) in [
        ("transaction 0xab is not it: it failed on the chain", "falló en la cadena"),
        ("the provider says <b>no</b>", "the provider says &#60;b&#62;no"),
    ] {
        let (mut row, note) = (row(&site, &path).await, note.to_owned());
        let set = move |tx: &Tx<'_>| {
            (row.note, row.changed_at) = (Some(note), Time(row.changed_at.0 + 1));
            coin_refunds::update(tx, &mut row)
        };
        site.app.store.write(set).await.map_err(|error: StoreError| error).unwrap();
        let page = site.get(&format!("{path}?lang=es"), &owner).await;
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
}
