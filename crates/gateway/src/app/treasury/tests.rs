//! What becomes of transfers whose transaction came to an end, one or several in it, whatever the chain does. After each step the auditor
//! finds nothing.

use alloy_primitives::{Address, B256};
use domain::ledger::Kind as AccountKind;
use domain::merchant::Merchant;
use domain::transfer::{Kind, State};
use domain::{TransferId, Units};
use rails::evm::fees::Fees;
use rails::evm::scan::{BlockRef, ChainFact};
use rails::evm::sign::{GasKey, TxRequest};

use super::moves::{self, Known};
use super::{gaps, send};
use crate::app::acts::Actor;
use crate::app::audit::audit;
use crate::app::testing::{app_with_treasury, follows};
use crate::app::transfers::acts::{ActRefused, Seen, mark};
use crate::app::transfers::{NewTransfer, Rail, reserve};
use crate::app::{SharedApp, payments};
use crate::store::chain_txs::{self, BytesRow, ChainTxRow, Purpose};
use crate::store::transfers::{self, TransferRow};
use crate::store::treasury_moves::{self, MoveRow};
use crate::store::treasury_wallets::{self, WalletRow};
use crate::store::{StoreError, Tx};

const COIN: u128 = 1_000_000;

struct Desk {
    app: SharedApp,
    merchant: Merchant,
}

async fn desk(name: &str) -> Desk {
    let (app, merchant) = app_with_treasury(&format!("treasury-{name}")).await;
    Desk { app, merchant }
}

fn key() -> GasKey {
    GasKey::from_hex(&"46".repeat(32)).unwrap()
}

fn sender() -> String {
    format!("{:#x}", key().address())
}

/// Signed bytes of a call of `to`.
fn bytes(nonce: u64, revision: i64, to: Address) -> BytesRow {
    let price = 10 + u128::try_from(revision).unwrap();
    let fees = Fees::Dynamic { max_fee: price, max_tip: 1 };
    let request = TxRequest { chain_id: 137, nonce, to, value: 0, gas_limit: 21_000, fees, input: Default::default() };
    let signed = key().sign(&request).unwrap();
    let (hash, raw) = (signed.hash.to_string(), hex::encode(&signed.raw));
    BytesRow { revision, hash, raw, max_fee: price, tip: Some(1), created_at: domain::Time(0) }
}

