//! `/client/callbacks`: where callbacks go, a test of it, their secret, and what was sent (`deliveries`).

use askama::Template;
use domain::access::Permission::{ManageCallbacks, ResendCallbacks, ViewCallbacks};
use zeroize::Zeroizing;

use super::deliveries::{Filter, Line, list};
use super::samples::{self, Sample};
use crate::app::accounts::sessions::Desk;
use crate::app::accounts::token_hash;
use crate::app::callback_test::{self, Sent};
use crate::app::merchant_setup::{rotate_secret, set_callback, show_secret};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::net::client::{CallbackClient, Outcome};
use crate::net::guard::{Refused, check_url};
use crate::store::{StoreError, Tx, merchants};
use crate::wire::status::{InvoiceStatus, words};

pub const PATH: &str = "/client/callbacks";

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewCallbacks, page),
        Route::merchant(Post, "/client/callbacks/url", ManageCallbacks, set_url),
        Route::merchant(Post, "/client/callbacks/test", ManageCallbacks, test),
        Route::merchant(Post, "/client/callbacks/secret", ManageCallbacks, |ask, desk| secret(ask, desk, false)),
        Route::merchant(Post, "/client/callbacks/secret/rotate", ManageCallbacks, |ask, desk| secret(ask, desk, true)),
    ]
}

const STATUSES: [InvoiceStatus; 8] = [
    InvoiceStatus::Created,
    InvoiceStatus::Opened,
    InvoiceStatus::Received,
    InvoiceStatus::Settled,
    InvoiceStatus::Failed,
    InvoiceStatus::Expired,
    InvoiceStatus::Withheld,
    InvoiceStatus::Chargeback,
];

#[derive(Template)]
#[template(path = "dashboard/client/callbacks.html")]
struct Page {
    f: Frame,
    may_edit: bool,
    may_resend: bool,
    has_url: bool,
    /// Its path and query may hold a secret: whole for those who may change it.
    url: String,
    wrong: String,
    wrong_status: String,
    statuses: Vec<&'static str>,
    filter: Filter,
    lines: Vec<Line>,
    next: Option<String>,
    samples: Vec<Sample>,
}

/// Without what may be secret in it.
pub fn shown_url(url: &str, may_see_all: bool) -> String {
    if may_see_all {
        return url.to_owned();
    }
    url::Url::parse(url).map_or_else(|_| "…".into(), |url| format!("{}/…", url.origin().ascii_serialization()))
}

async fn build(ask: &Ask, desk: &Desk) -> Result<Page, Failed> {
    let filter = Filter::of(ask);
    let (lines, next) = list(ask, desk, &filter).await?;
    let may_edit = desk.access.may(ManageCallbacks);
    let url = desk.merchant.callback_url.as_deref();
    Ok(Page {
        f: ask.frame(ask.w().text("nav-callbacks").plain()),
        may_edit,
        may_resend: desk.access.may(ResendCallbacks),
        has_url: url.is_some(),
        url: url.map(|url| shown_url(url, may_edit)).unwrap_or_default(),
        wrong: String::new(),
        wrong_status: String::new(),
        statuses: STATUSES.map(|status| words(status).value).into(),
        filter,
        lines,
        next,
        samples: samples::check(),
    })
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    ask.show(&build(&ask, &desk).await?)
}

/// The key of what is said about a URL that we would not call.
fn refused_key(refused: Refused) -> &'static str {
    match refused {
        Refused::NotAUrl | Refused::NotHttp => "wrong-url",
        Refused::TooLong => "wrong-url-long",
        Refused::NotHttps => "wrong-url-https",
        Refused::Userinfo => "wrong-url-user",
        Refused::Port => "wrong-url-port",
        Refused::TrailingDot | Refused::LocalName | Refused::Address(_) => "wrong-url-local",
    }
}

