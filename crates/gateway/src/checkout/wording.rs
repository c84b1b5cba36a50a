//! Which words, marks and rhythm belong to which state; how hashes, addresses, times and links are written.

use jiff::Timestamp;
use url::Url;

use super::messages::Messages;
use super::text::{self, Text};
use super::view::{PageView, Quote, State};

/// The state's name in the page (`data-state`), for scripts and style sheets.
pub(super) fn kind(state: &State) -> &'static str {
    match state {
        State::Choose { .. } => "choose",
        State::Pay(pay) if pay.quote == Quote::Expired => "quote-expired",
        State::Pay(_) => "pay",
        State::Confirming { .. } => "confirming",
        State::Received => "received",
        State::Settled => "settled",
        State::Failed => "failed",
        State::Canceled => "canceled",
        State::Expired => "expired",
        State::Withheld => "withheld",
        State::Chargeback => "chargeback",
    }
}

pub(super) fn tone(state: &State) -> &'static str {
    match state {
        State::Received | State::Settled => "good",
        State::Confirming { .. } | State::Withheld => "wait",
        State::Failed | State::Canceled | State::Expired => "bad",
        State::Choose { .. } | State::Pay(_) | State::Chargeback => "info",
    }
}

/// There is nothing more to do here: the way back is what the payer wants.
pub(super) fn is_over(state: &State) -> bool {
    !matches!(state, State::Choose { .. } | State::Pay(_) | State::Confirming { .. })
}

/// Taken back only if there is nothing to read that the payer should not miss.
pub(super) fn returns_by_itself(view: &PageView) -> bool {
    let at_end = matches!(view.state, State::Received | State::Settled | State::Failed | State::Canceled);
    at_end && !view.stay && view.notices.is_empty()
}

/// Only where the payer can choose: a payment on its way has its price.
pub(super) fn says_no_price(view: &PageView) -> bool {
    view.no_price && matches!(view.state, State::Choose { .. } | State::Pay(_))
}

/// How often a page without scripts asks again.
pub(super) fn refresh_seconds(state: &State) -> Option<u32> {
    match state {
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
        State::Confirming { .. } => m.text("confirming-heading"),
        State::Received => m.text("received-heading"),
        State::Settled => m.text("settled-heading"),
        State::Failed => m.text("failed-heading"),
        State::Canceled => m.text("canceled-heading"),
        State::Expired => m.text("expired-heading"),
        State::Withheld => m.text("withheld-heading"),
        State::Chargeback => m.text("chargeback-heading"),
    }
}

/// What it means and what to do, for the states that are only words.
pub(super) fn help(m: &Messages, view: &PageView) -> Option<Text> {
    let with_reference = |key| Some(m.fill(key, &[m.ltr("reference", reference(view.number))]));
    match view.state {
        State::Choose { .. } | State::Pay(_) => None,
        State::Confirming { .. } => Some(m.text("confirming-help")),
        State::Received => Some(m.text("received-help")),
        State::Settled => Some(m.text("settled-help")),
        State::Failed => with_reference("failed-help"),
        State::Canceled => with_reference("canceled-help"),
        State::Expired => with_reference("expired-help"),
        State::Withheld => with_reference("withheld-help"),
        State::Chargeback => with_reference("chargeback-help"),
    }
}

/// The window's title: amount first, since that is what a payer switching to the wallet looks for.
pub(super) fn title(view: &PageView, heading: &Text) -> String {
    let amount = match &view.state {
        State::Pay(pay) if pay.quote != Quote::Expired => format!("{} {}", pay.due, pay.currency.symbol),
        _ => format!("{} {}", view.price.digits, view.price.symbol),
    };
    let parts = Text::new(format!("{} · ", text::ltr(amount))).plain() + &heading.plain();
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
        _ => heading.plain(),
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

/// The address, if it is one a browser can only visit (never `javascript:` or `data:`).
pub(super) fn web_url(raw: &str) -> Option<String> {
    let url = Url::parse(raw).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// Schemes that wallets answer to.
pub(super) fn is_wallet_link(uri: &str) -> bool {
    ["ethereum:", "bitcoin:", "litecoin:", "tron:", "upi:"].iter().any(|scheme| uri.starts_with(scheme))
}
