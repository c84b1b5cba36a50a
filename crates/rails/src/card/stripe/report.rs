//! Payouts (<https://docs.stripe.com/api/payouts>) and what is in each: the balance transactions of an automatic payout
//! (<https://docs.stripe.com/api/balance_transactions/list>, parameter `payout`), each with its charge or refund expanded. Of manual
//! and instant payouts Stripe does not say what is in them: such a list is empty.

use serde_json::Value;

use super::signed;
use crate::provider::{
    Account, HttpRequest, HttpResponse, Line, LineKind, Lines, LinesAsk, PaidOut, PaidOutState, Payouts, ReportAsk,
    read,
};

pub(super) fn payouts(account: &Account, ask: &ReportAsk) -> HttpRequest {
    let after = ask.after.as_ref().map_or(String::new(), |after| format!("&starting_after={after}"));
    let path = format!("/v1/payouts?limit=100&created%5Bgte%5D={}{after}", ask.since.seconds());
    signed(account, HttpRequest::get(account.url(&path)))
}

pub(super) fn lines(account: &Account, ask: &LinesAsk) -> HttpRequest {
    let after = ask.after.as_ref().map_or(String::new(), |after| format!("&starting_after={after}"));
    let path = format!(
        "/v1/balance_transactions?limit=100&payout={}&expand%5B%5D=data.source&expand%5B%5D=data.source.charge{after}",
        ask.payout
    );
    signed(account, HttpRequest::get(account.url(&path)))
}

/// The entries of a list, and where it goes on.
fn list(response: &HttpResponse) -> Option<(Vec<Value>, Option<String>)> {
    let value = read::json(response).filter(|_| response.status == 200)?;
    let items = value.pointer("/data")?.as_array()?.clone();
    let more = match value.pointer("/has_more")?.as_bool()? {
        true => Some(read::id(items.last()?, "/id")?),
        false => None,
    };
    Some((items, more))
}

fn unclear(response: &HttpResponse) -> String {
    format!("Stripe's list with status {} is not understood", response.status)
}

pub(super) fn read_payouts(_: &Account, _: &ReportAsk, response: &HttpResponse) -> Payouts {
    let payout = |item: &Value| {
        let state = match read::text(item, "/status")?.as_str() {
            "pending" | "in_transit" => PaidOutState::Pending,
            "paid" => PaidOutState::Paid,
            "failed" | "canceled" => PaidOutState::Failed,
            _ => return None,
        };
        let (id, currency) = (read::id(item, "/id")?, read::currency(item, "/currency")?);
        // below zero: Stripe takes what the account owes from the bank
        let amount = read::minor(item, "/amount").unwrap_or(domain::Units::ZERO);
        Some(PaidOut { id, state, amount, currency })
    };
    let read =
        list(response).and_then(|(items, more)| Some((items.iter().map(payout).collect::<Option<Vec<_>>>()?, more)));
    match read {
        Some((payouts, more)) => Payouts::Seen { payouts, more },
        None => Payouts::Unknown(unclear(response)),
    }
}

pub(super) fn read_lines(_: &Account, _: &LinesAsk, response: &HttpResponse) -> Lines {
    let read = list(response).and_then(|(items, more)| {
        // the payout's own transaction is in its list
        let own = |item: &&Value| read::text(item, "/type").as_deref() != Some("payout");
        Some((items.iter().filter(own).map(line).collect::<Option<Vec<_>>>()?, more))
    });
    match read {
        Some((lines, more)) => Lines::Seen { lines, more },
        None => Lines::Unknown(unclear(response)),
    }
}

