//! What a merchant may pay out, who agrees, where funds come from, and what comes back.

use serde_json::json;

use super::*;

fn refused(code: u16, message: &str) -> Value {
    json!({ "errorCode": code, "errorMessage": message, "success": false })
}

#[tokio::test]
async fn no_more_than_the_days_limit() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 1_000, 1).await;
    let said = sandbox.said(&["merchant", "payout", "1", "--day-max", "25", "--min", "2", "--max", "20"]);
    assert!(said.starts_with("Payments of 2.00 to 20.00 EUR, 25.00 EUR a day; a second person: never;"), "{said}");
    let send = async |amount: &str, card: &str| client.post_json(SEND, &payment(amount, card)).await.ok();
    for (amount, fits) in [("1.99", false), ("20.01", false), ("10", true), ("10", true), ("5.01", false), ("5", true)]
    {
        let answer = send(amount, APPROVED).await;
        match fits {
            true => assert_eq!(answer["success"], true, "{amount}: {answer}"),
            false => assert_eq!(answer, refused(50009, "invalid amount"), "{amount}"),
        }
    }
    assert_eq!(send("2", APPROVED).await, refused(50009, "invalid amount"), "the day is full");
    // another day; what fails does not count
    client.advance(86_400).await;
    assert_eq!(send("20", DECLINED).await["payment_id"], 4);
    becomes(client, "payment", 4, "payment:failed").await;
    assert_eq!(send("20", APPROVED).await["payment_id"], 5);
    assert_eq!(send("5.01", APPROVED).await, refused(50009, "invalid amount"));
    // many at once: the limit holds
    client.advance(86_400).await;
    let answers = futures_util::future::join_all((0..10).map(|_| send("5", APPROVED))).await;
    assert_eq!(answers.iter().filter(|answer| answer["success"] == true).count(), 5);
    // who changed the rules, from what to what
    let log = sandbox.said(&["log"]);
    let line = log.lines().find(|line| line.contains(" payout.rules ")).unwrap();
    assert!(line.contains(" cli:"), "{line}");
    let changed = "smallest payment from 0.01 EUR to 2.00 EUR; largest payment from 10000.00 EUR to 20.00 EUR; \
                   a day from 50000.00 EUR to 25.00 EUR";
    assert!(line.ends_with(changed), "{line}");
    sandbox.said(&["merchant", "payout", "1", "--day-max", "25"]);
    let changes = sandbox.said(&["log"]).lines().filter(|line| line.contains(" payout.rules ")).count();
    assert_eq!(changes, 1, "nothing was changed");
    sandbox.audit();
}

/// The API asks, a person agrees on the command line: not the key, not the merchant.
#[tokio::test]
async fn a_second_person_agrees() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 1_000, 1).await;
    sandbox.said(&["merchant", "payout", "1", "--approval-above", "100"]);
    client.post_json(SEND, &payment("100", APPROVED)).await.ok();
    becomes(client, "payment", 1, "payment:success").await;
    client.post_json(SEND, &payment("100.01", APPROVED)).await.ok();
    client.advance(3_600).await;
    assert_eq!(detail(client, "payment", 2).await["status"], "payment:pending");
    assert_eq!(detail(client, "funds", 1).await["balance"], "719.99 EUR", "it is set aside");
    let waiting = sandbox.said(&["transfers", "list", "--waiting"]);
    assert!(waiting.lines().count() == 1 && waiting.contains("100.01 EUR to 4242XXXXXXXX4242"), "{waiting}");
    let id = waiting.split(' ').find(|word| word.starts_with("trf_")).unwrap().to_owned();
    let hint = &client.key[..4];
    let shown = sandbox.said(&["transfers", "show", &id]);
    assert!(shown.contains(&format!("api:key {hint}… transfer.asked payment 2, 100.01 EUR")), "{shown}");
    let database = sandbox.database();
    let find = |tx: &gateway::store::Tx<'_>| gateway::store::merchants::existing(tx, &database.merchant);
    let merchant = database.store.read(find).await.unwrap();
    for (by, why) in [
        (format!("api:key {hint}…"), "no person"),
        ("API:another".to_owned(), "no person"),
        ("lockgate".to_owned(), "no person"),
        (merchant.name.to_uppercase(), "asked for it"),
        (format!("cli:{}", merchant.email), "asked for it"),
        (" ".to_owned(), "say who"),
    ] {
        let output = sandbox.run(&["transfers", "approve", &id, "--by", &by]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{by}: {said}");
    }
    assert!(sandbox.run(&["transfers", "retry", &id]).status.code() != Some(0), "nobody goes around it");
    sandbox.said(&["transfers", "approve", &id, "--by", "Anna"]);
    becomes(client, "payment", 2, "payment:success").await;
    let log = sandbox.said(&["log"]);
    assert!(log.contains("transfer.approve") && log.contains("by Anna"), "{log}");
    told(&sandbox, "payment:", 2, &["payment:pending", "payment:success"]).await;
    sandbox.audit();
}

