//! What is exported, what is drawn and alerted on, and what the documentation names are the same.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Now, PATH, now_registry, process};
use crate::telemetry::decided::{self, Decided};
use crate::telemetry::metrics::{self, METRICS};
use crate::telemetry::routes;

const DASHBOARD: &str = include_str!("../../../../ops/grafana/lockgate.json");
const ALERTS: &str = include_str!("../../../../ops/prometheus/alerts.yml");
const DOCUMENTED: &str = include_str!("../../../../docs/operations.md");

/// Every number there is, after each has happened once: names as Prometheus has them.
fn exported() -> BTreeSet<String> {
    let (chain, took) = (|| "chain".to_owned(), Duration::from_millis(1));
    routes::answered("/tried", 200, took);
    decided::count(vec![
        Decided::Reached(metrics::Reached { subject: "invoice", status: "tried" }),
        Decided::Payment(metrics::Payment { chain: chain(), placement: "credited" }),
        Decided::Charge(metrics::Charge { provider: "tried".into(), state: "paid" }),
        Decided::Transfer(metrics::Transfer { kind: "settlement", end: "arrived" }),
    ]);
    METRICS.asked_provider("tried", "get", "answered", took);
    METRICS.asked_chain(&chain().into(), "eth_tried", "answered", took);
    METRICS.called_back("accepted", took);
    METRICS.group_ended("committed", 1, took);
    METRICS.mails.get_or_create(&metrics::Outcome { outcome: "sent" }).inc();
    let now = Now::default();
    for work in [&now.ages, &now.parked] {
        work.get_or_create(&super::Work { work: "tried" }).set(1);
    }
    for of_chain in [&now.heads, &now.lags, &now.watched] {
        of_chain.get_or_create(&super::Chain { chain: chain() }).set(1);
    }
    now.leases.get_or_create(&super::Lease { work: "follow".into(), of: chain() }).set(1);
    let mut text = String::new();
    for registry in [&METRICS.registry, &now_registry(now), &process(1)] {
        prometheus_client::encoding::text::encode_registry(&mut text, registry).unwrap();
    }
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    samples.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
}

/// Names of ours in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("lockgate_") || word.starts_with("process_")).map(str::to_owned).collect()
}

#[test]
fn dashboard_and_alerts_use_what_is_exported() {
    let exported = exported();
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut drawn = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let expression = target["expr"].as_str().unwrap();
            assert!(!named(expression).is_empty() || expression.starts_with("up"), "{expression}");
            assert_eq!(
                named(expression).difference(&exported).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{expression}"
            );
            drawn += 1;
        }
    }
    assert!(drawn > 15, "{drawn} expressions");
    let alerted = named(ALERTS);
    assert_eq!(alerted.difference(&exported).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(alerted.len() > 12, "{alerted:?}");
}

#[test]
fn every_number_and_alert_is_documented_and_nothing_else() {
    // a histogram has one line for its three series
    let family = |name: &String| {
        let series = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        series.map_or_else(|| name.clone(), str::to_owned)
    };
    let exported: BTreeSet<String> = exported().iter().map(family).collect();
    assert_eq!(exported, named(DOCUMENTED).iter().map(family).collect());
    for alert in ALERTS.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        assert!(DOCUMENTED.contains(&format!("`{alert}`")), "{alert}");
    }
    assert!(DOCUMENTED.contains(PATH));
}

#[test]
fn names_follow_the_conventions() {
    for name in exported() {
        let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let ours = name.starts_with("lockgate_") || name.starts_with("process_");
        assert!(plain && ours && !name.contains("__") && !name.ends_with("_ms"), "{name}");
    }
}
