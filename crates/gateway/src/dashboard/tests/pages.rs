//! What holds for every page: headers, nothing inline, nothing of strangers unescaped, its weight, and a navigation that leads somewhere.

use domain::access::Role;

use super::{HOSTILE, Site, rows};
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::checkout::headers::CONTENT_SECURITY_POLICY;
use crate::dashboard::route::{Method, Needs};
use crate::dashboard::{account, assets, client, operator, table};
use crate::store::query_plans::read_through;
use crate::store::testing::{ASKED, KEEPS, kept};
use crate::wire::create::Devise;

/// Of a page with all that it loads.
pub const WEIGHT: usize = 100_000;

#[tokio::test]
async fn every_page_keeps_the_rules() {
    let site = Site::new("pages").await;
    let boss = site.person("boss@shop.example", None, true, &[(&site.shop, Role::Owner)]).await;
    for route in rows(|route| route.method == Method::Get) {
        let session = match route.needs {
            Needs::Public => site.stranger().await,
            _ => site.session(&boss, Some(&site.shop), true).await,
        };
        let page = site.walk(&route, &site.shop, &session).await;
        let is_html =
            page.headers.get("content-type").is_some_and(|kind| kind.to_str().unwrap().starts_with("text/html"));
        if page.status != 200 || !is_html {
            continue;
        }
        let header = |name: &str| page.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(header("content-security-policy"), Some(CONTENT_SECURITY_POLICY), "{route:?}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"), "{route:?}");
        assert_eq!(header("cache-control"), Some("no-store"), "{route:?}");
        assert_eq!(header("referrer-policy"), Some("same-origin"), "{route:?}");
        let html = &page.body;
        for inline in ["<style", " style=", " onclick=", " onload=", " onerror=", "javascript:"] {
            // what a stranger wrote may say so, escaped
            let shown = html.replace("src=x onerror=", "");
            assert!(!shown.contains(inline), "{route:?} has {inline}");
        }
        for script in html.match_indices("<script") {
            assert!(html[script.0..].starts_with("<script src=\"/assets/"), "{route:?}");
        }
        assert!(!html.contains(HOSTILE) && !html.contains("<img src=x"), "{route:?} shows a name as it is");
        let parts = assets::all().into_iter().filter(|asset| html.contains(&asset.path));
        let loaded: usize = parts.map(|asset| asset.body.len()).sum();
        assert!(loaded > 0 && html.len() + loaded < WEIGHT, "{route:?} weighs {} and {loaded}", html.len());
        assert!(html.contains("<h1"), "{route:?} has no heading");
    }
}

/// Of one page: who asks, his rights, and what is shown.
const STATEMENTS: usize = 12;

/// The pages that need more, and how many: homes and what follows them, and what tells all that happened to one thing.
const MORE: &[(&str, usize)] = &[
    ("/client/", 20),
    ("/client/live", 15),
    ("/client/invoices/{number}", 23),
    ("/client/invoices/{number}/invoice.pdf", 14),
    ("/client/payouts/{number}", 14),
    ("/client/profile/branding", 13),
    ("/operator/", 32),
    ("/operator/live", 20),
    ("/operator/merchants/{number}", 13),
    ("/operator/withheld/{merchant}/{charge}", 15),
];

#[expect(clippy::print_stdout, reason = "docs/performance.md has the figures")]
#[tokio::test]
async fn every_page_is_a_few_statements_and_reads_no_table_through() {
    let site = Site::new("statements").await;
    for number in 0..30 {
        let email = format!("payer-{number}@example.com");
        let new = new_invoice(&email, 1_504, Devise::Usd);
        create(&site.app, std::sync::Arc::new(site.shop.clone()), new).await.unwrap();
    }
    let boss = site.person("boss@shop.example", None, true, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&boss, Some(&site.shop), true).await;
    let (mut most, mut wrong) = ((0, ""), Vec::new());
    for route in rows(|route| route.method == Method::Get) {
        let path = site.sample(&route, &site.shop).await;
        let before = ASKED.get();
        KEEPS.set(true);
        let page = site.get(&path, &session).await;
        KEEPS.set(false);
        let asked = ASKED.get() - before;
        let fits = match MORE.iter().find(|(of, _)| *of == route.path) {
            Some((_, more)) => asked > STATEMENTS && asked <= *more,
            None => asked <= STATEMENTS,
        };
        if !fits {
            wrong.push((route.path, asked));
        }
        if page.status == 200 {
            println!("{asked:>4} {}", route.path);
        }
        most = most.max((asked, route.path));
    }
    assert_eq!(wrong, [], "statements that are not what is written here");
    assert!(most.0 > 1, "nothing was counted");
    assert!(MORE.iter().all(|(path, _)| table().iter().any(|route| route.path == *path)), "an exception is no page");
    let asked = kept();
    assert!(asked.len() > 50, "{}", asked.len());
    assert_eq!(read_through("asked-plans", &asked), []);
}

#[test]
fn the_navigation_leads_to_pages_that_its_readers_may_see() {
    let table = table();
    for item in client::NAV.iter().chain(operator::NAV).chain(account::NAV) {
        let route = table.iter().find(|route| route.path == item.path && route.method == Method::Get);
        let route = route.unwrap_or_else(|| panic!("{} is no page", item.path));
        match (route.needs, item.needs) {
            (Needs::Merchant(of_page), of_item) => assert_eq!(Some(of_page), of_item, "{}", item.path),
            (_, of_item) => assert_eq!(of_item, None, "{}", item.path),
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_a_page() {
    let site = Site::new("not-there").await;
    for path in ["/client/nothing", "/operator/no/such", "/account/x"] {
        let page = site.get(path, &Default::default()).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("<h1>") && page.headers.contains_key("content-security-policy"));
    }
    // a message is shown once, and only one of ours
    let mut session = site.stranger().await;
    session.cookie.push_str("; lockgate-flash=flash-signed-out");
    let page = site.get("/login", &session).await;
    assert!(page.body.contains("You are signed out.") && page.cookie("lockgate-flash") == Some(""));
    session.cookie = session.cookie.replace("flash-signed-out", "login-wrong");
    assert!(!site.get("/login", &session).await.body.contains("class=\"flash"));
}
