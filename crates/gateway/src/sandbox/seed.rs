//! What a new sandbox begins with: an operator's wallets and gas key, and, unless merchants come from a live gateway, one that is ready to sell.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::{Address, U256};
use domain::asset::{Asset, Kind};
use domain::charge::Method;
use domain::confirmations::{ConfirmationPolicy, Step};
use domain::fee::BasisPoints;
use domain::merchant::{Merchant, Wallet, parse_ip_entry};
use domain::{AccountId, MerchantId, Units};
use rails::evm::artifact::{PROXY, deployment_call, factory_address, multi_send_deployment_call};
use rails::evm::fees::Fees;
use rails::evm::rpc::RpcClient;
use rails::evm::sign::{GasKey, TxRequest};
use rails::sim::connectors::{SANDBOX_CARD, SANDBOX_UPI};
use rails::sim::{PayRefused, SimChain, SimConfig};
use rust_decimal::Decimal;
use zeroize::Zeroizing;

use super::chain::CHAIN_ID;
use super::treasury::TreasuryKey;
use super::{Reach, SEED, SandboxChain, SandboxFailed, acquirer};
use crate::api::limits::PerMinute;
use crate::app::chains::{Addresses, Caps, Chain, FlushPolicy, Signer, Treasury, counted};
use crate::app::merchants::{NewMerchant, Office};
use crate::app::providers::{NewAccount, Provider, Providers};
use crate::app::rates::RateBook;
use crate::app::treasury::wallets::{Wallets, look_at_configured};
use crate::app::{App, CardIntake, SharedApp, Wake, page_key};
use crate::clock::Clock;
use crate::net::plain;
use crate::random::Random;
use crate::secrets::{ApiKey, MasterKey};
use crate::store::{Store, StoreError, Tx, blocks, deliveries, merchants, provider_accounts, settings};

/// The sandbox's chain stands in for the one the contract's example names.
pub const CHAIN: &str = "polygon";
/// Enough for anything anybody tries, and low enough to be tried.
const TREASURY_CAPS: Caps = Caps { daily: 500_000, transfer: 100_000 };
const GWEI: u128 = 1_000_000_000;
/// What a key of the sandbox has for gas at each start, in wei: two million coins, and never less than half of that …
const GAS: u128 = 2_000_000 * 1_000_000_000 * GWEI;
/// … for thousands of merchants' flushes cost a millionth of it.
const LEAST_GAS: u128 = GAS / 2;

#[derive(Debug)]
pub struct Made {
    pub app: SharedApp,
    /// None in a sandbox that is joined to a live gateway.
    pub shop: Option<Shop>,
    pub gas_address: Address,
    pub fee_wallet: Address,
    pub treasury: Address,
}

/// A merchant whose key the seed decides.
#[derive(Debug, Clone)]
pub struct Shop {
    pub merchant: Merchant,
    pub api_key: String,
}

/// Seals the sandbox's secrets: as good as none, for there is nothing to protect.
pub fn master_key(seed: u64) -> MasterKey {
    MasterKey::new(Random::seeded(seed).for_purpose("sandbox master key").token_bytes())
}

/// High enough for load tests on one machine, low enough to be met by a runaway loop.
pub fn limits() -> PerMinute {
    let million = NonZeroU32::new(1_000_000).unwrap_or(NonZeroU32::MIN);
    PerMinute { per_key: million, per_ip: million }
}

/// Of a sandbox that strangers reach: what a live gateway has unless its file says otherwise.
pub fn limits_of_strangers() -> PerMinute {
    let crate::config::Limits { per_key_per_minute, per_ip_per_minute } = crate::config::Limits::default();
    PerMinute { per_key: per_key_per_minute, per_ip: per_ip_per_minute }
}

