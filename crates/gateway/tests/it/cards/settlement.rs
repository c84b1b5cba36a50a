//! Card money on the operator's account, settled by the running gateway: decided after midnight, shown, and written out. Nothing here carries
//! the transfer: that is the treasury's.

use domain::charge::State;

use crate::harness::*;

/// 15.04 USD by card, paid: a fee of 0.15, and 14.89 owed to the merchant.
async fn paid(sandbox: &Sandbox) -> i64 {
    let (_, id, _) = sandbox.client.charge_card(&card_sale(APPROVED)).await;
    sandbox.database().charges_become(id, &[State::Paid]).await;
    id
}

async fn listed(sandbox: &Sandbox, settlements: usize) -> Vec<String> {
    let look = || async {
        let said = sandbox.said(&["settlement", "list", "1"]);
        said.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    wait_until("settlements are decided", look, |lines| lines.len() == settlements).await
}

#[tokio::test]
async fn decided_shown_and_written_out() {
    let sandbox = Sandbox::start().await;
    let id = paid(&sandbox).await;
    let terms = sandbox.said(&["settlement", "list", "1"]);
    assert!(terms.starts_with("daily (once a UTC day") && terms.lines().count() == 1, "{terms}");
    let terms = sandbox.said(&["settlement", "set", "1", "--reserve-bps", "1000", "--reserve-days", "30"]);
    assert!(terms.contains("reserve 1000 bps for 30 days"), "{terms}");
    assert!(!sandbox.run(&["settlement", "set", "1", "--schedule", "threshold"]).status.success());

    sandbox.client.advance(86_400).await;
    let lines = listed(&sandbox, 1).await;
    // 14.89, less a reserve of 1.49, is 13.40
    assert!(lines[0].starts_with("1 ") && lines[0].contains(" 13.40 USD"), "{lines:?}");
    let shown = sandbox.said(&["settlement", "show", "1", "1"]);
    assert!(shown.contains("1.49 USD kept") && shown.contains("total   13.40 USD"), "{shown}");

    let (csv, pdf) = (sandbox.dir.join("1.csv"), sandbox.dir.join("1.pdf"));
    let (csv_name, pdf_name) = (csv.to_str().unwrap(), pdf.to_str().unwrap());
    sandbox.said(&["settlement", "statement", "1", "1", "--csv", csv_name, "--pdf", pdf_name]);
    let csv = std::fs::read_to_string(csv).unwrap();
    let records: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(records.len(), 3, "head, one item, total: {csv}");
    let cell = |name: &str| records[1][records[0].iter().position(|head| *head == name).unwrap()];
    assert_eq!(cell("invoice"), id.to_string());
    let amounts = ["gross", "fee", "deducted", "reserve", "settled"].map(cell);
    assert_eq!(amounts, ["15.04", "0.15", "0.00", "1.49", "13.40"]);
    assert!(records[2].last() == Some(&"13.40"), "{csv}");
    let pdf = std::fs::read(pdf).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    // in the browser, to the merchant and to the operator, byte for byte what the command line wrote
    let text = sandbox.said(&["settlement", "statement", "1", "1"]);
    let merchant = Visitor::signed_in(&sandbox.client, &sandbox.file, "merchant_login").await;
    let operator = Visitor::signed_in(&sandbox.client, &sandbox.file, "operator_login").await;
    let pdf = String::from_utf8_lossy(&pdf).into_owned();
    for (ending, written) in [("pdf", &pdf), ("csv", &csv), ("txt", &text)] {
        let own = merchant.get(&format!("/client/balances/statement.{ending}?number=1")).await;
        let dot = if ending == "csv" { String::new() } else { format!(".{ending}") };
        let theirs = operator.get(&format!("/operator/settlements/statement{dot}?merchant=1&number=1")).await;
        for answer in [own, theirs] {
            assert!(answer.status == 200 && answer.body.trim_end() == written.trim_end(), "{ending}: {answer:?}");
        }
    }
    sandbox.audit();

    // one that is asked for, over a charge that the schedule would leave for tomorrow
    paid(&sandbox).await;
    sandbox.said(&["settlement", "set", "1", "--paused", "true"]);
    assert!(sandbox.said(&["settlement", "now", "1"]).starts_with("Nothing to settle"));
    sandbox.said(&["settlement", "set", "1", "--paused", "false"]);
    sandbox.said(&["settlement", "now", "1"]);
    listed(&sandbox, 2).await;
    sandbox.audit();
}

/// A part came in coins, which are with the merchant already; the card paid the rest: that is what is settled, and nothing else.
#[tokio::test]
async fn of_a_mixed_invoice_the_charge_only() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.press(&token, "select", "USDT_polygon").await;
    let part = serde_json::json!({ "outcome": "paid", "method": "crypto", "amount": "5" });
    client.post_json(&format!("/sandbox/invoices/{id}/pay"), &part).await.ok();
    let flushed = |rows: &Vec<gateway::store::payments::PaymentRow>| {
        rows.iter()
            .any(|row| row.payment.finality == domain::payment::Finality::Final && row.payment.flushed_by.is_some())
    };
    client.mine(8).await;
    wait_until("the part is with the merchant", || database.payments(id), flushed).await;
    client.pay_on_page(&token, APPROVED).await;
    database.charges_become(id, &[State::Paid]).await;
    client.advance(86_400).await;
    let lines = listed(&sandbox, 1).await;
    // 10.04 by card, less a fee of 0.10
    assert!(lines[0].contains(" 9.94 USD"), "{lines:?}");
    let shown = sandbox.said(&["settlement", "show", "1", "1"]);
    assert!(shown.contains("total   9.94 USD"), "{shown}");
    client.mine(20).await;
    client.status_becomes(id, PAID).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let settlement = sandbox.said(&["settlement", "list", "1"]);
    let hash = client.row(id).await["tx_hash"].as_str().unwrap().to_owned();
    assert!(settlement.contains(&hash) || shown.contains("USDC_polygon"), "{settlement}");
    // the merchant's wallet has the coins of the flush, and the coins of the settlement: one each, and no more
    let (usdt, usdc) = (Chain::of(&sandbox).paid_out("USDT").await.0, Chain::of(&sandbox).paid_out("USDC").await.0);
    assert_eq!((usdt, usdc), (4_950_000, 9_940_000));
    // and it is over: the next day brings nothing
    client.advance(86_400).await;
    client.mine(20).await;
    assert_eq!(listed(&sandbox, 1).await.len(), 1);
    sandbox.audit();
}
