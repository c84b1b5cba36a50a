//! That no case is missing: a connector has each of them, or says in its `lacks.json` why it cannot.

use rails::provider::{Connector, list};
use serde_json::Value;

use crate::fixture::{self, Fixture};

type Shows = fn(&Connector, &Fixture) -> bool;

/// A case, and what one of its exchanges must show.
const REQUIRED: &[(&str, Shows)] = &[
    ("create", |_, it| it.flow == "create"),
    ("sync_paid", |connector, it| is_sync(it) && outcome(it, "paid") && has_asked(connector, it, true, true)),
    ("sync_pending", |_, it| is_sync(it) && (outcome(it, "pending") || outcome(it, "needs_payer"))),
    ("sync_nothing", |_, it| is_sync(it) && outcome(it, "not_sent") && it.given.reference.is_none()),
    ("found_after_timeout", |_, it| {
        let lost = it.given.reference.is_none() && it.given.memory.is_empty();
        it.flow == "sync" && lost && ["next", "paid", "pending", "needs_payer"].iter().any(|word| outcome(it, word))
    }),
    ("wrong_amount", |connector, it| is_sync(it) && outcome(it, "paid") && has_asked(connector, it, false, true)),
    ("wrong_currency", |connector, it| is_sync(it) && outcome(it, "paid") && has_asked(connector, it, true, false)),
    ("decline", |_, it| outcome(it, "declined") && it.expect.get("why").is_some()),
    ("refund", |_, it| {
        it.flow == "refund" && (outcome(it, "done") || outcome(it, "pending")) && it.given.refund_amount.is_none()
    }),
    ("partial_refund", |_, it| it.flow == "refund" && it.given.refund_amount.is_some()),
    ("refund_sync", |_, it| it.flow == "refund_sync" && outcome(it, "done")),
    ("refund_sync_nothing", |_, it| {
        it.flow == "refund_sync" && outcome(it, "not_sent") && it.given.refund_reference.is_none()
    }),
    ("dispute_open", |_, it| has_dispute(it, "open")),
    ("dispute_won", |_, it| has_dispute(it, "won")),
    ("dispute_lost", |_, it| has_dispute(it, "lost")),
    ("callback", |_, it| it.flow == "webhook"),
];

/// Cases that are made from `callback` in `callbacks.rs`: here only so that a provider may lack them.
const DERIVED: &[&str] = &["old_callback", "changed_callback"];

fn is_sync(it: &Fixture) -> bool {
    matches!(it.flow.as_str(), "sync" | "sync_more")
}

fn outcome(it: &Fixture, word: &str) -> bool {
    it.expect.get("outcome").and_then(Value::as_str) == Some(word)
}

/// Whether amount and currency of the proof are those that were asked for.
fn has_asked(connector: &Connector, it: &Fixture, amount: bool, currency: bool) -> bool {
    let charge = it.charge(connector);
    let is = |name: &str, asked: &str| it.expect.get(name).and_then(Value::as_str) == Some(asked);
    is("amount", &charge.amount.to_string()) == amount && is("currency", &charge.currency) == currency
}

fn has_dispute(it: &Fixture, state: &str) -> bool {
    it.flow == "disputes" && it.expect.pointer("/disputes/0/state").and_then(Value::as_str) == Some(state)
}

#[test]
fn no_case_is_missing() {
    let mut wrong = Vec::new();
    for connector in list::ALL {
        let (fixtures, lacks) = (fixture::all(connector), fixture::lacks(connector));
        for (case, fits) in REQUIRED {
            let of_case = || fixtures.iter().filter(|it| it.case() == *case);
            match (of_case().count(), lacks.get(*case)) {
                (0, None) => wrong.push(format!("{} has no fixture {case}.json", connector.name)),
                (0, Some(_)) => {}
                (_, Some(_)) => {
                    wrong.push(format!("{} has a fixture {case}.json, and says it lacks it", connector.name))
                }
                (_, None) if !of_case().any(|it| fits(connector, it)) => {
                    wrong.push(format!("{}: no fixture named {case} shows that case", connector.name));
                }
                (_, None) => {}
            }
        }
        for (case, reason) in &lacks {
            let known = REQUIRED.iter().any(|(known, _)| known == case) || DERIVED.contains(&case.as_str());
            if !known || reason.len() < 20 {
                wrong.push(format!("{}: lacks.json says {case:?}, {reason:?}", connector.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_flow_of_a_connector_is_shown() {
    let mut wrong = Vec::new();
    for connector in list::ALL {
        let fixtures = fixture::all(connector);
        let mut flows = vec![
            ("login", connector.login.is_some()),
            ("create_with_card", connector.create_with_card.is_some()),
            ("sync_more", connector.sync_more.is_some()),
            ("cancel", connector.cancel.is_some()),
            ("refund", connector.refund.is_some()),
            ("disputes", connector.disputes.is_some()),
            ("webhook", connector.webhook.is_some()),
        ];
        flows.retain(|(flow, has)| *has && !fixtures.iter().any(|it| it.flow == *flow));
        wrong.extend(flows.iter().map(|(flow, _)| format!("{} has no exchange of {flow}", connector.name)));
        for step in 0..connector.create.len() {
            if !fixtures.iter().any(|it| it.flow == "create" && it.step == step) {
                wrong.push(format!("{} has no exchange of the step {step} of create", connector.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
