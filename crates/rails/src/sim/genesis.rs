//! Block 0: the deployment proxy, the test tokens and the funded keys. Everything else is deployed by transactions.

use alloy_primitives::{Address, B256, Bytes, TxKind, U256, address, hex, keccak256};
use alloy_sol_types::{SolCall, SolValue, sol};
use revm::bytecode::Bytecode;
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use revm::state::AccountInfo;

use super::block::Block;
use super::payer::Payers;
use super::world::{Undo, World, WorldAt};
use super::{SimConfig, evm};

/// Deploys any code by CREATE2: `salt ++ init code` in, 20 bytes of address out.
pub const DEPLOYMENT_PROXY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
const DEPLOYMENT_PROXY_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
);

/// Deploys the tokens in block 0, so that their addresses are the same whatever the seed. Nobody holds its key.
const DEPLOYER: Address = address!("00000000000000000000000000000000005eed00");
/// Wei of each funded key in block 0: a billion coins.
pub(super) const NATIVE_SUPPLY_WEI: u128 = 1_000_000_000_000_000_000_000_000_000;

struct TokenSpec {
    symbol: &'static str,
    name: &'static str,
    decimals: u8,
    artifact: &'static str,
}

const RETURNING: &str = include_str!("../../../../contracts/artifacts/TestToken.json");
const NO_RETURN: &str = include_str!("../../../../contracts/artifacts/TestTokenNoReturn.json");
const BATCH_PAYER: &str = include_str!("../../../../contracts/artifacts/TestBatchPayer.json");

/// Each is deployed at the nonce that is its index here.
const TOKENS: [TokenSpec; 3] = [
    TokenSpec { symbol: "USDT", name: "Sandbox USDT", decimals: 6, artifact: NO_RETURN },
    TokenSpec { symbol: "USDC", name: "Sandbox USDC", decimals: 6, artifact: RETURNING },
    TokenSpec { symbol: "WRONG", name: "Sandbox wrong token", decimals: 18, artifact: RETURNING },
];

sol! {
    function mint(address to, uint256 amount);
}

/// The contracts built into this program do not make a chain.
#[derive(Debug, thiserror::Error)]
pub enum GenesisError {
    /// An artifact is not what the contracts' build writes.
    #[error("artifact of {contract} is not usable: {reason}")]
    Artifact {
        /// Which one.
        contract: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A deployment or mint of block 0 failed.
    #[error("{contract} did not deploy in the genesis block: {reason}")]
    Deployment {
        /// Which one.
        contract: &'static str,
        /// What the EVM said.
        reason: String,
    },
    /// The seed gives a number that is not a private key; one seed in 2^127 does.
    #[error("seed {seed} gives no key")]
    Key {
        /// The seed.
        seed: u64,
    },
}

/// Address of a token in block 0.
pub(super) fn token_address(symbol: &str) -> Option<Address> {
    let index = TOKENS.iter().position(|token| token.symbol == symbol)?;
    Some(DEPLOYER.create(u64::try_from(index).ok()?))
}

/// Address of the contract that pays many at once.
pub(super) fn batch_payer_address() -> Address {
    DEPLOYER.create(3)
}

/// The state after block 0, and block 0.
pub(super) fn build(config: &SimConfig, payers: &Payers) -> Result<(World, Block), GenesisError> {
    let mut world = World::default();
    // A contract's nonce starts at 1 (EIP-161).
    let code = Bytecode::new_legacy(Bytes::from_static(&DEPLOYMENT_PROXY_CODE));
    world.place(DEPLOYMENT_PROXY, AccountInfo { nonce: 1, ..AccountInfo::default().with_code(code) });
    for address in [payers.faucet(), payers.payer()] {
        world.place(address, AccountInfo { balance: U256::from(NATIVE_SUPPLY_WEI), ..AccountInfo::default() });
    }

    let mut genesis = Genesis { world, config, undo: Undo::default() };
    for token in &TOKENS {
        let args = (token.name.to_owned(), token.symbol.to_owned(), U256::from(token.decimals)).abi_encode_params();
        genesis.run(token.symbol, TxKind::Create, [init_code(token.symbol, token.artifact)?, args].concat())?;
    }
    genesis.run("TestBatchPayer", TxKind::Create, init_code("TestBatchPayer", BATCH_PAYER)?)?;
    for (index, token) in TOKENS.iter().enumerate() {
        let contract = DEPLOYER.create(u64::try_from(index).unwrap_or_default());
        for to in [payers.payer(), batch_payer_address()] {
            // Twice this cannot overflow, and no run of u128 payments empties it.
            let call = mintCall { to, amount: U256::ONE << 200 };
            genesis.run(token.symbol, TxKind::Call(contract), call.abi_encode())?;
        }
    }

    let Genesis { world, undo, .. } = genesis;
    let start = keccak256([payers.faucet().as_slice(), payers.payer().as_slice()].concat());
    let state_root = world.root_after(start, &undo);
    let mut block = Block { hash: B256::ZERO, timestamp: config.genesis_time_s, salt: 0, state_root, body: None };
    block.hash = block.header(0, B256::ZERO).hash_slow();
    Ok((world, block))
}

struct Genesis<'a> {
    world: World,
    config: &'a SimConfig,
    /// Only for the state root: block 0 is never taken back.
    undo: Undo,
}

impl Genesis<'_> {
    fn run(&mut self, contract: &'static str, kind: TxKind, data: Vec<u8>) -> Result<(), GenesisError> {
        let refused = |reason: String| GenesisError::Deployment { contract, reason };
        let tx = TxEnv {
            caller: DEPLOYER,
            kind,
            data: data.into(),
            gas_limit: evm::TX_GAS_LIMIT,
            gas_price: 0,
            chain_id: Some(self.config.chain_id),
            ..TxEnv::default()
        };
        let env = evm::block_env(0, self.config.genesis_time_s, B256::ZERO);
        let state = WorldAt::new(&self.world, &[], 0);
        let done = evm::call(&state, self.config.chain_id, env, tx).map_err(|cause| refused(format!("{cause:?}")))?;
        match done.result {
            ExecutionResult::Success { .. } => self.world.apply(done.state, &mut self.undo),
            other => return Err(refused(format!("{other:?}"))),
        }
        Ok(())
    }
}

/// The creation code in an artifact.
fn init_code(contract: &'static str, artifact: &str) -> Result<Vec<u8>, GenesisError> {
    #[derive(serde::Deserialize)]
    struct Artifact {
        bytecode: Bytes,
    }
    let artifact: Artifact = serde_json::from_str(artifact)
        .map_err(|cause| GenesisError::Artifact { contract, reason: cause.to_string() })?;
    Ok(artifact.bytecode.to_vec())
}
