//! A chain that does anything: deposits, flushes and reorganisations in random order, with log positions that move. After
//! each step the auditor must find nothing, and in the end the books must say what the chain says.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::{Address, B256};
use domain::asset::{Asset, Kind};
use domain::confirmations::ConfirmationPolicy;
use domain::fee::BasisPoints;
use domain::ledger::Kind as Account;
use domain::merchant::{Merchant, Wallet};
use domain::{MerchantId, Units};
use proptest::prelude::*;
use rails::evm::rpc::RpcClient;
use rails::evm::scan::{BlockRef, ChainFact};

use crate::app::chains::{Addresses, Chain, FlushPolicy};
use crate::app::invoices::create;
use crate::app::merchants::{NewMerchant, Office};
use crate::app::rates::RateBook;
use crate::app::testing::{follows, new_invoice};
use crate::app::{App, SharedApp, Wake, audit, payments};
use crate::clock::Clock;
use crate::net::{guard::Policy, plain};
use crate::random::Random;
use crate::secrets::MasterKey;
use crate::store::{attempts, blocks, invoices, ledger};
use crate::wire::create::{Devise, Flow};

const CHAIN: &str = "polygon";
const TOKEN: [u8; 20] = [0x70; 20];
/// Blocks until a payment is final, and a flush.
const DEEPEST: u64 = 3;

fn asset() -> Asset {
    Asset {
        code: "USDT_polygon".into(),
        symbol: "USDT".into(),
        chain: CHAIN.into(),
        name: "Tether USD".into(),
        kind: Kind::Token(TOKEN),
        decimals: 6,
        at_par: true,
        payable: true,
        aliases: Vec::new(),
    }
}

