//! Signing in, guessing, and what a log-in changes.

use domain::access::Role;

use super::{Page, Session, Site};

const EMAIL: &str = "owner@shop.example";
const PASSWORD: &str = "a long enough password";

async fn site(name: &str) -> Site {
    let site = Site::new(name).await;
    site.person(EMAIL, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    site
}

async fn log_in(site: &Site, session: &Session, email: &str, password: &str) -> Page {
    site.post("/login", session, &[("email", email), ("password", password), ("next", "")]).await
}

#[tokio::test]
async fn a_log_in_gives_a_new_session_and_a_log_out_ends_it() {
    let site = site("log-in").await;
    let mut planted = site.stranger().await;
    // a session that somebody else put there before is not taken over
    planted.cookie.push_str(&format!("; lockgate={}", "ab".repeat(32)));
    let page = log_in(&site, &planted, "  Owner@Shop.Example ", PASSWORD).await;
    assert_eq!((page.status, page.location()), (303, "/client/"), "{}", page.body);
    let token = page.cookie("lockgate").unwrap();
    assert!(token.len() == 64 && token != "ab".repeat(32));
    let line = page.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
    let line = line.filter(|line| line.starts_with("lockgate=")).collect::<Vec<_>>();
    assert_eq!(line, [format!("lockgate={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000")]);
    let mut session = Session { cookie: format!("lockgate={token}"), csrf: String::new() };
    let home = site.get("/client/", &session).await;
    assert_eq!(home.status, 200);
    session.csrf = home.csrf();
    assert_eq!(site.get("/login", &session).await.location(), "/client/");
    assert_eq!(site.post("/logout", &session, &[]).await.location(), "/login");
    assert_eq!(site.get("/client/", &session).await.location(), "/login?next=%2Fclient%2F");
    // the token is nowhere in the database
    assert!(!format!("{:?}", site.everything()).contains(token));
}

#[tokio::test]
async fn a_log_in_leads_only_to_our_own_pages() {
    let site = site("open-redirect").await;
    let stranger = site.stranger().await;
    let cases = [
        ("/operator/?a=b", "/operator/?a=b"),
        ("//evil.example", "/client/"),
        ("/\\evil.example", "/client/"),
        ("https://evil.example/client/", "/client/"),
        ("/%2F%2Fevil.example", "/client/"),
        ("%2F%2Fevil.example", "/client/"),
        ("/client/\r\nx: y", "/client/"),
    ];
    for (next, there) in cases {
        let fields = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
        let page = site.post("/login", &stranger, &fields).await;
        assert_eq!(page.location(), there, "{next}");
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        assert!(!site.get(&format!("/login?{query}"), &stranger).await.body.contains("evil"), "{next}");
    }
}

#[tokio::test]
async fn nothing_tells_whether_there_is_such_an_account() {
    let site = site("no-such-account").await;
    let stranger = site.stranger().await;
    let without_email = |page: Page, email: &str| (page.status, page.body.replace(email, "E-MAIL"));
    for _ in 0..8 {
        let there = without_email(log_in(&site, &stranger, EMAIL, "not the password").await, EMAIL);
        let none = without_email(
            log_in(&site, &stranger, "nobody@shop.example", "not the password").await,
            "nobody@shop.example",
        );
        assert_eq!(there, none);
    }
    let page = log_in(&site, &stranger, "nobody@shop.example", PASSWORD).await;
    assert_eq!(page.status, 429);
    assert!(page.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn guessing_makes_the_guesser_wait_and_not_the_owner() {
    let site = site("guessing").await;
    let stranger = site.stranger().await;
    let known = log_in(&site, &stranger, EMAIL, PASSWORD).await;
    let mut owner = stranger.clone();
    owner.cookie.push_str(&format!("; lockgate-known={}", known.cookie("lockgate-known").unwrap()));
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(log_in(&site, &stranger, EMAIL, "guess").await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429, 429]);
    assert_eq!(log_in(&site, &stranger, EMAIL, PASSWORD).await.status, 429, "the right one too: nothing is told");
    // from the same address, even
    assert_eq!(log_in(&site, &owner, EMAIL, PASSWORD).await.status, 303);
    // a made-up mark is a stranger's
    let mut forged = stranger.clone();
    forged.cookie.push_str(&format!("; lockgate-known={}.{}", "00".repeat(12), "00".repeat(32)));
    assert_eq!(log_in(&site, &forged, EMAIL, PASSWORD).await.status, 429);
    // the pause is over in time
    site.app.clock.advance(2_000);
    assert_eq!(log_in(&site, &stranger, EMAIL, PASSWORD).await.status, 303);
    // who has signed in may guess no more than others
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(log_in(&site, &owner, EMAIL, "guess").await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 2);
}

#[tokio::test]
async fn sessions_run_out() {
    let site = site("run-out").await;
    let stranger = site.stranger().await;
    let page = log_in(&site, &stranger, EMAIL, PASSWORD).await;
    let session = Session { cookie: format!("lockgate={}", page.cookie("lockgate").unwrap()), csrf: String::new() };
    for _ in 0..14 {
        site.app.clock.advance(2 * 86_400_000);
        assert_eq!(site.get("/client/", &session).await.status, 200, "used now and then");
    }
    site.app.clock.advance(2 * 86_400_000);
    assert_eq!(site.get("/client/", &session).await.status, 303, "30 days are over");
    let page = log_in(&site, &stranger, EMAIL, PASSWORD).await;
    let session = Session { cookie: format!("lockgate={}", page.cookie("lockgate").unwrap()), csrf: String::new() };
    site.app.clock.advance(3 * 86_400_000);
    assert_eq!(site.get("/client/", &session).await.status, 303, "not used for 3 days");
}