/// Charges and refunds name what the payer paid or got, in his currency; the transaction itself is in the currency of the balance.
fn line(item: &Value) -> Option<Line> {
    let (id, what) = (read::id(item, "/id")?, read::text(item, "/type")?);
    let kind = match what.as_str() {
        "charge" | "payment" => LineKind::Charge,
        "refund" | "payment_refund" => LineKind::Refund,
        "refund_failure" if read::text(item, "/source/object").as_deref() == Some("refund") => LineKind::RefundBack,
        // below zero it was taken, above it is given again: docs.stripe.com/reports/balance-transaction-types
        "adjustment" if read::text(item, "/source/object").as_deref() == Some("dispute") => {
            if read::text(item, "/amount")?.starts_with('-') { LineKind::Dispute } else { LineKind::DisputeBack }
        }
        _ => LineKind::Other,
    };
    if kind == LineKind::Other {
        let about = read::text(item, "/source/id").or_else(|| read::text(item, "/source")).into_iter().collect();
        let digits = read::text(item, "/amount")?;
        let amount = domain::Units::from_digits(digits.trim_start_matches('-')).ok()?;
        return Some(Line { id, kind, what, about, amount, currency: read::currency(item, "/currency")? });
    }
    let named = [
        "/source/metadata/charge",
        "/source/charge/metadata/charge",
        "/source/payment_intent",
        "/source/charge/payment_intent",
        "/source/id",
    ];
    let about = named.iter().filter_map(|pointer| read::text(item, pointer)).collect();
    let (amount, currency) = (read::minor(item, "/source/amount")?, read::currency(item, "/source/currency")?);
    Some(Line { id, kind, what, about, amount, currency })
}

#[cfg(test)]
mod tests {
    use domain::{Time, Units};

    use super::*;

