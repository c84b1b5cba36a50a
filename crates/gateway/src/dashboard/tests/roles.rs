//! Each role × each row; and each id of another merchant.

use std::sync::Arc;

use domain::Units;
use domain::access::{Access, Role};

use super::{Session, Site, rows};
use crate::app::invoices::create;
use crate::app::switch::Switch;
use crate::app::testing::{charged, new_invoice, reserved};
use crate::dashboard::route::{Method, Needs, Route};
use crate::dashboard::switch;
use crate::store::settlements::{self, SettlementRow};
use crate::store::{Tx, invoices};
use crate::wire::create::Devise;

fn is_let_in(route: &Route, status: u16) -> bool {
    match route.method {
        // a link of a mail has its token in the query
        Method::Get if route.needs == Needs::Public => [200, 303, 422].contains(&status),
        // what is a person's own is not there for the others of his team
        Method::Get if route.needs == Needs::SignedIn && route.has_id() => [200, 404].contains(&status),
        Method::Get => [200, 303].contains(&status),
        // an empty form may be refused in words, or name nothing
        Method::Post => status < 500 && status != 403,
    }
}

#[tokio::test]
async fn every_row_answers_each_role_as_its_permission_says() {
    walk(&Site::new("roles").await, rows(|_| true)).await;
}

/// The way into the sandbox is a live gateway's that has one.
#[tokio::test]
async fn every_role_gets_its_own_ticket_to_the_sandbox() {
    let sandbox = Switch::new("https://sandbox.shop.example".into(), &"s".repeat(32)).unwrap();
    let site = Site::live_with("roles-switch", sandbox).await;
    walk(&site, switch::rows().into_iter().map(Arc::new).collect()).await;
}