pub async fn gateway(
    store: &Store,
    clock: &Clock,
    random: &Random,
    sim: &SandboxChain,
    at: &Reach,
    (seed, signer): (u64, TreasuryKey),
) -> Result<Made, SandboxFailed> {
    let seeded = Random::seeded(seed);
    let master_key = master_key(seed);
    let keys = Keys::of(&seeded, signer)?;
    let (gas_address, named) = (keys.gas.address(), keys.treasury.address());
    let wallet = |purpose| Address::from(seeded.for_purpose(purpose).token_bytes::<20>());
    let fee_wallet = wallet(FEE_WALLET);
    deploy_factory(sim, &keys.gas).await?;

    let office = Office { clock: clock.clone(), random: random.clone(), master_key: master_key.clone() };
    accounts(store, office.clone(), at, seed).await?;
    let shop = match &at.joined {
        Some(_) => None,
        None => Some(shop(store, office, &seeded, wallet("sandbox merchant wallet"), &at.public).await?),
    };
    if let Some(shop) = &shop {
        super::people::seed(store, clock, random, &shop.merchant.id).await?;
    }
    begin_reading(store, sim).await?;
    super::treasury::fill(store, sim, named, signer).await?;
    let assets = sim.look(assets).await;
    let rpc_url = format!("{}{}", at.inner, super::controls::RPC);
    let kept = [(RPC_URL, rpc_url.clone()), (BASE_URL, at.public.clone())];
    store.write(move |tx| kept.iter().try_for_each(|(name, url)| settings::put(tx, name, url))).await?;
    let chain = chain(keys, fee_wallet, &rpc_url, assets.clone())?;
    let app = App {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        master_key,
        policy: at.policy(),
        sandbox: true,
        base_url: at.public.clone(),
        assets,
        chains: HashMap::from([(CHAIN.to_owned(), chain)]),
        rates: RateBook::fixed(rates()),
        providers: Providers::new(plain::client()?),
        cards: CardIntake::Direct { check_expiry: false },
        settlement_coin: Some(format!("USDC_{CHAIN}")),
        default_fee: BasisPoints::new(100).unwrap_or_default(),
        operator_email: Some(OPERATOR_EMAIL.into()),
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        page_key: page_key(store, random).await?,
        switch: at.joined.clone(),
        wake: Wake::default(),
    };
    let app = Arc::new(app);
    look_at_configured(&app, crate::config::DEFAULT_PAYEE_WAIT_MILLIS).await?;
    let treasury = store.read(|tx| Wallets::read(tx, CHAIN)).await?.active().unwrap_or(named);
    Ok(Made { app, shop, gas_address, fee_wallet, treasury })
}

/// Whom the sandbox's own treasury writes to.
pub const OPERATOR_EMAIL: &str = "operator@lockgate.example";

/// Where a running sandbox's chain answers, for commands beside it.
const RPC_URL: &str = "sandbox_rpc_url";
/// What browsers see of it.
const BASE_URL: &str = "sandbox_base_url";
const FEE_WALLET: &str = "sandbox fee wallet";

/// The keys that a seed decides.
struct Keys {
    gas: GasKey,
    treasury: Signer,
}

/// A purpose's key as 64 hex digits.
fn key_of(seeded: &Random, purpose: &str) -> Zeroizing<String> {
    Zeroizing::new(hex::encode(seeded.for_purpose(purpose).token_bytes::<32>()))
}

/// The key of the sandbox's treasury, for the file from which it is signed with elsewhere.
pub fn treasury_key(seed: u64, treasury: TreasuryKey) -> Zeroizing<String> {
    key_of(&Random::seeded(seed), &treasury.purpose())
}

impl Keys {
    fn of(seeded: &Random, treasury: TreasuryKey) -> Result<Keys, SandboxFailed> {
        let key = |purpose: &str| {
            GasKey::from_hex(&key_of(seeded, purpose)).map_err(|error| SandboxFailed::Chain(error.to_string()))
        };
        let signer = key(&treasury.purpose())?;
        let signer = if treasury.offline { Signer::Offline(signer.address()) } else { Signer::Hot(signer) };
        Ok(Keys { gas: key("sandbox gas key")?, treasury: signer })
    }
}