    /// In the form of the API reference's own samples (payouts, balance transactions with the source expanded), with amounts of ours.
    const PAYOUTS: &str = r#"{"object":"list","url":"/v1/payouts","has_more":true,"data":[
        {"id":"po_1OaFDbEcg9tTZuTg","object":"payout","amount":1459,"arrival_date":1680652800,"automatic":true,"currency":"usd",
         "status":"paid","type":"bank_account","reconciliation_status":"completed"},
        {"id":"po_2","object":"payout","amount":1,"currency":"eur","status":"in_transit"},
        {"id":"po_3","object":"payout","amount":1,"currency":"eur","status":"failed"}]}"#;
    const LINES: &str = r#"{"object":"list","url":"/v1/balance_transactions","has_more":false,"data":[
        {"id":"txn_0","object":"balance_transaction","amount":-1459,"currency":"usd","fee":0,"net":-1459,"source":"po_1OaFDbEcg9tTZuTg","type":"payout"},
        {"id":"txn_1","object":"balance_transaction","amount":1504,"currency":"usd","exchange_rate":null,"fee":45,"net":1459,"type":"charge",
         "source":{"id":"ch_1","object":"charge","amount":1504,"currency":"usd","payment_intent":"pi_1",
                   "metadata":{"charge":"chg_00000000000000000000000001"}}},
        {"id":"txn_2","object":"balance_transaction","amount":-545,"currency":"usd","exchange_rate":"1.09","fee":0,"net":-545,"type":"refund",
         "source":{"id":"re_1","object":"refund","amount":500,"currency":"eur","payment_intent":"pi_2","metadata":{}}},
        {"id":"txn_3","object":"balance_transaction","amount":-1500,"currency":"usd","fee":1500,"net":-3000,"type":"adjustment","source":"dp_1"},
        {"id":"txn_4","object":"balance_transaction","amount":-1504,"currency":"usd","fee":1500,"net":-3004,"type":"adjustment",
         "source":{"id":"dp_2","object":"dispute","amount":1504,"currency":"usd","payment_intent":"pi_1","charge":{"id":"ch_1","metadata":{"charge":"chg_1"}}}},
        {"id":"txn_5","object":"balance_transaction","amount":1504,"currency":"usd","fee":-1500,"net":3004,"type":"adjustment",
         "source":{"id":"dp_2","object":"dispute","amount":1504,"currency":"usd","payment_intent":"pi_1","charge":"ch_1"}},
        {"id":"txn_6","object":"balance_transaction","amount":545,"currency":"usd","fee":0,"net":545,"type":"refund_failure",
         "source":{"id":"re_1","object":"refund","amount":500,"currency":"eur","payment_intent":"pi_2","metadata":{}}}]}"#;

    fn account() -> Account {
        let fields = [("secret_key".to_owned(), zeroize::Zeroizing::new("sk_test_x".to_owned()))].into();
        Account { id: "acc_1".into(), base_url: super::super::BASE_URL.into(), fields, token: None }
    }

    fn answered(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn payouts_are_listed_page_by_page() {
        let ask = ReportAsk { since: Time(1_680_000_000_000), after: Some("po_9".into()) };
        let request = payouts(&account(), &ask);
        let url = "https://api.stripe.com/v1/payouts?limit=100&created%5Bgte%5D=1680000000&starting_after=po_9";
        assert_eq!(request.url, url);
        let Payouts::Seen { payouts, more } = read_payouts(&account(), &ask, &answered(200, PAYOUTS)) else { panic!() };
        assert_eq!(more.as_deref(), Some("po_3"));
        let first = PaidOut {
            id: "po_1OaFDbEcg9tTZuTg".into(),
            state: PaidOutState::Paid,
            amount: Units(1_459),
            currency: "USD".into(),
        };
        assert_eq!(payouts[0], first);
        assert_eq!(
            payouts[1..].iter().map(|one| one.state).collect::<Vec<_>>(),
            [PaidOutState::Pending, PaidOutState::Failed]
        );
    }

    #[test]
    fn lines_name_the_charge_and_what_the_payer_paid() {
        let ask = LinesAsk { payout: "po_1".into(), after: None };
        assert!(
            lines(&account(), &ask)
                .url
                .contains("/v1/balance_transactions?limit=100&payout=po_1&expand%5B%5D=data.source")
        );
        let Lines::Seen { lines, more } = read_lines(&account(), &ask, &answered(200, LINES)) else { panic!() };
        assert_eq!((lines.len(), more), (6, None));
        assert_eq!(
            (lines[0].kind, lines[0].amount, lines[0].currency.as_str()),
            (LineKind::Charge, Units(1_504), "USD")
        );
        assert_eq!(lines[0].about, ["chg_00000000000000000000000001", "pi_1", "ch_1"]);
        assert_eq!((lines[1].kind, lines[1].amount, lines[1].currency.as_str()), (LineKind::Refund, Units(500), "EUR"));
        assert_eq!(lines[1].about, ["pi_2", "re_1"]);
        assert_eq!(
            (lines[2].kind, lines[2].what.as_str(), lines[2].amount),
            (LineKind::Other, "adjustment", Units(1_500))
        );
        let rest: Vec<_> = lines[3..].iter().map(|line| (line.kind, line.amount, line.about[0].as_str())).collect();
        let expected = [
            (LineKind::Dispute, Units(1_504), "chg_1"),
            (LineKind::DisputeBack, Units(1_504), "pi_1"),
            (LineKind::RefundBack, Units(500), "pi_2"),
        ];
        assert_eq!(rest, expected);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        let (report, lines) =
            (ReportAsk { since: Time(0), after: None }, LinesAsk { payout: "po_1".into(), after: None });
        let odd = PAYOUTS.replace("in_transit", "somewhere");
        for (status, body) in [(200, "{}"), (200, "<html>"), (500, PAYOUTS), (200, odd.as_str()), (401, "")] {
            assert!(
                matches!(read_payouts(&account(), &report, &answered(status, body)), Payouts::Unknown(_)),
                "{body}"
            );
        }
        let odd = LINES.replace("\"amount\":1504,\"currency\":\"usd\",\"payment_intent\"", "\"payment_intent\"");
        for (status, body) in [(200, "{}"), (404, LINES), (200, odd.as_str())] {
            assert!(matches!(read_lines(&account(), &lines, &answered(status, body)), Lines::Unknown(_)), "{body}");
        }
    }
}