async fn walk(site: &Site, rows: Vec<Arc<Route>>) {
    let mut people = Vec::new();
    for role in Role::ALL {
        let id = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
        people.push((role.name(), id, Some(Access::Member(role)), false));
    }
    let operator = site.person("operator@lockgate.example", None, true, &[]).await;
    people.push(("operator", operator, Some(Access::SupportView), true));
    let nobody = site.person("nobody@shop.example", None, false, &[]).await;
    people.push(("no member", nobody, None, false));
    for route in rows {
        for (name, id, access, is_operator) in &people {
            // a session for each question: some end it
            let session = site.session(id, access.map(|_| &site.shop), true).await;
            let page = site.walk(&route, &site.shop, &session).await;
            let may = match route.needs {
                Needs::Public | Needs::SignedIn => true,
                Needs::Merchant(permission) => access.is_some_and(|access| access.may(permission)),
                Needs::Operator => *is_operator,
            };
            if may {
                assert!(is_let_in(&route, page.status), "{name}: {route:?} answers {}: {}", page.status, page.body);
            } else {
                assert_eq!(page.status, 403, "{name}: {route:?}");
            }
        }
    }
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_the_log_in_page() {
    let site = Site::new("signed-out").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let half = site.session(&owner, Some(&site.shop), false).await;
    let made_up = Session { cookie: format!("lockgate={}", "0".repeat(64)), csrf: String::new() };
    let stranger = site.stranger().await;
    for route in rows(|route| route.needs != Needs::Public) {
        for session in [&stranger, &half] {
            let page = site.walk(&route, &site.shop, session).await;
            assert_eq!(page.status, 303, "{route:?}");
            assert!(page.location().starts_with("/login"), "{route:?}");
        }
        let page = site.walk(&route, &site.shop, &made_up).await;
        assert!([303, 403].contains(&page.status), "{route:?}");
    }
    for route in rows(|route| route.needs == Needs::Public) {
        let page = site.walk(&route, &site.shop, &stranger).await;
        assert!(is_let_in(&route, page.status), "{route:?}: {}", page.status);
    }
}

#[tokio::test]
async fn what_is_another_merchants_is_not_there() {
    let site = Site::new("forced-browsing").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    for route in rows(|route| route.has_id() && !matches!(route.needs, Needs::Public | Needs::Operator)) {
        let session = site.session(&owner, Some(&site.shop), true).await;
        let path = site.sample(&route, &site.other).await;
        let before = site.everything();
        let page = match route.method {
            Method::Get => site.get(&path, &session).await,
            Method::Post => site.post(&path, &session, &[]).await,
        };
        assert_eq!(page.status, 404, "{route:?} at {path}");
        assert!(site.everything() == before, "{route:?} at {path} has changed something");
    }
}

/// Ids that stand in a query or a form, and not in a path: the walk above knows nothing of them.
#[tokio::test]
async fn ids_in_queries_and_forms_name_nothing_of_another_merchants() {
    let site = Site::new("forced-ids").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let own = site.session(&owner, Some(&site.shop), true).await;
    let theirs = site.person("owner@other.example", None, false, &[(&site.other, Role::Owner)]).await;
    let theirs = site.session(&theirs, Some(&site.other), true).await;
    // theirs: a charge, its refund, a settlement; ours: an invoice that is open
    let charge = charged(&site.app, &site.other, false).await;
    let transfer_id = reserved(&site.app, &site.other, false).await;
    let (merchant, now) = (site.other.id.clone(), site.app.now());
    let settle = move |tx: &Tx<'_>| {
        let row = SettlementRow {
            merchant_id: merchant,
            number: 1,
            asset: "USDT_polygon".into(),
            units: Units(5),
            wallet: "0x0101010101010101010101010101010101010101".into(),
            state: settlements::State::UnderWay,
            transfer_id,
            tx_hash: None,
            created_at: now,
            changed_at: now,
            settled_at: None,
        };
        settlements::insert(tx, &row)
    };
    site.app.store.write(settle).await.unwrap();
    let new = new_invoice("payer@example.com", 1_504, Devise::Usd);
    create(&site.app, std::sync::Arc::new(site.shop.clone()), new).await.unwrap();
    let latest = |tx: &Tx<'_>| invoices::latest_number(tx, &site.shop.id);
    let here = format!("/client/invoices/{}", site.app.store.read(latest).await.unwrap().unwrap());
    let statement = "/client/balances/statement?number=1";
    assert_eq!(site.get(statement, &theirs).await.status, 503, "theirs is there, and its ledger has nothing of it");
    assert_eq!(site.get(statement, &own).await.status, 404);
    let (id, of) = (charge.charge.id.to_string(), format!("charge:{}", charge.charge.id));
    let once = "0123456789abcdef".repeat(2);
    let before = site.everything();
    for (path, fields) in [
        (format!("{here}/upi"), [("charge", id.as_str()), ("came", "yes"), ("rrn", "123456789012")]),
        (format!("{here}/refund"), [("of", of.as_str()), ("all", "1"), ("once", once.as_str())]),
    ] {
        let page = site.post(&path, &own, &fields).await;
        assert_eq!(page.status, 422, "{path}: {}", page.body);
        assert!(site.everything() == before, "{path} has changed something");
    }
}

#[tokio::test]
async fn a_session_looks_only_at_merchants_of_its_person() {
    let site = Site::new("looks").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let number = site.other.number.to_string();
    assert_eq!(site.post("/account/look", &session, &[("merchant", &number)]).await.status, 404);
    // even if its row named another
    let session = site.session(&owner, Some(&site.other), true).await;
    let page = site.get("/client/", &session).await;
    assert!(page.status == 200 && !page.body.contains(">Shop<"), "{}", page.body);
    // an operator looks, and does not act
    let operator = site.person("operator@lockgate.example", None, true, &[]).await;
    let session = site.session(&operator, None, true).await;
    assert_eq!(site.get("/client/", &session).await.location(), "/operator/");
    assert_eq!(site.post("/account/look", &session, &[("merchant", &number)]).await.location(), "/client/");
    let page = site.get("/client/", &session).await;
    assert!(page.status == 200 && page.body.contains("support-mark"), "{}", page.body);
    site.post("/account/look", &session, &[]).await;
    assert_eq!(site.get("/client/", &session).await.location(), "/operator/");
}
