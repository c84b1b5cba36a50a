//! Which words, marks and rhythm belong to which state; how hashes, addresses and times are written.

use jiff::Timestamp;

use super::messages::Messages;
use super::text::{self, Text};
use super::view::{CardPay, CardStep, Method, PageView, Quote, State, UpiKind, UpiPay};

/// The state's name in the page (`data-state`), for scripts and style sheets.
pub(super) fn kind(state: &State) -> &'static str {
    match state {
        State::Choose { .. } => "choose",
        State::Pay(pay) if pay.quote == Quote::Expired => "quote-expired",
        State::Pay(_) => "pay",
        State::Card(pay) => match pay.step {
            CardStep::Form { .. } => "card",
            CardStep::Fields { .. } => "card-fields",
            CardStep::Continue { .. } => "card-continue",
            CardStep::Start { .. } => "card-start",
        },
        State::Upi(pay) if is_claimed(pay) => "upi-claimed",
        State::Upi(pay) if matches!(pay.kind, UpiKind::Preparing) => "upi-preparing",
        State::Upi(_) => "upi",
        State::Processing { .. } => "processing",
        State::Confirming { .. } => "confirming",
        State::Received => "received",
        State::Settled => "settled",
        State::Failed { .. } => "failed",
        State::Canceled => "canceled",
        State::Expired => "expired",
        State::Withheld => "withheld",
        State::Chargeback => "chargeback",
    }
}

pub(super) fn tone(state: &State) -> &'static str {
    match state {
        State::Received | State::Settled => "good",
        State::Confirming { .. } | State::Processing { .. } | State::Withheld => "wait",
        State::Upi(pay) if is_claimed(pay) => "wait",
        State::Failed { .. } | State::Canceled | State::Expired => "bad",
        State::Choose { .. } | State::Pay(_) | State::Card(_) | State::Upi(_) | State::Chargeback => "info",
    }
}

/// There is nothing more to do here: the way back is what the payer wants.
pub(super) fn is_over(state: &State) -> bool {
    match state {
        State::Choose { .. } | State::Pay(_) | State::Card(_) | State::Upi(_) => false,
        State::Confirming { .. } | State::Processing { .. } => false,
        State::Received | State::Settled | State::Failed { .. } | State::Canceled => true,
        State::Expired | State::Withheld | State::Chargeback => true,
    }
}

/// Taken back only if there is nothing to read that the payer should not miss.
pub(super) fn returns_by_itself(view: &PageView) -> bool {
    let at_end = matches!(view.state, State::Received | State::Settled | State::Failed { .. } | State::Canceled);
    at_end && !view.stay && view.notices.is_empty()
}

/// Only where the payer can choose: a payment on its way has its price.
pub(super) fn says_no_price(view: &PageView) -> bool {
    view.no_price && matches!(view.state, State::Choose { .. } | State::Pay(_))
}

/// The payer says that it is paid, and the merchant has yet to say so.
pub(super) fn is_claimed(pay: &UpiPay) -> bool {
    matches!(&pay.kind, UpiKind::OwnVpa { claimed_rrn: Some(_), .. })
}

/// How often a page without scripts asks again. Never while something may be being typed, which would be lost.
pub(super) fn refresh_seconds(state: &State) -> Option<u32> {
    match state {
        State::Card(pay) => match pay.step {
            CardStep::Continue { .. } => Some(20),
            CardStep::Form { .. } | CardStep::Fields { .. } | CardStep::Start { .. } => None,
        },
        State::Upi(pay) => match pay.kind {
            UpiKind::Preparing => Some(5),
            UpiKind::Provider { .. } => Some(20),
            UpiKind::OwnVpa { .. } => is_claimed(pay).then_some(60),
        },
        State::Processing { .. } => Some(10),
        State::Pay(_) | State::Confirming { .. } => Some(20),
        State::Received | State::Withheld => Some(60),
        _ => None,
    }
}

pub(super) fn heading(m: &Messages, state: &State) -> Text {
    match state {
        State::Choose { .. } => m.text("choose-heading"),
        State::Pay(pay) if pay.quote == Quote::Expired => m.text("quote-expired-heading"),
        State::Pay(pay) => {
            let symbol = m.ltr("symbol", &pay.currency.symbol);
            m.fill("pay-heading", &[symbol, m.name("network", &pay.currency.network)])
        }
        State::Card(pay) => card_heading(m, pay),
        State::Upi(pay) if is_claimed(pay) => m.text("claimed-heading"),
        State::Upi(_) => m.text("upi-heading"),
        State::Processing { method: Method::Card } => m.text("processing-card-heading"),
        State::Processing { method: Method::Upi } => m.text("processing-upi-heading"),
        State::Confirming { .. } => m.text("confirming-heading"),
        State::Received => m.text("received-heading"),
        State::Settled => m.text("settled-heading"),
        State::Failed { declined: true } => m.text("failed-declined-heading"),
        State::Failed { declined: false } => m.text("failed-heading"),
        State::Canceled => m.text("canceled-heading"),
        State::Expired => m.text("expired-heading"),
        State::Withheld => m.text("withheld-heading"),
        State::Chargeback => m.text("chargeback-heading"),
    }
}

