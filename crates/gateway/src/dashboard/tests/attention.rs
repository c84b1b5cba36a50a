//! What the home says a merchant should look at leads to where it is found; and what it says of money that is not settled.

use domain::access::Role;
use domain::attempt::Attempt;
use domain::charge::{Charge, Method, Money, State};
use domain::ledger::Owner;
use domain::merchant::Merchant;
use domain::payment::{Finality, OnChain, Payment, Placement};
use domain::rate::Rate;
use domain::time::MINUTE;
use domain::{AccountId, AttemptId, ChargeId, PaymentId, Units};
use rails::provider::Device;

use super::{Page, Session, Site};
use crate::app::charges::own_vpa;
use crate::app::invoices::{create, token_of};
use crate::app::providers::OWN_VPA;
use crate::app::testing::{begun, charged, new_invoice, says_paid};
use crate::dashboard::client::home;
use crate::store::charges::{self, ChargeRow};
use crate::store::payments::{self, PaymentRow};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::{StoreError, Tx, attempts, invoices};
use crate::wire::create::Devise;

pub const RRN: &str = "527013524405";

pub async fn person(site: &Site, role: Role) -> Session {
    let id = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
    site.session(&id, Some(&site.shop), true).await
}

async fn home_of(site: &Site, session: &Session) -> String {
    site.get("/client/", session).await.body
}

/// A new invoice whose payer was shown the merchant's own VPA.
pub async fn asked(site: &Site, merchant: &Merchant) -> ChargeRow {
    create(&site.app, merchant.clone().into(), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let (app, merchant, now) = (site.app.clone(), merchant.clone(), site.app.now());
    let ask = move |tx: &Tx<'_>| {
        let account = AccountRow {
            id: AccountId::new(app.random.ulid(now.0)),
            merchant_id: Some(merchant.id.clone()),
            provider: OWN_VPA.into(),
            method: Method::Upi,
            owner: Owner::Merchant,
            base_url: String::new(),
            settings: r#"{"vpa":"shop.one@okbank","payee_name":"Shop"}"#.into(),
            sealed: String::new(),
            active: true,
            created_at: now,
        };
        provider_accounts::insert(tx, &account)?;
        let charge = Charge {
            id: ChargeId::new(app.random.ulid(now.0)),
            account_id: account.id.clone(),
            owner: Owner::Merchant,
            provider: OWN_VPA.into(),
            method: Method::Upi,
            asked: Money { units: Units(85_000), currency: "INR".into() },
            due_minor: Units(1_000),
            rate: None,
            settle: None,
            fee: merchant.fee,
            created_at: now,
            expires_at: now.plus(30 * MINUTE),
            state: State::Created,
            received: None,
            placement: None,
            held: false,
            round: 0,
        };
        let number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
        let mut row = ChargeRow::begun(merchant.id.clone(), number, charge, Device::Other);
        charges::insert(tx, &row)?;
        own_vpa::show_link(tx, &mut row, &account, now)?;
        Ok::<_, StoreError>(row)
    };
    site.app.store.write(ask).await.unwrap()
}

/// Its payer says that he has paid.
pub async fn claims(site: &Site, merchant: &Merchant, row: &ChargeRow) {
    let read = |tx: &Tx<'_>| invoices::existing(tx, &merchant.id, row.invoice_number);
    let invoice = site.app.store.read(read).await.unwrap();
    let token = token_of(merchant, &invoice).unwrap().encode(&site.app.page_key);
    own_vpa::claim(&site.app, &token, RRN).await.unwrap();
}

/// The numbers of the invoices in a table, from top to bottom.
fn listed(page: &Page) -> Vec<i64> {
    assert_eq!(page.status, 200);
    let rows = page.body.split("<th scope=\"row\"><a href=\"/client/invoices/").skip(1);
    rows.map(|row| row.split(['"', '#']).next().unwrap().parse().unwrap()).collect()
}

/// All pages of a list, one after the other.
async fn walked(site: &Site, session: &Session, first: &str) -> Vec<Vec<i64>> {
    let (mut pages, mut path) = (Vec::new(), first.to_owned());
    loop {
        let page = site.get(&path, session).await;
        pages.push(listed(&page));
        let Some((_, next)) = page.body.split_once("rel=\"next\" href=\"") else { return pages };
        path = next.split(['"', '#']).next().unwrap().to_owned();
        assert!(pages.len() < 9, "{path}");
    }
}

