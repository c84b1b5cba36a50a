//! Random sequences of deposits, flushes by anyone, and attacks, against a model that only adds.

use crate::world::{COIN, Deposit, Mode, STRANGER, World, flushed, transferFromCall};
use alloy_primitives::{Address, B256, Bytes, TxKind, U256};
use alloy_sol_types::SolCall;
use proptest::prelude::*;
use rails::evm::artifact;
use rails::evm::forwarder::{ForwarderTerms, split};
use std::collections::HashMap;

const FORWARDERS: usize = 3;
const ASSETS: usize = 5;
const WALLETS: usize = 4;

#[derive(Debug, Clone)]
enum Move {
    /// Someone pays (forwarder, asset, amount).
    Pay(usize, usize, u128),
    /// Someone (0 the stranger, else a wallet) flushes one on the forwarder itself.
    FlushDirect(usize, usize, usize),
    /// Someone flushes several by the factory.
    FlushBatch(usize, Vec<(usize, Vec<usize>)>),
    /// A wallet (merchants, then the fee wallet) changes its behaviour: what it re-enters for, and how deep.
    Behave(usize, Mode, usize, u8),
    /// A stranger calls the forwarder with anything and some coin.
    CallAnything(usize, Vec<u8>, u64),
    /// A stranger asks a token for the forwarder's tokens.
    Steal(usize, usize, u128),
    /// A stranger flushes the implementation.
    FlushImplementation(usize),
}

fn any_amount() -> impl Strategy<Value = u128> {
    prop_oneof![0..200u128, 0..1u128 << 60, 0..1u128 << 110]
}

fn any_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![
        2 => Just(Mode::Accept),
        1 => Just(Mode::Refuse),
        3 => Just(Mode::Reenter),
        3 => Just(Mode::ReenterAndPayBack),
        1 => Just(Mode::BurnGas),
        1 => Just(Mode::ReturnBomb),
    ]
}

fn any_move() -> impl Strategy<Value = Move> {
    let (forwarder, asset, who) = (0..FORWARDERS, 0..ASSETS, 0..=WALLETS);
    let batch = prop::collection::vec((forwarder.clone(), prop::collection::vec(asset.clone(), 0..4)), 0..4);
    let selector = prop_oneof![any::<Vec<u8>>(), Just(hex::decode("a9059cbb").unwrap()), Just(vec![])];
    prop_oneof![
        6 => (forwarder.clone(), asset.clone(), any_amount()).prop_map(|(f, a, n)| Move::Pay(f, a, n)),
        4 => (who.clone(), forwarder.clone(), asset.clone()).prop_map(|(w, f, a)| Move::FlushDirect(w, f, a)),
        4 => (who, batch).prop_map(|(w, b)| Move::FlushBatch(w, b)),
        3 => (0..WALLETS, any_mode(), asset.clone(), 1..4u8).prop_map(|(w, m, a, n)| Move::Behave(w, m, a, n)),
        1 => (forwarder.clone(), selector, any::<u64>()).prop_map(|(f, d, v)| Move::CallAnything(f, d, v)),
        1 => (forwarder, asset.clone(), any_amount()).prop_map(|(f, a, n)| Move::Steal(f, a, n)),
        1 => asset.prop_map(Move::FlushImplementation),
    ]
}

struct Play {
    world: World,
    assets: [Address; ASSETS],
    /// Three merchants and the fee wallet.
    wallets: [Address; WALLETS],
    deposits: [Deposit; FORWARDERS],
    paid_in: HashMap<Address, u128>,
    /// By `Flushed`: (wallet, asset) and how much it got.
    paid_out: HashMap<(Address, Address), u128>,
    anyone_paid_back: bool,
}

impl Play {
    fn new(fee_bps: [u16; FORWARDERS]) -> Self {
        let mut world = World::new();
        let assets = [
            COIN,
            world.token(include_str!("../../../../contracts/artifacts/TestToken.json"), 6),
            world.token(include_str!("../../../../contracts/artifacts/TestToken.json"), 18),
            world.token(include_str!("../../../../contracts/artifacts/TestTokenNoReturn.json"), 6),
            world.token(include_str!("../../../../contracts/artifacts/TestTokenHook.json"), 18),
        ];
        let wallets = [(); WALLETS].map(|()| world.wallet());
        let deposits = std::array::from_fn(|i| Deposit {
            terms: ForwarderTerms { merchant: wallets[i], fee_wallet: wallets[3], fee_bps: fee_bps[i] },
            salt: B256::with_last_byte(i as u8),
        });
        let (paid_in, paid_out) = (HashMap::new(), HashMap::new());
        Self { world, assets, wallets, deposits, paid_in, paid_out, anyone_paid_back: false }
    }

    fn someone(&self, who: usize) -> Address {
        if who == 0 { STRANGER } else { self.wallets[who - 1] }
    }

