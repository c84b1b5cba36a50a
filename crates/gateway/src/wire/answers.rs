//! Successful answers. Those of history are in `history`.

use super::amount::Quantity;
use super::callback::InvoiceCallback;
use super::create::{PayableCurrency, SolutionType};
use super::status::{InvoiceStatus, words};
use serde_json::json;

/// Of "create invoice": the page to send the customer to, and an anchor to it for pasting in a page.
pub fn created(redirect_url: &str) -> String {
    let html = format!("<a href='{}'></a>", in_single_quotes(redirect_url));
    json!({ "errorCode": 0, "redirectUrl": redirect_url, "html": html }).to_string()
}

/// Of "create invoice" in S2S mode: no anchor, but the status and the number of the invoice.
pub fn created_s2s(redirect_url: &str, status: InvoiceStatus, id: u64) -> String {
    json!({ "errorCode": 0, "redirectUrl": redirect_url, "status": words(status).value, "ID": id }).to_string()
}

/// Of "invoice status": `id` and `amount` are strings here.
pub fn status(id: u64, devise: &str, amount: Quantity, status: InvoiceStatus) -> String {
    let invoice =
        json!({ "id": id.to_string(), "devise": devise, "amount": amount.shortest(), "status": words(status).value });
    json!({ "errorCode": 0, "invoice": invoice }).to_string()
}

/// Of "invoice infos": the last callback, with the numbers of merchant and invoice as strings beside it.
pub fn infos(merchant_number: u64, last: &InvoiceCallback<'_>) -> String {
    let (invoice, data) = (last.id, last.data());
    format!(r#"{{"errorCode":0,"merchant_id":"{merchant_number}","invoice_id":"{invoice}","data":{data}}}"#)
}

/// Of "payable currencies".
pub fn payable_currencies(list: &[PayableCurrency]) -> String {
    json!({ "errorCode": 0, "payableCurrencies": list }).to_string()
}

/// Of "payment solution type".
pub fn solution_types(enabled: &[SolutionType]) -> String {
    json!({ "errorCode": 0, "payment_solution_type": enabled }).to_string()
}

/// Of "payment solution name".
pub fn solution_names(enabled: &[String]) -> String {
    json!({ "errorCode": 0, "payment_solution_name": enabled }).to_string()
}

/// Of "refund".
pub fn refund(id: &str, kind: &str, asset: &str, amount: &str, state: &str) -> String {
    let refund = json!({ "id": id, "kind": kind, "asset": asset, "amount": amount, "state": state });
    json!({ "errorCode": 0, "refund": refund }).to_string()
}

fn in_single_quotes(url: &str) -> String {
    url.replace('&', "&amp;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::callback::Money;

    #[test]
    fn the_documented_answers() {
        let page = "https://pay.example/widget/sale/create/?token=a%2Bb";
        assert_eq!(
            created(page),
            r#"{"errorCode":0,"redirectUrl":"https://pay.example/widget/sale/create/?token=a%2Bb","html":"<a href='https://pay.example/widget/sale/create/?token=a%2Bb'></a>"}"#
        );
        assert_eq!(
            created_s2s(page, InvoiceStatus::Opened, 1736),
            r#"{"errorCode":0,"redirectUrl":"https://pay.example/widget/sale/create/?token=a%2Bb","status":"invoice:opened","ID":1736}"#
        );
        assert_eq!(
            status(1689, "USD", Quantity::new(400, 2), InvoiceStatus::Created),
            r#"{"errorCode":0,"invoice":{"id":"1689","devise":"USD","amount":"4","status":"invoice:created"}}"#
        );
        let paid = InvoiceCallback {
            status: InvoiceStatus::Settled,
            id: 1736,
            invoiced: Money { amount: Quantity::new(500, 2), currency: "USD" },
            description: None,
            callback_json: None,
            charged: Some(Money { amount: Quantity::new(40971, 2), currency: "INR" }),
            settled: Some(Money { amount: Quantity::new(4, 0), currency: "USDC" }),
            at_ms: Some(1_681_326_588_000),
        };
        assert_eq!(
            infos(1, &paid),
            r#"{"errorCode":0,"merchant_id":"1","invoice_id":"1736","data":{"status":"invoice:paid","id":1736,"devise":"USD","amount":5,"description":"Payment of the invoice has been made successfully","callbackJson":null,"fiat_amount":409.71,"fiat_currency":"INR","totalAmount":4,"totalCurrency":"USDC","datetime":"2023-04-12 19:09:48"}}"#
        );
    }

    #[test]
    fn the_lists() {
        let tether = PayableCurrency {
            value: "USDT_polygon".to_owned(),
            symbol: "USDT".to_owned(),
            network: "polygon".to_owned(),
            name: "Tether USD (Polygon)".to_owned(),
            aliases: vec!["x".to_owned()],
        };
        assert_eq!(
            payable_currencies(&[tether]),
            r#"{"errorCode":0,"payableCurrencies":[{"value":"USDT_polygon","symbol":"USDT","network":"polygon","name":"Tether USD (Polygon)"}]}"#
        );
        assert_eq!(
            solution_types(&[SolutionType::Card, SolutionType::Upi, SolutionType::Crypto]),
            r#"{"errorCode":0,"payment_solution_type":["CARD","UPI","CRYPTO"]}"#
        );
        assert_eq!(solution_names(&[]), r#"{"errorCode":0,"payment_solution_name":[]}"#);
    }

    #[test]
    fn the_anchor_cannot_be_left() {
        assert!(created("https://x.example/?a='><script>&b").contains("?a=&#39;&gt;&lt;script&gt;&amp;b'></a>"));
    }
}