async fn set_url(ask: Ask, desk: Desk) -> Answer {
    let typed = ask.form.text("url").to_owned();
    let is_cleared = ask.form.is_ticked("clear");
    if !is_cleared && let Err(refused) = check_url(&typed, ask.app().policy) {
        let wrong = ask.w().text(refused_key(refused)).plain();
        return ask.show_again(&Page { wrong, url: typed, ..build(&ask, &desk).await? });
    }
    let app = ask.app().clone();
    let write = move |tx: &Tx<'_>| set_callback(&app, tx, &desk, (!is_cleared).then_some(typed.as_str()));
    ask.app().store.write(write).await?;
    Ok(ask.go_saying(PATH, if is_cleared { "flash-callback-cleared" } else { "flash-callback-set" }))
}

#[derive(Template)]
#[template(path = "dashboard/client/callback_test.html")]
struct TestPage {
    f: Frame,
    sent_status: &'static str,
    sent: Sent,
    url: String,
    is_good: bool,
    heading: Text,
    /// The answer, or why there is none.
    answer: String,
}

async fn test(ask: Ask, desk: Desk) -> Answer {
    let wanted = ask.form.text("status");
    let Some(status) = STATUSES.into_iter().find(|status| words(*status).value == wanted) else {
        let wrong_status = ask.w().text("wrong-test-status").plain();
        return ask.show_again(&Page { wrong_status, ..build(&ask, &desk).await? });
    };
    // as often as a key may call: a test is a call to somebody's server
    let who = token_hash(&format!("test of {}", desk.merchant.id));
    ask.web.limits.check_key(&who).map_err(|too_many| Failed::TooManyRequests(too_many.seconds()))?;
    let client = CallbackClient::new(ask.app().policy).map_err(|_| Failed::Unavailable)?;
    let Some(sent) = callback_test::send(ask.app(), &client, &desk.merchant, status).await? else {
        return Ok(ask.go_saying(PATH, "flash-bad-no-callback"));
    };
    let w = ask.w();
    let (is_good, heading, answer) = match &sent.outcome {
        Outcome::Answered { status, ms, snippet } => {
            let key = if (200..300).contains(status) { "test-accepted" } else { "test-refused" };
            let millis = i64::try_from(*ms).unwrap_or(i64::MAX);
            let said = w.fill(key, &[w.ltr("status", status), w.ltr("millis", millis)]);
            ((200..300).contains(status), said, snippet.clone())
        }
        Outcome::Failed { kind, .. } => (false, w.text("test-unreachable"), kind.to_string()),
    };
    ask.show(&TestPage {
        f: ask.frame(w.text("test-title").plain()).under(w.text("nav-callbacks").plain(), PATH),
        sent_status: words(status).value,
        url: desk.merchant.callback_url.clone().unwrap_or_default(),
        sent,
        is_good,
        heading,
        answer,
    })
}

#[derive(Template)]
#[template(path = "dashboard/client/secret.html")]
struct SecretPage {
    f: Frame,
    secret: Zeroizing<String>,
    is_new: bool,
    before_until: Option<Stamp>,
}

/// Shows the secret in the answer to a form: no link and no history leads to it.
async fn secret(ask: Ask, desk: Desk, is_rotation: bool) -> Answer {
    let (app, at, now) = (ask.app().clone(), desk.clone(), ask.app().now());
    let shown = move |tx: &Tx<'_>| {
        let secret = if is_rotation { rotate_secret(&app, tx, &at)? } else { show_secret(&app, tx, &at)? };
        Ok::<_, StoreError>((secret, merchants::webhook_secrets(tx, &at.merchant.id)?))
    };
    let (secret, kept) = ask.app().store.write(shown).await?;
    let until = kept.before.filter(|(_, until)| now < *until).map(|(_, until)| ask.viewer.time(until));
    let w = ask.w();
    ask.show(&SecretPage {
        f: ask.frame(w.text("secret-title").plain()).under(w.text("nav-callbacks").plain(), PATH),
        secret: secret.to_text(),
        is_new: is_rotation,
        before_until: until,
    })
}