impl Desk {
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&SharedApp, &Tx<'_>) -> Result<T, StoreError> + Clone + Send + 'static,
    ) -> T {
        let app = self.app.clone();
        let done = self.app.store.write(move |tx| write(&app, tx)).await.unwrap();
        let report = self.app.store.read(audit).await.unwrap();
        assert_eq!(report.findings, []);
        done
    }

    async fn reserve(&self, units: u128, to: u8) -> TransferRow {
        let merchant = self.merchant.id.clone();
        self.write(move |app, tx| {
            let new = NewTransfer {
                merchant,
                kind: Kind::CoinRefund,
                subject: "1".into(),
                invoice_number: None,
                taken_from: AccountKind::Parked,
                asset: "USDT_polygon".into(),
                units: Units(units),
                rail: Rail::Chain("polygon".into()),
                destination: Address::repeat_byte(to).to_string(),
                needs_approval: false,
            };
            reserve(app, tx, new)
        })
        .await
    }

    fn sent(&self, nonce: u64, items: String) -> ChainTxRow {
        let now = self.app.now();
        ChainTxRow {
            chain: "polygon".into(),
            sender: sender(),
            nonce,
            purpose: Purpose::Transfer,
            state: "pending".into(),
            items,
            receiver: format!("{:#x}", Address::repeat_byte(0x70)),
            call_data: String::new(),
            gas_limit: 21_000,
            mined_hash: None,
            mined_block: None,
            succeeded: None,
            note: None,
            created_at: now,
            due_at: now,
        }
    }

    /// Stores a transaction that carries these; whether it was.
    async fn store(&self, nonce: u64, rows: &[&TransferRow]) -> bool {
        let items = match rows {
            [row] => send::items_of(row).unwrap(),
            _ => "[]".into(),
        };
        let (sent, first) = (self.sent(nonce, items), bytes(nonce, 0, Address::repeat_byte(0x70)));
        let mut read = Vec::new();
        for row in rows {
            read.push(self.now(&row.id).await);
        }
        self.write(move |app, tx| {
            let chain = &app.chains["polygon"];
            send::store_all(app, tx, chain, chain.treasury.as_ref().unwrap(), &read, (&sent, &first))
        })
        .await
    }

    async fn now(&self, id: &TransferId) -> TransferRow {
        self.app.store.read(|tx| transfers::existing(tx, &self.merchant.id, id)).await.unwrap()
    }

    async fn states(&self, rows: &[&TransferRow]) -> Vec<State> {
        let mut states = Vec::new();
        for row in rows {
            states.push(self.now(&row.id).await.state);
        }
        states
    }

    /// The transaction is final, with the bytes of a revision.
    async fn over(&self, nonce: u64, revision: usize, succeeded: bool) {
        self.write(move |app, tx| {
            let mut sent = chain_txs::by_nonce(tx, "polygon", &sender(), nonce)?.unwrap();
            let all = chain_txs::bytes(tx, &sent)?;
            sent.mined_hash = Some(all[revision].hash.clone());
            (sent.state, sent.mined_block, sent.succeeded) = ("final".into(), Some(9), Some(succeeded));
            send::over(app, tx, &sent)
        })
        .await;
    }

    /// A stranger's transaction used its nonce.
    async fn dead(&self, nonce: u64) {
        self.write(move |app, tx| {
            let sent = chain_txs::by_nonce(tx, "polygon", &sender(), nonce)?.unwrap();
            send::dead(app, tx, &ChainTxRow { state: "parked".into(), ..sent })
        })
        .await;
    }

    async fn cancel(&self, row: &TransferRow) {
        let row = row.clone();
        self.write(move |app, tx| {
            send::cancel(app, tx, &row.merchant_id, &row.id, "the test says so")
                .map_err(|error| StoreError::Inconsistent(error.to_string()))
        })
        .await;
    }

    /// The bytes that move nothing.
    async fn emptied(&self, nonce: u64) {
        self.write(move |_, tx| {
            let sent = chain_txs::by_nonce(tx, "polygon", &sender(), nonce)?.unwrap();
            chain_txs::insert_bytes(tx, &sent, &bytes(nonce, 1, key().address()))
        })
        .await;
    }

    /// One block from `ago` seconds ago, and three on it that make it final: in it something left by bytes that nobody here knows.
    async fn unknown(&self, from: u64, ago: i64, hash: &str, amount: u128) {
        let mut fact = moved(from, 0, hash, 0, Address::repeat_byte(9), amount);
        let ChainFact::Moved { block, .. } = &mut fact else { panic!() };
        block.time_s = u64::try_from(self.app.now().0 / 1_000 - ago).unwrap();
        self.blocks(from, from + 3, 0, vec![fact]).await;
    }

    async fn moves(&self, hash: &str) -> Vec<MoveRow> {
        self.app.store.read(|tx| treasury_moves::of_tx(tx, "polygon", hash)).await.unwrap()
    }

    async fn marked(&self, row: &TransferRow, seen: Seen) -> Result<State, String> {
        let (app, id) = (self.app.clone(), row.id.clone());
        let evidence = "seen with the explorer";
        let done = self.app.store.write(move |tx| mark(&app, tx, &id, seen, evidence, &Actor("cli:op".into()))).await;
        self.write(|_, _| Ok(())).await;
        done.map(|row| row.state).map_err(|error: ActRefused| error.to_string())
    }

    /// The next blocks up to a height, with what moved in the first of them.
    async fn blocks(&self, from: u64, to: u64, fork: u8, facts: Vec<ChainFact>) {
        let read: Vec<BlockRef> = (from..=to).map(|number| block(number, fork)).collect();
        payments::record_blocks(&self.app, &follows(&self.app, "this").await, "polygon", read, facts).await.unwrap();
        self.write(|_, _| Ok(())).await;
    }
}