fn chain(keys: Keys, fee_wallet: Address, rpc_url: &str, assets: Vec<Asset>) -> Result<Chain, SandboxFailed> {
    let rpc_url = rpc_url.parse().map_err(|error| SandboxFailed::Chain(format!("{rpc_url}: {error}")))?;
    Ok(Chain {
        name: CHAIN.into(),
        title: "Polygon".into(),
        chain_id: CHAIN_ID,
        rpc: RpcClient::new(vec![rpc_url], plain::client()?, Duration::from_secs(5)).observed(counted(CHAIN)),
        confirmations: confirmations()?,
        assets,
        gas_key: Some(keys.gas),
        treasury: Some(Treasury { signer: keys.treasury, caps: TREASURY_CAPS, allow: None }),
        fee_wallet,
        flush: FlushPolicy {
            at_once_minor: 0,
            after_millis: 0,
            max_fee_per_gas: 1_000 * GWEI,
            bump_after_millis: 30_000,
        },
        explorer_tx_url: None,
        addresses: Addresses::default(),
        health: Mutex::default(),
    })
}

const ACCOUNTS: &str = "sandbox_accounts";

/// The operator's accounts at the simulated acquirer and UPI switch. They follow the address at which these answer.
async fn accounts(store: &Store, office: Office, at: &Reach, seed: u64) -> Result<(), StoreError> {
    let base_url = format!("{}{}", at.inner, acquirer::PATH);
    store
        .write(move |tx| {
            if let Some(known) = settings::get(tx, ACCOUNTS)? {
                for id in known.split(' ').filter_map(|id| AccountId::parse(id).ok()) {
                    provider_accounts::set_base_url(tx, &id, &base_url)?;
                }
                return Ok(());
            }
            let mut made = Vec::new();
            let fields = acquirer::fields(seed).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
            let payouts = NewAccount {
                merchant_id: None,
                provider: Provider::Connected(&SANDBOX_CARD),
                method: Method::Payout,
                base_url: Some(base_url.clone()),
                fields,
            };
            let id = office.add_account(tx, payouts).map_err(|error| StoreError::Unusable(error.to_string()))?;
            made.push(id.to_string());
            for connector in [&SANDBOX_CARD, &SANDBOX_UPI] {
                let fields = acquirer::fields(seed).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
                let provider = Provider::Connected(connector);
                let (method, base_url) = (connector.method, Some(base_url.clone()));
                let new = NewAccount { merchant_id: None, provider, method, base_url, fields };
                let id = office.add_account(tx, new).map_err(|error| StoreError::Unusable(error.to_string()))?;
                made.push(id.to_string());
            }
            settings::put(tx, ACCOUNTS, &made.join(" "))
        })
        .await
}

/// What every merchant of a sandbox sells by: the operator's accounts at the acquirer and the UPI switch.
pub(super) fn routes(tx: &Tx<'_>, merchant: &MerchantId) -> Result<(), StoreError> {
    for id in settings::get(tx, ACCOUNTS)?.unwrap_or_default().split(' ').filter_map(|id| AccountId::parse(id).ok()) {
        let account = provider_accounts::existing(tx, &id)?;
        if account.method != Method::Payout {
            provider_accounts::set_routes(tx, merchant, account.method, "*", std::slice::from_ref(&id))?;
        }
    }
    Ok(())
}

/// A merchant of a sandbox as it begins: it may sell at once, by everything, for any amount.
pub(super) fn ready_to_sell(name: String, email: String, wallet: Address) -> Result<NewMerchant, StoreError> {
    Ok(NewMerchant {
        name,
        email,
        wallet: Wallet::Active(wallet.to_string()),
        fee: BasisPoints::new(100).map_err(|error| StoreError::Inconsistent(error.to_string()))?,
        min_amount: Units(1),
        max_amount: Units(1_000_000_000),
        s2s: true,
        callback_url: None,
    })
}

