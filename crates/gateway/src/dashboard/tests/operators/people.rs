use domain::access::Role;

use super::{BOSS, last_act, mails, operated};
use crate::dashboard::tests::{HOSTILE, Session, Site};
use crate::store::users;

const PASSWORD: &str = "a long enough password";

async fn decide(site: &Site, session: &Session, email: &str, act: &str) -> u16 {
    let (email, read) = (email.to_owned(), site.app.store.clone());
    let user = read.read(|tx| users::by_email(tx, &email)).await.unwrap().unwrap();
    site.post(&format!("/operator/users/{}", user.id), session, &[("act", act)]).await.status
}

async fn log_in(site: &Site, email: &str) -> u16 {
    let stranger = site.stranger().await;
    site.post("/login", &stranger, &[("email", email), ("password", PASSWORD), ("next", "")]).await.status
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once_and_back_when_enabled() {
    let (site, session) = operated("op-disable").await;
    let owner = site.person("owner@shop.example", Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    let his = site.session(&owner, None, true).await;
    assert_eq!(site.get("/client/", &his).await.status, 200);
    assert_eq!(decide(&site, &session, "owner@shop.example", "disable").await, 303);
    assert_eq!(site.get("/client/", &his).await.status, 303, "to the log-in page");
    assert_eq!(last_act(&site).await, (BOSS.into(), "user.disable".into(), "owner@shop.example".into()));
    assert!(mails(&site).await.iter().any(|(to, body)| to == "owner@shop.example" && body.contains("was disabled")));
    assert_eq!(log_in(&site, "owner@shop.example").await, 422);
    // nor does a session count that is begun in another way
    let late = site.session(&owner, None, true).await;
    assert_eq!(site.get("/client/", &late).await.status, 303);
    let list = site.get("/operator/users?q=OWNER", &session).await;
    assert!(list.body.contains("Disabled") && !list.body.contains(&format!("<td><bdi dir=\"ltr\">{BOSS}")));
    assert_eq!(decide(&site, &session, "owner@shop.example", "enable").await, 303);
    assert_eq!(log_in(&site, "owner@shop.example").await, 303);
}

#[tokio::test]
async fn operators_are_made_and_ended_by_others_only() {
    let (site, session) = operated("op-operators").await;
    let second = site.person("second@lockgate.example", None, false, &[]).await;
    let his = site.session(&second, None, true).await;
    assert_eq!(site.get("/operator/users", &his).await.status, 403);
    assert_eq!(decide(&site, &session, "second@lockgate.example", "operator").await, 303);
    assert_eq!(site.get("/operator/users", &his).await.status, 200);
    for act in ["disable", "no-operator"] {
        assert_eq!(decide(&site, &session, BOSS, act).await, 422, "{act} of oneself");
    }
    assert_eq!(decide(&site, &his, BOSS, "no-operator").await, 303);
    assert_eq!(site.get("/operator/users", &session).await.status, 303, "his sessions have ended");
    assert_eq!(last_act(&site).await.1, "operator.end");
    assert_eq!(decide(&site, &his, "second@lockgate.example", "burn").await, 422);
    assert_eq!(site.post("/operator/users/x", &his, &[("act", "disable")]).await.status, 404);
}

#[tokio::test]
async fn an_announcement_is_shown_to_all_in_its_time_as_text() {
    let (site, session) = operated("op-announce").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let his = site.session(&owner, None, true).await;
    let announce = |text: &'static str, from: &'static str, until: &'static str| {
        [("act", "set"), ("text", text), ("from", from), ("until", until)]
    };
    // it is 2023-11-14 22:13 now
    let (today, tomorrow) = ("2023-11-14T22:00", "2023-11-15T22:00");
    let long: &'static str = Box::leak("x".repeat(301).into_boxed_str());
    for bad in [
        announce("", today, tomorrow),
        announce(long, today, tomorrow),
        announce("x", tomorrow, today),
        announce("x", "2023-11-13T00:00", "2023-11-14T00:00"),
        announce("x", "", tomorrow),
    ] {
        assert_eq!(site.post("/operator/announcement", &session, &bad).await.status, 422, "{bad:?}");
    }
    let shown = |page: &str| page.contains("class=\"announcement\"");
    assert_eq!(site.post("/operator/announcement", &session, &announce(HOSTILE, today, tomorrow)).await.status, 303);
    for (path, session) in [("/client/", &his), ("/operator/", &session), ("/login", &Session::default())] {
        let page = site.get(path, session).await;
        assert!(shown(&page.body) && page.body.contains("&#60;script&#62;alert(1)"), "{path}: {}", page.body);
        assert!(!page.body.contains("<script>alert"), "{path}");
    }
    // from 22:15 on
    let later = announce("Works ahead", "2023-11-14T22:15", tomorrow);
    assert_eq!(site.post("/operator/announcement", &session, &later).await.status, 303);
    assert!(!shown(&site.get("/client/", &his).await.body));
    site.app.clock.advance(120_000);
    assert!(site.get("/client/", &his).await.body.contains("Works ahead"));
    assert_eq!(site.post("/operator/announcement", &session, &[("act", "end")]).await.status, 303);
    assert!(!shown(&site.get("/client/", &his).await.body));
    assert_eq!(last_act(&site).await.1, "announcement.end");
}

#[tokio::test]
async fn the_log_shows_what_was_changed_in_it() {
    let (site, session) = operated("op-log").await;
    for number in 0..70 {
        let text = format!("Number {number} of seventy");
        let fields =
            [("act", "set"), ("text", text.as_str()), ("from", "2023-11-14T22:00"), ("until", "2023-12-14T22:00")];
        assert_eq!(site.post("/operator/announcement", &session, &fields).await.status, 303);
    }
    let (newest, older) =
        (site.get("/operator/log", &session).await, site.get("/operator/log?until=10", &session).await);
    assert!(
        newest.body.contains("Number 69 ") && newest.body.contains("Number 10 ") && !newest.body.contains("Number 9 ")
    );
    assert!(
        newest.body.contains("href=\"/operator/log?until=10\"") && newest.body.contains("follows from the one before")
    );
    assert!(older.body.contains("Number 9 ") && older.body.contains("Number 0 ") && !older.body.contains("Older"));
    let connection = rusqlite::Connection::open(site.path()).unwrap();
    connection.execute("UPDATE audit_log SET detail = 'nothing' WHERE seq = 30", []).unwrap();
    let page = site.get("/operator/log", &session).await;
    assert!(page.body.contains("were changed or taken out") && page.body.matches("Does not follow").count() == 1);
    connection.execute("DELETE FROM audit_log WHERE seq = 40", []).unwrap();
    assert_eq!(site.get("/operator/log", &session).await.body.matches("Does not follow").count(), 2);
    // page's edge: the act before the page is held against its first
    assert!(!site.get("/operator/log?until=10", &session).await.body.contains("Does not follow"));
}

#[tokio::test]
async fn an_audit_runs_beside_and_its_result_is_kept() {
    let (site, session) = operated("op-audit").await;
    assert!(site.get("/operator/", &session).await.body.contains("No audit was run"));
    let page = site.post("/operator/audit", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-audit-begun"));
    assert_eq!(last_act(&site).await.1, "audit.run");
    let mut page = site.get("/operator/audit", &session).await;
    for _ in 0..10_000 {
        if !page.body.contains("An audit runs since") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        page = site.get("/operator/audit", &session).await;
    }
    assert!(page.body.contains("The books are proven") && page.body.contains("Run the audit"), "{}", page.body);
    assert!(site.get("/operator/", &session).await.body.contains("The books are proven"));
    // while one runs, no other begins
    let (app, now) = (site.app.clone(), site.app.now().0.to_string());
    app.store.write(move |tx| crate::store::settings::put(tx, "audit_begun", &now)).await.unwrap();
    let page = site.post("/operator/audit", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-audit-runs"));
    // unless its process is long gone
    site.app.clock.advance(3_600_000);
    let page = site.post("/operator/audit", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-audit-begun"));
}

#[tokio::test]
async fn a_merchant_reads_who_looked_at_its_pages() {
    let (site, session) = operated("op-looked").await;
    let both = [(&site.shop, Role::Owner), (&site.other, Role::Owner)];
    let owner = site.person("owner@shop.example", None, false, &both).await;
    let his = site.session(&owner, Some(&site.shop), true).await;
    let look = async |session: &Session, number: i64| {
        site.post("/account/look", session, &[("merchant", &number.to_string())]).await.status
    };
    assert_eq!(look(&session, site.shop.number).await, 303);
    assert_eq!(last_act(&site).await, (BOSS.into(), "support.looked".into(), String::new()));
    // a member looks at his own, and nobody at what is not there
    for (who, number, status) in [(&his, site.other.number, 303), (&session, 999, 404)] {
        assert_eq!(look(who, number).await, status);
    }
    let acts = site.get("/client/acts", &his).await;
    assert!(acts.status == 200 && !acts.body.contains("support.looked"), "of the other merchant: {}", acts.body);
    assert_eq!(look(&his, site.shop.number).await, 303);
    let acts = site.get("/client/acts", &his).await;
    assert_eq!(acts.body.matches("support.looked").count(), 1, "{}", acts.body);
    assert!(acts.body.contains(BOSS), "{}", acts.body);
}
