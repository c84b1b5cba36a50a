//! Chargebacks won and lost, money held back and released: what the merchant is told, and where the money stands.

use domain::charge::State;
use gateway::store::disputes::DisputeState;

use crate::harness::*;

const DAY: u64 = 86_400;
const CHARGED_BACK_STORY: &[&str] = &[CREATED, OPENED, RECEIVED, CHARGEBACK];
const WITHHELD_STORY: &[&str] = &[CREATED, OPENED, RECEIVED, WITHHELD];

struct Sold {
    sandbox: Sandbox,
    id: i64,
    charge: String,
}

async fn sold(card: &str) -> Sold {
    let sandbox = Sandbox::start().await;
    // days go by here, and what is looked at is what was not settled yet
    sandbox.said(&["settlement", "set", "1", "--paused", "true"]);
    let (made, id, _) = sandbox.client.charge_card(&card_sale(card)).await;
    assert_eq!(made["status"], RECEIVED);
    let charge = sandbox.database().charge(id).await.charge.id.to_string();
    Sold { sandbox, id, charge }
}

impl Sold {
    async fn act(&self, act: &str) {
        self.sandbox.client.act(&self.charge, act).await;
    }

    async fn dispute_becomes(&self, state: DisputeState) {
        let database = self.sandbox.database();
        let is = |rows: &Vec<gateway::store::disputes::DisputeRow>| matches!(&rows[..], [row] if row.state == state);
        wait_until(&format!("the dispute is {state:?}"), || database.disputes(self.id), is).await;
    }

    async fn held_becomes(&self, held: bool) {
        let database = self.sandbox.database();
        wait_until("held or free", || database.charge(self.id), |row| row.charge.held == held).await;
    }

    /// Provider, payable, disputed, withheld, refunding; the fee of 0.15 stays where it is.
    async fn assert_stands(&self, sums: [i128; 4]) {
        let [provider, owed, disputed, withheld] = sums;
        let expected = [
            ("operator provider USD", provider),
            owed_usd(owed),
            ("merchant disputed USD", disputed),
            ("merchant withheld USD", withheld),
            ("operator fee USD", -15),
        ]
        .into_iter();
        let there: Vec<_> = expected.filter(|(_, sum)| *sum != 0).collect();
        self.sandbox.database().assert_balances(&there).await;
        self.sandbox.audit();
    }

    /// What was paid stays in infos, whatever became of it.
    async fn assert_told(&self, story: &[&str]) {
        for body in assert_told(&self.sandbox, self.id, story).await.iter().skip(2) {
            assert_eq!(
                (body["fiat_amount"].to_string(), body["totalAmount"].to_string()),
                ("15.04".into(), "14.8896".into())
            );
        }
        assert_eq!(self.sandbox.client.infos(self.id).await["status"], *story.last().unwrap());
    }

    fn refund(&self, amount: &str) -> bool {
        self.sandbox.run(&["refund", "1", &self.id.to_string(), "--amount", amount]).status.success()
    }
}

#[tokio::test]
async fn lost_after_seven_days() {
    let sold = sold(CHARGED_BACK).await;
    sold.assert_stands([1_504, -1_489, 0, 0]).await;
    sold.sandbox.client.advance(4).await;
    sold.dispute_becomes(DisputeState::Open).await;
    sold.assert_told(CHARGED_BACK_STORY).await;
    sold.assert_stands([1_504, 15, -1_504, 0]).await;
    assert!(!sold.refund("0.01"), "the payer's bank decides on this money");
    sold.sandbox.client.advance(6 * DAY).await;
    sold.dispute_becomes(DisputeState::Open).await;
    sold.sandbox.client.advance(DAY).await;
    sold.dispute_becomes(DisputeState::Lost).await;
    sold.assert_stands([0, 15, 0, 0]).await;
    assert!(!sold.refund("0.01"), "it is gone");
    sold.assert_told(CHARGED_BACK_STORY).await;
}

#[tokio::test]
async fn won_and_given_back_all_the_same() {
    let sold = sold(CHARGED_BACK).await;
    sold.sandbox.client.advance(4).await;
    sold.dispute_becomes(DisputeState::Open).await;
    sold.act("win_dispute").await;
    sold.dispute_becomes(DisputeState::Won).await;
    sold.assert_stands([1_504, -1_489, 0, 0]).await;
    // the contract's table has no way back from a chargeback
    sold.assert_told(CHARGED_BACK_STORY).await;
    sold.sandbox.client.advance(8 * DAY).await;
    sold.dispute_becomes(DisputeState::Won).await;
    assert!(sold.refund("15.04"));
    let database = sold.sandbox.database();
    wait_until("the refund is booked", || database.balances(), |seen| seen.len() == 2).await;
    sold.assert_stands([0, 15, 0, 0]).await;
}