#[tokio::test]
async fn without_a_processor_nothing_is_kept() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    let list = sandbox.said(&["provider", "list"]);
    let line = list.lines().find(|line| line.contains("for pay-outs")).unwrap_or_else(|| panic!("{list}"));
    let account = line.split(' ').next().unwrap();
    sandbox.said(&["provider", "off", account]);
    let answer = client.post_json(SEND, &payment("1", APPROVED)).await;
    let sentence = r#"{"error":"Payments to cards are not set up on this gateway. Nothing was kept."}"#;
    assert_eq!(answer.both(), (503, sentence));
    assert_eq!(client.get("/api/payout/payment/get-history").await.ok()["total"], "0");
    sandbox.said(&["provider", "on", account]);
    assert_eq!(client.post_json(SEND, &payment("1", APPROVED)).await.ok()["payment_id"], 1);
    becomes(client, "payment", 1, "payment:success").await;
    sandbox.audit();
}

/// The bank sends back what was paid: noticed within a day, told, and the euros are the merchant's again.
#[tokio::test]
async fn what_is_taken_back_is_told() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    credited(&sandbox, 100, 1).await;
    client.post_json(SEND, &payment("10", APPROVED)).await.ok();
    becomes(client, "payment", 1, "payment:success").await;
    let order = json!({ "outcome": "take_back", "reason": "The account is closed" });
    client.post_json("/sandbox/payouts/1/outcome", &order).await.ok();
    client.advance(86_300).await;
    assert_eq!(detail(client, "payment", 1).await["status"], "payment:success");
    client.advance(200).await;
    let back = becomes(client, "payment", 1, "payment:failed").await;
    assert_eq!((&back["failed_reason"], &back["amount_reached"]), (&json!("The account is closed"), &json!(" ")));
    let bodies = told(&sandbox, "payment:", 1, &["payment:pending", "payment:success", "payment:failed"]).await;
    assert_eq!(bodies[2]["failed_reason"], "The account is closed");
    assert_eq!(detail(client, "funds", 1).await["balance"], "92 EUR");
    let shown = sandbox.said(&["transfers", "list"]);
    assert!(shown.contains("No such transfers"), "{shown}");
    sandbox.audit();
}

/// A callback proves nothing, but the processor is asked at once.
#[tokio::test]
async fn a_callback_makes_it_look_at_once() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    credited(&sandbox, 100, 1).await;
    client.post_json(SEND, &payment("10", APPROVED)).await.ok();
    becomes(client, "payment", 1, "payment:success").await;
    let find = |tx: &gateway::store::Tx<'_>| {
        let payout = gateway::store::payouts::existing(tx, &database.merchant, 1)?;
        gateway::store::transfers::existing(tx, &database.merchant, &payout.transfer_id)
    };
    let transfer = || async { database.store.read(find).await.unwrap() };
    let done = transfer().await;
    let [_, secret] = database.acquirer_secrets().await;
    let post = async |event: &str| {
        let body = json!({ "id": event, "type": "payout.returned", "happened_at": 1, "payment": done.reference, "reference": "x" });
        let (body, now) = (body.to_string(), gateway::clock::Clock::system().now() / 1_000);
        let path = format!("/provider/callbacks/{}", done.account_id.as_ref().unwrap());
        let request =
            client.request_without_key(reqwest::Method::POST, &path).header("content-type", "application/json");
        let signed = request.header("acquirer-signature", acquirer_signature(&secret, now, &body));
        assert_eq!(client.send(signed.body(body)).await.status, 200);
    };
    // one that lies: it is still paid
    post("evt_1").await;
    wait_until("it is asked about", transfer, |row| row.asked > done.asked).await;
    assert_eq!(detail(client, "payment", 1).await["status"], "payment:success");
    assert_eq!(database.unplaced().await, [], "it is about something of ours");
    client.post_json("/sandbox/payouts/1/outcome", &json!({ "outcome": "take_back" })).await.ok();
    post("evt_2").await;
    becomes(client, "payment", 1, "payment:failed").await;
    sandbox.audit();
}