fn block(number: u64, fork: u8) -> BlockRef {
    let mut hash = [fork; 32];
    hash[24..].copy_from_slice(&number.to_be_bytes());
    BlockRef { number, hash: B256::from(hash), time_s: number }
}

fn moved(number: u64, fork: u8, hash: &str, log_index: u64, to: Address, amount: u128) -> ChainFact {
    let (block, tx_hash, token) = (block(number, fork), hash.parse().unwrap(), Address::repeat_byte(0x70));
    ChainFact::Moved { block, tx_hash, log_index, token, from: key().address(), to, amount }
}

#[tokio::test]
async fn one_that_fails_goes_again_and_then_waits_for_a_person() {
    let desk = desk("fails").await;
    let row = desk.reserve(5 * COIN, 9).await;
    for nonce in 0..2 {
        assert!(desk.store(nonce, &[&row]).await);
        assert_eq!(desk.now(&row.id).await.state, State::Sending);
        desk.over(nonce, 0, false).await;
        let now = desk.now(&row.id).await;
        assert_eq!((now.state, now.nonce, now.tx_hash), (State::Reserved, None, None));
        assert!(now.note.unwrap().contains("failed on the chain"));
        assert_eq!(now.due_at, Some(desk.app.now().plus(60_000)));
        assert_eq!((now.parked.is_some(), now.alone), (nonce == 1, false), "after {nonce}");
    }
    let parked = desk.now(&row.id).await.parked.unwrap();
    assert!(parked.starts_with("2 transactions for it moved nothing; the last: transaction 0x"), "{parked}");
    assert!(!desk.store(2, &[&row]).await, "what is parked is not sent");
}

#[tokio::test]
async fn a_nonce_that_a_stranger_used_kills_the_bytes() {
    let desk = desk("stranger").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let (row, called_off) = (desk.reserve(5 * COIN, 9).await, desk.reserve(6 * COIN, 9).await);
    assert!(desk.store(0, &[&row]).await && desk.store(1, &[&called_off]).await);
    desk.cancel(&called_off).await;
    desk.dead(0).await;
    desk.dead(1).await;
    assert_eq!(desk.states(&[&row, &called_off]).await, [State::Reserved, State::Canceled]);
    assert!(
        desk.now(&row.id).await.note.unwrap().contains("nonce 0 was used by a transaction that this gateway did not")
    );
    assert!(desk.store(2, &[&row]).await, "it goes anew");
}

#[tokio::test]
async fn a_batch_is_stored_whole_or_not_at_all() {
    let desk = desk("whole").await;
    let rows = [desk.reserve(60 * COIN, 9).await, desk.reserve(40 * COIN, 9).await, desk.reserve(1, 9).await];
    let [first, second, third] = &rows;
    assert!(!desk.store(0, &[first, second, third]).await, "more than a day's cap together");
    assert_eq!(desk.states(&[first, second, third]).await, [State::Reserved; 3]);
    desk.write({
        let third = third.clone();
        move |_, tx| transfers::update(tx, &mut { third })
    })
    .await;
    let stale = [first.clone(), third.clone()];
    let (sent, one) = (desk.sent(0, "[]".into()), bytes(0, 0, Address::repeat_byte(0x70)));
    let stored = desk.write(move |app, tx| {
        let chain = &app.chains["polygon"];
        send::store_all(app, tx, chain, chain.treasury.as_ref().unwrap(), &stale, (&sent, &one))
    });
    assert!(!stored.await, "one of them was changed since it was read");
    assert_eq!(desk.states(&[first, third]).await, [State::Reserved; 2]);
    assert!(desk.store(0, &[first, second]).await);
    assert!(!desk.store(1, &[third]).await, "the cap is used up by both");
    assert_eq!(desk.states(&[first, second, third]).await, [State::Sending, State::Sending, State::Reserved]);
    assert!(!desk.store(0, &[third]).await, "the nonce is taken");
}

