//! Any sequence of receiving, giving back, disputing, settling, funding, paying and failing.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::paying::Paid;
use super::*;
use crate::store::disputes;

#[derive(Debug, Clone)]
enum Step {
    Receive,
    /// On an account of the merchant's own.
    ReceiveOwn,
    /// The own account's provider pays out what is there.
    PayOut,
    /// A payout comes back.
    PayOutFails {
        nth: usize,
    },
    Refund {
        charge: usize,
        units: u128,
    },
    EndRefund {
        nth: usize,
        done: bool,
    },
    Dispute {
        charge: usize,
        state: DisputeState,
    },
    Hold {
        charge: usize,
        held: bool,
    },
    Settle,
    Arrive {
        nth: usize,
    },
    Fail {
        nth: usize,
    },
    TakenBack {
        nth: usize,
    },
    RefundBack {
        nth: usize,
    },
    Days(u64),
    Hours(u64),
    /// A dollar is so many thousandths of a euro from now on.
    Euro(i64),
    Report {
        nth: u64,
    },
    /// The coins of the transaction come, exactly or not.
    Come {
        nth: u64,
        exactly: bool,
    },
    Finish,
    Look,
    /// So many blocks leave the chain.
    Part(u64),
    Pay {
        minor: u128,
    },
    Hear {
        nth: usize,
        paid: Paid,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let nth = 0usize..4;
    let state = prop_oneof![Just(DisputeState::Open), Just(DisputeState::Won), Just(DisputeState::Lost)];
    prop_oneof![
        4 => Just(Step::Receive),
        2 => Just(Step::ReceiveOwn),
        2 => Just(Step::PayOut),
        1 => nth.clone().prop_map(|nth| Step::PayOutFails { nth }),
        2 => (nth.clone(), 1..PAISE).prop_map(|(charge, units)| Step::Refund { charge, units }),
        2 => (nth.clone(), any::<bool>()).prop_map(|(nth, done)| Step::EndRefund { nth, done }),
        2 => (nth.clone(), state).prop_map(|(charge, state)| Step::Dispute { charge, state }),
        1 => (nth.clone(), any::<bool>()).prop_map(|(charge, held)| Step::Hold { charge, held }),
        4 => Just(Step::Settle),
        3 => nth.clone().prop_map(|nth| Step::Arrive { nth }),
        1 => nth.clone().prop_map(|nth| Step::Fail { nth }),
        1 => nth.clone().prop_map(|nth| Step::TakenBack { nth }),
        1 => nth.prop_map(|nth| Step::RefundBack { nth }),
        2 => (1u64..4).prop_map(Step::Days),
    ]
}

fn paying() -> impl Strategy<Value = Step> {
    let (hash, nth) = (0u64..4, 0usize..4);
    let paid = prop_oneof![2 => Just(Paid::Sent), 3 => Just(Paid::Arrived), 2 => Just(Paid::Declined), 2 => Just(Paid::CameBack)];
    prop_oneof![
        2 => hash.clone().prop_map(|nth| Step::Report { nth }),
        2 => (hash, prop::bool::weighted(0.85)).prop_map(|(nth, exactly)| Step::Come { nth, exactly }),
        3 => Just(Step::Finish),
        3 => Just(Step::Look),
        1 => (1u64..3).prop_map(Step::Part),
        4 => (1u128..8_000).prop_map(|minor| Step::Pay { minor }),
        4 => (nth, paid).prop_map(|(nth, paid)| Step::Hear { nth, paid }),
        1 => (1u64..3).prop_map(Step::Hours),
        1 => (800i64..1_000).prop_map(Step::Euro),
    ]
}

/// After this no further sequence is begun.
const AT_MOST: Duration = Duration::from_secs(12);
/// A hundred coins.
const COINS_OF_A_FUND: u128 = 100_000_000;

/// No account of the merchant is on the wrong side, and each asset's accounts add up to nothing.
async fn conserved(desk: &Desk) {
    let id: &MerchantId = &desk.merchant.id;
    let mut sums: BTreeMap<String, (u128, u128)> = BTreeMap::new();
    for row in desk.app.store.read(|tx| ledger::accounts(tx, id)).await.unwrap() {
        let (debit, credit) = sums.entry(row.account.asset.clone()).or_default();
        *debit += row.debit.0;
        *credit += row.credit.0;
        let owed = row.account.owner == Owner::Merchant && !matches!(row.account.kind, Kind::Debt | Kind::Provider);
        assert!(!owed || row.credit >= row.debit, "below zero: {row:?}");
    }
    assert!(sums.values().all(|(debit, credit)| debit == credit), "{sums:?}");
}

async fn play(steps: Vec<Step>) {
    let (reserve, spread) = (BasisPoints::new(1_000).unwrap(), BasisPoints::new(75).unwrap());
    let desk = Desk::open(Terms { reserve, reserve_days: 2, spread, ..terms(Schedule::PerPayment) }).await;
    crate::app::testing::pays_out(&desk.app, &desk.merchant, None).await;
    desk.euro(920);
    // one fund is there from the start, and may leave again
    desk.reports(9, COINS_OF_A_FUND).await.unwrap();
    desk.come(9, COINS_OF_A_FUND, 1).await;
    desk.finish().await;
    desk.looks().await;
    let (mut charges, mut waiting): (Vec<ChargeRow>, Vec<TransferRow>) = (Vec::new(), Vec::new());
    let mut block = 1;
    for step in steps {
        match step {
            Step::Receive => charges.push(desk.paid().await),
            Step::ReceiveOwn => charges.push(desk.paid_to(Owner::Merchant).await),
            Step::PayOut => desk.pays_out().await,
            Step::PayOutFails { nth } => desk.payout_fails(nth).await,
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
            Step::TakenBack { nth } => {
                let done = desk.settlements().await.into_iter().filter(|row| row.state == State::Done);
                if let Some(row) = done.collect::<Vec<_>>().get(nth) {
                    // in between the auditor says so
                    desk.transfer(row, TransferState::Pending).await;
                    desk.transfer(row, TransferState::Done).await;
                    desk.audited().await;
                }
            }
            Step::RefundBack { nth } => desk.refund_comes_back(nth).await,
            Step::Days(days) => desk.days(days),
            Step::Hours(hours) => desk.app.clock.advance(hours * 3_600_000),
            Step::Euro(thousandths) => desk.euro(thousandths),
            Step::Report { nth } => {
                desk.reports(nth, COINS_OF_A_FUND).await;
            }
            Step::Come { nth, exactly } => {
                block += 1;
                desk.come(nth, if exactly { COINS_OF_A_FUND } else { 1 }, block).await;
            }
            Step::Finish => desk.finish().await,
            Step::Look => desk.looks().await,
            Step::Part(blocks) => {
                desk.parts(block.saturating_sub(blocks)).await;
                block = block.saturating_sub(blocks);
            }
            Step::Pay { minor } => {
                let _ = desk.pays(minor).await;
            }
            Step::Hear { nth, paid } => {
                if let Some(payout) = desk.payouts().await.get(nth) {
                    desk.hears(payout, paid).await;
                }
            }
            Step::EndRefund { .. } => {}
        }
        conserved(&desk).await;
        desk.nothing_is_lost().await;
    }
    // everything ends, and what is left is owed to nobody that could be settled
    for refund in waiting {
        desk.end_refund(refund, false).await;
    }
    for _ in 0..3 {
        desk.pays_out().await;
        desk.days(3);
        desk.settle_due().await;
        desk.arrive().await;
        conserved(&desk).await;
        desk.nothing_is_lost().await;
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
        assert_eq!(desk.at_own_provider().await, 0, "all of it was paid out");
    }
}

proptest! {
    // as many as the time allows
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_books_follow(steps in prop::collection::vec(prop_oneof![step(), paying()], 1..40)) {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        if BEGAN.get_or_init(Instant::now).elapsed() < AT_MOST {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(play(steps));
        }
    }
}