/// A sandbox's parts for commands that decide something a running sandbox carries out, with its chain if it ever ran; nothing runs here.
pub async fn commands_app(store: Store, office: Office) -> Result<SharedApp, SandboxFailed> {
    let config = SimConfig { chain_id: CHAIN_ID, seed: 0, genesis_time_s: 0 };
    let sim = SimChain::new(config).map_err(|error| SandboxFailed::Chain(error.to_string()))?;
    let kept = store.read(|tx| {
        let urls = (settings::get(tx, RPC_URL)?, settings::get(tx, BASE_URL)?);
        Ok::<_, StoreError>((settings::get(tx, SEED)?, urls, TreasuryKey::kept(tx)?, super::is_joined(tx)?))
    });
    let (seed, (rpc_url, base_url), signer, is_joined) = kept.await?;
    let mut chains = HashMap::new();
    if let (Some(seed), Some(rpc_url)) = (seed.and_then(|seed| seed.parse().ok()), rpc_url) {
        let seeded = Random::seeded(seed);
        let fee_wallet = Address::from(seeded.for_purpose(FEE_WALLET).token_bytes::<20>());
        chains.insert(CHAIN.to_owned(), chain(Keys::of(&seeded, signer)?, fee_wallet, &rpc_url, assets(&sim))?);
    }
    Ok(Arc::new(App {
        page_key: page_key(&store, &office.random).await?,
        store,
        clock: office.clock,
        random: office.random,
        master_key: office.master_key,
        policy: super::policy(is_joined),
        sandbox: true,
        base_url: base_url.unwrap_or_default(),
        assets: assets(&sim),
        chains,
        rates: RateBook::fixed(rates()),
        providers: Providers::new(plain::client()?),
        cards: CardIntake::Direct { check_expiry: false },
        settlement_coin: Some(format!("USDC_{CHAIN}")),
        default_fee: BasisPoints::new(100).unwrap_or_default(),
        operator_email: Some(OPERATOR_EMAIL.into()),
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        switch: None,
        wake: Wake::default(),
    }))
}

/// What a coin costs in dollars, and what a dollar costs in other currencies: 5 USD are 409.71 INR, as in the contract's sample.
fn rates() -> Vec<(String, Decimal)> {
    let rates = [("POL", 5, 1), ("USD/INR", 81_942, 3), ("USD/EUR", 92, 2), ("USD/GBP", 79, 2), ("USD/ZAR", 185, 1)];
    rates.into_iter().map(|(name, digits, places)| (name.to_owned(), Decimal::new(digits, places))).collect()
}

/// The watcher's first block, so that coins can be chosen from the first moment on.
async fn begin_reading(store: &Store, sim: &SandboxChain) -> Result<(), StoreError> {
    let (head, hash) = sim.look(|chain| (chain.head_number(), chain.head_hash().to_string())).await;
    store
        .write(move |tx| match blocks::is_begun(tx, CHAIN)? {
            true => Ok(()),
            false => blocks::put(tx, CHAIN, head, &hash),
        })
        .await
}

/// Two blocks for everyday sums, three for larger ones and for flushes.
fn confirmations() -> Result<ConfirmationPolicy, SandboxFailed> {
    let everyday = Step { up_to_minor: Units(100_000), confirmations: 2 };
    ConfirmationPolicy::new(vec![everyday], 3).map_err(|error| SandboxFailed::Chain(error.to_string()))
}

/// The coins of the simulated chain. The last is watched but not payable: what a payer sends by mistake.
fn assets(sim: &SimChain) -> Vec<Asset> {
    let token = |symbol: &str, name: &str, decimals, payable| {
        Some(Asset {
            code: format!("{symbol}_{CHAIN}"),
            symbol: symbol.into(),
            chain: CHAIN.into(),
            name: name.into(),
            kind: Kind::Token(sim.token_address(symbol)?.0.0),
            decimals,
            at_par: payable,
            payable,
            aliases: Vec::new(),
        })
    };
    let native = Asset {
        code: format!("POL_{CHAIN}"),
        symbol: "POL".into(),
        chain: CHAIN.into(),
        name: "POL (Polygon)".into(),
        kind: Kind::Native,
        decimals: 18,
        at_par: false,
        payable: true,
        aliases: vec![format!("MATIC_{CHAIN}")],
    };
    let mut assets = Vec::new();
    assets.extend(token("USDT", "Tether USD (Polygon)", 6, true));
    assets.extend(token("USDC", "USD Coin (Polygon)", 6, true));
    assets.push(native);
    assets.extend(token("WRONG", "A coin nobody asked for (Polygon)", 18, false));
    assets
}