#[tokio::test]
async fn payers_who_say_they_have_paid_are_told_of_and_listed_until_the_merchant_decides() {
    let site = Site::new("attention-upi").await;
    let (finance, reader) = (person(&site, Role::Finance).await, person(&site, Role::ReadOnly).await);
    let today = site.app.now().day();
    let version = async || site.app.store.read(|tx| home::version(tx, &site.shop.id, today)).await.unwrap();
    let row = asked(&site, &site.shop).await;
    let page = site.get("/client/upi", &reader).await;
    assert!(page.body.contains("No UPI payment waits for you") && page.body.contains("UPI ID (VPA)"), "{}", page.body);
    assert!(!home_of(&site, &reader).await.contains("/client/upi"));
    let before = version().await;
    claims(&site, &site.shop, &row).await;
    assert_ne!(before, version().await, "the home's stream tells of it");
    // another merchant's is not heard of
    let theirs = asked(&site, &site.other).await;
    claims(&site, &site.other, &theirs).await;
    let home = home_of(&site, &reader).await;
    let says = "<a href=\"/client/upi\">One UPI payment waits for you to confirm it</a>";
    assert!(home.contains(says), "{home}");
    let page = site.get("/client/upi", &reader).await;
    assert_eq!(listed(&page), [row.invoice_number]);
    for shown in ["850.00 INR", RRN, "<time datetime=\"2023-11-14T22:13:20Z\""] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    // the act is on the invoice's page
    let invoice = format!("/client/invoices/{}", row.invoice_number);
    assert!(site.get(&invoice, &finance).await.body.contains("id=\"upi-h\""));
    let fields = [("charge", row.charge.id.as_str()), ("came", "no"), ("rrn", "")];
    let done = site.post(&format!("{invoice}/upi"), &finance, &fields).await;
    assert_eq!(done.cookie("lockgate-flash"), Some("flash-upi-rejected"), "{}", done.body);
    assert_eq!(listed(&site.get("/client/upi", &reader).await), Vec::<i64>::new());
    assert!(!home_of(&site, &reader).await.contains("/client/upi"));
}

#[tokio::test]
async fn who_waits_longest_comes_first_and_nobody_is_lost_between_pages() {
    let site = Site::new("attention-upi-pages").await;
    let reader = person(&site, Role::ReadOnly).await;
    let mut rows = Vec::new();
    for _ in 0..35 {
        rows.push(asked(&site, &site.shop).await);
    }
    // the newest invoice's payer says so first, some in the same instant
    for (nth, row) in rows.iter().rev().enumerate() {
        site.app.clock.advance(if nth.is_multiple_of(3) { 1_000 } else { 0 });
        claims(&site, &site.shop, row).await;
    }
    let pages = walked(&site, &reader, "/client/upi").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [30, 5]);
    let mut all = pages.concat();
    // in steps of one instant
    let said = |number: &i64| rows.iter().rev().position(|row| row.invoice_number == *number).unwrap();
    assert!(all.iter().enumerate().all(|(at, number)| at / 3 == said(number) / 3), "{all:?}");
    all.sort_unstable();
    assert_eq!(all, rows.iter().map(|row| row.invoice_number).collect::<Vec<_>>());
    assert!(home_of(&site, &reader).await.contains("35 UPI payments wait for you"));
    for odd in ["after=x", "after=1.%00", "after=99999999999999999999.a", "after=1.%3Cscript%3E"] {
        assert_eq!(site.get(&format!("/client/upi?{odd}"), &reader).await.status, 200, "{odd}");
    }
}

/// Coins that came for an invoice, this long after the clock's time.
async fn lies(site: &Site, merchant: &Merchant, invoice: i64, after: i64, how: (Placement, Finality, bool)) {
    let (placement, finality, is_flushed) = how;
    let now = site.app.now();
    let mut row = PaymentRow {
        merchant_id: merchant.id.clone(),
        invoice_number: invoice,
        sender: format!("0x{}", "5e".repeat(20)),
        seen_at: now.plus(after),
        payment: Payment {
            id: PaymentId::new(site.app.random.ulid(now.0)),
            attempt_id: AttemptId::new(site.app.random.ulid(now.0)),
            on_chain: OnChain {
                chain: "polygon".into(),
                tx_hash: format!("0x{invoice:064x}"),
                log_index: 0,
                block_number: 1,
                block_hash: format!("0x{:064x}", 1),
                block_time: now,
            },
            asset: "USDT_polygon".into(),
            units: Units(5),
            finality,
            placement,
            flushed_by: None,
            round: 0,
        },
    };
    let put = move |tx: &Tx<'_>| {
        payments::insert(tx, &row)?;
        row.payment.flushed_by = is_flushed.then(|| row.payment.on_chain.tx_hash.clone());
        payments::update(tx, &row)
    };
    site.app.store.write(put).await.unwrap();
}