#[tokio::test]
async fn what_was_in_a_batch_that_failed_goes_alone() {
    let desk = desk("alone").await;
    let rows = [desk.reserve(COIN, 9).await, desk.reserve(COIN, 9).await, desk.reserve(2 * COIN, 8).await];
    let [first, second, third] = &rows;
    assert!(desk.store(0, &[first, second, third]).await);
    desk.over(0, 0, false).await;
    for row in &rows {
        let now = desk.now(&row.id).await;
        assert_eq!((now.state, now.alone, now.parked), (State::Reserved, true, None));
    }
    // it was the batch's failure, not theirs: each has two tries of its own
    assert!(desk.store(1, &[first]).await);
    desk.over(1, 0, false).await;
    assert_eq!(desk.now(&first.id).await.parked, None);
}

#[tokio::test]
async fn one_of_a_batch_is_called_off_and_the_others_go_anew() {
    let desk = desk("call-off").await;
    let (first, second) = (desk.reserve(COIN, 9).await, desk.reserve(COIN, 9).await);
    assert!(desk.store(0, &[&first, &second]).await);
    desk.cancel(&first).await;
    assert_eq!(desk.states(&[&first, &second]).await, [State::Sending, State::Sending], "nothing is proven");
    let note = desk.now(&second.id).await.note.unwrap();
    assert!(note.contains(first.id.as_str()), "{note}");
    desk.emptied(0).await;
    desk.over(0, 1, true).await;
    assert_eq!(desk.states(&[&first, &second]).await, [State::Canceled, State::Reserved]);
    let again = desk.now(&second.id).await;
    assert_eq!((again.alone, again.parked, again.nonce), (false, None, None));
}

/// Alike to the unit: each move finds another transfer, also after it was mined elsewhere.
#[tokio::test]
async fn alike_transfers_of_one_transaction_arrive_each_once() {
    let desk = desk("alike").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let to = Address::repeat_byte(9);
    let rows = [desk.reserve(COIN, 9).await, desk.reserve(COIN, 9).await, desk.reserve(2 * COIN, 9).await];
    let all = [&rows[0], &rows[1], &rows[2]];
    assert!(desk.store(0, &all).await);
    let hash = bytes(0, 0, Address::repeat_byte(0x70)).hash;
    for (fork, logs) in [(1, [0, 1, 2]), (2, [7, 3, 5])] {
        let facts = vec![
            moved(2, fork, &hash, logs[0], to, COIN),
            moved(2, fork, &hash, logs[1], to, 2 * COIN),
            moved(2, fork, &hash, logs[2], to, COIN),
            // somebody's token that only looks like it, and one more than was sent
            moved(2, fork, &hash, 40, to, COIN),
        ];
        desk.blocks(2, 5, fork, facts).await;
        assert_eq!(desk.states(&all).await, [State::Done; 3], "fork {fork}");
        let moves = desk.app.store.read(|tx| treasury_moves::of_tx(tx, "polygon", &hash)).await.unwrap();
        let mut claimed: Vec<_> = moves.iter().filter_map(|row| row.transfer.clone()).map(|(_, id)| id).collect();
        claimed.sort();
        claimed.dedup();
        assert_eq!(claimed.len(), 3, "each by another move, the fourth by none");
        if fork == 1 {
            payments::record_reorg(&desk.app, &follows(&desk.app, "this").await, "polygon", 1).await.unwrap();
            desk.write(|_, _| Ok(())).await;
            assert_eq!(desk.states(&all).await, [State::Pending; 3]);
        }
    }
    for row in &rows {
        assert_eq!(desk.now(&row.id).await.round, 2);
    }
}