/// Half was given back before the payer's bank disputes the rest.
#[tokio::test]
async fn disputed_after_a_part_was_given_back() {
    let sold = sold(APPROVED).await;
    assert!(sold.refund("5.04"));
    let refunded = |row: &Option<serde_json::Value>| row.as_ref().is_some_and(|row| row["refunded"] == 504);
    wait_until("it is given back", || sold.sandbox.client.payment(&sold.charge), refunded).await;
    let database = sold.sandbox.database();
    let done = |rows: &Vec<gateway::store::transfers::TransferRow>| rows[0].state.name() == "done";
    wait_until("and booked", || database.refunds(sold.id), done).await;
    sold.act("open_dispute").await;
    sold.dispute_becomes(DisputeState::Open).await;
    sold.assert_told(CHARGED_BACK_STORY).await;
    // 15.04 - 5.04 at the provider, all of it disputed; 14.89 - 5.04 - 10.00 owed
    sold.assert_stands([1_000, 15, -1_000, 0]).await;
    sold.act("lose_dispute").await;
    sold.dispute_becomes(DisputeState::Lost).await;
    sold.assert_stands([0, 15, 0, 0]).await;
}

#[tokio::test]
async fn held_back_and_released() {
    let sold = sold(HELD).await;
    sold.sandbox.client.advance(4).await;
    sold.held_becomes(true).await;
    sold.assert_told(WITHHELD_STORY).await;
    sold.assert_stands([1_504, 0, 0, -1_489]).await;
    sold.act("release").await;
    sold.held_becomes(false).await;
    sold.assert_stands([1_504, -1_489, 0, 0]).await;
    sold.act("hold").await;
    sold.held_becomes(true).await;
    sold.assert_stands([1_504, 0, 0, -1_489]).await;
    sold.assert_told(WITHHELD_STORY).await;
    // and from there to a chargeback
    sold.act("open_dispute").await;
    sold.dispute_becomes(DisputeState::Open).await;
    sold.assert_told(&[CREATED, OPENED, RECEIVED, WITHHELD, CHARGEBACK]).await;
    sold.assert_stands([1_504, 1_504, -1_504, -1_489]).await;
}

/// What is held back is given back whole: there is nothing left to hold, and nobody is told that it was settled.
#[tokio::test]
async fn held_back_and_given_back() {
    let sold = sold(HELD).await;
    sold.sandbox.client.advance(4).await;
    sold.held_becomes(true).await;
    sold.assert_told(WITHHELD_STORY).await;
    assert!(sold.refund("all"));
    let database = sold.sandbox.database();
    let done = |rows: &Vec<gateway::store::transfers::TransferRow>| rows.iter().all(|row| row.state.name() == "done");
    wait_until("it is given back", || database.refunds(sold.id), done).await;
    sold.held_becomes(false).await;
    sold.assert_stands([0, 15, 0, 0]).await;
    assert_ne!(sold.sandbox.client.infos(sold.id).await["status"], "invoice:paid");
}

/// A dispute that we do not know of yet, and a refund: the acquirer refuses it, and nothing is given twice.
#[tokio::test]
async fn a_refund_that_meets_a_dispute() {
    let sandbox = Sandbox::start().await;
    sandbox.client.order(&serde_json::json!({ "webhook_times": 0 })).await;
    let (_, id, _) = sandbox.client.charge_card(&card_sale(APPROVED)).await;
    let database = sandbox.database();
    database.charges_become(id, &[State::Paid]).await;
    let charge = database.charge(id).await.charge.id.to_string();
    let sold = Sold { sandbox, id, charge };
    sold.act("open_dispute").await;
    let reserved = sold.refund("all");
    sold.dispute_becomes(DisputeState::Open).await;
    let over = |rows: &Vec<gateway::store::transfers::TransferRow>| rows.iter().all(|row| row.state.name() == "failed");
    let refunds = wait_until("no refund is on its way", || database.refunds(id), over).await;
    assert_eq!(refunds.len(), usize::from(reserved));
    assert_eq!(sold.sandbox.client.payment(&sold.charge).await.unwrap()["refunded"], 0);
    sold.assert_stands([1_504, 15, -1_504, 0]).await;
    sold.assert_told(CHARGED_BACK_STORY).await;
}
