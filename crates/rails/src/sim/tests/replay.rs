//! A chain is its configuration and its journal.

use alloy_primitives::{Address, TxKind, U256};
use serde_json::json;

use super::*;
use crate::sim::{ReplayError, SimCommand};

/// Everything at once: payments, gaps, refusals, forks.
fn eventful() -> (SimChain, Vec<SimCommand>) {
    let (mut chain, alice) = funded("alice");
    let mut journal = chain.take_journal();
    let shop = Address::repeat_byte(1);
    for round in 0..12u64 {
        chain.pay_token("USDT", shop, u128::from(round)).unwrap();
        chain.pay_native(shop, 1_000).unwrap();
        send(&mut chain, &alice, tx(round + 1, TxKind::Call(shop), vec![]));
        refusal(&mut chain, "eth_sendRawTransaction", json!(["0x1234"]));
        if round % 3 == 2 {
            chain.reorg(2, round % 2 == 0, GENESIS_S + 100 * round).unwrap();
        }
        chain.mine(round % 4, GENESIS_S + 100 * round + 50);
        journal.extend(chain.take_journal());
    }
    chain.pay_native(shop, 5).unwrap();
    journal.extend(chain.take_journal());
    (chain, journal)
}

#[test]
fn a_replayed_chain_is_the_same_chain() {
    let (mut chain, journal) = eventful();
    let stored = serde_json::to_string(&journal).unwrap();
    let read: Vec<SimCommand> = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, journal);
    let mut again = SimChain::replay(config(), read.into_iter()).unwrap();
    assert_eq!(again.take_journal(), []);

    assert!(!chain.waiting().is_empty());
    // The same now, and still the same after the same future.
    for nonce in [0, 13] {
        assert_eq!(again.head_hash(), chain.head_hash());
        assert_eq!(again.waiting(), chain.waiting());
        for account in [chain.payer_address(), chain.faucet_address(), address("alice"), Address::repeat_byte(1)] {
            assert_eq!(again.balance(account), chain.balance(account));
            for symbol in ["USDT", "USDC"] {
                assert_eq!(token_word(&mut again, symbol, account), token_word(&mut chain, symbol, account));
            }
        }
        for number in 0..=chain.head_number() {
            let params = json!([format!("{number:#x}"), true]);
            let block = ask(&mut chain, "eth_getBlockByNumber", params.clone());
            assert_eq!(ask(&mut again, "eth_getBlockByNumber", params), block);
        }
        for chain in [&mut chain, &mut again] {
            send(chain, &key("alice"), tx(nonce, TxKind::Call(Address::ZERO), vec![]));
            chain.mine(2, GENESIS_S + 9_999);
        }
    }
}

#[test]
fn a_payer_never_runs_dry_and_a_replay_knows_it() {
    const THIRD: u128 = 300_000_000 * ETHER;
    let mut chain = chain();
    let (shop, payer, faucet) = (Address::repeat_byte(1), chain.payer_address(), chain.faucet_address());
    let mut journal = Vec::new();
    for round in 0..7 {
        // without a block between them
        for _ in 0..3 {
            chain.pay_native(shop, THIRD).unwrap();
            chain.pay_token("WRONG", shop, u128::MAX).unwrap();
            chain.fund_native(shop, THIRD).unwrap();
        }
        chain.mine(1, GENESIS_S + round);
        if round == 4 {
            chain.reorg(2, true, GENESIS_S + 50).unwrap();
        }
        journal.extend(chain.take_journal());
    }
    chain.mine(1, GENESIS_S + 60);
    journal.extend(chain.take_journal());
    assert!(journal.iter().any(|command| matches!(command, SimCommand::Credit { .. })));
    assert!(chain.balance(shop) > U256::from(2_000_000_000 * ETHER), "more than both had: {}", chain.balance(shop));
    let stored = serde_json::to_string(&journal).unwrap();
    let read: Vec<SimCommand> = serde_json::from_str(&stored).unwrap();
    let again = SimChain::replay(config(), read.into_iter()).unwrap();
    assert_eq!((again.head_hash(), again.waiting()), (chain.head_hash(), chain.waiting()));
    for account in [shop, payer, faucet] {
        assert_eq!(again.balance(account), chain.balance(account));
    }
    // who has enough is given nothing: old journals are as they were
    assert!(!eventful().1.iter().any(|command| matches!(command, SimCommand::Credit { .. })));
}

#[test]
fn a_damaged_journal_is_refused() {
    let (_, mut journal) = eventful();
    journal.remove(0);
    assert!(matches!(SimChain::replay(config(), journal.into_iter()), Err(ReplayError::Submit { .. })));
    let deep = SimCommand::Reorg { depth: 1, keep_transactions: false, now_s: 0 };
    assert!(matches!(SimChain::replay(config(), [deep].into_iter()), Err(ReplayError::Reorg { index: 0, .. })));
}

#[test]
fn empty_blocks_are_cheap() {
    // The block, its entry in the index of hashes (twice: a hash table may be half empty), and no body.
    let index_entry = 2 * (size_of::<(alloy_primitives::B256, u64)>() + 1);
    assert!(size_of::<crate::sim::block::Block>() + index_entry <= 200);
    let mut chain = chain();
    chain.mine(20_000, GENESIS_S + 20_000);
    assert!(chain.blocks.iter().all(|block| block.body.is_none()));
    assert_eq!((chain.head_number(), chain.head_time_s()), (20_000, GENESIS_S + 20_000));
    assert_eq!(chain.take_journal().len(), 1);
}
