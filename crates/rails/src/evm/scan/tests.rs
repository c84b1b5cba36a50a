use super::*;
use alloy_primitives::{Bytes, U256};
use proptest::prelude::*;

const US: Address = Address::repeat_byte(0xaa);
const THEM: Address = Address::repeat_byte(0xbb);
const TOKEN: Address = Address::repeat_byte(0xcc);
const HASH: B256 = B256::repeat_byte(1);

fn watched(address: &Address) -> bool {
    *address == US
}

fn block(transactions: Vec<BlockTx>) -> Block {
    let header = Header { number: 5, hash: HASH, parent_hash: B256::ZERO, time_s: 1_000, base_fee_per_gas: None };
    Block { header, transactions }
}

fn log(address: Address, topics: Vec<B256>, data: &[U256], log_index: u64) -> RawLog {
    let data: Bytes = data.iter().flat_map(|word| word.to_be_bytes::<32>()).collect::<Vec<_>>().into();
    let transaction_hash = B256::with_last_byte(log_index as u8);
    RawLog { address, topics, data, block_number: 5, block_hash: HASH, transaction_hash, log_index, removed: false }
}

fn transfer(to: Address, amount: U256, log_index: u64) -> RawLog {
    log(TOKEN, vec![Transfer::SIGNATURE_HASH, THEM.into_word(), to.into_word()], &[amount], log_index)
}

fn flushed(forwarder: Address, log_index: u64) -> RawLog {
    log(forwarder, vec![Flushed::SIGNATURE_HASH, TOKEN.into_word()], &[U256::from(99), U256::from(1)], log_index)
}

fn pay(to: Option<Address>, value: U256, index: u64) -> BlockTx {
    BlockTx { hash: B256::with_last_byte(100 + index as u8), index, from: THEM, to, value }
}

#[test]
fn facts_come_in_order_and_only_ours() {
    let transactions = vec![
        pay(Some(US), U256::from(7), 0),
        pay(Some(THEM), U256::from(7), 1),
        pay(None, U256::from(7), 2),
        pay(Some(US), U256::ZERO, 3),
        pay(Some(US), U256::from(8), 4),
    ];
    let logs = [
        flushed(US, 9),
        transfer(US, U256::from(50), 3),
        transfer(THEM, U256::from(50), 4),
        flushed(THEM, 5),
        transfer(US, U256::ZERO, 6),
    ];
    // The last payment was reverted.
    let succeeded = |hash: &B256| Some(*hash != B256::with_last_byte(104));
    let scanned = scan(&block(transactions), &logs, &watched, &[], &succeeded).unwrap();
    let at = BlockRef { number: 5, hash: HASH, time_s: 1_000 };
    let deposit = |tx: u8, log_index, token, amount| ChainFact::Deposit {
        block: at,
        tx_hash: B256::with_last_byte(tx),
        log_index,
        token,
        from: THEM,
        to: US,
        amount,
    };
    let flush = ChainFact::Flushed {
        block: at,
        tx_hash: B256::with_last_byte(9),
        log_index: 9,
        forwarder: US,
        token: Some(TOKEN),
        merchant_amount: 99,
        fee_amount: 1,
    };
    let wanted = vec![deposit(3, 3, Some(TOKEN), 50), flush, deposit(100, NATIVE_LOG_INDEX, None, 7)];
    assert_eq!(scanned, Scanned { facts: wanted, rejected: vec![] });
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let mut foreign = transfer(THEM, U256::from(1), 0);
    foreign.block_hash = B256::ZERO;
    assert!(matches!(scan(&block(vec![]), &[foreign], &watched, &[], &|_| None), Err(ScanError::ForeignLog { .. })));
    let paid = block(vec![pay(Some(US), U256::from(1), 0)]);
    assert_eq!(scan(&paid, &[], &watched, &[], &|_| None), Err(ScanError::NoReceipt(B256::with_last_byte(100))));
}

/// Anyone can write nonsense into a log; it must not stop us, and nonsense about others must not even be seen.
#[test]
fn nonsense_is_rejected_by_name_and_the_rest_is_read() {
    let huge = U256::from(u128::MAX) + U256::from(1);
    let nonsense = |forwarder| log(forwarder, vec![Flushed::SIGNATURE_HASH], &[], 5);
    let logs = [
        transfer(US, huge, 1),
        transfer(THEM, huge, 2),
        transfer(US, U256::from(u128::MAX), 3),
        nonsense(US),
        nonsense(THEM),
        log(TOKEN, vec![Transfer::SIGNATURE_HASH], &[], 6),
    ];
    let scanned = scan(&block(vec![pay(Some(US), huge, 0)]), &logs, &watched, &[], &|_| Some(true)).unwrap();
    assert_eq!(scanned.facts.len(), 1);
    assert!(matches!(scanned.facts[0], ChainFact::Deposit { amount: u128::MAX, .. }));
    let (tx_hash, native) = (B256::with_last_byte(100), NATIVE_LOG_INDEX);
    assert_eq!(
        scanned.rejected,
        [
            LogError::AmountTooLarge { address: TOKEN, tx_hash: B256::with_last_byte(1), log_index: 1 },
            LogError::WrongShape { event: "Flushed", address: US, tx_hash: B256::with_last_byte(5), log_index: 5 },
            LogError::AmountTooLarge { address: THEM, tx_hash, log_index: native },
        ]
    );
}

proptest! {
    /// Logs may come in any order and twice; keys never collide.
    #[test]
    fn order_of_logs_does_not_matter(kinds in prop::collection::vec(0u8..4, 0..40), pays in 0u64..20, turn in 0usize..40) {
        let logs: Vec<_> = kinds.iter().zip(0..).map(|(kind, index)| match kind {
            0 => transfer(US, U256::from(index + 1), index),
            1 => transfer(THEM, U256::from(1), index),
            2 => flushed(US, index),
            _ => flushed(THEM, index),
        }).collect();
        let mut turned = [logs.clone(), logs.clone()].concat();
        let turn = turn.min(turned.len());
        turned.rotate_left(turn);
        let block = block((0..pays).map(|index| pay(Some(US), U256::from(1), index)).collect());
        let scanned = scan(&block, &logs, &watched, &[], &|_| Some(true)).unwrap();
        prop_assert_eq!(&scanned, &scan(&block, &turned, &watched, &[], &|_| Some(true)).unwrap());
        prop_assert_eq!(scanned.facts.len(), kinds.iter().filter(|kind| *kind % 2 == 0).count() + pays as usize);
        prop_assert!(scanned.facts.windows(2).all(|pair| pair[0].log_index() < pair[1].log_index()));
    }
}