/// Gives a key of the sandbox gas if it has little; it waits for the next block.
pub(super) fn fund_gas(chain: &mut SimChain, key: Address) -> Result<(), PayRefused> {
    let missing = U256::from(GAS).saturating_sub(chain.balance(key));
    if chain.balance(key) < U256::from(LEAST_GAS) {
        chain.fund_native(key, missing.saturating_to())?;
    }
    Ok(())
}

/// Gives the gas key gas and puts the factory and the multi-send contract on the chain, as `lockgate chain deploy` does on a real one.
async fn deploy_factory(sim: &SandboxChain, key: &GasKey) -> Result<(), SandboxFailed> {
    let failed = |error: String| SandboxFailed::Chain(error);
    let request = |nonce, input| TxRequest {
        chain_id: CHAIN_ID,
        nonce,
        to: PROXY,
        value: 0,
        gas_limit: 4_000_000,
        fees: Fees::Dynamic { max_fee: 10 * GWEI, max_tip: GWEI },
        input,
    };
    let sign = |request: TxRequest| key.sign(&request).map_err(|error| failed(error.to_string()));
    let signed = [sign(request(0, deployment_call()))?, sign(request(1, multi_send_deployment_call()))?];
    let there = sim
        .set_up(|chain, now_s| -> Result<bool, String> {
            let is_new = chain.balance(key.address()).is_zero();
            fund_gas(chain, key.address()).map_err(|error| error.to_string())?;
            if !is_new {
                return Ok(true);
            }
            chain.mine(1, now_s);
            for signed in &signed {
                chain.submit_raw(signed.raw.clone()).map_err(|error| error.to_string())?;
            }
            chain.mine(1, now_s);
            let call = format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"eth_getCode","params":["{}","latest"]}}"#,
                factory_address()
            );
            let answer = String::from_utf8_lossy(&chain.handle(call.as_bytes())).into_owned();
            Ok(answer.len() > 200)
        })
        .await?
        .map_err(failed)?;
    if there { Ok(()) } else { Err(failed("the forwarder factory could not be deployed".into())) }
}

const MERCHANT: &str = "sandbox_merchant";

/// The seeded merchant; its callback URL follows the address the sandbox listens on, unless somebody gave it another.
async fn shop(
    store: &Store,
    office: Office,
    seeded: &Random,
    wallet: Address,
    base_url: &str,
) -> Result<Shop, StoreError> {
    let inbox = format!("{base_url}{}", super::inbox::PATH);
    let api_key = ApiKey::generate(&mut seeded.for_purpose("sandbox api key"));
    store
        .write(move |tx| {
            if let Some(id) = settings::get(tx, MERCHANT)? {
                let id = MerchantId::parse(&id).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
                let known = merchants::existing(tx, &id)?;
                if let Some(url) = known.callback_url.filter(|url| url.ends_with(super::inbox::PATH) && *url != inbox) {
                    merchants::set_callback(tx, &id, Some(&inbox))?;
                    deliveries::move_due(tx, &id, &url, &inbox)?;
                }
                return Ok(Shop { merchant: merchants::existing(tx, &id)?, api_key: api_key.expose().to_owned() });
            }
            let new = ready_to_sell("Sandbox shop".into(), super::people::MERCHANT.email.into(), wallet)?;
            let new = NewMerchant { callback_url: Some(inbox), ..new };
            let (merchant, _) = office.create_with_key(tx, new, api_key.clone())?;
            routes(tx, &merchant.id)?;
            for entry in ["127.0.0.0/8", "::1"].iter().filter_map(|text| parse_ip_entry(text)) {
                merchants::add_ip(tx, &merchant.id, &entry)?;
            }
            settings::put(tx, MERCHANT, merchant.id.as_str())?;
            Ok(Shop { merchant, api_key: api_key.expose().to_owned() })
        })
        .await
}
