//! A chain in memory with the proxy, the factory, tokens and wallets.

use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256};
use alloy_sol_types::{SolCall, SolEvent, SolValue, sol};
use rails::evm::abi::{Erc20, Forwarder, ForwarderFactory};
use rails::evm::artifact;
use rails::evm::forwarder::{FlushItem, ForwarderTerms, deposit_address, flush_call};
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, CfgEnv, Context, Journal, TxEnv};
use revm::database::InMemoryDB;
use revm::handler::MainnetContext;
use revm::primitives::hardfork::SpecId;
use revm::state::{AccountInfo, Bytecode};
use revm::{Database, ExecuteCommitEvm, MainBuilder, MainnetEvm};

sol! {
    #[derive(Debug)]
    enum Mode { Accept, Refuse, Reenter, ReenterAndPayBack, BurnGas, ReturnBomb }
    function set(Mode mode, address token, uint256 times) external;
    function run(address to, bytes data) external;
    function mint(address to, uint256 amount) external;
    function transferFrom(address from, address to, uint256 amount) external;
}

pub const COIN: Address = Address::ZERO;
/// Sends the deposits; has more coin than any test spends.
pub const PAYER: Address = Address::repeat_byte(0x11);
pub const STRANGER: Address = Address::repeat_byte(0x22);
/// Under the limit of one transaction that newer chains have.
pub const GAS: u64 = 16_000_000;

pub struct World {
    evm: MainnetEvm<MainnetContext<InMemoryDB>>,
}

/// One forwarder, as the gateway knows it.
#[derive(Debug, Clone, Copy)]
pub struct Deposit {
    pub terms: ForwarderTerms,
    pub salt: B256,
}

impl Deposit {
    pub fn address(&self) -> Address {
        deposit_address(&self.terms, self.salt)
    }

    pub fn item(&self, tokens: &[Address]) -> FlushItem {
        FlushItem { salt: self.salt, terms: self.terms, tokens: tokens.to_vec() }
    }
}

impl World {
    /// On the oldest rules the contracts are compiled for.
    pub fn new() -> Self {
        Self::with_rules(SpecId::MERGE)
    }

    pub fn with_rules(spec: SpecId) -> Self {
        let mut db = InMemoryDB::default();
        db.insert_account_info(PAYER, AccountInfo::from_balance(U256::from(u128::MAX) * U256::from(1_000)));
        let proxy = Bytecode::new_raw(Bytes::from_static(&artifact::PROXY_CODE));
        db.insert_account_info(artifact::PROXY, AccountInfo::from_bytecode(proxy));
        let context: Context<BlockEnv, TxEnv, CfgEnv, InMemoryDB, Journal<InMemoryDB>, ()> = Context::new(db, spec);
        let evm = context.modify_cfg_chained(|cfg| cfg.disable_nonce_check = true).build_mainnet();
        let mut world = Self { evm };
        world.call(STRANGER, artifact::PROXY, artifact::deployment_call()).unwrap();
        world
    }

    pub fn send(&mut self, from: Address, kind: TxKind, value: U256, data: Bytes, gas: u64) -> ExecutionResult {
        let tx = TxEnv::builder().caller(from).kind(kind).value(value).data(data).gas_limit(gas);
        self.evm.transact_commit(tx.build().unwrap()).unwrap()
    }

    /// The returned bytes and logs, or what it reverted with (nothing when it halted).
    pub fn call(&mut self, from: Address, to: Address, data: Bytes) -> Result<(Bytes, Vec<Log>), Bytes> {
        if self.has_code(from) {
            let data = runCall { to, data }.abi_encode().into();
            return outcome(self.send(STRANGER, TxKind::Call(from), U256::ZERO, data, GAS));
        }
        outcome(self.send(from, TxKind::Call(to), U256::ZERO, data, GAS))
    }

