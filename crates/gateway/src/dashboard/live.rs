//! Live figures: a stream of server-sent events that says when a home page's figures may have changed. The page then asks for them as it asks
//! for every page, so nothing is told here that the gate has not let through.
//!
//! A nudge (`wake.pages`, also from other nodes) makes it look at the rows sooner, the rows say whether anything of this merchant's changed. Each
//! look asks first whether the session still shows this merchant: within `LOOK_EVERY` of its end the stream ends.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::MerchantId;
use futures_util::Stream;
use tokio::time::{Instant, sleep, sleep_until};

use super::ask::Ask;
use super::pages::{Answer, Failed};
use super::{client, operator};
use crate::api::Web;
use crate::api::streams::Open;
use crate::app::accounts::sessions::still_shows;
use crate::checkout::headers::page_headers;
use crate::store::{StoreError, Tx};

/// How often the rows are looked at without a nudge.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The least time between two looks, however often it is nudged.
const AT_LEAST: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_secs(1) };
/// Ages, heads of chains and prices move without a row of ours: the operator's page asks again after so long …
const OPERATOR_ANYWAY: Duration = Duration::from_secs(15);
/// … and a merchant's for the rare things that his version leaves out.
const MERCHANT_ANYWAY: Duration = Duration::from_secs(60);
/// When a browser whose stream ended tries again.
const AGAIN: Duration = Duration::from_secs(5);
/// What is said when there are too many; then the page asks by itself.
const TOO_MANY_WAIT: u64 = 30;

/// A number that differs where the value does.
pub fn digest(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

struct Following {
    web: Web,
    /// The session, by its token's hash.
    session: String,
    /// Whose figures; `None`: the operator's.
    merchant: Option<MerchantId>,
    last: Option<u64>,
    said_at: Instant,
    looked_at: Instant,
    _open: Open,
}

/// The stream's answer.
pub fn follow(ask: &Ask, merchant: Option<MerchantId>) -> Answer {
    let person = ask.person().ok_or(Failed::Forbidden)?;
    let session = person.session.token_hash.clone();
    let open = ask.web.streams.open(&session).ok_or(Failed::TooManyRequests(TOO_MANY_WAIT))?;
    // a browser that comes back says what it saw last
    let last = ask.headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let now = Instant::now();
    let following =
        Following { web: ask.web.clone(), session, merchant, last, said_at: now, looked_at: now, _open: open };
    let mut response: Response = Sse::new(events(following)).keep_alive(KeepAlive::default()).into_response();
    for (name, value) in page_headers(None) {
        response.headers_mut().insert(name, value);
    }
    // nginx would keep events until it has a bufferful of them
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn events(following: Following) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok(event), following))
    })
}

impl Following {
    async fn next(&mut self) -> Option<Event> {
        loop {
            let web = self.web.clone();
            if web.stop.is_cancelled() {
                return None;
            }
            let nudge = web.app.wake.pages.notified();
            self.looked_at = Instant::now();
            let version = self.look().await.ok()??;
            let event = Event::default().id(version.to_string());
            let known = self.last.replace(version);
            let anyway = if self.merchant.is_some() { MERCHANT_ANYWAY } else { OPERATOR_ANYWAY };
            match known {
                // what the page shows already; no message, but from now on the browser says where it was
                None => return Some(event.retry(AGAIN).comment("following")),
                Some(known) if known != version || self.said_at.elapsed() >= anyway => {
                    self.said_at = Instant::now();
                    return Some(event.data("changed"));
                }
                Some(_) => {}
            }
            let soonest = self.looked_at + AT_LEAST;
            tokio::select! {
                () = web.stop.cancelled() => return None,
                () = async { nudge.await; sleep_until(soonest).await } => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// What the figures are now; `None` when the session does not show them any more.
    async fn look(&self) -> Result<Option<u64>, StoreError> {
        let (app, now) = (&self.web.app, self.web.app.now());
        let read = |tx: &Tx<'_>| {
            if !still_shows(tx, &self.session, now, self.merchant.as_ref())? {
                return Ok(None);
            }
            let version = match &self.merchant {
                Some(merchant) => client::home::version(tx, merchant, now.day())?,
                None => operator::home::version(app, tx)?,
            };
            Ok::<_, StoreError>(Some(version))
        };
        app.store.read(read).await
    }
}