#[tokio::test]
async fn two_moves_of_one_transfer_are_found() {
    let desk = desk("twice").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let (row, other) = (desk.reserve(COIN, 9).await, desk.reserve(COIN, 9).await);
    assert!(desk.store(0, &[&row, &other]).await);
    let hash = bytes(0, 0, Address::repeat_byte(0x70)).hash;
    let to = Address::repeat_byte(9);
    desk.blocks(2, 5, 0, vec![moved(2, 0, &hash, 0, to, COIN), moved(2, 0, &hash, 1, to, COIN)]).await;
    let forge = move |tx: &Tx<'_>| {
        let mut moves = treasury_moves::of_tx(tx, "polygon", &hash)?;
        moves[1].transfer = moves[0].transfer.clone();
        treasury_moves::update(tx, &moves[1])
    };
    desk.app.store.write(forge).await.unwrap();
    let report = desk.app.store.read(audit).await.unwrap();
    let found: Vec<String> = report.findings.into_iter().map(|finding| finding.what).collect();
    assert!(found.iter().any(|what| what.contains("as another one is")), "{found:?}");
    assert!(found.iter().any(|what| what.contains("nothing left the treasury for it")), "{found:?}");
}

/// Whoever has the lost bytes may have sent them: nothing goes anew before the nonce is surely used by what moves nothing.
#[tokio::test]
async fn lost_bytes_are_outlived_and_not_guessed() {
    let desk = desk("lost").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let rows = [desk.reserve(COIN, 9).await, desk.reserve(COIN, 8).await];
    for (nonce, row) in rows.iter().enumerate() {
        let nonce = u64::try_from(nonce).unwrap();
        assert!(desk.store(nonce, &[row]).await);
        let sent = desk.sent(nonce, "[]".into());
        desk.write(move |_, tx| {
            tx.execute("DELETE FROM chain_tx_bytes", crate::store::tx::values![])?;
            let lost = chain_txs::without_bytes(tx, "polygon", &sender(), Purpose::Transfer)?;
            let known = lost.last().unwrap();
            assert_eq!(known.nonce, nonce);
            assert!(gaps::fill(tx, Some(known), &sent, &bytes(nonce, 1, key().address()))?);
            // another process had the same idea
            assert!(!gaps::fill(tx, None, &sent, &bytes(nonce, 2, key().address()))?);
            Ok(())
        })
        .await;
        let now = desk.now(&row.id).await;
        assert_eq!(now.state, State::Sending);
        assert!(now.parked.unwrap().contains("are lost"));
        if nonce == 0 {
            desk.over(0, 0, true).await;
            let now = desk.now(&row.id).await;
            assert_eq!((now.state, now.parked.is_some()), (State::Reserved, true), "set aside, and for a person");
        } else {
            desk.dead(1).await;
            let now = desk.now(&row.id).await;
            assert_eq!(now.state, State::Sending, "that may have been the lost bytes");
            assert!(now.parked.unwrap().contains("whose bytes it lost"));
        }
    }
}

#[tokio::test]
async fn what_has_been_on_its_way_for_a_day_is_shown() {
    let desk = desk("slow").await;
    let row = desk.reserve(COIN, 9).await;
    assert!(desk.store(0, &[&row]).await);
    for (advance, is_shown) in [(86_399_999, false), (1, true)] {
        desk.app.clock.advance(advance);
        let now = desk.app.now();
        let slow = desk.app.store.read(|tx| gaps::slow(tx, "polygon", now)).await.unwrap();
        let shown: Vec<_> = slow.iter().map(|(row, why)| (row.id.clone(), why.as_str())).collect();
        let words = "no end for a day: its transaction is not final (nonce 0)";
        assert_eq!(shown, if is_shown { vec![(row.id.clone(), words)] } else { vec![] });
    }
}

#[tokio::test]
async fn watching_begins_once() {
    let desk = desk("watched").await;
    desk.blocks(7, 8, 0, Vec::new()).await;
    desk.blocks(9, 9, 0, Vec::new()).await;
    let wallet = key().address().to_string();
    let watched = desk.app.store.read(|tx| crate::store::treasury_watched::of_wallet(tx, "polygon", &wallet)).await;
    assert_eq!(watched.unwrap(), [("USDT_polygon".to_owned(), 9)]);
}

const UNKNOWN: &str = "0x7777777777777777777777777777777777777777777777777777777777777777";

