//! Those who have been there before: several tabs, a session that has ended, another secret.

use super::*;
use crate::sandbox::guests::only_by_this_secret;

/// One browser, several tabs: each is let in, whichever begins or ends first.
#[tokio::test]
async fn several_tabs_come_in_at_once() {
    let two = Two::new("tabs").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let (browser, first) = two.begin(&Session::default()).await;
    let (again, second) = two.begin(&browser).await;
    assert!(first == second && again.cookie.starts_with(&browser.cookie), "one state for all");
    for asked in [&first, &second] {
        let page = two.sandbox.get(&two.ticket(&person, asked).await, &browser).await;
        assert_eq!((page.status, page.location()), (303, "/client/"), "{}", page.body);
    }
    // what is no state is not taken for one
    for none in ["abc", &"z".repeat(64), &"ab".repeat(33)] {
        let planted = Session { cookie: format!("{STATE}={none}"), ..Session::default() };
        let page = two.sandbox.get(ENTER, &planted).await;
        assert!(is_state(page.cookie(STATE).unwrap()) && !page.location().contains(none), "{none}");
    }
    // nor is one browser's another's
    let (other, _) = two.begin(&Session::default()).await;
    is_refused(&two.sandbox.get(&two.ticket(&person, &first).await, &other).await, "in another browser");
}

#[tokio::test]
async fn who_comes_again_goes_on_where_he_was() {
    let two = Two::new("again").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let guest = two.come(&person, &Session::default()).await;
    two.sandbox.app.clock.advance(12 * 3_600_000);
    let (browser, asked) = two.begin(&guest).await;
    let back_from = async |page: &Page| {
        assert_eq!((page.status, page.location()), (303, ENTER), "{}", page.body);
        let kept = page.cookie("lockgate-back").map(|kept| format!("; lockgate-back={kept}")).unwrap_or_default();
        let browser = Session { cookie: format!("{}{kept}", browser.cookie), ..browser.clone() };
        let page = two.sandbox.get(&two.ticket(&person, &asked).await, &browser).await;
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(page.cookie("lockgate-back"), (!kept.is_empty()).then_some(""), "once");
        (page.location().to_owned(), page.cookie("lockgate-flash").map(ToOwned::to_owned))
    };
    let looked_at = "/client/invoices?state=opened&page=2";
    let page = two.sandbox.get(looked_at, &guest).await;
    assert_eq!(back_from(&page).await, (looked_at.into(), None));
    let page = two.sandbox.get(&format!("/client/invoices?q={}", "x".repeat(1_000)), &guest).await;
    assert_eq!(back_from(&page).await, ("/client/".into(), None));
    // a form that was sent too late: nothing is done, and he is told
    let before = two.sandbox.everything();
    let page = two.sandbox.post("/client/callbacks/url", &guest, &[("url", "https://shop.example/hook")]).await;
    assert!(two.sandbox.everything() == before, "nothing has changed");
    assert_eq!(back_from(&page).await, ("/client/".into(), Some("flash-bad-switch-undone".into())));
    let foreign = [("sec-fetch-site", "cross-site")];
    assert_eq!(two.sandbox.send("POST", "/client/callbacks/url", &guest, &foreign, "url=x").await.status, 403);
    assert_eq!(two.sandbox.post("/logout", &guest, &[]).await.location(), "/login", "he is out");
    // what somebody put there leads to no other site
    for planted in ["//evil.example", "https://evil.example/client/", "/client\\..\\evil", "/login", ""] {
        let planted = Session {
            cookie: format!("{}; lockgate-back={}", browser.cookie, hex::encode(planted)),
            ..browser.clone()
        };
        let page = two.sandbox.get(&two.ticket(&person, &asked).await, &planted).await;
        assert_eq!((page.status, page.location()), (303, "/client/"));
    }
}

/// What a page that is shown asks for in the background, by htmx, as a stream or by `fetch`.
#[tokio::test]
async fn a_page_whose_session_has_ended_is_told_so() {
    let two = Two::new("background").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let guest = two.come(&person, &Session::default()).await;
    let shown = format!("{SANDBOX}/client/invoices?page=2");
    let polls = [("hx-request", "true"), ("hx-current-url", shown.as_str()), ("sec-fetch-mode", "cors")];
    assert_eq!(two.sandbox.send("GET", "/client/", &guest, &polls, "").await.status, 200);
    two.sandbox.app.clock.advance(12 * 3_600_000);
    let elsewhere = [("hx-request", "true"), ("hx-current-url", "https://evil.example//evil.example/")];
    for (headers, to) in [
        (&polls[..], "/client/invoices?page=2"),
        (&polls[..1], ENTER),
        (&[("sec-fetch-mode", "cors")], ENTER),
        (&[("sec-fetch-mode", "same-origin")], ENTER),
        (&elsewhere, ENTER),
    ] {
        for method in ["GET", "POST"] {
            let path = if method == "GET" { "/client/" } else { "/client/callbacks/url" };
            let page = two.sandbox.send(method, path, &guest, headers, "").await;
            assert_eq!((page.status, page.location()), (401, ""), "{headers:?}");
            assert_eq!(page.headers["hx-redirect"], to, "{headers:?}");
            assert!(page.cookie(STATE).is_none() && page.cookie("lockgate-back").is_none());
        }
    }
    let opened = [("sec-fetch-mode", "navigate")];
    assert_eq!(two.sandbox.send("GET", "/client/", &guest, &opened, "").await.location(), ENTER);
}

/// Whoever knew the old secret is out, too.
#[tokio::test]
async fn another_secret_ends_all_sessions() {
    let two = Two::new("secret").await;
    let store = &two.sandbox.app.store;
    only_by_this_secret(store, &switch(LIVE, SECRET)).await.unwrap();
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let guest = two.come(&person, &Session::default()).await;
    assert_eq!(only_by_this_secret(store, &switch(LIVE, SECRET)).await.unwrap(), 0);
    assert_eq!(two.sandbox.get("/client/", &guest).await.status, 200, "the same one again");
    assert_eq!(only_by_this_secret(store, &switch(LIVE, &SECRET.replace('0', "1"))).await.unwrap(), 1);
    assert_eq!(two.sandbox.get("/client/", &guest).await.location(), ENTER);
    assert!(!format!("{:?}", two.sandbox.everything()).contains(SECRET), "it is not kept");
}
