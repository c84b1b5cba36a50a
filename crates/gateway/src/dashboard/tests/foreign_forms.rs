//! Every form, sent by somebody else's page.

use domain::access::Role;

use super::{Session, Site, rows};
use crate::dashboard::route::{Method, Needs};

#[tokio::test]
async fn a_form_that_is_not_ours_is_refused_and_changes_nothing() {
    let site = Site::new("foreign-forms").await;
    let boss = site.person("boss@shop.example", None, true, &[(&site.shop, Role::Owner)]).await;
    let own = site.session(&boss, Some(&site.shop), true).await;
    let another = site.session(&boss, Some(&site.shop), true).await;
    let stranger = site.stranger().await;
    let forms = rows(|route| route.method == Method::Post);
    assert!(forms.len() > 2);
    for route in forms {
        let session = if route.needs == Needs::Public { &stranger } else { &own };
        let path = site.sample(&route, &site.shop).await;
        let before = site.everything();
        let with = |token: &str| format!("csrf={token}");
        let right = with(&session.csrf);
        let same: (&str, &str) = ("sec-fetch-site", "same-origin");
        let cases = [
            (vec![same], String::new()),
            (vec![same], with("")),
            (vec![same], with(&"0".repeat(64))),
            (vec![same], with(&another.csrf)),
            (vec![same, ("x-csrf-token", "0")], right.clone()),
            (vec![("sec-fetch-site", "cross-site")], right.clone()),
            (vec![("sec-fetch-site", "same-site")], right.clone()),
            (vec![("origin", "https://evil.example")], right.clone()),
            (vec![("origin", "null")], right.clone()),
            (vec![same, ("origin", "http://127.0.0.1.evil.example")], right.clone()),
        ];
        for (headers, body) in cases {
            let page = site.send("POST", &path, session, &headers, &body).await;
            assert_eq!(page.status, 403, "{route:?} with {headers:?} and {body}");
        }
        // the right token without the cookie that it belongs to
        let page = site.send("POST", &path, &Session::default(), &[same], &right).await;
        assert_eq!(page.status, 403, "{route:?} without a cookie");
        // another kind of body could be sent without being asked for first
        let page = site.send("POST", &path, session, &[same, ("content-type", "text/plain")], &right).await;
        assert_eq!(page.status, 403, "{route:?} as text");
        assert!(site.everything() == before, "{route:?} has changed something");
    }
}

#[tokio::test]
async fn htmx_sends_the_token_in_a_header() {
    let site = Site::new("htmx").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, None, true).await;
    let page = site.get("/client/", &session).await;
    assert!(page.body.contains(&format!(r#"hx-headers='{{"X-CSRF-Token":"{}"}}'"#, session.csrf)));
    let headers = [("origin", "http://127.0.0.1"), ("x-csrf-token", session.csrf.as_str())];
    assert_eq!(site.send("POST", "/logout", &session, &headers, "").await.location(), "/login");
    assert_eq!(site.get("/client/", &session).await.status, 303);
}
