//! Any sequence of receiving, giving back, disputing, settling and failing.

use proptest::prelude::*;

use super::*;
use crate::store::disputes;

#[derive(Debug, Clone)]
enum Step {
    Receive,
    Refund { charge: usize, units: u128 },
    EndRefund { nth: usize, done: bool },
    Dispute { charge: usize, state: DisputeState },
    Hold { charge: usize, held: bool },
    Settle,
    Arrive { nth: usize },
    Fail { nth: usize },
    Days(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let nth = 0usize..4;
    let state = prop_oneof![Just(DisputeState::Open), Just(DisputeState::Won), Just(DisputeState::Lost)];
    prop_oneof![
        4 => Just(Step::Receive),
        2 => (nth.clone(), 1..PAISE).prop_map(|(charge, units)| Step::Refund { charge, units }),
        2 => (nth.clone(), any::<bool>()).prop_map(|(nth, done)| Step::EndRefund { nth, done }),
        2 => (nth.clone(), state).prop_map(|(charge, state)| Step::Dispute { charge, state }),
        1 => (nth.clone(), any::<bool>()).prop_map(|(charge, held)| Step::Hold { charge, held }),
        4 => Just(Step::Settle),
        3 => nth.clone().prop_map(|nth| Step::Arrive { nth }),
        1 => nth.prop_map(|nth| Step::Fail { nth }),
        2 => (1u64..4).prop_map(Step::Days),
    ]
}

/// No account of the merchant is on the wrong side, and each asset's accounts add up to nothing.
async fn conserved(desk: &Desk) {
    let id: &MerchantId = &desk.merchant.id;
    let mut sums: BTreeMap<String, (u128, u128)> = BTreeMap::new();
    for row in desk.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap() {
        let (debit, credit) = sums.entry(row.account.asset.clone()).or_default();
        *debit += row.debit.0;
        *credit += row.credit.0;
        let owed = row.account.owner == Owner::Merchant && row.account.kind != Kind::Debt;
        assert!(!owed || row.credit >= row.debit, "below zero: {row:?}");
    }
    assert!(sums.values().all(|(debit, credit)| debit == credit), "{sums:?}");
}

async fn play(steps: Vec<Step>) {
    let (reserve, spread) = (BasisPoints::new(1_000).unwrap(), BasisPoints::new(75).unwrap());
    let desk = Desk::open(Terms { reserve, reserve_days: 2, spread, ..terms(Schedule::PerPayment) }).await;
    let (mut charges, mut waiting): (Vec<ChargeRow>, Vec<TransferRow>) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Receive => charges.push(desk.paid().await),
            Step::Refund { charge, units } => {
                if let Some(charge) = charges.get(charge)
                    && let Some(refund) = desk.refund(charge, units).await
                {
                    waiting.push(refund);
                }
            }
            Step::EndRefund { nth, done } if nth < waiting.len() => {
                let refund = waiting.remove(nth);
                desk.end_refund(refund, done).await;
            }
            Step::Dispute { charge, state } => {
                if let Some(charge) = charges.get(charge) {
                    desk.dispute(charge, state).await;
                }
            }
            Step::Hold { charge, held } => {
                if let Some(charge) = charges.get(charge) {
                    desk.says(charge, held, false).await;
                }
            }
            Step::Settle => {
                desk.settle_due().await;
            }
            Step::Arrive { nth } | Step::Fail { nth } => {
                let end = if matches!(step, Step::Arrive { .. }) { TransferState::Done } else { TransferState::Failed };
                let open = desk.settlements().await.into_iter().filter(|row| row.state == State::UnderWay);
                if let Some(row) = open.collect::<Vec<_>>().get(nth) {
                    desk.transfer(row, end).await;
                    desk.audited().await;
                }
            }
            Step::Days(days) => desk.days(days),
            Step::EndRefund { .. } => {}
        }
        conserved(&desk).await;
    }
    // everything ends, and what is left is owed to nobody that could be settled
    for refund in waiting {
        desk.end_refund(refund, false).await;
    }
    for _ in 0..3 {
        desk.days(3);
        desk.settle_due().await;
        desk.arrive().await;
        conserved(&desk).await;
    }
    let id = &desk.merchant.id;
    let blocked = desk.app.store.read(|tx| {
        let mut blocked = false;
        for row in charges::to_settle(tx, id)? {
            blocked |= row.charge.held;
            for dispute in disputes::of_charge(tx, id, &row.charge.id)? {
                blocked |= dispute.state != disputes::DisputeState::Won;
            }
        }
        Ok::<_, StoreError>(blocked)
    });
    if !blocked.await.unwrap() {
        // less than the smallest coin may stay
        assert!(desk.held(Kind::Payable, "INR").await <= 1, "something owed is never settled");
        assert_eq!(desk.held(Kind::Reserve, "INR").await, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_books_follow(steps in prop::collection::vec(step(), 1..32)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }
}
