//! The contract by which the treasury pays many at once: it moves what its caller has, as far as the caller has approved, to all or nobody.

use crate::world::{PAYER, STRANGER, World};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolCall;
use rails::evm::abi::MultiSend::sendCall;
use rails::evm::artifact::{PROXY, multi_send_address, multi_send_deployment_call};
use rails::evm::token::{approve_call, send_many_call};

const TREASURY: Address = Address::repeat_byte(0x77);
const ONE: Address = Address::repeat_byte(0x33);
const TWO: Address = Address::repeat_byte(0x44);
/// One that returns a value and one that, as USDT does, returns nothing.
const TOKENS: [&str; 2] = [
    include_str!("../../../../contracts/artifacts/TestToken.json"),
    include_str!("../../../../contracts/artifacts/TestTokenNoReturn.json"),
];

fn world(artifact: &str) -> (World, Address) {
    let mut world = World::new();
    world.call(STRANGER, PROXY, multi_send_deployment_call()).unwrap();
    assert!(world.has_code(multi_send_address()));
    let token = world.token(artifact, 6);
    world.pay(TREASURY, token, 1_000).unwrap();
    (world, token)
}

fn send(world: &mut World, from: Address, token: Address, transfers: &[(Address, u128)]) -> Result<(), Bytes> {
    world.call(from, multi_send_address(), send_many_call(token, transfers)).map(|_| ())
}

#[test]
fn pays_all_or_nobody_and_no_more_than_was_approved() {
    for artifact in TOKENS {
        let (mut world, token) = world(artifact);
        let both = [(ONE, 300), (TWO, 200), (ONE, 300)];
        assert!(send(&mut world, TREASURY, token, &both).is_err(), "nothing is approved");
        world.call(TREASURY, token, approve_call(multi_send_address(), 799)).unwrap();
        assert!(send(&mut world, TREASURY, token, &both).is_err(), "one less than they need");
        assert_eq!([ONE, TWO].map(|to| world.balance(to, token)), [0, 0], "nobody is paid a part");
        world.call(TREASURY, token, approve_call(multi_send_address(), 800)).unwrap();
        send(&mut world, TREASURY, token, &both).unwrap();
        assert_eq!([ONE, TWO, TREASURY].map(|to| world.balance(to, token)), [600, 200, 200]);
        assert_eq!(world.balance(multi_send_address(), token), 0);
        assert!(send(&mut world, TREASURY, token, &[(ONE, 1)]).is_err(), "the approval is used up");
        send(&mut world, TREASURY, token, &[]).unwrap();
    }
}

#[test]
fn a_stranger_moves_nothing_of_the_treasurys() {
    for artifact in TOKENS {
        let (mut world, token) = world(artifact);
        world.call(TREASURY, token, approve_call(multi_send_address(), 1_000)).unwrap();
        for who in [STRANGER, PAYER] {
            assert!(send(&mut world, who, token, &[(who, 1)]).is_err());
        }
        assert_eq!(world.balance(TREASURY, token), 1_000);
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let (mut world, token) = world(TOKENS[0]);
    world.call(TREASURY, token, approve_call(multi_send_address(), 1_000)).unwrap();
    for (receivers, amounts) in [(vec![ONE, TWO], vec![U256::ONE]), (vec![ONE], vec![U256::ONE, U256::ONE])] {
        let input: Bytes = sendCall { token, receivers, amounts }.abi_encode().into();
        assert!(world.call(TREASURY, multi_send_address(), input).is_err());
    }
    assert!(send(&mut world, TREASURY, Address::repeat_byte(0x99), &[(ONE, 1)]).is_err(), "no contract");
    assert!(send(&mut world, TREASURY, token, &[(ONE, 1), (Address::ZERO, 1)]).is_err(), "one that the token refuses");
    assert!(world.call(TREASURY, multi_send_address(), Bytes::new()).is_err(), "nothing but `send`");
    assert_eq!(world.balance(TREASURY, token), 1_000);
}
