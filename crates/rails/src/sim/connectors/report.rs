//! What the acquirer has paid out to the bank.

use serde_json::Value;
use url::form_urlencoded;

use super::{read, write};
use crate::provider::read::{currency, id, json, minor, text};
use crate::provider::{
    Account, Flow, HttpRequest, HttpResponse, Line, LineKind, Lines, LinesAsk, PaidOut, PaidOutState, Payouts,
    ReportAsk, ReportFlows,
};

pub(super) const FLOWS: ReportFlows = ReportFlows {
    payouts: Flow { request: payouts, response: read_payouts },
    lines: Flow { request: lines, response: read_lines },
};

fn payouts(account: &Account, _: &ReportAsk) -> HttpRequest {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("account", &account.id).finish();
    write::get(account, &format!("/v1/settlements?{query}"))
}

fn lines(account: &Account, ask: &LinesAsk) -> HttpRequest {
    write::get(account, &format!("/v1/settlements/{}/lines", ask.payout))
}

/// The entries of a list, if the answer is one.
fn list(response: &HttpResponse, pointer: &str) -> Option<Vec<Value>> {
    let body = json(response).filter(|_| response.status == 200)?;
    body.pointer(pointer)?.as_array().cloned()
}

fn read_payouts(_: &Account, _: &ReportAsk, response: &HttpResponse) -> Payouts {
    let payout = |body: &Value| {
        let state = match text(body, "/status")?.as_str() {
            "paid" => PaidOutState::Paid,
            "failed" => PaidOutState::Failed,
            _ => return None,
        };
        Some(PaidOut {
            id: id(body, "/id")?,
            state,
            amount: minor(body, "/amount")?,
            currency: currency(body, "/currency")?,
        })
    };
    let read = list(response, "/settlements").and_then(|list| list.iter().map(payout).collect::<Option<Vec<_>>>());
    match read {
        Some(payouts) => Payouts::Seen { payouts, more: None },
        None => Payouts::Unknown(read::unclear(response)),
    }
}

fn read_lines(_: &Account, _: &LinesAsk, response: &HttpResponse) -> Lines {
    let line = |body: &Value| {
        let what = text(body, "/type")?;
        Some(Line {
            id: id(body, "/id")?,
            kind: match what.as_str() {
                "payment" => LineKind::Charge,
                "refund" => LineKind::Refund,
                _ => LineKind::Other,
            },
            what,
            about: vec![text(body, "/reference")?, text(body, "/payment")?],
            amount: minor(body, "/amount")?,
            currency: currency(body, "/currency")?,
        })
    };
    let read = list(response, "/lines").and_then(|list| list.iter().map(line).collect::<Option<Vec<_>>>());
    match read {
        Some(lines) => Lines::Seen { lines, more: None },
        None => Lines::Unknown(read::unclear(response)),
    }
}
