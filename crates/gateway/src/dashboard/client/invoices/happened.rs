//! What happened to an invoice, in words.

use domain::payment::{Finality, Placement};

use super::entries::{Line, posting_lines};
use crate::app::App;
use crate::app::timeline::{Item, What};
use crate::checkout::text::Text;
use crate::dashboard::client::money::amount;
use crate::dashboard::viewer::{Stamp, Viewer};
use crate::store::disputes::DisputeState;

/// A line of the timeline.
#[derive(Debug, Clone)]
pub struct Happened {
    pub at: Stamp,
    /// Which mark stands before it: state, money, book, callback, person.
    pub kind: &'static str,
    pub title: Text,
    /// More of it, in words.
    pub detail: Option<Text>,
    /// Until when a price is held.
    pub until: Option<Stamp>,
    /// What others said, as it came.
    pub quote: Option<String>,
    /// A hash, an address, a URL.
    pub code: Option<String>,
    pub postings: Vec<Line>,
}

struct Told {
    kind: &'static str,
    title: Text,
    detail: Option<Text>,
    until: Option<Stamp>,
    quote: Option<String>,
    code: Option<String>,
    postings: Vec<Line>,
}

fn told(kind: &'static str, title: Text) -> Told {
    Told { kind, title, detail: None, until: None, quote: None, code: None, postings: Vec::new() }
}

pub fn line(app: &App, viewer: &Viewer, item: Item) -> Happened {
    let Told { kind, title, detail, until, quote, code, postings } = words(app, viewer, item.what);
    Happened { at: viewer.time(item.at), kind, title, detail, until, quote, code, postings }
}

fn finality(finality: Finality) -> &'static str {
    match finality {
        Finality::Seen => "finality-seen",
        Finality::Final => "finality-final",
        Finality::Reversed => "finality-reversed",
    }
}

fn placement(placement: Placement) -> &'static str {
    match placement {
        Placement::Credited => "placed-credited",
        Placement::Extra => "placed-extra",
        Placement::Late => "placed-late",
        Placement::WrongToken => "placed-wrong-token",
    }
}

fn words(app: &App, viewer: &Viewer, what: What) -> Told {
    let w = viewer.w;
    let units = |units, asset: &str| w.ltr("amount", amount(app, units, asset));
    let plain = |key: &str| w.text(key).plain();
    match what {
        What::Reached { status, .. } => {
            let known = format!("told-{}", status.strip_prefix("invoice:").unwrap_or(&status).replace(':', "-"));
            let word = if w.has(&known) { plain(&known) } else { status };
            told("state", w.fill("tl-reached", &[w.name("status", word)]))
        }
        What::Archived { events } => told("state", w.fill("tl-archived", &[w.count("events", events)])),
        What::Attempt { asset, address, due, price, source, quote_ends, .. } => Told {
            detail: Some(w.fill("tl-attempt-price", &[w.ltr("price", price), w.ltr("source", source)])),
            until: Some(viewer.time(quote_ends)),
            code: Some(address),
            ..told("money", w.fill("tl-attempt", &[w.ltr("asset", &asset), units(due, &asset)]))
        },
        What::Payment { tx_hash, asset, units: came, sender, finality: at, placement: placed, .. } => Told {
            detail: Some(w.fill(
                "tl-payment-how",
                &[
                    w.name("finality", plain(finality(at))),
                    w.name("placed", plain(placement(placed))),
                    w.ltr("sender", sender),
                ],
            )),
            code: Some(tx_hash),
            ..told("money", w.fill("tl-payment", &[units(came, &asset)]))
        },
        What::Flush { tx_hash, asset, merchant, fee, finality: at, .. } => Told {
            detail: Some(w.text(finality(at))),
            code: Some(tx_hash),
            ..told("money", w.fill("tl-flush", &[units(merchant, &asset), w.ltr("fee", amount(app, fee, &asset))]))
        },
        What::Charge { id, provider, method, asked } => Told {
            detail: Some(w.text(&format!("way-{method}"))),
            code: Some(id.to_string()),
            ..told("money", w.fill("tl-charge", &[w.ltr("provider", provider), units(asked.units, &asked.currency)]))
        },
        What::ChargeAnswer { state, note, received, .. } => {
            let title = match received {
                Some(money) => w.fill(
                    "tl-charge-paid",
                    &[w.name("state", plain(&format!("charge-{state}"))), units(money.units, &money.currency)],
                ),
                None => w.fill("tl-charge-answer", &[w.name("state", plain(&format!("charge-{state}")))]),
            };
            Told { quote: note, ..told("money", title) }
        }
        What::Disputed { reference, money, .. } => Told {
            code: Some(reference),
            ..told("money", w.fill("tl-disputed", &[units(money.units, &money.currency)]))
        },
        What::DisputeClosed { reference, state, .. } => {
            let key = match state {
                DisputeState::Open => "tl-dispute-open",
                DisputeState::Won => "tl-dispute-won",
                DisputeState::Lost => "tl-dispute-lost",
            };
            Told { code: Some(reference), ..told("money", w.text(key)) }
        }
        What::Refund { transfer, asset, units: back, .. } => {
            Told { code: Some(transfer.to_string()), ..told("money", w.fill("tl-refund", &[units(back, &asset)])) }
        }
        What::RefundEnded { asset, units: back, state, tx_hash, .. } => Told {
            code: tx_hash,
            ..told(
                "money",
                w.fill("tl-refund-now", &[units(back, &asset), w.name("state", plain(&format!("transfer-{state}")))]),
            )
        },
        What::CoinRefund { id, asset, units: back, source } => Told {
            detail: Some(w.text(&format!("source-{source}"))),
            code: Some(id.to_string()),
            ..told("money", w.fill("tl-coin-refund", &[units(back, &asset)]))
        },
        What::CoinRefundConfirmed { destination, .. } => {
            Told { code: Some(destination), ..told("person", w.text("tl-coin-refund-confirmed")) }
        }
        What::CoinRefundNow { state, tx_hash, .. } => Told {
            code: tx_hash,
            ..told("money", w.fill("tl-coin-refund-now", &[w.name("state", plain(&format!("refund-{state}")))]))
        },
        What::Sent { reference } => Told { code: reference, ..told("money", w.text("tl-sent")) },
        What::Entry { seq, reason, postings, .. } => Told {
            postings: posting_lines(app, w, &postings),
            ..told(
                "book",
                w.fill(
                    "tl-entry",
                    &[w.ltr("number", seq), w.name("reason", plain(&format!("reason-{}", reason.name())))],
                ),
            )
        },
        What::Callback { seq, attempt, url, http_status, outcome, millis } => {
            let answer = http_status.map(|status| status.to_string()).unwrap_or_default();
            let said = if outcome == format!("HTTP {answer}") { String::new() } else { outcome };
            Told {
                detail: Some(w.fill(
                    "tl-callback-how",
                    &[
                        w.ltr("answer", if answer.is_empty() { "–".to_owned() } else { answer }),
                        w.ltr("millis", millis),
                    ],
                )),
                quote: Some(said).filter(|said| !said.is_empty()),
                code: Some(url),
                ..told("callback", w.fill("tl-callback", &[w.ltr("number", seq), w.ltr("attempt", attempt)]))
            }
        }
        What::Act { actor, act, detail } => {
            let key = format!("act-{}", act.replace(['.', '_'], "-"));
            let done = if w.has(&key) { plain(&key) } else { act };
            Told {
                quote: Some(detail).filter(|detail| !detail.is_empty()),
                ..told("person", w.fill("tl-act", &[w.name("actor", actor), w.name("act", done)]))
            }
        }
    }
}
