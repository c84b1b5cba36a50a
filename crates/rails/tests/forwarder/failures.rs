use crate::world::{COIN, Deposit, Mode, PAYER, STRANGER, World, failed, flushed};
use alloy_primitives::{Address, B256, TxKind, U256};
use rails::evm::artifact;
use rails::evm::forwarder::{ForwarderTerms, flush_call};

const HONEST: Address = Address::repeat_byte(0x33);
const FEES: Address = Address::repeat_byte(0x44);

fn deposit(merchant: Address, fee_wallet: Address, fee_bps: u16) -> Deposit {
    Deposit { terms: ForwarderTerms { merchant, fee_wallet, fee_bps }, salt: B256::repeat_byte(7) }
}

/// A batch with a merchant of each bad kind, and one honest merchant after them all.
#[test]
fn one_that_fails_does_not_hold_up_the_others() {
    let mut world = World::new();
    let token = world.token(include_str!("../../../../contracts/artifacts/TestToken.json"), 6);
    let bad = [Mode::Refuse, Mode::BurnGas, Mode::ReturnBomb].map(|mode| {
        let merchant = world.wallet();
        world.set_mode(merchant, mode, COIN, 0);
        deposit(merchant, FEES, 100)
    });
    let honest = deposit(HONEST, FEES, 100);
    let (no_contract, not_a_token) = (Address::repeat_byte(0x99), artifact::PROXY);
    let mut items: Vec<_> = bad.iter().map(|bad| bad.item(&[COIN])).collect();
    items.push(honest.item(&[no_contract, not_a_token, token, COIN]));
    for deposit in bad.iter().chain([&honest]) {
        world.pay(deposit.address(), COIN, 10_000).unwrap();
    }
    world.pay(honest.address(), token, 10_000).unwrap();

    let logs = world.flush(STRANGER, &items).unwrap();
    let at = honest.address();
    assert_eq!(flushed(&logs), [(at, token, 9_900, 100), (at, COIN, 9_900, 100)]);
    let failures = failed(&logs);
    let wanted = [bad[0].address(), bad[1].address(), bad[2].address(), at, at];
    assert_eq!(failures.iter().map(|(forwarder, ..)| *forwarder).collect::<Vec<_>>(), wanted);
    assert!(failures[0].2.windows(7).any(|text| text == b"refused"), "{:?}", failures[0].2);
    assert_eq!(failures[2].2.len(), 256, "a long reason is cut");
    assert_eq!(failures[3].1, no_contract);
    for bad in bad {
        assert_eq!((world.balance(bad.address(), COIN), world.balance(bad.terms.merchant, COIN)), (10_000, 0));
    }
    assert_eq!(world.balance(FEES, COIN), 100, "the fee of a flush that failed is not taken");
}

/// Any gas limit either flushes or reverts as a whole: a limit that makes a flush fail for want of gas while the
/// transaction succeeds would be what `eth_estimateGas` finds.
#[test]
fn too_little_gas_is_no_success() {
    let deposit = deposit(HONEST, FEES, 100);
    let (mut reverted, mut succeeded) = (0, 0);
    for gas in (50_000..1_100_000).step_by(25_000) {
        let mut world = World::new();
        world.pay(deposit.address(), COIN, 10_000).unwrap();
        let data = flush_call(&[deposit.item(&[COIN])]);
        let result = world.send(STRANGER, TxKind::Call(artifact::factory_address()), U256::ZERO, data, gas);
        assert!(failed(result.logs()).is_empty());
        let paid = world.balance(HONEST, COIN);
        assert_eq!(paid, if result.is_success() { 9_900 } else { 0 }, "at {gas}");
        if result.is_success() { succeeded += 1 } else { reverted += 1 }
    }
    assert!(reverted > 10 && succeeded > 10, "{reverted} and {succeeded}");
}

/// The fee wallet is paid first: paying itself twice would leave the merchant short, so all of it is undone.
#[test]
fn a_fee_wallet_that_reenters_gets_nothing() {
    let mut world = World::new();
    let token = world.token(include_str!("../../../../contracts/artifacts/TestTokenHook.json"), 6);
    let fee_wallet = world.wallet();
    let deposit = deposit(HONEST, fee_wallet, 1_000);
    for asset in [COIN, token] {
        world.set_mode(fee_wallet, Mode::Reenter, asset, 1);
        world.pay(deposit.address(), asset, 10_000).unwrap();
        let logs = world.flush(fee_wallet, &[deposit.item(&[asset])]).unwrap();
        assert_eq!((flushed(&logs), failed(&logs).len()), (vec![], 1));
        assert!(world.flush_direct(STRANGER, deposit.address(), asset).is_err());
        assert_eq!((world.balance(fee_wallet, asset), world.balance(deposit.address(), asset)), (0, 10_000));
        // Deeper, the innermost call undoes the one around it; the wallet swallows that, and is paid once.
        world.set_mode(fee_wallet, Mode::Reenter, asset, 2);
        let logs = world.flush_direct(STRANGER, deposit.address(), asset).unwrap();
        assert_eq!(flushed(&logs), [(deposit.address(), asset, 9_000, 1_000)]);
        assert_eq!((world.balance(fee_wallet, asset), world.balance(HONEST, asset)), (1_000, 9_000));
    }
}

/// The merchant is paid last, so there is nothing left to take.
#[test]
fn a_merchant_that_reenters_gets_its_share() {
    let mut world = World::new();
    let token = world.token(include_str!("../../../../contracts/artifacts/TestTokenHook.json"), 6);
    let merchant = world.wallet();
    let deposit = deposit(merchant, FEES, 1_000);
    for asset in [COIN, token] {
        world.set_mode(merchant, Mode::Reenter, asset, 2);
        world.pay(deposit.address(), asset, 10_000).unwrap();
        let logs = world.flush(STRANGER, &[deposit.item(&[asset])]).unwrap();
        assert_eq!(flushed(&logs), [(deposit.address(), asset, 9_000, 1_000)]);
        assert_eq!((world.balance(merchant, asset), world.balance(FEES, asset)), (9_000, 1_000));
    }
}

#[test]
fn impossible_terms_are_refused_as_a_whole() {
    let mut world = World::new();
    let honest = deposit(HONEST, FEES, 100);
    world.pay(honest.address(), COIN, 10_000).unwrap();
    for impossible in [deposit(HONEST, FEES, 10_001), deposit(COIN, FEES, 1), deposit(HONEST, COIN, 1)] {
        assert!(world.flush(PAYER, &[honest.item(&[COIN]), impossible.item(&[COIN])]).is_err());
    }
    assert_eq!(world.balance(honest.address(), COIN), 10_000);
    let many: Vec<_> =
        (0..20u8).map(|salt| Deposit { salt: B256::with_last_byte(salt), ..honest }.item(&[COIN])).collect();
    assert!(world.flush(PAYER, &many).unwrap().is_empty(), "20 deployed in one go");
}