#[tokio::test]
async fn what_counts_towards_nothing_is_listed_with_why_and_its_invoice() {
    let site = Site::new("attention-parked").await;
    let support = person(&site, Role::Support).await;
    let page = site.get("/client/parked", &support).await;
    assert!(page.body.contains("No parked payments") && page.body.contains("paid twice"), "{}", page.body);
    for (invoice, how) in [
        (101, (Placement::Credited, Finality::Final, false)),
        (102, (Placement::Extra, Finality::Final, true)),
        (103, (Placement::Late, Finality::Final, false)),
        (104, (Placement::WrongToken, Finality::Reversed, false)),
    ] {
        lies(&site, &site.shop, invoice, invoice, how).await;
    }
    lies(&site, &site.other, 105, 0, (Placement::Late, Finality::Final, false)).await;
    // the second payment of an invoice that is paid
    let first = charged(&site.app, &site.shop, false).await;
    let second = begun(&site.app, &site.shop, 1_000, None).await;
    let second = says_paid(&site.app, &second, false, None).await;
    let page = site.get("/client/parked", &support).await;
    assert_eq!(listed(&page), [104, 103, 102, second.invoice_number]);
    let rows: Vec<&str> = page.body.split("<tr>").collect();
    for (invoice, words) in [
        (102, ["The invoice was paid already", "In your wallet"]),
        (103, ["Too late", "On its way to your wallet"]),
        (104, ["Another coin than was asked for", "Left the chain"]),
        (second.invoice_number, ["The invoice was paid already", second.charge.id.as_str()]),
    ] {
        let link = format!("\"/client/invoices/{invoice}\"");
        let row = rows.iter().find(|row| row.contains(&link)).unwrap();
        assert!(words.iter().all(|word| row.contains(word)), "{invoice}: {row}");
    }
    assert!(!page.body.contains(first.charge.id.as_str()) && page.body.contains("850.00 INR"), "{}", page.body);
    let home = home_of(&site, &support).await;
    assert!(home.contains("<a href=\"/client/parked\">3 payments in coins count towards no invoice</a>"), "{home}");
    assert!(home.contains("<a href=\"/client/parked#charges\">One payment at a provider counts"), "{home}");
}

#[tokio::test]
async fn nothing_that_is_parked_is_lost_between_pages() {
    let site = Site::new("attention-parked-pages").await;
    let owner = person(&site, Role::Owner).await;
    for invoice in 1..=60 {
        // some in the same instant
        lies(&site, &site.shop, invoice, invoice / 7, (Placement::Late, Finality::Final, false)).await;
    }
    let pages = walked(&site, &owner, "/client/parked").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [25, 25, 10]);
    let mut all = pages.concat();
    assert!(all.windows(2).all(|pair| pair[0] / 7 >= pair[1] / 7), "the newest first: {all:?}");
    all.sort_unstable();
    assert_eq!(all, (1..=60).collect::<Vec<_>>());
    for odd in ["coins=x&charges=y", "coins=1.%00", "charges=99999999999999999999.a", "charges=1.%3Cscript%3E"] {
        assert_eq!(site.get(&format!("/client/parked?{odd}"), &owner).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn what_waits_to_be_settled_is_shown_in_money_too() {
    let site = Site::new("attention-awaiting").await;
    let owner = person(&site, Role::Owner).await;
    charged(&site.app, &site.shop, false).await;
    let home = home_of(&site, &owner).await;
    let (_, live) = home.split_once("<div id=\"state\"").expect("what follows by itself");
    let tiles: Vec<&str> = live.split("<dt>Awaiting settlement</dt>").skip(1).collect();
    assert_eq!(tiles.len(), 2, "today's and the span's");
    for tile in tiles {
        let tile = tile.split("</div>").next().unwrap();
        assert!(tile.contains(">1<") && tile.contains("10.00 USD"), "{tile}");
    }
    // what is held back is not settled soon
    charged(&site.app, &site.shop, true).await;
    let home = home_of(&site, &owner).await;
    let tile = home.split("<dt>Awaiting settlement</dt>").nth(1).unwrap().split("</div>").next().unwrap();
    assert!(tile.contains("10.00 USD") && !tile.contains("20.00 USD"), "{tile}");
}

#[tokio::test]
async fn until_when_a_price_is_held_is_said_in_the_viewers_zone() {
    let site = Site::new("attention-zone").await;
    let owner = person(&site, Role::Owner).await;
    create(&site.app, site.shop.clone().into(), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let (app, shop, now) = (site.app.clone(), site.shop.clone(), site.app.now());
    let choose = move |tx: &Tx<'_>| {
        let number = invoices::latest_number(tx, &shop.id)?.unwrap_or(0);
        let attempt = Attempt {
            id: AttemptId::new(app.random.ulid(now.0)),
            asset: "USDT_polygon".into(),
            chain: "polygon".into(),
            address: [1; 20],
            salt: [2; 32],
            merchant_wallet: [3; 20],
            fee_wallet: [4; 20],
            fee: shop.fee,
            due_minor: Units(1_000),
            due_units: Units(10_000_000),
            rate: Rate { price: "1".parse().unwrap(), source: "the test".into(), at: now },
            at_par: false,
            quote_expires_at: now.plus(30 * MINUTE),
            created_at: now,
        };
        attempts::insert(tx, &shop.id, number, &attempt)?;
        Ok::<_, StoreError>(number)
    };
    let number = site.app.store.write(choose).await.unwrap();
    let path = format!("/client/invoices/{number}");
    for (zone, here) in [("", "2023-11-14 22:43"), ("; lockgate-zone=Asia%2FKolkata", "2023-11-15 04:13")] {
        let session = Session { cookie: format!("{}{zone}", owner.cookie), ..owner.clone() };
        let page = site.get(&path, &session).await;
        let stamp = format!(
            "held until <time datetime=\"2023-11-14T22:43:20Z\" title=\"2023-11-14 22:43:20 UTC\"><bdi dir=\"ltr\">{here}</bdi>"
        );
        assert!(page.body.contains(&stamp), "{here}: {}", page.body);
    }
}
