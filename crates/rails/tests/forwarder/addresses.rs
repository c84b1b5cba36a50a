use crate::world::{COIN, Deposit, PAYER, STRANGER, World, failed, flushed};
use alloy_primitives::{Address, Bytes, TxKind, U256};
use alloy_sol_types::{SolCall, SolValue};
use proptest::prelude::*;
use rails::evm::abi::{Forwarder, ForwarderFactory};
use rails::evm::artifact;
use rails::evm::forwarder::{BPS, ForwarderTerms, deposit_address};
use revm::primitives::hardfork::SpecId;

fn ask(world: &mut World, data: Vec<u8>) -> Result<Address, Bytes> {
    let (bytes, _) = world.call(STRANGER, artifact::factory_address(), data.into())?;
    Ok(Address::abi_decode(&bytes).unwrap())
}

#[test]
fn the_proxy_deploys_the_factory_where_we_say() {
    let mut world = World::new();
    assert!(world.has_code(artifact::factory_address()));
    assert!(world.has_code(artifact::implementation_address()));
    let implementation = ask(&mut world, ForwarderFactory::implementationCall {}.abi_encode());
    assert_eq!(implementation, Ok(artifact::implementation_address()));
    assert!(world.call(STRANGER, artifact::PROXY, artifact::deployment_call()).is_err(), "a second time");
}

#[test]
fn we_compute_what_the_factory_computes_and_refuse_what_it_refuses() {
    let mut world = World::new();
    let wallet = prop_oneof![4 => any::<[u8; 20]>().prop_map(Address::from), 1 => Just(Address::ZERO)];
    let fee_bps = prop_oneof![4 => 0..=BPS, 1 => Just(0), 1 => any::<u16>()];
    let world = std::cell::RefCell::new(&mut world);
    proptest!(|(merchant in wallet.clone(), fee_wallet in wallet, fee_bps in fee_bps, salt: [u8; 32])| {
        let terms = ForwarderTerms { merchant, fee_wallet, fee_bps };
        let call = ForwarderFactory::addressOfCall { salt: salt.into(), merchant, feeWallet: fee_wallet, feeBps: fee_bps };
        match ask(&mut world.borrow_mut(), call.abi_encode()) {
            Ok(address) => prop_assert_eq!((terms.check(), deposit_address(&terms, salt.into())), (Ok(()), address)),
            Err(_) => prop_assert!(terms.check().is_err()),
        }
    });
}

/// From the oldest rules we compile for to the newest: money before deployment, after it, and a second flush.
#[test]
fn works_by_all_rules() {
    for rules in [SpecId::MERGE, SpecId::SHANGHAI, SpecId::CANCUN, SpecId::PRAGUE, SpecId::OSAKA] {
        let mut world = World::with_rules(rules);
        let token = world.token(include_str!("../../../../contracts/artifacts/TestTokenNoReturn.json"), 6);
        let (merchant, fee_wallet) = (Address::repeat_byte(0x33), Address::repeat_byte(0x44));
        let deposit = Deposit { terms: ForwarderTerms { merchant, fee_wallet, fee_bps: 30 }, salt: Default::default() };
        let forwarder = deposit.address();
        for _ in 0..2 {
            world.pay(forwarder, token, 1_000_999).unwrap();
            world.pay(forwarder, COIN, 1_000).unwrap();
            let logs = world.flush(STRANGER, &[deposit.item(&[token, COIN])]).unwrap();
            assert_eq!(flushed(&logs), [(forwarder, token, 997_997, 3_002), (forwarder, COIN, 997, 3)]);
            assert_eq!(failed(&logs), []);
        }
        assert_eq!((world.balance(merchant, token), world.balance(fee_wallet, token)), (2 * 997_997, 2 * 3_002));
        assert_eq!((world.balance(merchant, COIN), world.balance(fee_wallet, COIN)), (2 * 997, 2 * 3));
        let empty = world.flush(STRANGER, &[deposit.item(&[token, COIN])]).unwrap();
        assert!(empty.is_empty(), "nothing to flush leaves no log");
    }
}

#[test]
fn the_bare_implementation_takes_and_gives_nothing() {
    let mut world = World::new();
    let token = world.token(include_str!("../../../../contracts/artifacts/TestToken.json"), 18);
    let implementation = artifact::implementation_address();
    assert!(world.pay(implementation, COIN, 5).is_err());
    world.pay(implementation, token, 5).unwrap();
    assert!(world.flush_direct(STRANGER, implementation, token).is_err());
    assert!(world.flush_direct(STRANGER, implementation, COIN).is_err());
    assert_eq!(world.balance(implementation, token), 5);
    // Nor does the factory take coin.
    assert!(world.pay(artifact::factory_address(), COIN, 5).is_err());
    let flush = Forwarder::flushCall { token: COIN }.abi_encode();
    let with_coin = world.send(PAYER, TxKind::Call(implementation), U256::from(1), flush.into(), 1_000_000);
    assert!(!with_coin.is_success());
}
