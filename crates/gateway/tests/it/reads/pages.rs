//! The merchant's pages of a running sandbox: what payers and merchants wrote stays text, money that came is shown and given back.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::*;

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

#[tokio::test]
async fn what_was_written_is_text_and_what_came_is_given_back() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let evil = json!({
        "amount": "15.04", "devise": "USD", "email": "=cmd@example.com", "name": HOSTILE, "callbackJson": HOSTILE,
        "success_url": "https://shop.example/?<script>alert(1)</script>",
    });
    let (id, _) = client.hosted(&evil).await;
    let browser = Visitor::signed_in(client, &sandbox.file, "merchant_login").await;
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
    // what it says is tested where it is made; its title is in the file as it is, in UTF-16
    let title: String = format!("Receipt No. {id} ").encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    assert!(
        receipt.body.starts_with("%PDF-") && receipt.body.contains(&format!("/Title<FEFF{title}")),
        "{}",
        receipt.body
    );
    let coins = |amount: &'static str| [("of", "coins:USDT_polygon:merchant_wallet"), ("amount", amount)];
    let path = format!("{here}/refund");
    let too_much = browser.post(&here, &path, &coins("99")).await;
    assert!(too_much.status == 422 && too_much.body.contains("can still be given back"), "{}", too_much.body);
    // sent twice from one page, as by a second click, it is one refund; another amount from that page is another
    let shown = browser.get(&here).await;
    for amount in ["1", "1", "0.50", "1"] {
        let refund = browser.post_shown(&shown, &path, &coins(amount)).await;
        assert_eq!(refund.status, 303, "{}", refund.body);
    }
    let decided = |page: &Answer| page.body.matches("decided on a refund of coins").count();
    assert_eq!(decided(&browser.get(&here).await), 2);
    assert_eq!(browser.post(&here, &path, &coins("0.50")).await.status, 303);
    assert_eq!(decided(&browser.get(&here).await), 3, "a page of its own");
    let unknown = browser.post(&here, &path, &[("of", "coins:USDT_polygon:merchant_wallet"), ("once", "x")]).await;
    assert!(unknown.status == 422 && decided(&unknown) == 3, "{}", unknown.body);
    let page = browser.get(&here).await;
    assert!(page.body.contains("merchant@sandbox.example"));

    // found by what paid it and by what brought the coins to the wallet, whatever the letters; by nobody else's
    let (other, _) = client.sell("2", "USDT_polygon").await;
    let paid = sandbox.database().payments(id).await.remove(0).payment;
    let hashes = [paid.on_chain.tx_hash, paid.flushed_by.expect("a flush")];
    assert_ne!(hashes[0], hashes[1]);
    for hash in hashes.iter().flat_map(|hash| [hash.clone(), hash[2..].to_uppercase()]) {
        let found = browser.get(&format!("/client/invoices?q={hash}")).await;
        let has = |number: i64| found.body.contains(&format!("href=\"/client/invoices/{number}\""));
        assert!(has(id) && !has(other), "{hash}: {}", found.body);
    }

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