fn card_heading(m: &Messages, pay: &CardPay) -> Text {
    match &pay.step {
        CardStep::Continue { challenge: true, .. } => m.text("continue-bank-heading"),
        CardStep::Form { .. } | CardStep::Fields { .. } | CardStep::Continue { .. } | CardStep::Start { .. } => {
            m.text("card-heading")
        }
    }
}

/// What it means and what to do, for the states that are only words.
pub(super) fn help(m: &Messages, view: &PageView) -> Option<Text> {
    let with_reference = |key| Some(m.fill(key, &[m.ltr("reference", reference(view.number))]));
    match &view.state {
        State::Upi(pay) => match &pay.kind {
            UpiKind::OwnVpa { claimed_rrn: Some(rrn), .. } => Some(m.fill("claimed-help", &[m.ltr("rrn", rrn)])),
            _ => None,
        },
        State::Choose { .. } | State::Pay(_) | State::Card(_) => None,
        State::Processing { .. } => Some(m.text("processing-help")),
        State::Confirming { .. } => Some(m.text("confirming-help")),
        State::Received => Some(m.text("received-help")),
        State::Settled => Some(m.text("settled-help")),
        State::Failed { declined: true } => with_reference("failed-declined-help"),
        State::Failed { declined: false } => with_reference("failed-help"),
        State::Canceled => with_reference("canceled-help"),
        State::Expired => with_reference("expired-help"),
        State::Withheld => with_reference("withheld-help"),
        State::Chargeback => with_reference("chargeback-help"),
    }
}

/// What a payer who has chosen is told before turning to another way.
pub(super) fn change_help(m: &Messages, state: &State) -> Option<Text> {
    match state {
        State::Pay(_) => Some(m.text("change-help")),
        State::Card(pay) if !matches!(pay.step, CardStep::Continue { .. }) => None,
        State::Card(_) | State::Upi(_) => Some(m.text("change-help-paid")),
        _ => None,
    }
}

/// What went wrong with what the payer has just done, in a few words.
pub(super) fn problem(m: &Messages, state: &State) -> Option<Text> {
    match state {
        State::Card(pay) => match &pay.step {
            CardStep::Form { errors, .. } if !errors.is_empty() => Some(m.text("card-problem")),
            _ => pay.declined.map(|_| m.text("declined-heading")),
        },
        State::Upi(pay) => match pay.kind {
            UpiKind::OwnVpa { rrn_refused: Some(_), .. } => Some(m.text("card-problem")),
            _ => None,
        },
        _ => None,
    }
}

/// The window's title: amount first, since that is what a payer switching to the wallet looks for; before it only what went
/// wrong, since a screen reader begins with the title.
pub(super) fn title(m: &Messages, view: &PageView, heading: &Text) -> String {
    let amount = match &view.state {
        State::Pay(pay) if pay.quote != Quote::Expired => format!("{} {}", pay.due, pay.currency.symbol),
        State::Card(pay) => format!("{} {}", pay.amount.digits, pay.amount.symbol),
        State::Upi(pay) => format!("{} {}", pay.amount.digits, pay.amount.symbol),
        _ => format!("{} {}", view.price.digits, view.price.symbol),
    };
    let problem = problem(m, &view.state).map(|problem| format!("{} · ", problem.plain())).unwrap_or_default();
    let parts = problem + &Text::new(format!("{} · ", text::ltr(amount))).plain() + &heading.plain();
    parts + &Text::new(format!(" · {}", text::name(&view.merchant))).plain()
}

/// What a screen reader is told when the page changes by itself.
pub(super) fn announcement(m: &Messages, view: &PageView, heading: &Text) -> String {
    match &view.state {
        State::Pay(pay) if pay.paid.is_some() => {
            format!(
                "{}: {}",
                m.text("pay-left").plain(),
                Text::new(text::ltr(format!("{} {}", pay.due, pay.currency.symbol))).plain()
            )
        }
        state => problem(m, state).unwrap_or_else(|| heading.clone()).plain(),
    }
}

pub(super) fn reference(number: u64) -> String {
    format!("#{number}")
}

/// Fours, so that eyes can compare them; `0x` stays with the first.
pub(super) fn address_groups(address: &str) -> Vec<String> {
    let (prefix, rest) = match address.strip_prefix("0x") {
        Some(rest) => ("0x", rest),
        None => ("", address),
    };
    let letters: Vec<char> = rest.chars().collect();
    let mut groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    if let Some(first) = groups.first_mut() {
        first.insert_str(0, prefix);
    }
    groups
}

/// Both ends of a long hash.
pub(super) fn short_hash(hash: &str) -> String {
    let letters: Vec<char> = hash.chars().collect();
    if letters.len() <= 20 {
        return hash.to_owned();
    }
    let (head, tail) = (&letters[..8], &letters[letters.len() - 6..]);
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

/// `15:04`, with its date unless that is today's.
pub(super) fn time_of_day(ms: i64, now_ms: i64) -> String {
    let at = |ms| Timestamp::from_millisecond(ms).ok();
    let day = |ms| at(ms).map(|t| t.strftime("%Y-%m-%d").to_string());
    let pattern = if day(ms) == day(now_ms) { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at(ms).map_or_else(|| "–".to_owned(), |t| t.strftime(pattern).to_string())
}