    /// Creates a contract from `contracts/artifacts`.
    pub fn create(&mut self, artifact: &str, arguments: &[u8]) -> Address {
        let json: serde_json::Value = serde_json::from_str(artifact).unwrap();
        let code: Bytes = json["bytecode"].as_str().unwrap().parse().unwrap();
        let data = [code.as_ref(), arguments].concat().into();
        match self.send(STRANGER, TxKind::Create, U256::ZERO, data, GAS) {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), .. } => address,
            other => panic!("{other:?}"),
        }
    }

    pub fn token(&mut self, artifact: &str, decimals: u8) -> Address {
        let arguments = ("Test".to_owned(), "TST".to_owned(), U256::from(decimals)).abi_encode_params();
        self.create(artifact, &arguments)
    }

    /// A wallet that misbehaves when told to.
    pub fn wallet(&mut self) -> Address {
        self.create(include_str!("../../../../contracts/artifacts/HostileWallet.json"), &[])
    }

    /// `times` is how deep it re-enters, flushing `token`.
    pub fn set_mode(&mut self, wallet: Address, mode: Mode, token: Address, times: u8) {
        let times = U256::from(times);
        self.call(STRANGER, wallet, setCall { mode, token, times }.abi_encode().into()).unwrap();
    }

    /// From the payer; newly made, for a token.
    pub fn pay(&mut self, to: Address, token: Address, amount: u128) -> Result<(), Bytes> {
        let amount = U256::from(amount);
        if token == COIN {
            return outcome(self.send(PAYER, TxKind::Call(to), amount, Bytes::new(), GAS)).map(|_| ());
        }
        self.call(PAYER, token, mintCall { to, amount }.abi_encode().into()).map(|_| ())
    }

    pub fn flush(&mut self, from: Address, items: &[FlushItem]) -> Result<Vec<Log>, Bytes> {
        self.call(from, artifact::factory_address(), flush_call(items)).map(|(_, logs)| logs)
    }

    pub fn flush_direct(&mut self, from: Address, forwarder: Address, token: Address) -> Result<Vec<Log>, Bytes> {
        let data = Forwarder::flushCall { token }.abi_encode().into();
        self.call(from, forwarder, data).map(|(_, logs)| logs)
    }

    pub fn balance(&mut self, of: Address, token: Address) -> u128 {
        if token == COIN {
            let account = self.evm.ctx.journaled_state.database.basic(of).unwrap();
            return account.map_or(0, |account| account.balance.to());
        }
        let data = Erc20::balanceOfCall { owner: of }.abi_encode().into();
        U256::abi_decode(&self.call(STRANGER, token, data).unwrap().0).unwrap().to()
    }

    pub fn has_code(&mut self, address: Address) -> bool {
        let account = self.evm.ctx.journaled_state.database.basic(address).unwrap();
        account.is_some_and(|account| !account.is_empty_code_hash())
    }
}

fn outcome(result: ExecutionResult) -> Result<(Bytes, Vec<Log>), Bytes> {
    match result {
        ExecutionResult::Success { output, logs, .. } => Ok((output.into_data(), logs)),
        ExecutionResult::Revert { output, .. } => Err(output),
        ExecutionResult::Halt { .. } => Err(Bytes::new()),
    }
}

/// (forwarder, token, merchant's amount, fee) of each `Flushed`.
pub fn flushed(logs: &[Log]) -> Vec<(Address, Address, u128, u128)> {
    let events = logs.iter().filter_map(|log| Some((log.address, Forwarder::Flushed::decode_log(log).ok()?)));
    events.map(|(at, event)| (at, event.token, event.merchantAmount.to(), event.feeAmount.to())).collect()
}

/// (forwarder, token, reason) of each `FlushFailed` of the factory.
pub fn failed(logs: &[Log]) -> Vec<(Address, Address, Bytes)> {
    let ours = logs.iter().filter(|log| log.address == artifact::factory_address());
    let events = ours.filter_map(|log| ForwarderFactory::FlushFailed::decode_log(log).ok());
    events.map(|event| (event.forwarder, event.token, event.reason.clone())).collect()
}
