//! What the treasury pays: once, whatever happens, and what moves in its wallet is in the books.

mod batches;
mod change;
mod crashes;
mod gaps;
mod moves;
mod offline;
mod refusals;

use domain::ledger::Kind as AccountKind;
use domain::transfer::{Kind, State};
use domain::{MerchantId, TransferId, Units};
use gateway::app::SharedApp;
use gateway::app::merchants::Office;
use gateway::app::transfers::{NewTransfer, Rail, reserve};
use gateway::random::Random;
use gateway::store::transfers::{self, TransferRow};
use gateway::store::{StoreError, merchants, settings};

use crate::harness::{Chain, Sandbox, wait_until};

/// For how many transfers two processes race.
const RACED: u128 = 1_000;
pub const PAYER: &str = "0x9999999999999999999999999999999999999999";

/// The program's own parts in the test's process, beside the running sandbox: for what no call of it asks for yet.
pub struct Beside {
    pub app: SharedApp,
    pub merchant: MerchantId,
}

pub async fn beside(sandbox: &Sandbox) -> Beside {
    let (chain, treasury) = (Chain::of(sandbox), sandbox.file["treasury"].as_str().unwrap());
    wait_until("the treasury is filled", || chain.balance("USDC", treasury), |units| *units > 0).await;
    beside_what_sleeps(sandbox).await
}

/// As [`beside`], whether or not the sandbox runs.
pub async fn beside_what_sleeps(sandbox: &Sandbox) -> Beside {
    let store = sandbox.database().store;
    let seed = store.read(|tx| settings::get(tx, gateway::sandbox::SEED)).await.unwrap().unwrap();
    let master_key = gateway::sandbox::master_key(seed.parse().unwrap());
    let clock = gateway::sandbox::clock_of(&store).await.unwrap();
    let office = Office { clock, random: Random::system(), master_key };
    let merchant = store.read(|tx| merchants::by_number(tx, 1)).await.map_err(|error: StoreError| error).unwrap();
    let app = gateway::sandbox::commands_app(store, office).await.unwrap();
    Beside { app, merchant: merchant.unwrap().id }
}

impl Beside {
    /// Decides to give base units of USDC back to a wallet.
    pub async fn refund(&self, units: u128, to: &str) -> TransferId {
        self.refunds(&[(units, to)]).await.remove(0)
    }

    /// Decides several in one transaction of the database.
    pub async fn refunds(&self, wanted: &[(u128, &str)]) -> Vec<TransferId> {
        let (worker, merchant) = (self.app.clone(), self.merchant.clone());
        let wanted: Vec<(u128, String)> = wanted.iter().map(|(units, to)| (*units, (*to).to_owned())).collect();
        let rows = self.app.store.write(move |tx| {
            let mut ids = Vec::new();
            for (units, destination) in wanted {
                let new = NewTransfer {
                    merchant: merchant.clone(),
                    kind: Kind::CoinRefund,
                    subject: "a refund of the test".into(),
                    invoice_number: None,
                    taken_from: AccountKind::Payable,
                    asset: "USDC_polygon".into(),
                    units: Units(units),
                    rail: Rail::Chain("polygon".into()),
                    destination,
                    needs_approval: false,
                };
                ids.push(reserve(&worker, tx, new)?.id);
            }
            Ok::<_, StoreError>(ids)
        });
        rows.await.unwrap()
    }

    pub async fn transfer(&self, id: &TransferId) -> TransferRow {
        self.app.store.read(|tx| transfers::existing(tx, &self.merchant, id)).await.unwrap()
    }

    pub async fn becomes(&self, id: &TransferId, state: State) -> TransferRow {
        let what = format!("the transfer is {}", state.name());
        wait_until(&what, || self.transfer(id), |row| row.state == state).await
    }

    /// Why it needs a person.
    pub async fn parked(&self, id: &TransferId) -> String {
        wait_until("the transfer is parked", || self.transfer(id), |row| row.parked.is_some()).await.parked.unwrap()
    }
}

/// The payer of the test holds exactly so much, and the auditor and the chain agree.
pub async fn assert_received(sandbox: &Sandbox, units: u128) {
    sandbox.client.mine(5).await;
    assert_eq!(Chain::of(sandbox).balance("USDC", PAYER).await, units);
    sandbox.audit();
    let said = sandbox.said(&["audit", "--chain"]);
    assert!(said.contains("the treasury's coins on the chain are those in the books"), "{said}");
}

#[tokio::test]
async fn a_refund_arrives_and_is_in_the_books() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let id = beside.refund(5_250_000, PAYER).await;
    let row = beside.becomes(&id, State::Done).await;
    assert!(row.tx_hash.is_some() && row.nonce == Some(0) && row.round == 1, "{row:?}");
    assert_received(&sandbox, 5_250_000).await;
    let shown = sandbox.said(&["treasury", "show"]);
    assert!(shown.contains("sent today (UTC): 5.25 of 500000; at most 100000 in one transfer"), "{shown}");
    assert!(shown.contains("USDC_polygon: 99994.75 in the books, 99994.75 on the chain"), "{shown}");
}

/// Two processes look for the same work on one database: each transfer goes once.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_database_send_each_once() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let mut ids = Vec::new();
    for _ in 0..RACED {
        ids.push(beside.refund(1_001, PAYER).await);
    }
    let second = beside.app.clone();
    let racing = tokio::spawn(async move {
        loop {
            let (_, sent) = gateway::workers::send_transfers::round(&second, "polygon").await;
            assert!(!matches!(&sent, Err(error) if error.to_string().contains("refused")), "{sent:?}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    let mut transactions = std::collections::BTreeSet::new();
    for id in &ids {
        transactions.insert(beside.becomes(id, State::Done).await.nonce);
    }
    racing.abort();
    assert!(transactions.len() < ids.len() / 2, "most went together: {} transactions", transactions.len());
    assert_received(&sandbox, RACED * 1_001).await;
}
