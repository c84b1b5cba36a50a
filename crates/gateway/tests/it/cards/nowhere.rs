//! No card number and no security code stands anywhere after a run in which everything went wrong that can: not in the database and
//! its log, not in what the program says on stderr at its most talkative, not in callbacks, answers or `sandbox.json`.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::*;

/// Codes that nothing else here can be: no number is written with a zero before it, so that found as a word they come from a card.
pub const CODE: &str = "073";
const LONG_CODE: &str = "0826";
/// Good numbers of no test card, as a careless merchant may send them, and one that is mistyped.
const STRANGERS: [&str; 4] = ["4111111111111111", "4012888888881881", "6304000000000000", "4917610000000001"];
const EMAIL: &str = "found@shop.example";

fn sale(card: &str) -> Value {
    let mut sale = card_sale(card);
    sale["email"] = EMAIL.into();
    sale["card_ccv"] = if card == AMEX { LONG_CODE } else { CODE }.into();
    sale
}

/// The answers, which must not say them either.
struct Said(Vec<String>);

impl Said {
    async fn post(&mut self, client: &Client, content_type: &str, body: String) {
        let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
        self.0.extend(client.try_send(request.header("Content-Type", content_type).body(body)).await.map(|a| a.body));
    }

    async fn every_encoding(&mut self, client: &Client, sale: &Value) {
        self.post(client, "application/json", sale.to_string()).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let fields: Vec<(String, String)> =
            sale.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        self.post(client, "application/x-www-form-urlencoded", form).await;
        let part = |(name, value): &(String, String)| {
            format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let multipart: String = fields.iter().map(part).collect();
        self.post(client, "multipart/form-data; boundary=part", format!("{multipart}--part--\r\n")).await;
    }
}

async fn everything(client: &Client, said: &mut Said) {
    let cards = [
        APPROVED,
        AMEX,
        CHALLENGED,
        DECLINED,
        NO_FUNDS,
        SOFT_DECLINE,
        ANSWER_LOST,
        WRONG_AMOUNT,
        WRONG_CODE,
        RUN_OUT,
        CHARGED_BACK,
        HELD,
    ];
    for card in cards.into_iter().chain(STRANGERS) {
        said.every_encoding(client, &sale(card)).await;
    }
    // numbers with blanks and hyphens, and wrong ones
    for (name, value) in [
        ("card_number", "4242 4242-4242 4242"),
        ("card_number", "4242424242424241"),
        ("card_number", "42424242424242424242424242"),
        ("card_expiry_date", APPROVED),
        ("card_ccv", APPROVED),
    ] {
        let mut wrong = sale(APPROVED);
        wrong[name] = value.into();
        said.every_encoding(client, &wrong).await;
    }
    // in fields that are kept
    for name in [
        "name",
        "email",
        "phone",
        "address1",
        "address2",
        "city",
        "postcode",
        "state",
        "callbackJson",
        "success_url",
        "cancel_url",
        "personal_id",
        "amount",
        "devise",
        "customer_ip",
        "date_of_birth",
        "country",
        "unknown",
    ] {
        for number in [APPROVED, "4012 8888 8888 1881", "4111-1111-1111-1111"] {
            let mut wrong = sale(APPROVED);
            wrong[name] = match name {
                "email" => format!("{}@shop.example", number.replace(' ', "")).into(),
                "success_url" | "cancel_url" => {
                    format!("https://shop.example/?card={}", percent_encoded(number)).into()
                }
                "callbackJson" => json!({ "order": number, "note": [number] }).to_string().into(),
                _ => number.into(),
            };
            said.every_encoding(client, &wrong).await;
        }
    }
    // not where bodies are read
    let broken = format!("{{\"card_number\":\"{APPROVED}\",\"card_ccv\":\"{CODE}\"");
    said.post(client, "application/json", broken.clone()).await;
    said.post(client, "text/xml", broken.clone()).await;
    said.post(client, "multipart/form-data; boundary=other", broken).await;
    let query = format!("/api/btn-create-invoice/get/?card_number={APPROVED}&card_ccv={CODE}");
    said.0.push(client.post_json(&query, &sale(APPROVED)).await.body);
    said.0.push(client.get(&query).await.body);
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    said.0.push(client.send(request.header("Idempotency-Key", APPROVED).body(sale(APPROVED).to_string())).await.body);
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    said.0.push(client.send(request.header("Idempotency-Key", "a key").body(sale(APPROVED).to_string())).await.body);
    on_the_page(client).await;
}

async fn on_the_page(client: &Client) {
    for (card, code, holder) in [
        (APPROVED, CODE, APPROVED),
        (APPROVED, APPROVED, "John Smith"),
        ("4242424242424241", CODE, "John Smith"),
        ("4111111111111111", CODE, "John 4111 1111 1111 1111"),
        (AMEX, CODE, "John Smith"),
        (AMEX, LONG_CODE, "John Smith"),
        (NO_FUNDS, CODE, "John Smith"),
        (CHALLENGED, CODE, "John Smith"),
        (APPROVED, CODE, "John Smith"),
    ] {
        let (_, token) = client.hosted_over("15.04").await;
        client.choose(&token, "card").await;
        let entry = [("action", "pay-card"), ("number", card), ("expiry", "12/40"), ("code", code), ("holder", holder)];
        client.fill_in(&token, &entry).await;
        client.fill_in(&token, &[("action", "claim"), ("rrn", card)]).await;
        client.fill_in(&token, &[("action", "select"), ("currency", card), ("lang", card)]).await;
    }
}

/// Every spelling in which a number might have been kept.
fn spellings(number: &str) -> Vec<String> {
    let groups: Vec<&str> = [0, 4, 8, 12].iter().filter_map(|at| number.get(*at..number.len().min(at + 4))).collect();
    ["", " ", "-", "+", "%20", "%2B"].iter().map(|between| groups.join(between)).collect()
}

/// The text around each place where `code` stands as a word: with no letter, digit, point or underscore beside it.
fn words<'t>(text: &'t str, code: &str) -> Vec<&'t str> {
    let part_of_word = |sign: char| sign.is_ascii_alphanumeric() || "._".contains(sign);
    let mut found = Vec::new();
    for (at, _) in text.match_indices(code) {
        let (before, after) = (&text[..at], &text[at + code.len()..]);
        if !before.ends_with(part_of_word) && !after.starts_with(part_of_word) {
            found.push(&text[text.floor_char_boundary(at.saturating_sub(40))..text.ceil_char_boundary(at + 40)]);
        }
    }
    found
}

