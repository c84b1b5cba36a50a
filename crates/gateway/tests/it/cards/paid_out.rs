//! Money on the merchant's own account at a provider: settled once the provider says that it was paid out.

use domain::AccountId;
use domain::charge::State;
use gateway::app::provider_payouts::record;
use gateway::store::{StoreError, provider_payouts};
use rails::provider::{Line, LineKind, PaidOut, PaidOutState};
use serde_json::Value;

use super::routing::Routed;
use crate::harness::*;
use crate::treasury::beside;

const DAY: u64 = 86_400;

async fn own_account() -> (Routed, String) {
    let routed = Routed::start().await;
    let own = routed.add_working(&["--merchant", "1"]);
    routed.route("card", &[&own]);
    (routed, own)
}

/// 15.04 USD by card, to the merchant's own account.
async fn paid(routed: &Routed) -> i64 {
    let (_, id, _) = routed.sandbox.client.charge_card(&card_sale(APPROVED)).await;
    routed.sandbox.database().charges_become(id, &[State::Paid]).await;
    id
}

#[tokio::test]
async fn settled_follows_the_payout_report() {
    let (routed, _) = own_account().await;
    let (sandbox, client) = (&routed.sandbox, &routed.sandbox.client);
    let database = sandbox.database();
    let (first, second) = (paid(&routed).await, paid(&routed).await);
    sandbox.said(&["refund", "1", &second.to_string(), "--amount", "5"]);
    let done = |rows: &Vec<gateway::store::transfers::TransferRow>| {
        rows.iter().all(|row| row.state == domain::transfer::State::Done) && !rows.is_empty()
    };
    wait_until("the refund is done", || database.refunds(second), done).await;
    assert_eq!(client.status(first).await, RECEIVED);
    client.advance(DAY + 3_600).await;
    for id in [first, second] {
        client.status_becomes(id, PAID).await;
        let bodies = assert_told(sandbox, id, &[CREATED, OPENED, RECEIVED, PAID]).await;
        assert_eq!(bodies[3]["totalCurrency"], "USD");
        assert_eq!(client.row(id).await["tx_hash"], Value::Null, "no transaction of a chain settled it");
    }
    // nothing lies at the provider; the fees are what the merchant owes
    let owed = [("merchant debt USD", 30), ("operator fee USD", -30)];
    sandbox.database().assert_balances(&owed).await;
    sandbox.audit();
    let said = sandbox.said(&["provider", "payouts"]);
    // 2 * 15.04 less 5.00 and 1.4 % of each payment
    assert!(said.contains("set_0: 24.66 USD paid\n"), "{said}");
    assert_eq!((said.matches("charge 15.04 USD").count(), said.matches("refund 5.00 USD").count()), (2, 1), "{said}");
    assert_eq!(sandbox.said(&["provider", "payouts", "--parked"]).trim(), "No payouts.");
    // given back after it was paid out: kept from the next payout
    sandbox.said(&["refund", "1", &first.to_string(), "--amount", "all"]);
    wait_until("the refund is done", || database.refunds(first), done).await;
    let third = paid(&routed).await;
    let fourth = paid(&routed).await;
    client.advance(DAY + 3_600).await;
    client.status_becomes(third, PAID).await;
    client.status_becomes(fourth, PAID).await;
    sandbox.database().assert_balances(&[("merchant debt USD", 60), ("operator fee USD", -60)]).await;
    sandbox.audit();
}

fn line(id: &str, kind: LineKind, about: &str, amount: u128, currency: &str) -> Line {
    let (about, what) = (vec![about.to_owned()], "payment".to_owned());
    Line { id: id.into(), kind, what, about, amount: domain::Units(amount), currency: currency.into() }
}

/// What a report says that is not so is kept with the reason, and settles nothing.
#[tokio::test]
async fn what_does_not_fit_is_parked() {
    let (routed, own) = own_account().await;
    let sandbox = &routed.sandbox;
    let (first, second) = (paid(&routed).await, paid(&routed).await);
    let beside = beside(sandbox).await;
    let charge = async |id| sandbox.database().charge(id).await.charge.id.to_string();
    let (first_charge, second_charge) = (charge(first).await, charge(second).await);
    let account = AccountId::parse(&own).unwrap();
    let report = async |id: &str, state, lines: Vec<Line>| {
        let payout = PaidOut { id: id.into(), state, amount: domain::Units(1), currency: "USD".into() };
        let (app, merchant, account) = (beside.app.clone(), beside.merchant.clone(), account.clone());
        let worker = app.clone();
        let write = app.store.write(move |tx| record(&worker, tx, &merchant, &account, &payout, &lines));
        write.await.map_err(|error: StoreError| error).unwrap();
        sandbox.audit();
    };
    let notes = async |payout: &str| {
        let read = |tx: &gateway::store::Tx<'_>| {
            let row = provider_payouts::by_id(tx, &beside.merchant, &account, payout)?.unwrap();
            provider_payouts::lines(tx, &row)
        };
        let lines: Vec<provider_payouts::LineRow> = beside.app.store.read(read).await.unwrap();
        lines.into_iter().map(|line| line.note.unwrap_or_default()).collect::<Vec<_>>()
    };
    use LineKind::{Charge, Other, Refund};
    let wrong = vec![
        line("1", Charge, &first_charge, 1_503, "USD"),
        line("2", Charge, &second_charge, 1_504, "EUR"),
        line("3", Charge, "pay_nobody", 1_504, "USD"),
        line("4", Refund, &first_charge, 1, "USD"),
        line("5", Other, "fee", 99, "USD"),
    ];
    report("po_1", PaidOutState::Pending, Vec::new()).await;
    report("po_1", PaidOutState::Paid, wrong).await;
    let expected = [
        "the report says 1503, 1504 was received",
        "the report says EUR, USD was received",
        "no charge of this gateway on this account",
        "1 were kept for refunds, 0 were given back",
        "",
    ];
    assert_eq!(notes("po_1").await, expected);
    assert_eq!(sandbox.client.status(first).await, RECEIVED);
    let said = sandbox.said(&["provider", "payouts", "--parked"]);
    assert!(said.contains("po_1: 0.01 USD paid (4 of 5 lines do not fit)"), "{said}");

    // right, said twice, in two payouts, and one of them fails days later
    let right = || vec![line("1", Charge, &first_charge, 1_504, "USD")];
    for _ in 0..2 {
        report("po_2", PaidOutState::Paid, right()).await;
    }
    sandbox.client.status_becomes(first, PAID).await;
    report("po_3", PaidOutState::Paid, right()).await;
    assert_eq!(notes("po_3").await, ["payout po_2 has this charge already"]);
    report("po_2", PaidOutState::Failed, Vec::new()).await;
    let said = sandbox.said(&["provider", "payouts", "--parked"]);
    assert!(said.contains("po_2: 0.01 USD failed (it had been paid, and failed"), "{said}");
    assert_eq!(sandbox.client.status(first).await, PAID, "the contract has no way back");
    // the second payout has it now: what was parked is looked at again
    report("po_3", PaidOutState::Paid, right()).await;
    assert_eq!(notes("po_3").await, [""]);
    report("po_4", PaidOutState::Paid, vec![line("1", Charge, &second_charge, 1_504, "USD")]).await;
    sandbox.client.status_becomes(second, PAID).await;
    assert_told(sandbox, first, &[CREATED, OPENED, RECEIVED, PAID]).await;
    sandbox.database().assert_balances(&[("merchant debt USD", 30), ("operator fee USD", -30)]).await;
}
