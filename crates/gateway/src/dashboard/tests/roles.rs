//! Each role × each row; and each id of another merchant.

use domain::access::{Access, Role};

use super::{Session, Site, rows};
use crate::dashboard::route::{Method, Needs, Route};

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
    let site = Site::new("roles").await;
    let mut people = Vec::new();
    for role in Role::ALL {
        let id = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
        people.push((role.name(), id, Some(Access::Member(role)), false));
    }
    let operator = site.person("operator@lockgate.example", None, true, &[]).await;
    people.push(("operator", operator, Some(Access::SupportView), true));
    let nobody = site.person("nobody@shop.example", None, false, &[]).await;
    people.push(("no member", nobody, None, false));
    for route in rows(|_| true) {
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
