//! The merchant's pages of a running sandbox: what payers and merchants wrote stays text, money that came is shown and given back.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use crate::harness::*;

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

/// A browser of the merchant's owner.
pub struct Browser<'c> {
    client: &'c Client,
    cookie: String,
}

fn cookie(answer: &reqwest::Response, name: &str) -> Option<String> {
    let lines = answer.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    lines
        .filter_map(|line| line.split(';').next())
        .find(|pair| pair.starts_with(&format!("{name}=")))
        .map(str::to_owned)
}

fn csrf(html: &str) -> &str {
    html.split_once("name=\"csrf\" value=\"").expect("a form").1.split('"').next().unwrap()
}

impl<'c> Browser<'c> {
    pub async fn log_in(client: &'c Client) -> Browser<'c> {
        let page = client.request_without_key(Method::GET, "/login").send().await.unwrap();
        let form = cookie(&page, "lockgate-form").unwrap();
        let html = page.text().await.unwrap();
        let body = format!("csrf={}&email=merchant%40sandbox.example&password=merchant-of-the-sandbox", csrf(&html));
        let request = client.request_without_key(Method::POST, "/login").header("cookie", &form);
        let sent = request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
        let session = cookie(&sent, "lockgate").expect("a session");
        Browser { client, cookie: session }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client.send(self.client.request_without_key(Method::GET, path).header("cookie", &self.cookie)).await
    }

    pub async fn post(&self, path: &str, of: &str, fields: &str) -> Answer {
        let body = format!("csrf={}&{fields}", csrf(&self.get(of).await.body));
        let request = self.client.request_without_key(Method::POST, path).header("cookie", &self.cookie);
        self.client.send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }
}

#[tokio::test]
async fn what_was_written_is_text_and_what_came_is_given_back() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let evil = json!({
        "amount": "15.04", "devise": "USD", "email": "=cmd@example.com", "name": HOSTILE, "callbackJson": HOSTILE,
        "success_url": "https://shop.example/?<script>alert(1)</script>",
    });
    let (id, _) = client.hosted(&evil).await;
    let browser = Browser::log_in(client).await;
    let here = format!("/client/invoices/{id}");
    let page = browser.get(&here).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("&#60;script&#62;") || page.body.contains("&lt;script&gt;"), "{}", page.body);
    assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"));
    let file = browser.get("/client/invoices/export.csv").await;
    assert!(file.body.contains(",'=cmd@example.com,"), "{}", file.body);

    client.pay(id, Pay { outcome: "paid", currency: Some("USDT_polygon"), ..Pay::default() }).await;
    client.status_becomes(id, PAID).await;
    let page = browser.get(&here).await;
    assert!(page.body.contains("Ledger entry") && page.body.contains("Refund"), "{}", page.body);
    let receipt = browser.get(&format!("{here}/receipt.pdf")).await;
    assert!(receipt.body.starts_with("%PDF-") && receipt.body.contains("(15.04 USD)"), "{}", receipt.body);
    let too_much =
        browser.post(&format!("{here}/refund"), &here, "of=coins:USDT_polygon:merchant_wallet&amount=99").await;
    assert!(too_much.status == 422 && too_much.body.contains("can still be given back"), "{}", too_much.body);
    let refund = browser.post(&format!("{here}/refund"), &here, "of=coins:USDT_polygon:merchant_wallet&amount=1").await;
    assert_eq!(refund.status, 303, "{}", refund.body);
    let page = browser.get(&here).await;
    assert!(page.body.contains("merchant@sandbox.example") && page.body.contains("decided on a refund of coins"));

    // the page's figures and the book's file are of the same money
    assert!(browser.get("/client/").await.body.contains("15.04 USD"));
    let book = browser.get("/client/balances/entries.csv").await;
    let mut sums: BTreeMap<&str, [i128; 2]> = BTreeMap::new();
    for line in book.body.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let micros = |text: &str| {
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            if text.is_empty() { 0 } else { format!("{whole}{part:0<18}").parse::<i128>().unwrap() }
        };
        let sum = sums.entry(cells[8]).or_default();
        *sum = [sum[0] + micros(cells[9]), sum[1] + micros(cells[10])];
    }
    assert!(!sums.is_empty() && sums.values().all(|[debit, credit]| debit == credit && *debit > 0), "{sums:?}");
    assert!(browser.get("/client/balances").await.body.contains("Fees"));
}