/// No test card, no stranger's card and no code of those used here stands in `bytes`.
pub fn assert_is_clean(what: &str, bytes: &[u8]) {
    let text = &*String::from_utf8_lossy(bytes);
    let numbers = [APPROVED, AMEX, CHALLENGED, DECLINED, NO_FUNDS, SOFT_DECLINE, ANSWER_LOST, WRONG_AMOUNT, WRONG_CODE]
        .into_iter()
        .chain([RUN_OUT, CHARGED_BACK, HELD, "4242424242424241"])
        .chain(STRANGERS);
    for number in numbers {
        for spelling in spellings(number) {
            assert!(!text.contains(&spelling), "{what} contains {spelling}");
        }
    }
    for code in [CODE, LONG_CODE] {
        assert_eq!(words(text, code), [""; 0], "{what} contains {code}");
    }
}

fn read(dir: &Path, name: &str) -> Vec<u8> {
    std::fs::read(dir.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test]
async fn no_number_and_no_code_after_all_that() {
    let environment =
        [("LOCKGATE_LOG", "trace"), ("LOCKGATE_CRASH_AT", "charge_refund.after_send"), ("RUST_BACKTRACE", "full")];
    let mut sandbox = Sandbox::start_with(&environment).await;
    let mut said = Said(Vec::new());
    everything(&sandbox.client, &mut said).await;
    // dies of abort in the middle of it
    sandbox.client.status_becomes(1, RECEIVED).await;
    sandbox.said(&["refund", "1", "1", "--amount", "1"]);
    assert!(!sandbox.ended().await.success());
    said.post(&sandbox.client, "application/json", sale(APPROVED).to_string()).await;
    let then = contents(&sandbox.dir);
    sandbox.start_again().await;
    said.every_encoding(&sandbox.client, &sale(APPROVED)).await;
    on_the_page(&sandbox.client).await;
    sandbox.client.advance(86_400).await;
    let callbacks = wait_until("callbacks", || sandbox.client.callbacks(), |all| all.len() > 300).await;
    let callbacks: Vec<&str> = callbacks.iter().map(|callback| callback["raw_body"].as_str().unwrap()).collect();
    let lists = [sandbox.client.history("").await.to_string(), json!(sandbox.client.payments().await).to_string()];
    sandbox.audit();
    sandbox.kill9();

    let names: Vec<String> =
        std::fs::read_dir(&sandbox.dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.starts_with("core")), "{names:?}");
    for name in &names {
        assert_is_clean(name, &read(&sandbox.dir, name));
    }
    assert_is_clean("the database when it died", &then);
    assert!(callbacks.len() > 300, "{}", callbacks.len());
    assert_is_clean("callbacks", callbacks.concat().as_bytes());
    assert_is_clean("lists", lists.concat().as_bytes());
    for answer in &said.0 {
        assert_is_clean("an answer", answer.as_bytes());
    }
    // the search would have found them: what was sent beside them is there
    let kept = contents(&sandbox.dir);
    assert_is_clean("the database", &kept);
    let (kept, log) = (String::from_utf8_lossy(&kept).into_owned(), read(&sandbox.dir, "log"));
    assert!(kept.contains(EMAIL) && kept.contains("1000 Lombard St") && kept.contains("************4242"));
    let log = String::from_utf8_lossy(&log);
    assert!(log.contains("TRACE") && log.contains("Crashing on request"), "the log is not at its most talkative");
}
