//! Who may call what: every route of the contract, every way of being turned away, each endpoint's own wording.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Answer, Client, Sandbox, WALLET};

/// Wordings of the same refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wording {
    /// That of create, status, infos and the lists.
    Create,
    History,
    /// That of pay-outs: as create's, and `success` beside it.
    Payout,
}

use Wording::{Create, History, Payout};

/// Every call of the contract: path, methods, wording.
const ROUTES: &[(&str, &[Method], Wording)] = &[
    ("/api/btn-create-invoice/get/", &[Method::POST], Create),
    ("/api/invoice/status/", &[Method::GET, Method::POST], Create),
    ("/api/client-invoice-info/get/", &[Method::GET, Method::POST], Create),
    ("/api/client-invoice-history/get/", &[Method::GET, Method::POST], History),
    ("/api/invoice/history/", &[Method::GET, Method::POST], History),
    ("/api/payable-currencies/get/", &[Method::GET], Create),
    ("/api/payment-solution-type/get/", &[Method::GET], Create),
    ("/api/payment-solution-name/get/", &[Method::GET], Create),
    ("/api/payout/funds/add/", &[Method::POST], Payout),
    ("/api/payout/funds/get-history/", &[Method::GET, Method::POST], Payout),
    ("/api/payout/funds/get-detail/", &[Method::GET, Method::POST], Payout),
    ("/api/payout/payment/send/", &[Method::POST], Payout),
    ("/api/payout/payment/get-history/", &[Method::GET, Method::POST], Payout),
    ("/api/payout/payment/get-detail/", &[Method::GET, Method::POST], Payout),
];

const NO_IP: &str = "No IP is linked to your account. Please enter them in your profile page and API block";

impl Wording {
    fn answer(self, code: u16, message: &str) -> String {
        let more = if self == Payout { r#","success":false"# } else { "" };
        format!(r#"{{"errorCode":{code},"errorMessage":"{message}"{more}}}"#)
    }

    fn key_required(self) -> String {
        self.answer(50001, "API-KEY required")
    }

    fn no_ip(self) -> String {
        self.answer(50010, NO_IP)
    }

    fn key_invalid(self) -> String {
        self.answer(50007, if self == History { "Invalid API-KEY" } else { "invalid API-KEY" })
    }

    fn wrong_ip(self) -> String {
        let message = match self {
            History => "You can not use this API from this IP address",
            Create | Payout => "this API-KEY can not use this API from this IP address",
        };
        self.answer(50006, message)
    }
}

/// Every spelling of every call.
fn calls() -> impl Iterator<Item = (Method, String, Wording)> {
    ROUTES.iter().flat_map(|(path, methods, wording)| {
        let spellings = [(*path).to_owned(), path.trim_end_matches('/').to_owned(), format!("{path}?id=1")];
        let each = move |method: &Method| spellings.clone().map(|path| (method.clone(), path, *wording));
        methods.iter().flat_map(each).collect::<Vec<_>>()
    })
}

/// The calls' paths are those of the program's own list: a new one cannot be forgotten here.
#[test]
fn every_path_of_the_program_is_in_the_list() {
    let ours = include_str!("../../src/wire/paths.rs");
    let mut found = 0;
    for path in ours.split('"').filter(|text| text.starts_with("/api/")) {
        assert!(ROUTES.iter().any(|(known, ..)| *known == path), "{path} is missing from ROUTES");
        found += 1;
    }
    assert_eq!(found, ROUTES.len());
    let router = include_str!("../../src/api/nonstopay/mod.rs");
    assert!(!router.contains("\"/"), "every path is named in wire::paths");
}

#[tokio::test]
async fn without_a_key_or_with_a_wrong_one() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    for (method, path, wording) in calls() {
        let none = client.send(client.request_without_key(method.clone(), &path)).await;
        assert_eq!(none.both(), (200, wording.key_required().as_str()), "{method} {path}");
        let empty = client.send(client.request_without_key(method.clone(), &path).header("API-KEY", " ")).await;
        assert_eq!(empty.both(), (200, wording.key_required().as_str()), "{method} {path}");
        for key in ["0d8d8e89a6cdcd", &client.key[..31], &format!("{}0", client.key), "' OR 1=1 --", "clé"] {
            let wrong = client.send(client.with_key(key).request(method.clone(), &path)).await;
            assert_eq!(wrong.both(), (200, wording.key_invalid().as_str()), "{method} {path} {key}");
            assert_eq!(wrong.headers["content-type"], "application/json");
        }
    }
}

#[tokio::test]
async fn calling_fromes_that_are_not_linked() {
    let shared = Sandbox::shared().await;
    let unlinked = shared.sandbox.new_merchant(&shared.client, &["--wallet", WALLET]);
    let elsewhere = shared.sandbox.new_merchant(&shared.client, &["--wallet", WALLET]);
    shared.sandbox.allow(&elsewhere, "203.0.113.9");
    for (method, path, wording) in calls() {
        let answer = unlinked.client.send(unlinked.client.request(method.clone(), &path)).await;
        assert_eq!(answer.both(), (200, wording.no_ip().as_str()), "{method} {path}");
        let answer = elsewhere.client.send(elsewhere.client.request(method.clone(), &path)).await;
        assert_eq!(answer.both(), (200, wording.wrong_ip().as_str()), "{method} {path}");
        for header in ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP", "True-Client-IP"] {
            let request = elsewhere.client.request(method.clone(), &path).header(header, "203.0.113.9");
            let answer = elsewhere.client.send(request.header(header, "for=203.0.113.9")).await;
            assert_eq!(answer.both(), (200, wording.wrong_ip().as_str()), "{method} {path}: {header} is not believed");
        }
        let honest = shared.client.request(method.clone(), &path).header("X-Forwarded-For", "203.0.113.9");
        let code = shared.client.send(honest).await.ok()["errorCode"].as_u64().unwrap();
        assert!(![50001, 50006, 50007, 50010].contains(&code), "{method} {path}: the peer counts, {code}");
    }
}