const STRANGER: &str = "0x9999999999999999999999999999999999999999";
const THIRD: &str = "0x8888888888888888888888888888888888888888";

/// Funds come from the wallets on the merchant's list, if there is one, and nobody else's funds come from those.
#[tokio::test]
async fn funds_come_from_the_wallets_on_the_list() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let another = sandbox.ready_merchant(client, &[]);
    let (payer, mine) = (sandbox.wallet(), another.number.clone());
    // the other merchant says that the payer's wallet is its own: the first one's report is in vain, and its own is not
    let said = sandbox.said(&["merchant", "payout", &mine, "--sender", &payer]);
    assert!(said.contains(&format!("Funds come from {payer}\n")), "{said}");
    // at once it closes nothing to others: whoever names a transaction first has it
    came(&sandbox, 3, 0, "USDC_polygon", 100_000_000, Finality::Final).await;
    let id = client.post_json(ADD, &fund("100", 3)).await.ok()["fund_id"].as_i64().unwrap();
    becomes(client, "funds", id, "fund:success").await;
    client.advance(86_401).await;
    came(&sandbox, 1, 0, "USDC_polygon", 100_000_000, Finality::Final).await;
    let id = client.post_json(ADD, &fund("100", 1)).await.ok()["fund_id"].as_i64().unwrap();
    let failed = becomes(client, "funds", id, "fund:failed").await;
    assert_eq!(failed["failed_reason"], "The coins came from a wallet of another merchant");
    let id = another.client.post_json(ADD, &fund("100", 1)).await.ok()["fund_id"].as_i64().unwrap();
    becomes(&another.client, "funds", id, "fund:success").await;
    // one wallet, one merchant
    let output = sandbox.run(&["merchant", "payout", "1", "--sender", &payer.to_lowercase()]);
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && why.contains(&format!("is on the list of merchant {mine}")), "{why}");
    // with a list, from no other wallet; another one for the list waits a day
    sandbox.said(&["merchant", "payout", "1", "--sender", STRANGER]);
    let said = sandbox.said(&["merchant", "payout", "1", "--sender", THIRD]);
    assert!(said.contains(&format!("Funds come from {THIRD} from ")), "{said}");
    came(&sandbox, 2, 0, "USDC_polygon", 100_000_000, Finality::Final).await;
    let id = client.post_json(ADD, &fund("100", 2)).await.ok()["fund_id"].as_i64().unwrap();
    let failed = becomes(client, "funds", id, "fund:failed").await;
    let why = format!("The coins came from {payer}, which is not on the list of your wallets");
    assert_eq!(failed["failed_reason"], why);
    // off the other's list at once if another wallet stays there; the last one stays for a day
    let said = sandbox.said(&["merchant", "payout", &mine, "--remove-sender", &payer]);
    assert!(said.contains(&format!("Funds come from {payer} until ")), "{said}");
    client.advance(86_401).await;
    let said = sandbox.said(&["merchant", "payout", &mine]);
    assert!(!said.contains("Funds come from"), "{said}");
    // nobody claims a wallet that another one's funds came from
    let output = sandbox.run(&["merchant", "payout", &mine, "--sender", &payer]);
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && why.contains("merchant 1 has funds that came from"), "{why}");
    let said = sandbox.said(&["merchant", "payout", "1", "--remove-sender", STRANGER]);
    assert!(said.contains(&format!("Funds come from {THIRD}\n")) && !said.contains(STRANGER), "{said}");
    // each was written down, and the merchants were told
    let log = sandbox.said(&["log"]);
    for (act, times) in [("payout.sender_added", 3), ("payout.sender_removed", 2)] {
        assert_eq!(log.lines().filter(|line| line.contains(act) && line.contains(" cli:")).count(), times, "{log}");
    }
    assert!(sandbox.said(&["mails"]).contains("A wallet was put on the list that your funds come from"));
    sandbox.audit();
}
