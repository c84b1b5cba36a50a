//! What Prometheus is told, and what it is not.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::*;

/// A gateway's numbers as Prometheus reads them: name with labels, and value.
#[derive(Debug)]
struct Scraped {
    text: String,
    samples: BTreeMap<String, String>,
}

impl Scraped {
    async fn of(metrics: &Client) -> Scraped {
        let answer = metrics.get("/metrics").await;
        let kind = answer.headers["content-type"].to_str().unwrap().to_owned();
        assert!(answer.status == 200 && kind.starts_with("application/openmetrics-text"), "{answer:?}");
        assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
        let lines = answer.body.lines().filter(|line| !line.starts_with('#'));
        let sample = |line: &str| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.to_owned())
        };
        Scraped { samples: lines.map(sample).collect(), text: answer.body }
    }

    #[track_caller]
    fn number(&self, name: &str) -> i64 {
        let value = self.samples.get(name).unwrap_or_else(|| panic!("no {name} in {}", self.text));
        value.trim_end_matches(".0").parse().unwrap_or_else(|_| panic!("{name}: {value}"))
    }
}

#[tokio::test]
async fn what_happened_is_counted_and_nobody_is_named() {
    let address = format!("127.0.0.1:{}", quiet_port());
    let sandbox = Sandbox::start_with(&[("--metrics", &address)]).await;
    let (client, metrics) = (&sandbox.client, Client::new(&format!("http://{address}"), ""));

    let (id, token) = client.sell("15.04", "USDT_polygon").await;
    client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    client.status_becomes(id, "invoice:paid").await;
    client.told(id, 4).await;
    let (_, _, _) = client.charge_card(&card_sale(APPROVED)).await;
    let refused = client.with_key("0000").create(&json!({})).await;
    assert_eq!(refused.status, 200, "{refused:?}");
    assert_eq!(client.get("/nothing/here").await.status, 404);

    let counted = || async { Scraped::of(&metrics).await };
    let all_told = |seen: &Scraped| {
        let accepted = seen.samples.get(r#"lockgate_callbacks_total{outcome="accepted"}"#);
        accepted.is_some_and(|count| count.parse::<i64>().unwrap() >= 7)
    };
    let seen = wait_until("seven callbacks are counted", counted, all_told).await;
    for (name, expected) in [
        (r#"lockgate_reached_total{subject="invoice",status="invoice:created"}"#, 2),
        (r#"lockgate_reached_total{subject="invoice",status="invoice:paid"}"#, 1),
        (r#"lockgate_payments_total{chain="polygon",placement="credited"}"#, 1),
        (r#"lockgate_charges_total{provider="sandbox_card",state="paid"}"#, 1),
        (r#"lockgate_http_requests_total{route="/api/btn-create-invoice/get",status="2xx"}"#, 3),
        (r#"lockgate_http_request_duration_seconds_count{route="/api/btn-create-invoice/get"}"#, 3),
        (r#"lockgate_http_requests_total{route="none",status="4xx"}"#, 1),
        (r#"lockgate_oldest_due_age_seconds{work="callbacks"}"#, 0),
        (r#"lockgate_parked{work="callbacks"}"#, 0),
        (r#"lockgate_lease_held{work="follow",of="polygon"}"#, 1),
        ("lockgate_store_answers", 1),
    ] {
        assert_eq!(seen.number(name), expected, "{name}");
    }
    for name in [
        r#"lockgate_store_groups_total{outcome="committed"}"#,
        "lockgate_store_commit_duration_seconds_count",
        "lockgate_store_writes_per_commit_sum",
        r#"lockgate_rpc_calls_total{chain="polygon",method="eth_blockNumber",outcome="answered"}"#,
        r#"lockgate_provider_calls_total{provider="sandbox_card",verb="post",outcome="answered"}"#,
        r#"lockgate_chain_head_block{chain="polygon"}"#,
        r#"lockgate_chain_watched_addresses{chain="polygon"}"#,
        "process_resident_memory_bytes",
        "process_start_time_seconds",
    ] {
        assert!(seen.number(name) > 0, "{name} in {}", seen.text);
    }
    // a lag of some blocks is possible while the chain mines by itself; it is there, and it is no riddle
    assert!((0..50).contains(&seen.number(r#"lockgate_chain_lag_blocks{chain="polygon"}"#)));

    let secrets = [
        client.key.as_str(),
        sandbox.file["merchant_id"].as_str().unwrap(),
        &sandbox.wallet(),
        &token,
        APPROVED,
        "customer",
        "shop.example",
        "0x",
        "mer_",
        "/nothing",
    ];
    for secret in secrets {
        assert!(!seen.text.contains(secret), "{secret} is in {}", seen.text);
    }
}

/// The numbers are the operator's: nobody who pays or sells here can ask for them.
#[tokio::test]
async fn not_on_the_public_listener() {
    let address = format!("127.0.0.1:{}", quiet_port());
    let sandbox = Sandbox::start_with(&[("--metrics", &address)]).await;
    for path in ["/metrics", "/metrics/", "//metrics", "/METRICS", "/api/metrics", "/sandbox/metrics"] {
        for client in [sandbox.client.clone(), sandbox.client.with_key("")] {
            let answer = client.get(path).await;
            assert!(answer.status == 404 && !answer.body.contains("lockgate_"), "{path}: {answer:?}");
        }
    }
    // and nothing else is on theirs
    let metrics = Client::new(&format!("http://{address}"), &sandbox.client.key);
    for path in ["/", "/healthz", "/api/invoice/status/?id=1", "/sandbox/"] {
        assert_eq!(metrics.get(path).await.status, 404, "{path}");
    }
    assert_eq!(metrics.post("/metrics", "text/plain", "x").await.status, 405);
}