#[tokio::test]
async fn one_address_networks_and_removal() {
    let shared = Sandbox::shared().await;
    let sandbox = &shared.sandbox;
    let merchant = sandbox.new_merchant(&shared.client, &["--wallet", WALLET]);
    let from = |address: &str| merchant.client.calling_from(address);
    let list = async |client: Client| client.get("/api/payable-currencies/get/").await.ok()["errorCode"].as_u64();

    sandbox.allow(&merchant, "127.0.0.2");
    assert_eq!(list(from("127.0.0.2")).await, Some(0));
    assert_eq!(list(from("127.0.0.1")).await, Some(50006));
    sandbox.allow(&merchant, "127.0.4.0/23");
    assert_eq!(list(from("127.0.5.255")).await, Some(0));
    assert_eq!(list(from("127.0.6.0")).await, Some(50006));
    sandbox.said(&["merchant", "ip", "remove", &merchant.number, "127.0.0.2"]);
    assert_eq!(list(from("127.0.0.2")).await, Some(50006));
    sandbox.said(&["merchant", "ip", "remove", &merchant.number, "127.0.4.0/23"]);
    assert_eq!(list(from("127.0.5.255")).await, Some(50010), "the list is empty again");
}

/// An unknown id and another merchant's answer the same, so that ids cannot be probed.
#[tokio::test]
async fn another_merchants_invoice() {
    let shared = Sandbox::shared().await;
    let (id, _) = shared.client.sell("5", "USDT_polygon").await;
    let other = shared.sandbox.ready_merchant(&shared.client, &[]).client;
    let foreign = r#"{"errorCode":50011,"errorMessage":"This invoice belongs to another merchant"}"#;
    for path in ["/api/invoice/status/", "/api/client-invoice-info/get/"] {
        assert_eq!(shared.client.get(&format!("{path}?id={id}")).await.ok()["errorCode"], 0);
        for unknown in [id.to_string(), (id + 1_000_000).to_string(), i64::MAX.to_string()] {
            let got = other.get(&format!("{path}?id={unknown}")).await;
            assert_eq!(got.both(), (200, foreign), "{path} {unknown}");
            let got = other.post_json(path, &json!({ "id": unknown })).await;
            assert_eq!(got.both(), (200, foreign), "{path} {unknown}");
        }
    }
    for path in ["/api/client-invoice-history/get/", "/api/invoice/history/"] {
        let list = other.get(path).await.ok();
        assert_eq!((&list["list"], &list["total"]), (&json!([]), &json!("0")), "{path}");
    }
}

#[tokio::test]
async fn a_rotated_key_works_for_another_day() {
    let sandbox = Sandbox::start().await;
    let merchant = sandbox.ready_merchant(&sandbox.client, &[]);
    let call = async |client: &Client| -> Answer { client.get("/api/payable-currencies/get/").await };
    let said = sandbox.said(&["merchant", "key", "rotate", &merchant.number]);
    let new = said.lines().next().unwrap().strip_prefix("New API key, shown only now: ").unwrap();
    let new = merchant.client.with_key(new);
    assert_eq!(call(&merchant.client).await.ok()["errorCode"], 0);
    assert_eq!(call(&new).await.ok()["errorCode"], 0);
    sandbox.client.advance(23 * 3600).await;
    assert_eq!(call(&merchant.client).await.ok()["errorCode"], 0);
    sandbox.client.advance(3600 + 60).await;
    assert_eq!(call(&merchant.client).await.both(), (200, Create.key_invalid().as_str()));
    assert_eq!(call(&new).await.ok()["errorCode"], 0);

    let keys = sandbox.said(&["merchant", "key", "list", &merchant.number]);
    let id = keys.lines().find(|line| line.contains(" valid")).unwrap().split(' ').next().unwrap();
    assert!(!keys.contains(&new.key) && !keys.contains(&merchant.key), "keys are never shown again: {keys}");
    sandbox.said(&["merchant", "key", "revoke", &merchant.number, id]);
    assert_eq!(call(&new).await.both(), (200, Create.key_invalid().as_str()));
}

#[tokio::test]
async fn other_methods_and_other_paths() {
    let shared = Sandbox::shared().await;
    let client = &shared.client;
    for (path, methods, _) in ROUTES {
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            if methods.contains(&method) {
                continue;
            }
            let got = client.send(client.request(method.clone(), path)).await;
            let sentence = format!(r#"{{"error":"{path} does not take this method."}}"#);
            assert_eq!(got.both(), (405, sentence.as_str()), "{method} {path}");
        }
    }
    for path in ["/", "/api", "/api/", "/api/invoice/status//", "/API/invoice/status/", "/admin", "/.env"] {
        assert_eq!(client.get(path).await.both(), (404, r#"{"error":"There is nothing at this path."}"#), "{path}");
    }
}