/// Its better paid bytes are lost, or the operator replaced it by hand: it is paid all the same, once.
#[tokio::test]
async fn what_left_by_unknown_bytes_of_a_hot_key_is_its_arrival() {
    let desk = desk("replaced").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let row = desk.reserve(COIN, 9).await;
    assert!(desk.store(0, &[&row]).await);
    desk.unknown(2, 0, UNKNOWN, COIN).await;
    desk.dead(0).await;
    let now = desk.now(&row.id).await;
    assert_eq!((now.state, now.round, now.tx_hash.as_deref()), (State::Done, 1, Some(UNKNOWN)));
    assert_eq!(desk.moves(UNKNOWN).await[0].transfer, Some((row.merchant_id.clone(), row.id)));
}

#[tokio::test]
async fn what_left_before_it_went_out_is_not_its_arrival() {
    let desk = desk("before").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let row = desk.reserve(COIN, 9).await;
    assert!(desk.store(0, &[&row]).await);
    desk.unknown(2, 602, UNKNOWN, COIN).await;
    assert_eq!(desk.now(&row.id).await.state, State::Sending);
    assert_eq!(desk.moves(UNKNOWN).await[0].transfer, None);
    // and what somebody names is from before anybody looked
    let named = UNKNOWN.replace('7', "8");
    let mut fact = moved(6, 0, &named, 0, Address::repeat_byte(9), COIN);
    let ChainFact::Moved { block, .. } = &mut fact else { panic!() };
    block.time_s = u64::try_from(desk.app.now().0 / 1_000).unwrap();
    desk.blocks(6, 6, 0, vec![fact]).await;
    desk.write(|app, tx| {
        let seen = treasury_moves::seen(tx, "polygon", 6)?;
        assert_eq!(seen.len(), 1);
        seen.into_iter().try_for_each(|row| moves::make_final(app, tx, row, Known::Named, app.now()))
    })
    .await;
    assert_eq!(desk.now(&row.id).await.state, State::Sending);
}

/// Which of two that are alike was paid nobody knows: neither is paid anew.
#[tokio::test]
async fn one_alike_that_arrived_by_unknown_bytes_leaves_a_doubt() {
    let desk = desk("doubt").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let (first, second) = (desk.reserve(COIN, 9).await, desk.reserve(COIN, 9).await);
    assert!(desk.store(0, &[&first]).await && desk.store(1, &[&second]).await);
    desk.cancel(&first).await;
    desk.unknown(2, 0, UNKNOWN, COIN).await;
    assert_eq!(desk.states(&[&first, &second]).await, [State::Sending, State::Done]);
    desk.dead(0).await;
    let now = desk.now(&first.id).await;
    assert_eq!(now.state, State::Sending);
    assert!(now.parked.unwrap().contains("which is alike, arrived by 0x7777"));
    // the other one's own bytes come after it: now both are paid, and both have arrived
    desk.unknown(6, 0, &bytes(1, 0, Address::repeat_byte(0x70)).hash, COIN).await;
    assert_eq!(desk.states(&[&first, &second]).await, [State::Done, State::Done]);
}

/// A coin was not looked for all the time: a person finds out, and may say either.
#[tokio::test]
async fn what_nobody_looked_for_is_found_out_by_a_person() {
    let desk = desk("unlooked").await;
    let (paid, unpaid) = (desk.reserve(COIN, 9).await, desk.reserve(2 * COIN, 9).await);
    assert!(desk.store(0, &[&paid]).await && desk.store(1, &[&unpaid]).await);
    desk.app.clock.advance(1_000);
    desk.blocks(1, 1, 0, Vec::new()).await;
    let mut fact = moved(2, 0, UNKNOWN, 0, Address::repeat_byte(9), COIN);
    let ChainFact::Moved { block, .. } = &mut fact else { panic!() };
    block.time_s = u64::try_from(desk.app.now().0 / 1_000).unwrap();
    desk.blocks(2, 2, 0, vec![fact]).await;
    desk.dead(0).await;
    desk.dead(1).await;
    for row in [&paid, &unpaid] {
        let now = desk.now(&row.id).await;
        assert_eq!(now.state, State::Sending);
        assert!(now.parked.unwrap().contains("USDT_polygon was not looked for all the time"));
    }
    let early = desk.marked(&paid, Seen::Arrived).await.unwrap_err();
    assert!(early.contains("not final yet"), "{early}");
    desk.write(|app, tx| {
        let seen = treasury_moves::seen(tx, "polygon", 2)?;
        seen.into_iter().try_for_each(|row| moves::make_final(app, tx, row, Known::Named, app.now()))
    })
    .await;
    assert_eq!(desk.marked(&paid, Seen::Arrived).await, Ok(State::Done));
    let linked = desk.moves(UNKNOWN).await[0].transfer.clone();
    assert_eq!(linked, Some((paid.merchant_id.clone(), paid.id.clone())), "it is not taken out besides");
    assert_eq!(desk.marked(&unpaid, Seen::Failed).await, Ok(State::Failed));
}

