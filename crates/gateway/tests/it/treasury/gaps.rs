//! Nonces that nothing uses are used up, and what stands behind them arrives.

use domain::transfer::State;
use gateway::store::StoreError;
use gateway::store::chain_txs::{self, ChainTxRow, Purpose};

use super::{Beside, PAYER, assert_received, beside};
use crate::harness::{Sandbox, edit};

async fn at(beside: &Beside, sender: &str, nonce: u64) -> Option<ChainTxRow> {
    beside.app.store.read(|tx| chain_txs::by_nonce(tx, "polygon", sender, nonce)).await.unwrap()
}

/// A nonce above those of the chain is thought to be over: that one, and those below it, nothing will ever use.
#[tokio::test]
async fn a_gap_is_filled() {
    let sandbox = Sandbox::start().await;
    let beside = beside(&sandbox).await;
    let sender = sandbox.file["treasury"].as_str().unwrap().to_lowercase();
    let (name, now) = (sender.clone(), beside.app.now());
    let over = move |tx: &gateway::store::Tx<'_>| {
        let row = ChainTxRow {
            chain: "polygon".into(),
            sender: name.clone(),
            nonce: 2,
            purpose: Purpose::Transfer,
            state: "parked".into(),
            items: "[]".into(),
            receiver: name,
            call_data: String::new(),
            gas_limit: 21_000,
            mined_hash: None,
            mined_block: None,
            succeeded: None,
            note: Some("a stranger used it, says the test".into()),
            created_at: now,
            due_at: now,
        };
        chain_txs::insert(tx, &row)?;
        chain_txs::update(tx, &row)
    };
    beside.app.store.write(over).await.map_err(|error: StoreError| error).unwrap();
    let id = beside.refund(4_000_000, PAYER).await;
    let row = beside.becomes(&id, State::Sending).await;
    assert_eq!(row.nonce, Some(3));
    // the program gives nodes a minute to agree
    sandbox.client.advance(61).await;
    beside.becomes(&id, State::Done).await;
    for nonce in 0..3 {
        let filled = at(&beside, &sender, nonce).await.unwrap();
        assert_eq!((filled.receiver.as_str(), filled.call_data.as_str()), (sender.as_str(), ""), "nonce {nonce}");
    }
    assert_received(&sandbox, 4_000_000).await;
}

/// The bytes are stored and not sent, and then lost from the database: the nonce is used up, and a person lets the transfer go again.
#[tokio::test]
async fn lost_bytes_are_not_made_again() {
    let mut sandbox = Sandbox::start_with(&[("LOCKGATE_CRASH_AT", "transfer.after_store")]).await;
    let id = beside(&sandbox).await.refund(4_000_000, PAYER).await;
    sandbox.ended().await;
    let lose = "DELETE FROM chain_tx_bytes WHERE nonce = 0 AND EXISTS (SELECT 1 FROM chain_txs t
                WHERE t.sender = chain_tx_bytes.sender AND t.nonce = 0 AND t.purpose = 'transfer')";
    assert_eq!(edit(&sandbox.dir, lose), 1);
    sandbox.start_again().await;
    let beside = beside(&sandbox).await;
    let why = beside.parked(&id).await;
    assert!(why.contains("are lost"), "{why}");
    let back = beside.becomes(&id, State::Reserved).await;
    assert!(back.note.unwrap().contains("which moves nothing") && back.parked.is_some());
    sandbox.said(&["transfers", "retry", id.as_str()]);
    let done = beside.becomes(&id, State::Done).await;
    assert_eq!(done.nonce, Some(1));
    assert_received(&sandbox, 4_000_000).await;
}
