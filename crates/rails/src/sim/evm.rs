//! Runs one transaction or call in the EVM. Changes nothing: the caller decides what becomes of the outcome.

use alloy_primitives::{B256, U256};
use revm::context::result::{EVMError, ExecutionResult, InvalidTransaction, ResultAndState};
use revm::context::{BlockEnv, Context, TxEnv};
use revm::database_interface::WrapDatabaseRef;
use revm::primitives::hardfork::SpecId;
use revm::{ExecuteEvm, MainBuilder, MainContext};
use std::convert::Infallible;

use super::block::{BENEFICIARY, randomness_after};
use super::world::WorldAt;
use super::{BASE_FEE_WEI, BLOCK_GAS_LIMIT};

/// The rules of the chain.
pub(super) const SPEC: SpecId = SpecId::OSAKA;
/// No transaction may have more gas (EIP-7825).
pub(super) const TX_GAS_LIMIT: u64 = 1 << 24;

/// The outcome of an execution, or why the transaction could not be in a block.
pub(super) type Executed = Result<ResultAndState, EVMError<Infallible, InvalidTransaction>>;

/// The block in which a transaction runs.
pub(super) fn block_env(number: u64, timestamp: u64, parent_hash: B256) -> BlockEnv {
    BlockEnv {
        number: U256::from(number),
        beneficiary: BENEFICIARY,
        timestamp: U256::from(timestamp),
        gas_limit: BLOCK_GAS_LIMIT,
        basefee: BASE_FEE_WEI,
        difficulty: U256::ZERO,
        prevrandao: Some(randomness_after(parent_hash)),
        ..BlockEnv::default()
    }
}

/// A transaction that pays and counts.
pub(super) fn transact(state: &WorldAt<'_>, chain_id: u64, block: BlockEnv, tx: TxEnv) -> Executed {
    run(state, chain_id, block, tx, true)
}

/// A question: any nonce will do, and without a price the gas is free (nodes drop the base fee then, too).
pub(super) fn call(state: &WorldAt<'_>, chain_id: u64, mut block: BlockEnv, tx: TxEnv) -> Executed {
    if tx.gas_price == 0 {
        block.basefee = 0;
    }
    run(state, chain_id, block, tx, false)
}

fn run(state: &WorldAt<'_>, chain_id: u64, block: BlockEnv, tx: TxEnv, check_nonce: bool) -> Executed {
    Context::mainnet()
        .with_db(WrapDatabaseRef(state))
        .modify_cfg_chained(|cfg| {
            cfg.set_spec_and_mainnet_gas_params(SPEC);
            cfg.chain_id = chain_id;
            cfg.disable_nonce_check = !check_nonce;
        })
        .with_block(block)
        .build_mainnet()
        .transact(tx)
}

/// Why an execution did not succeed, in a node's words.
pub(super) fn halt_text(result: &ExecutionResult) -> Option<String> {
    use revm::context::result::HaltReason;
    let ExecutionResult::Halt { reason, .. } = result else { return None };
    Some(match reason {
        HaltReason::OutOfGas(_) => "out of gas".to_owned(),
        HaltReason::InvalidFEOpcode => "invalid opcode: INVALID".to_owned(),
        HaltReason::OpcodeNotFound | HaltReason::NotActivated => "invalid opcode".to_owned(),
        HaltReason::InvalidJump => "invalid jump destination".to_owned(),
        HaltReason::StackUnderflow => "stack underflow".to_owned(),
        HaltReason::StackOverflow => "stack limit reached 1024".to_owned(),
        HaltReason::OutOfOffset => "return data out of bounds".to_owned(),
        HaltReason::CreateCollision => "contract address collision".to_owned(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".to_owned(),
        HaltReason::CallTooDeep => "max call depth exceeded".to_owned(),
        other => format!("{other:?}"),
    })
}
