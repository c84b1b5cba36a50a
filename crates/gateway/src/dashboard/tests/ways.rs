//! The palette's list and the keys.

use std::collections::BTreeSet;

use domain::access::{Access, Role};

use super::Site;
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::dashboard::account::{self, find, keys};
use crate::dashboard::route::{Method, Needs};
use crate::dashboard::{client, operator, table};
use crate::wire::create::Devise;

const PARTIAL: &[(&str, &str)] = &[("hx-request", "true")];

#[test]
fn acts_lead_to_pages_that_whoever_may_act_may_see() {
    let table = table();
    for act in find::ACTS.iter().chain(find::OWN_ACTS) {
        let route = table.iter().find(|route| route.path == act.path && route.method == Method::Get);
        let route = route.unwrap_or_else(|| panic!("{} is no page", act.path));
        let Needs::Merchant(of_page) = route.needs else {
            assert!(matches!(route.needs, Needs::SignedIn | Needs::Public) && act.needs.is_none(), "{}", act.path);
            continue;
        };
        let may = |role: Role, what| Access::Member(role).may(what);
        let lost = Role::ALL.into_iter().find(|role| may(*role, act.needs.unwrap()) && !may(*role, of_page));
        assert_eq!(lost, None, "{}", act.path);
    }
}

#[test]
fn no_key_leads_to_two_pages_of_one_navigation() {
    for nav in [client::NAV, operator::NAV] {
        let mut used = BTreeSet::new();
        for key in nav.iter().chain(account::NAV).filter_map(|item| keys::go(item.path)) {
            assert!(key.is_ascii_lowercase() && key != 'g' && used.insert(key), "{key}");
        }
        assert!(used.len() > 5);
    }
}

#[tokio::test]
async fn the_palette_shows_what_one_may_and_finds_ones_own_invoices() {
    let site = Site::new("palette").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let clerk = site.person("clerk@shop.example", None, false, &[(&site.shop, Role::ReadOnly)]).await;
    for merchant in [&site.shop, &site.other] {
        let invoice = new_invoice("payer@example.com", 1504, Devise::Usd);
        create(&site.app, merchant.clone().into(), invoice).await.unwrap();
    }
    let session = site.session(&owner, Some(&site.shop), true).await;
    let all = site.send("GET", find::PATH, &session, PARTIAL, "").await;
    assert!(all.status == 200 && !all.body.contains("<html") && all.body.contains("role=\"listbox\""), "{}", all.body);
    for path in ["/client/invoices", "/client/invoices/new", "/client/team", "/account/password", keys::PATH] {
        assert!(all.body.contains(&format!("href=\"{path}\"")), "{path}: {}", all.body);
    }
    assert!(!all.body.contains("/operator/"), "{}", all.body);
    let found = site.send("GET", "/account/find?q=PAYER%40example.com", &session, PARTIAL, "").await;
    assert_eq!(found.body.matches("role=\"option\"").count(), 2, "his invoice and the list: {}", found.body);
    assert!(found.body.contains("15.04") && found.body.contains("href=\"/client/invoices?q=PAYER%40example.com\""));
    // by name, also in another language
    let found = site.send("GET", "/account/find?q=factur&lang=fr", &session, PARTIAL, "").await;
    assert!(found.body.contains("href=\"/client/invoices\"") && !found.body.contains("/client/team"), "{}", found.body);
    let none = site.send("GET", "/account/find?q=%3Cscript%3Enothing", &session, PARTIAL, "").await;
    assert!(!none.body.contains("role=\"option\"") && !none.body.contains("<script"), "{}", none.body);
    // who only looks is offered nothing to do
    let session = site.session(&clerk, Some(&site.shop), true).await;
    let all = site.send("GET", find::PATH, &session, PARTIAL, "").await;
    assert!(!all.body.contains("/client/invoices/new") && !all.body.contains("\"/client/api\""), "{}", all.body);
    // a merchant's name finds it for an operator, and for nobody else
    let boss = site.person("boss@lockgate.example", None, true, &[]).await;
    let boss = site.session(&boss, None, true).await;
    let here = format!("href=\"{}/{}\"", operator::MERCHANTS, site.other.number);
    for (who, sees) in [(&boss, true), (&session, false)] {
        let found = site.send("GET", "/account/find?q=SHOP%40example", who, PARTIAL, "").await;
        assert_eq!(found.body.contains(&here), sees, "{}", found.body);
    }
    // without script the same is a page
    let page = site.get("/account/find?q=team", &session).await;
    assert!(page.body.contains("<h1>") && page.body.contains("<a href=\"/client/team\">"), "{}", page.body);
}

#[tokio::test]
async fn single_keys_can_be_turned_off() {
    let site = Site::new("keys").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let mut session = site.session(&owner, Some(&site.shop), true).await;
    let page = site.get("/client/", &session).await;
    assert!(page.body.contains(" data-keys>") && page.body.contains("data-go=\"i\""), "{}", page.body);
    let listed = site.send("GET", keys::PATH, &session, PARTIAL, "").await;
    assert!(listed.body.contains("<kbd>g</kbd> <kbd>i</kbd>") && !listed.body.contains("<html"), "{}", listed.body);
    let set = site.post(keys::PATH, &session, &[]).await;
    assert_eq!((set.status, set.cookie("lockgate-keys")), (303, Some("off")));
    session.cookie.push_str("; lockgate-keys=off");
    assert!(!site.get("/client/", &session).await.body.contains(" data-keys"));
    assert_eq!(site.post(keys::PATH, &session, &[("on", "1")]).await.cookie("lockgate-keys"), Some(""));
}
