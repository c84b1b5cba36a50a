//! Where callbacks go, the test of it, the secret, and the list of what was sent.

use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use domain::access::Role;

use super::{HOSTILE, Session, Site};
use crate::app::acts;
use crate::app::events::{Told, tell};
use crate::store::events::{About, Subject};
use crate::store::{StoreError, Tx, deliveries, merchants};
use crate::wire::signature::{Scheme, WebhookSecret, verify_x_signature};

async fn person(site: &Site, role: Role) -> Session {
    let id = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
    site.session(&id, Some(&site.shop), true).await
}

type Seen = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// A merchant's server that answers with this status and a hostile body.
async fn server(status: u16) -> (String, Seen) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (seen, url) = (Seen::default(), format!("http://{}/callback?key=of-the-shop", listener.local_addr().unwrap()));
    let kept = seen.clone();
    let answer = move |headers: HeaderMap, body: String| async move {
        kept.lock().unwrap().push((headers, body));
        (axum::http::StatusCode::from_u16(status).unwrap(), HOSTILE)
    };
    let router = axum::Router::new().route("/callback", axum::routing::post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, seen)
}

async fn url_now(site: &Site) -> Option<String> {
    site.app.store.read(|tx| merchants::existing(tx, &site.shop.id)).await.unwrap().callback_url
}

/// Events about invoices with these numbers, each delivery in a state.
async fn told(site: &Site, numbers: std::ops::RangeInclusive<i64>, state: &'static str) {
    told_of(site, Subject::Invoice, numbers, state).await;
}

/// Events about things with these numbers, each delivery in a state. What is due has failed once, and is tried again in the order of the numbers.
async fn told_of(site: &Site, subject: Subject, numbers: std::ops::RangeInclusive<i64>, state: &'static str) {
    let (app, shop) = (site.app.clone(), site.shop.clone());
    let write = move |tx: &Tx<'_>| {
        for number in numbers.clone() {
            let body = format!(r#"{{"id":{number}}}"#);
            let about = About { subject, number };
            let told = Told { about, seq: 1, status: "invoice:created", body, silent: false };
            tell(&app, tx, &shop, told, app.now())?;
            let mut row = deliveries::of(tx, &shop.id, about)?.remove(0);
            row.state = state.into();
            if state == "due" {
                (row.failed, row.due_at) = (1, app.now().plus(number / 4));
            }
            let outcome = if state == "delivered" { (Some(200), "HTTP 200") } else { (None, "no answer in time") };
            let attempt = deliveries::AttemptRow {
                attempt: 0,
                at: app.now(),
                http_status: outcome.0,
                outcome: outcome.1.into(),
                millis: 7,
                answer: None,
            };
            deliveries::record(tx, &row, &attempt)?;
        }
        Ok::<_, StoreError>(())
    };
    site.app.store.write(write).await.unwrap();
}