    fn make(&mut self, action: Move) {
        let logs = match action {
            Move::Pay(to, asset, amount) => {
                let (to, asset) = (self.deposits[to].address(), self.assets[asset]);
                self.world.pay(to, asset, amount).unwrap();
                *self.paid_in.entry(asset).or_default() += amount;
                return;
            }
            Move::Behave(wallet, mode, asset, times) => {
                self.anyone_paid_back |= mode as u8 == Mode::ReenterAndPayBack as u8;
                return self.world.set_mode(self.wallets[wallet], mode, self.assets[asset], times);
            }
            Move::FlushDirect(who, of, asset) => {
                self.world.flush_direct(self.someone(who), self.deposits[of].address(), self.assets[asset])
            }
            Move::FlushBatch(who, batch) => {
                let tokens = |assets: &Vec<usize>| assets.iter().map(|asset| self.assets[*asset]).collect::<Vec<_>>();
                let items: Vec<_> = batch.iter().map(|(of, assets)| self.deposits[*of].item(&tokens(assets))).collect();
                self.world.flush(self.someone(who), &items)
            }
            Move::CallAnything(of, data, value) => {
                let to = TxKind::Call(self.deposits[of].address());
                let result = self.world.send(crate::world::PAYER, to, U256::from(value), data.into(), 1_000_000);
                if result.is_success() {
                    *self.paid_in.entry(COIN).or_default() += u128::from(value);
                }
                Ok(result.into_logs())
            }
            Move::Steal(of, asset, amount) => {
                let from = self.deposits[of].address();
                let call = transferFromCall { from, to: STRANGER, amount: U256::from(amount) };
                let token = if asset == 0 { from } else { self.assets[asset] };
                self.world.call(STRANGER, token, call.abi_encode().into()).map(|(_, logs)| logs)
            }
            Move::FlushImplementation(asset) => {
                self.world.flush_direct(STRANGER, artifact::implementation_address(), self.assets[asset])
            }
        };
        self.record(logs);
    }

    /// Every payment is of one of our forwarders, in the agreed ratio.
    fn record(&mut self, logs: Result<Vec<revm::primitives::Log>, Bytes>) {
        for (forwarder, asset, merchant_amount, fee) in flushed(&logs.unwrap_or_default()) {
            let terms = self.deposits.iter().find(|deposit| deposit.address() == forwarder).unwrap().terms;
            assert_eq!((merchant_amount, fee), split(merchant_amount + fee, terms.fee_bps));
            *self.paid_out.entry((terms.merchant, asset)).or_default() += merchant_amount;
            *self.paid_out.entry((terms.fee_wallet, asset)).or_default() += fee;
        }
    }

    /// Nothing is lost, nobody else got anything, and what was said to be paid was paid.
    fn check(&mut self) {
        for asset in self.assets {
            let paid_in = self.paid_in.get(&asset).copied().unwrap_or_default();
            let inside: u128 = self.deposits.iter().map(|deposit| self.world.balance(deposit.address(), asset)).sum();
            let held = self.wallets.map(|wallet| self.world.balance(wallet, asset));
            assert_eq!(inside + held.iter().sum::<u128>(), paid_in);
            for (wallet, held) in self.wallets.iter().zip(held) {
                let said = self.paid_out.get(&(*wallet, asset)).copied().unwrap_or_default();
                // A wallet that pays back holds less than it was paid.
                assert!(held <= said && (held == said || self.anyone_paid_back), "{held} of {said}");
            }
        }
        for address in [artifact::implementation_address(), artifact::factory_address()] {
            assert!(self.assets.iter().all(|asset| self.world.balance(address, *asset) == 0));
        }
        assert_eq!(self.assets.map(|asset| self.world.balance(STRANGER, asset)), [0; ASSETS]);
    }
}

fn any_bps() -> impl Strategy<Value = u16> {
    prop_oneof![0..=10_000u16, Just(0), Just(10_000), 1..200u16]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn money_leaves_only_to_the_two_wallets_in_the_agreed_ratio(
        fee_bps in [any_bps(), any_bps(), any_bps()], moves in prop::collection::vec(any_move(), 1..24),
    ) {
        let mut play = Play::new(fee_bps);
        for action in moves {
            play.make(action);
            play.check();
        }
        // Whatever happened, once the wallets behave, everything comes out.
        for wallet in 0..WALLETS {
            play.make(Move::Behave(wallet, Mode::Accept, 0, 0));
        }
        for of in 0..FORWARDERS {
            play.make(Move::FlushBatch(0, vec![(of, (0..ASSETS).collect())]));
        }
        play.check();
        for (deposit, asset) in play.deposits.iter().flat_map(|deposit| play.assets.map(|asset| (*deposit, asset))) {
            prop_assert_eq!(play.world.balance(deposit.address(), asset), 0);
        }
    }
}
