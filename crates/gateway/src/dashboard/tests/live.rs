//! The streams of live figures: of whom they tell, when they end, how many there are.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use domain::access::Role;
use domain::merchant::Merchant;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::{Session, Site};
use crate::api::streams::OF_ONE;
use crate::app::invoices::create;
use crate::app::testing::new_invoice;
use crate::dashboard::{client, operator};
use crate::store::{StoreError, Tx, sessions};
use crate::wire::create::Devise;

/// Nothing here takes as long; without this a stream that says nothing would hang.
const LONG: Duration = Duration::from_secs(20);

struct Tail(BodyDataStream);

impl Tail {
    /// The next thing said; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let frame = timeout(LONG, self.0.next()).await.expect("something is said");
        frame.map(|bytes| String::from_utf8(bytes.unwrap().to_vec()).unwrap())
    }
}

async fn follow(site: &Site, path: &str, session: &Session) -> (u16, Tail) {
    let request = Request::builder().uri(path).header("host", "127.0.0.1").header("cookie", &session.cookie);
    let response = site.answer(request.body(Body::empty()).unwrap()).await;
    (response.status().as_u16(), Tail(response.into_body().into_data_stream()))
}

async fn sell(site: &Site, merchant: &Merchant) {
    create(&site.app, merchant.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    site.app.wake.pages.notify_waiters();
}

#[tokio::test]
async fn a_stream_tells_of_that_merchants_invoices_and_of_no_others() {
    let site = Site::new("live").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let (status, mut tail) = follow(&site, client::LIVE, &session).await;
    assert_eq!(status, 200);
    let first = tail.next().await.unwrap();
    assert!(first.contains("id: ") || first.contains("id:"), "{first}");
    assert!(!first.contains("data"), "{first}");
    // another merchant's business first
    sell(&site, &site.other).await;
    tokio::task::yield_now().await;
    sell(&site, &site.shop).await;
    let said = tail.next().await.unwrap();
    assert!(said.contains("data: changed") || said.contains("data:changed"), "{said}");
    site.stop.cancel();
    assert_eq!(tail.next().await, None, "the server's end is the stream's");
}

#[tokio::test]
async fn another_merchants_business_is_not_heard() {
    let site = Site::new("live-other").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let (_, mut tail) = follow(&site, client::LIVE, &session).await;
    tail.next().await.unwrap();
    for _ in 0..3 {
        sell(&site, &site.other).await;
        // it looks at each nudge, and says nothing
        assert!(timeout(Duration::from_millis(20), tail.0.next()).await.is_err());
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let site = Site::new("live-ends").await;
    let owner = site.person("owner@shop.example", None, true, &[(&site.shop, Role::Owner)]).await;
    for path in [client::LIVE, operator::LIVE] {
        let session = site.session(&owner, Some(&site.shop), true).await;
        let (_, mut tail) = follow(&site, path, &session).await;
        tail.next().await.unwrap();
        let user = owner.clone();
        let revoke = move |tx: &Tx<'_>| sessions::end_others(tx, &user, "").map(|_| ()) as Result<(), StoreError>;
        site.app.store.write(revoke).await.unwrap();
        // here as at the look without a nudge, seconds later
        site.app.wake.pages.notify_waiters();
        assert_eq!(tail.next().await, None, "{path}");
        let (status, _) = follow(&site, path, &session).await;
        assert_eq!(status, 303, "{path}");
    }
    // looks at another merchant from now on; is no member any more
    let session = site.session(&owner, Some(&site.shop), true).await;
    let (_, mut tail) = follow(&site, client::LIVE, &session).await;
    tail.next().await.unwrap();
    site.post("/account/look", &session, &[("merchant", &site.other.number.to_string())]).await;
    site.app.wake.pages.notify_waiters();
    assert_eq!(tail.next().await, None);
}

#[tokio::test]
async fn too_many_streams_are_refused_in_words() {
    let site = Site::new("live-many").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let mut open = Vec::new();
    for _ in 0..OF_ONE {
        let (status, tail) = follow(&site, client::LIVE, &session).await;
        assert_eq!(status, 200);
        open.push(tail);
    }
    let page = site.get(client::LIVE, &session).await;
    assert!(page.status == 429 && page.body.contains("<h1>"), "{}", page.body);
    assert!(page.headers.contains_key("retry-after"));
    // another session of the same person has its own
    let second = site.session(&owner, Some(&site.shop), true).await;
    assert_eq!(follow(&site, client::LIVE, &second).await.0, 200);
    open.pop();
    assert_eq!(follow(&site, client::LIVE, &session).await.0, 200, "one that ended is not counted");
}