#[tokio::test]
async fn the_url_is_guarded() {
    let site = Site::new("callback-url").await;
    let session = person(&site, Role::Developer).await;
    for bad in ["", "nothing", "ftp://shop.example/", "https://u:p@shop.example/", HOSTILE] {
        let page = site.post("/client/callbacks/url", &session, &[("url", bad)]).await;
        assert!(page.status == 422 && page.body.contains("aria-invalid") && !page.body.contains(HOSTILE), "{bad}");
    }
    assert_eq!(url_now(&site).await, site.shop.callback_url);
    let new = "https://new.example/callback?key=of-the-shop";
    let page = site.post("/client/callbacks/url", &session, &[("url", new)]).await;
    assert_eq!(
        (page.cookie("lockgate-flash"), url_now(&site).await.as_deref()),
        (Some("flash-callback-set"), Some(new))
    );
    // what may be secret in it is shown to those who may change it, and is not in the log
    let reader = person(&site, Role::ReadOnly).await;
    let page = site.get("/client/callbacks", &reader).await;
    assert!(page.body.contains("https://new.example/…") && !page.body.contains("of-the-shop"));
    assert!(site.get("/client/callbacks", &session).await.body.contains("of-the-shop"));
    let log = site.app.store.read(acts::all).await.unwrap();
    assert!(log.len() == 1 && log[0].act.detail == "shop.example to new.example", "{log:?}");
    site.post("/client/callbacks/url", &session, &[("clear", "1"), ("url", new)]).await;
    assert_eq!(url_now(&site).await, None);
    let page = site.post("/client/callbacks/test", &session, &[("status", "invoice:paid")]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-no-callback"));
}

#[tokio::test]
async fn a_test_is_sent_and_signed_and_both_sides_are_shown() {
    let site = Site::new("callback-test").await;
    let session = person(&site, Role::Developer).await;
    // of keys of one instant none is the newest
    site.app.clock.advance(1);
    let key = site.post("/client/api/keys", &session, &[("scope", "callbacks")]).await.body;
    let key = key.split_once("id=\"new-key\" dir=\"ltr\">").unwrap().1.split('<').next().unwrap().to_owned();
    for (status, says) in [(200, "the callback was accepted"), (500, "would be sent again later"), (302, "again later")]
    {
        let (url, seen) = server(status).await;
        site.post("/client/callbacks/url", &session, &[("url", &url)]).await;
        let before = site.everything();
        let page = site.post("/client/callbacks/test", &session, &[("status", "invoice:paid")]).await;
        assert!(
            page.status == 200 && page.body.contains(says) && page.body.contains("&#60;script&#62;"),
            "{}",
            page.body
        );
        assert!(!page.body.contains(HOSTILE));
        assert!(site.everything() == before, "a test is kept nowhere");
        let (headers, body) = seen.lock().unwrap().remove(0);
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        assert!(body.starts_with(r#"{"status":"invoice:paid","id":0,"#), "{body}");
        assert!(verify_x_signature(Scheme::default(), key.as_bytes(), body.as_bytes(), &header("x-signature")));
        let secret = site.post("/client/callbacks/secret", &session, &[]).await.body;
        let secret = WebhookSecret::from_text(&text_of(&secret)).unwrap();
        let at = header("webhook-timestamp").parse().unwrap();
        assert!(secret.verify(&header("webhook-id"), at, body.as_bytes(), &header("webhook-signature")));
    }
    // nobody answers there
    site.post("/client/callbacks/url", &session, &[("url", "http://127.0.0.1:1/")]).await;
    let page = site.post("/client/callbacks/test", &session, &[("status", "invoice:paid")]).await;
    assert!(page.body.contains("Your server did not answer"), "{}", page.body);
    assert_eq!(site.post("/client/callbacks/test", &session, &[("status", "invoice:made_up")]).await.status, 422);
}

fn text_of(page: &str) -> String {
    page.split_once("id=\"the-secret\" dir=\"ltr\">").expect("a secret").1.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_rotated_secret_goes_on_for_a_day() {
    let site = Site::new("callback-secret").await;
    let session = person(&site, Role::Admin).await;
    assert!(!site.get("/client/callbacks", &session).await.body.contains("whsec_</code>"));
    let first = site.post("/client/callbacks/secret", &session, &[]).await;
    assert!(!first.body.contains("is valid until"));
    let second = site.post("/client/callbacks/secret/rotate", &session, &[]).await;
    assert!(second.body.contains("is valid until") && text_of(&first.body) != text_of(&second.body));
    let (url, seen) = server(200).await;
    site.post("/client/callbacks/url", &session, &[("url", &url)]).await;
    let signatures = async || {
        site.post("/client/callbacks/test", &session, &[("status", "invoice:created")]).await;
        let (headers, body) = seen.lock().unwrap().remove(0);
        let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
        let (id, at) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
        let checks = [&first, &second].map(|page| {
            let secret = WebhookSecret::from_text(&text_of(&page.body)).unwrap();
            secret.verify(&id, at, body.as_bytes(), &header("webhook-signature"))
        });
        (checks, header("webhook-signature").split(' ').count())
    };
    site.app.clock.advance(24 * 3_600_000 - 1);
    assert_eq!(signatures().await, ([true, true], 2));
    site.app.clock.advance(1);
    assert_eq!(signatures().await, ([false, true], 1));
    let log = site.app.store.read(acts::all).await.unwrap();
    let acts: Vec<_> = log.iter().map(|read| read.act.act.as_str()).collect();
    assert_eq!(acts, ["secret.shown", "secret.rotated", "callback.set"]);
    // the secrets are in no row as they are
    let rows = format!("{:?}", site.everything());
    assert!([&first, &second].iter().all(|page| !rows.contains(text_of(&page.body).trim_start_matches("whsec_"))));
}

#[tokio::test]
async fn the_list_is_paged_and_what_failed_is_found() {
    let site = Site::new("callback-list").await;
    let session = person(&site, Role::Support).await;
    assert!(site.get("/client/callbacks", &session).await.body.contains("Nothing here"));
    told(&site, 1..=60, "delivered").await;
    told(&site, 61..=90, "parked").await;
    let walk = async |first: &str| {
        let (mut numbers, mut query) = (Vec::new(), first.to_owned());
        loop {
            let page = site.get(&format!("/client/callbacks{query}"), &session).await;
            assert_eq!(page.status, 200);
            let rows = page.body.split("<a href=\"/client/callbacks/invoice/").skip(1);
            numbers.extend(rows.map(|row| row.split('/').next().unwrap().parse::<i64>().unwrap()));
            let next =
                page.body.split_once("href=\"/client/callbacks?about").map(|(_, rest)| rest.split('"').next().unwrap());
            match next {
                Some(next) => query = format!("?about{}", next.replace("&#38;", "&").replace("&amp;", "&")),
                None => return numbers,
            }
        }
    };
    assert_eq!(walk("").await, (1..=90).rev().collect::<Vec<_>>());
    assert_eq!(walk("?number=40").await, (1..=40).rev().collect::<Vec<_>>());
    assert_eq!(walk("?about=parked").await, (61..=90).rev().collect::<Vec<_>>());
    assert_eq!(walk("?about=fund").await, Vec::<i64>::new());
    for odd in
        ["?after=1.2", "?after=x.invoice.1.1", "?number=-1", "?number=99999999999999999999", "?about=%3Cscript%3E"]
    {
        assert_eq!(site.get(&format!("/client/callbacks{odd}"), &session).await.status, 200, "{odd}");
    }
    let page = site.get("/client/callbacks/invoice/61/1", &session).await;
    assert!(page.body.contains("no answer in time") && page.body.contains("Given up"), "{}", page.body);
    for odd in ["invoice/61/2", "invoice/1000/1", "nothing/61/1", "invoice/x/1", "invoice/61/99999999999999999999"] {
        assert_eq!(site.get(&format!("/client/callbacks/{odd}"), &session).await.status, 404, "{odd}");
    }
}

#[tokio::test]
async fn what_failed_and_is_tried_again_is_found_whatever_it_is_about() {
    let site = Site::new("callback-failing").await;
    let session = person(&site, Role::Support).await;
    assert!(site.get("/client/callbacks?about=failing", &session).await.body.contains("Nothing here"));
    for (subject, numbers) in [(Subject::Invoice, 1..=30), (Subject::Payment, 31..=35), (Subject::Fund, 36..=60)] {
        told_of(&site, subject, numbers, "due").await;
    }
    told(&site, 61..=70, "delivered").await;
    told(&site, 71..=72, "parked").await;
    // not tried yet
    let (app, shop) = (site.app.clone(), site.shop.clone());
    let tell_fresh = move |tx: &Tx<'_>| {
        let about = About::invoice(80);
        let told = Told { about, seq: 1, status: "invoice:created", body: "{}".into(), silent: false };
        tell(&app, tx, &shop, told, app.now())
    };
    site.app.store.write(tell_fresh).await.unwrap();
    let home = site.get("/client/", &session).await.body;
    for (about, words) in [("failing", "60 callbacks were not accepted"), ("parked", "2 callbacks are not tried")] {
        assert!(home.contains(&format!("<a href=\"/client/callbacks?about={about}\">{words}")), "{home}");
    }
    let (mut found, mut path) = (Vec::new(), "/client/callbacks?about=failing".to_owned());
    loop {
        let page = site.get(&path, &session).await;
        assert!(page.body.contains("<option value=\"failing\" selected>"), "{}", page.body);
        let rows = page.body.split("<td><a href=\"/client/callbacks/").skip(1);
        found.extend(rows.map(|row| {
            let mut parts = row.split('/');
            (parts.next().unwrap().to_owned(), parts.next().unwrap().parse::<i64>().unwrap())
        }));
        let Some((_, next)) = page.body.split_once("href=\"/client/callbacks?about") else { break };
        path = format!("/client/callbacks?about{}", next.split('"').next().unwrap().replace("&#38;", "&"));
        assert!(found.len() <= 60);
    }
    assert!(found.windows(2).all(|pair| pair[0].1 / 4 <= pair[1].1 / 4), "the next one first: {found:?}");
    found.sort_by_key(|(_, number)| *number);
    let subject = |number| match number {
        ..=30 => "invoice",
        31..=35 => "payment",
        _ => "fund",
    };
    let all = (1..=60_i64).map(|number| (subject(number).to_owned(), number));
    assert_eq!(found, all.collect::<Vec<_>>());
}

#[tokio::test]
async fn one_or_a_range_is_sent_again_to_where_callbacks_go_now() {
    let site = Site::new("callback-resend").await;
    let session = person(&site, Role::Developer).await;
    told(&site, 1..=5, "delivered").await;
    told(&site, 6..=10, "parked").await;
    site.post("/client/callbacks/url", &session, &[("url", "https://new.example/callback")]).await;
    let due = async || {
        let now = site.app.now();
        let due = site.app.store.read(|tx| deliveries::due(tx, now, 1000)).await.unwrap();
        assert!(due.iter().all(|row| row.url == "https://new.example/callback" && row.failed == 0));
        due.into_iter().map(|row| row.about.number).collect::<Vec<_>>()
    };
    let page = site.post("/client/callbacks/invoice/2/1/resend", &session, &[]).await;
    assert_eq!(
        (page.location(), page.cookie("lockgate-flash")),
        ("/client/callbacks/invoice/2/1", Some("flash-resent"))
    );
    let page = site.post("/client/callbacks/invoice/2/1/resend", &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-on-its-way"));
    assert_eq!(due().await, [2]);
    let range = async |first, last, all| {
        let mut fields = vec![("subject", "invoice"), ("first", first), ("last", last)];
        fields.extend(Some(("all", "1")).filter(|_| all));
        let page = site.post("/client/callbacks/resend", &session, &fields).await;
        page.cookie("lockgate-flash").unwrap().to_owned()
    };
    for (first, last) in [("", "5"), ("5", "1"), ("0", "3"), ("a", "b")] {
        assert_eq!(range(first, last, true).await, "flash-bad-range");
    }
    assert_eq!(range("1", "7", false).await, "flash-resent");
    assert_eq!(due().await, [2, 6, 7]);
    assert_eq!(range("1", "7", false).await, "flash-bad-none-to-resend");
    assert_eq!(range("1", "9", true).await, "flash-resent");
    assert_eq!(due().await, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    told(&site, 1001..=1501, "parked").await;
    assert_eq!(range("1001", "1501", false).await, "flash-bad-range-large");
    assert_eq!(range("1001", "1500", false).await, "flash-resent");
    assert_eq!(due().await.len(), 509);
}

/// A merchant's server that answers with this body, or with one that has no end.
async fn answering(body: Option<&'static str>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let endless = || {
        let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::convert::Infallible>("é\0".repeat(1_000)));
        axum::body::Body::from_stream(chunks)
    };
    let answer = move || async move { body.map_or_else(endless, axum::body::Body::from) };
    let router = axum::Router::new().route("/callback", axum::routing::post(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test]
async fn what_the_receiver_answers_is_kept_in_part_and_shown_escaped() {
    use crate::app::deliveries::{lease_due, record};
    use crate::net::client::CallbackClient;
    use crate::net::guard::Policy;

    let site = Site::new("callback-answers").await;
    let developer = person(&site, Role::Developer).await;
    let client = CallbackClient::new(Policy::Sandbox).unwrap();
    for (number, body) in [(1, Some(HOSTILE)), (2, None), (3, Some(""))] {
        let (app, mut shop) = (site.app.clone(), site.shop.clone());
        shop.callback_url = Some(answering(body).await);
        let write = move |tx: &Tx<'_>| {
            let about = About::invoice(number);
            let told = Told { about, seq: 1, status: "invoice:created", body: "{}".into(), silent: false };
            tell(&app, tx, &shop, told, app.now())
        };
        site.app.store.write(write).await.unwrap();
        for leased in lease_due(&site.app, 9, 9, Default::default()).await.unwrap() {
            let outcome = client.post(&leased.row.url, &[], leased.row.body.clone().into_bytes()).await;
            record(&site.app, leased.row, &outcome, site.app.now()).await.unwrap();
        }
    }
    let kept = async |number: i64| {
        let read = |tx: &Tx<'_>| {
            let row = deliveries::of(tx, &site.shop.id, About::invoice(number))?.remove(0);
            Ok::<_, StoreError>(deliveries::attempts(tx, &row)?.remove(0))
        };
        site.app.store.read(read).await.unwrap()
    };
    assert_eq!(kept(1).await.answer.as_deref(), Some(HOSTILE));
    let endless = kept(2).await;
    let answer = endless.answer.unwrap();
    assert!(answer.len() <= 2_048 && answer.starts_with("é\u{fffd}é") && !answer.contains('\0'), "{answer:?}");
    assert_eq!((endless.http_status, endless.outcome.as_str()), (Some(200), "HTTP 200"));
    assert_eq!(kept(3).await.answer, None);
    let page = site.get("/client/callbacks/invoice/1/1", &developer).await;
    assert!(page.body.contains("What the answer says") && page.body.contains("&#60;script&#62;"), "{}", page.body);
    assert!(!page.body.contains(HOSTILE));
    assert!(!site.get("/client/callbacks/invoice/3/1", &developer).await.body.contains("What the answer says"));
}
