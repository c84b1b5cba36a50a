//! What the payer sees outside the gateway: his bank's 3-D Secure page, and his UPI app. Plain HTML, no script.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rails::sim::acquirer::State as Standing;
use rails::sim::acquirer::{Act, Method, Payment, Reason};

use super::controls::decimal;
use super::{PATH, upi_app_path};
use crate::sandbox::Sandbox;
use crate::sandbox::controls::Refused;

/// The forms post to this page, which sends the browser on to the shop: on the same address, as the directive asks of redirects too.
pub const HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex"),
];

pub fn routes() -> Router<Sandbox> {
    Router::new()
        .route(&format!("{PATH}/challenge/{{id}}"), get(challenge).post(answer_challenge))
        .route(&upi_app_path("{id}"), get(upi_app).post(use_upi_app))
}

struct Button {
    act: &'static str,
    label: &'static str,
    /// What it does, if its label does not say it.
    help: &'static str,
    main: bool,
}

#[derive(Template)]
#[template(path = "sandbox/payer.html")]
struct Page<'a> {
    title: &'static str,
    who: &'static str,
    heading: &'a str,
    tone: &'static str,
    payment: &'a Payment,
    amount: String,
    card: Option<String>,
    buttons: Vec<Button>,
    /// Where the payer goes once he is done here.
    back: Option<&'a str>,
}

async fn challenge(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Refused> {
    let payment = find(&sandbox, &id, Method::Card).await?;
    let open = payment.state == Standing::Challenge;
    let heading = if open { "Is this your payment?" } else { said(&payment) };
    let buttons = [
        (Act::Approve, "Approve", true),
        (Act::RejectChallenge, "Reject", false),
        (Act::PayerCancels, "Cancel", false),
    ];
    let button = |(act, label, main): (Act, _, _)| Button { act: act.name(), label, help: "", main };
    page(&Page {
        title: "3-D Secure",
        who: "Sandbox Bank",
        heading,
        tone: tone(&payment),
        amount: decimal(&payment),
        card: payment.card.as_ref().map(|card| format!("{} ending in {}", card.brand.title(), card.last4)),
        buttons: buttons.into_iter().filter(|_| open).map(button).collect(),
        back: Some(payment.return_url.as_str()).filter(|url| !open && is_web(url)),
        payment: &payment,
    })
}

/// Back to the shop; a second answer changes nothing, and is told so here.
async fn answer_challenge(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Refused> {
    let payment = find(&sandbox, &id, Method::Card).await?;
    let act = pressed(&body, &[Act::Approve, Act::RejectChallenge, Act::PayerCancels])?;
    let done = payment.state == Standing::Challenge && sandbox.acquirer.act(&payment.id, act).await?.is_ok();
    let to = if done && is_web(&payment.return_url) { payment.return_url } else { format!("{PATH}/challenge/{id}") };
    Ok(Redirect::to(&to).into_response())
}

/// In the order in which they are shown.
const UPI_BUTTONS: [(Act, &str, &str); 6] = [
    (Act::UpiPay, "Pay", "The money arrives at once"),
    (Act::UpiConfirm, "Confirm", "The banks agree: the money arrives"),
    (Act::UpiPend, "Stay pending", "Paid, but the banks have not agreed yet"),
    (Act::UpiFail, "Fail", "The payer’s bank refuses"),
    (Act::PayerCancels, "Cancel", "The payer changes his mind"),
    (Act::UpiReverse, "Reverse", "The money goes back to the payer"),
];

async fn upi_app(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Result<Response, Refused> {
    let payment = find(&sandbox, &id, Method::Upi).await?;
    let fitting: Vec<Act> = Act::fitting(&payment).collect();
    let button = |(act, label, help): (Act, _, _)| {
        let main = matches!(act, Act::UpiPay | Act::UpiConfirm);
        Button { act: act.name(), label, help, main }
    };
    let waits = payment.state == Standing::AwaitingPayer;
    page(&Page {
        title: "UPI app",
        who: "Sandbox UPI app",
        heading: if waits { "Pay this shop?" } else { said(&payment) },
        tone: tone(&payment),
        amount: decimal(&payment),
        card: None,
        buttons: UPI_BUTTONS.into_iter().filter(|(act, ..)| fitting.contains(act)).map(button).collect(),
        back: Some(payment.return_url.as_str()).filter(|url| !waits && is_web(url)),
        payment: &payment,
    })
}

async fn use_upi_app(State(sandbox): State<Sandbox>, Path(id): Path<String>, body: Bytes) -> Result<Response, Refused> {
    let payment = find(&sandbox, &id, Method::Upi).await?;
    let act = pressed(&body, &UPI_BUTTONS.map(|(act, ..)| act))?;
    // one that does not fit any more changes nothing; the page says what happened
    let _ = sandbox.acquirer.act(&payment.id, act).await?;
    Ok(Redirect::to(&upi_app_path(&id)).into_response())
}

async fn find(sandbox: &Sandbox, id: &str, method: Method) -> Result<Payment, Refused> {
    let found = sandbox.acquirer.payment(id).await?;
    let found = found.filter(|payment| payment.id == id && payment.method == method);
    found.ok_or_else(|| Refused::NotFound("There is no such payment.".into()))
}

/// The button of the form, one of those.
fn pressed(body: &[u8], buttons: &[Act]) -> Result<Act, Refused> {
    let mut pairs = form_urlencoded::parse(body);
    let act = pairs.find(|(name, _)| name == "act").and_then(|(_, act)| Act::from_name(&act));
    act.filter(|act| buttons.contains(act)).ok_or_else(|| Refused::Bad("Press one of the page's buttons.".into()))
}

fn page(page: &Page<'_>) -> Result<Response, Refused> {
    let html = page.render().map_err(|error| Refused::Bad(format!("The page cannot be shown: {error}.")))?;
    Ok((StatusCode::OK, HEADERS, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn tone(payment: &Payment) -> &'static str {
    match payment.state {
        Standing::Paid => "good",
        Standing::Challenge | Standing::AwaitingPayer | Standing::Pending => "wait",
        Standing::Reversed | Standing::Declined | Standing::Canceled => "bad",
    }
}

/// What happened, for the payer.
fn said(payment: &Payment) -> &'static str {
    match (payment.state, payment.reason) {
        (Standing::Challenge | Standing::AwaitingPayer, _) => "Waiting for you",
        (Standing::Pending, _) => "Pending: the banks have not agreed yet",
        (Standing::Paid, _) => "Paid",
        (Standing::Reversed, _) | (_, Some(Reason::BankReversed)) => "Reversed: the money went back",
        (_, Some(Reason::AuthenticationFailed)) => "You rejected this payment",
        (_, Some(Reason::CanceledByPayer)) => "You canceled this payment",
        (_, Some(Reason::CanceledByMerchant)) => "The shop closed this payment",
        (_, Some(Reason::TimedOut)) => "The time for this payment is over",
        (Standing::Declined | Standing::Canceled, _) => "Declined",
    }
}