/// A gateway without anything running: the chain is in the test's hands.
async fn gateway(name: &str) -> (SharedApp, Merchant) {
    static GATEWAYS: AtomicU32 = AtomicU32::new(0);
    let nth = GATEWAYS.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("lockgate-payments-{}-{name}-{nth}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let store = crate::store::testing::store(&dir);
    let chain = Chain {
        name: CHAIN.into(),
        title: "Polygon".into(),
        chain_id: 137,
        rpc: RpcClient::new(Vec::new(), plain::client().unwrap(), Duration::from_secs(1)),
        confirmations: ConfirmationPolicy::new(Vec::new(), DEEPEST).unwrap(),
        assets: vec![asset()],
        gas_key: None,
        treasury: None,
        fee_wallet: Address::repeat_byte(2),
        flush: FlushPolicy { at_once_minor: 0, after_millis: 0, max_fee_per_gas: 1, bump_after_millis: 1 },
        explorer_tx_url: None,
        addresses: Addresses::default(),
        health: Mutex::default(),
    };
    let (clock, random, master_key) = (Clock::manual(1_700_000_000_000), Random::seeded(7), MasterKey::new([1; 32]));
    let office = Office { clock: clock.clone(), random: random.clone(), master_key: master_key.clone() };
    let new = NewMerchant {
        name: "Shop".into(),
        email: "shop@example.com".into(),
        wallet: Wallet::Active(Address::repeat_byte(1).to_string()),
        fee: BasisPoints::new(333).unwrap(),
        min_amount: Units(1),
        max_amount: Units(1_000_000),
        s2s: true,
        callback_url: None,
    };
    let (merchant, _) = store.write(move |tx| office.create(tx, new)).await.unwrap();
    let hash = B256::with_last_byte(1).to_string();
    store.write(move |tx| blocks::put(tx, CHAIN, 0, &hash)).await.unwrap();
    let app = App {
        store,
        clock,
        random,
        master_key,
        policy: Policy::Sandbox,
        sandbox: true,
        base_url: "http://127.0.0.1".into(),
        assets: vec![asset()],
        chains: HashMap::from([(CHAIN.to_owned(), chain)]),
        rates: RateBook::default(),
        providers: crate::app::providers::Providers::new(crate::net::plain::client().unwrap()),
        cards: crate::app::CardIntake::ProviderOnly,
        settlement_coin: None,
        default_fee: domain::fee::BasisPoints::default(),
        operator_email: None,
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        page_key: [3; 32],
        switch: None,
        wake: Wake::default(),
    };
    (Arc::new(app), merchant)
}

/// An invoice over 10.00 USD in USDT; answers its deposit address.
async fn invoice(app: &SharedApp, merchant: &Merchant) -> Address {
    let mut new = new_invoice("a@example.com", 1_000, Devise::Usd);
    new.request.flow = Flow::CryptoS2s { payable_currency: asset().code };
    (new.asset, new.direct) = (Some(asset().code), true);
    create(app, std::sync::Arc::new(merchant.clone()), new).await.unwrap();
    let found = app.store.read(|tx| {
        let last = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
        attempts::of_invoice(tx, &merchant.id, last)
    });
    Address::from(found.await.unwrap()[0].address)
}

/// A transaction that some chain may include: a transfer to one of the forwarders, or a flush of all of them.
#[derive(Debug, Clone)]
enum Action {
    Pay { to: usize, units: u128 },
    Flush,
}

/// The chain of the test: blocks of transactions, played from the start to know what each emits.
#[derive(Debug, Default)]
struct World {
    blocks: Vec<Vec<(u64, Action)>>,
    forks: u64,
    next_tx: u64,
}

impl World {
    fn block_ref(&self, index: usize, fork: u64) -> BlockRef {
        let number = index as u64 + 1;
        let mut hash = B256::with_last_byte(2);
        hash.0[..8].copy_from_slice(&number.to_be_bytes());
        hash.0[8..16].copy_from_slice(&fork.to_be_bytes());
        BlockRef { number, hash, time_s: 1_700_000_000 + number }
    }

    /// What each forwarder holds after all blocks, and the facts of the block at `index`.
    fn play(&self, addresses: &[Address], index: usize, fork: u64) -> (Vec<u128>, Vec<ChainFact>) {
        let mut held = vec![0u128; addresses.len()];
        let mut facts = Vec::new();
        for (at, transactions) in self.blocks.iter().enumerate() {
            let mut log_index = 0;
            for (tx, action) in transactions {
                let (block, tx_hash) = (self.block_ref(at, fork), B256::from(alloy_primitives::U256::from(*tx)));
                let token = Some(Address::from(TOKEN));
                let mut emitted = Vec::new();
                match action {
                    Action::Pay { to, units } => {
                        held[*to] += units;
                        let (from, to, amount) = (Address::repeat_byte(9), addresses[*to], *units);
                        emitted.push(ChainFact::Deposit { block, tx_hash, log_index, token, from, to, amount });
                        log_index += 1;
                    }
                    Action::Flush => {
                        for (to, held) in held.iter_mut().enumerate().filter(|(_, held)| **held > 0) {
                            let (merchant_amount, fee_amount) = rails::evm::forwarder::split(*held, 333);
                            let forwarder = addresses[to];
                            *held = 0;
                            emitted.push(ChainFact::Flushed {
                                block,
                                tx_hash,
                                log_index,
                                forwarder,
                                token,
                                merchant_amount,
                                fee_amount,
                            });
                            log_index += 1;
                        }
                    }
                }
                if at == index {
                    facts.extend(emitted);
                }
            }
        }
        (held, facts)
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A block with these transactions.
    Block(Vec<Action>),
    /// The last blocks are gone; of their transactions some come back, in one block, behind a stranger that shifts every log.
    Reorg { depth: usize, keep: Vec<bool>, shift: Option<Action> },
}

fn action() -> impl Strategy<Value = Action> {
    let units = prop_oneof![Just(10_000_000u128), 1..20_000_000u128];
    prop_oneof![3 => (0..3usize, units).prop_map(|(to, units)| Action::Pay { to, units }), 2 => Just(Action::Flush)]
}

fn step() -> impl Strategy<Value = Step> {
    let reorg = (1..6usize, prop::collection::vec(any::<bool>(), 0..12), prop::option::of(action()));
    prop_oneof![
        4 => prop::collection::vec(action(), 0..4).prop_map(Step::Block),
        1 => reorg.prop_map(|(depth, keep, shift)| Step::Reorg { depth, keep, shift }),
    ]
}

async fn audited(app: &App) {
    let report = app.store.read(audit::audit).await.unwrap();
    // a settled invoice whose flush has just left the chain is the one thing it must find
    let unexpected: Vec<_> = report.findings.iter().filter(|found| !found.what.ends_with("left the chain")).collect();
    assert!(unexpected.is_empty(), "the auditor: {unexpected:?}");
}

/// What a node has read that stood still for too long is refused, whatever it is.
#[tokio::test]
async fn another_node_follows_now() {
    let (app, _) = gateway("another-node").await;
    let before = follows(&app, "frozen").await;
    follows(&app, "other").await;
    let late = payments::record_blocks(&app, &before, CHAIN, Vec::new(), Vec::new()).await;
    assert!(late.unwrap_err().to_string().contains("another node does this now"));
    assert!(payments::record_reorg(&app, &before, CHAIN, 0).await.is_err());
    // and it has it again only when the other one's time is over
    follows(&app, "frozen").await;
}

async fn add(app: &SharedApp, world: &mut World, addresses: &[Address], block: Vec<(u64, Action)>) {
    world.blocks.push(block);
    let index = world.blocks.len() - 1;
    let (_, facts) = world.play(addresses, index, world.forks);
    let read = vec![world.block_ref(index, world.forks)];
    // what is told twice is recorded once
    let lease = follows(app, "this").await;
    payments::record_blocks(app, &lease, CHAIN, read.clone(), facts.clone()).await.unwrap();
    payments::record_blocks(app, &lease, CHAIN, read, facts).await.unwrap();
    audited(app).await;
}

/// Sums of a merchant's book: (debit, credit) by kind of account.
async fn book(app: &App, merchant: &MerchantId) -> BTreeMap<&'static str, (u128, u128)> {
    let rows = app.store.read(|tx| ledger::accounts(tx, merchant)).await.unwrap();
    rows.into_iter().map(|row| (row.account.kind.name(), (row.debit.0, row.credit.0))).collect()
}

async fn play(name: &str, steps: Vec<Step>) {
    let (app, merchant) = gateway(name).await;
    let mut addresses = Vec::new();
    for _ in 0..3 {
        addresses.push(invoice(&app, &merchant).await);
    }
    let mut world = World::default();
    for step in steps {
        match step {
            Step::Block(actions) => {
                let mut block = Vec::new();
                for action in actions {
                    world.next_tx += 1;
                    block.push((world.next_tx, action));
                }
                add(&app, &mut world, &addresses, block).await;
            }
            Step::Reorg { depth, keep, shift } => {
                let left = world.blocks.len().saturating_sub(depth);
                let lost: Vec<(u64, Action)> = world.blocks.drain(left..).flatten().collect();
                world.forks += 1;
                payments::record_reorg(&app, &follows(&app, "this").await, CHAIN, left as u64).await.unwrap();
                audited(&app).await;
                world.next_tx += 1;
                let mut block: Vec<(u64, Action)> = shift.into_iter().map(|action| (world.next_tx, action)).collect();
                block.extend(
                    lost.into_iter()
                        .zip(keep.into_iter().chain(std::iter::repeat(true)))
                        .filter(|(_, keep)| *keep)
                        .map(|(tx, _)| tx),
                );
                add(&app, &mut world, &addresses, block).await;
            }
        }
    }
    // a last flush, and enough blocks for all to be final
    world.next_tx += 1;
    let last = vec![(world.next_tx, Action::Flush)];
    add(&app, &mut world, &addresses, last).await;
    for _ in 0..=DEEPEST {
        add(&app, &mut world, &addresses, Vec::new()).await;
    }
    let paid: u128 = world
        .blocks
        .iter()
        .flatten()
        .map(|(_, action)| if let Action::Pay { units, .. } = action { *units } else { 0 })
        .sum();
    let net = |side: Option<&(u128, u128)>| side.map_or(0, |(debit, credit)| debit.abs_diff(*credit));
    let sums = book(&app, &merchant.id).await;
    for kind in [Account::Clearing, Account::Payable, Account::Parked, Account::Fee] {
        assert_eq!(net(sums.get(kind.name())), 0, "{kind:?}: everything left the forwarders");
    }
    let (through, _) = sums.get("clearing").copied().unwrap_or_default();
    assert!(through >= paid, "{through} of {paid} went through the books");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_chain_does_the_books_follow(steps in prop::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play("random", steps));
    }
}

/// A flush of two forwarders comes back one log earlier, because the first deposit was spent elsewhere: the second forwarder's
/// money must not be taken for the first one's.
#[tokio::test]
async fn a_log_that_moves_in_a_reorganisation_is_not_another_forwarders() {
    let pay = |to, units| Action::Pay { to, units };
    let steps = vec![
        Step::Block(vec![pay(0, 10_000_000)]),
        Step::Block(vec![pay(1, 10_000_000)]),
        Step::Block(vec![]),
        Step::Block(vec![Action::Flush]),
        Step::Reorg { depth: 4, keep: vec![false, true, true], shift: None },
        Step::Block(vec![]),
    ];
    play("moved", steps).await;
}