#[tokio::test]
async fn a_coin_that_comes_back_is_watched_from_then_on() {
    let desk = desk("comes-back").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    let wallet = key().address().to_string();
    desk.write({
        let wallet = wallet.clone();
        move |app, tx| {
            let began = app.now().plus(-5);
            crate::store::treasury_watched::begin(tx, "polygon", &wallet, "GONE_polygon", 0, began)
        }
    })
    .await;
    desk.blocks(2, 2, 0, Vec::new()).await;
    let watched = desk.app.store.read(|tx| crate::store::treasury_watched::of_wallet(tx, "polygon", &wallet)).await;
    assert_eq!(watched.unwrap(), [("USDT_polygon".to_owned(), 2)]);
}

/// From one wallet of ours to another nothing leaves, also when it became ours only later.
#[tokio::test]
async fn what_moves_to_a_wallet_that_becomes_ours_stays_in_the_books() {
    let desk = desk("between").await;
    desk.blocks(1, 1, 0, Vec::new()).await;
    desk.unknown(2, 0, UNKNOWN, COIN).await;
    let late = UNKNOWN.replace('7', "8");
    let fact = moved(6, 0, &late, 0, Address::repeat_byte(9), 2 * COIN);
    desk.blocks(6, 6, 0, vec![fact]).await;
    desk.write(|app, tx| {
        let row = WalletRow {
            chain: "polygon".into(),
            seq: 0,
            address: Address::repeat_byte(9).to_string(),
            state: treasury_wallets::State::Former,
            asked_at: app.now(),
            effective_at: app.now(),
            wait_millis: 0,
        };
        treasury_wallets::insert(tx, &row)
    })
    .await;
    desk.blocks(7, 9, 0, Vec::new()).await;
    assert!(desk.moves(&late).await[0].internal, "seen before, final after");
    assert!(!desk.moves(UNKNOWN).await[0].internal, "entered as taken out");
    let moved = desk.write(|app, tx| {
        moves::top_up(tx, "polygon", UNKNOWN, "cli:op", app.now())
            .map_err(|error| StoreError::Inconsistent(error.to_string()))
    });
    assert_eq!(moved.await.len(), 1);
    assert!(desk.moves(UNKNOWN).await[0].internal);
    payments::record_reorg(&desk.app, &follows(&desk.app, "this").await, "polygon", 1).await.unwrap();
    desk.write(|_, _| Ok(())).await;
    assert!(!desk.moves(UNKNOWN).await[0].internal);
}

#[tokio::test]
async fn without_the_key_nothing_is_called_off() {
    let mut desk = desk("no-key").await;
    let row = desk.reserve(COIN, 9).await;
    assert!(desk.store(0, &[&row]).await);
    std::sync::Arc::get_mut(&mut desk.app).unwrap().chains.get_mut("polygon").unwrap().treasury = None;
    let app = desk.app.clone();
    let (merchant, id) = (row.merchant_id.clone(), row.id.clone());
    let refused = desk.app.store.write(move |tx| send::cancel(&app, tx, &merchant, &id, "the test says so")).await;
    assert!(refused.unwrap_err().to_string().contains("is not in the configuration"));
    assert!(!desk.now(&row.id).await.called_off);
}
