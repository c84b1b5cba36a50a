//! `eth_feeHistory`.

use alloy_consensus::Transaction;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::block::Mined;
use super::chain::SimChain;
use super::json::quantity;
use super::params::{self, Params};
use super::rpc::RpcError;
use super::{BASE_FEE_WEI, BLOCK_GAS_LIMIT};

const MAX_BLOCKS: u64 = 1_024;

impl SimChain {
    pub(super) fn fee_history(&self, params: &Params<'_>) -> Result<Value, RpcError> {
        // Nodes take the count as a number, too.
        let wanted = params.read(0, |value| value.as_u64().map_or_else(|| params::quantity_u64(value), Ok))?;
        let newest = params.read(1, |value| self.number_of(value))?;
        let newest = newest.ok_or_else(|| RpcError::server("request beyond head block"))?;
        let percentiles = read_percentiles(params.optional(2))?;
        let count = wanted.min(MAX_BLOCKS).min(newest.saturating_add(1));
        if count == 0 {
            return Ok(json!({"oldestBlock": "0x0", "gasUsedRatio": []}));
        }
        let oldest = newest.saturating_add(1).saturating_sub(count);
        let blocks = || (oldest..=newest).filter_map(|number| self.block(number));
        let ratios = blocks().map(|block| ratio(block.body.as_deref().map_or(0, |body| body.gas_used)));
        // One more than there are blocks: the next block's is known.
        let base_fees = (0..=count).map(|_| quantity(BASE_FEE_WEI));
        let mut history = json!({
            "oldestBlock": quantity(oldest),
            "baseFeePerGas": base_fees.collect::<Vec<_>>(),
            "gasUsedRatio": ratios.collect::<Vec<_>>(),
            "baseFeePerBlobGas": (0..=count).map(|_| quantity(1u64)).collect::<Vec<_>>(),
            "blobGasUsedRatio": (0..count).map(|_| 0).collect::<Vec<_>>(),
        });
        if let (false, Some(object)) = (percentiles.is_empty(), history.as_object_mut()) {
            let rewards = blocks().map(|block| rewards(block.mined(), &percentiles));
            object.insert("reward".to_owned(), rewards.collect());
        }
        Ok(history)
    }
}

fn read_percentiles(value: Option<&Value>) -> Result<Vec<Decimal>, RpcError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| RpcError::invalid_params("invalid argument 2: not a list"))?;
    let mut percentiles: Vec<Decimal> = Vec::with_capacity(list.len());
    for item in list {
        // The text of a JSON number, never a float.
        let percentile = item.is_number().then(|| item.to_string().parse::<Decimal>().ok()).flatten();
        let in_order = |p: &Decimal| {
            *p >= Decimal::ZERO && *p <= Decimal::ONE_HUNDRED && percentiles.last().is_none_or(|last| last < p)
        };
        let percentile = percentile.filter(in_order);
        percentiles.push(percentile.ok_or_else(|| RpcError::server("invalid reward percentile"))?);
    }
    Ok(percentiles)
}

/// The tip at each percentile of the block's gas, cheapest transaction first.
fn rewards(mined: &[Mined], percentiles: &[Decimal]) -> Value {
    let mut tips: Vec<(u128, u64)> = mined
        .iter()
        .map(|mined| (mined.tx.envelope.effective_tip_per_gas(BASE_FEE_WEI).unwrap_or_default(), mined.gas_used))
        .collect();
    tips.sort_unstable();
    let total: u64 = mined.last().map_or(0, |last| last.cumulative_gas_used);
    let at = |percentile: &Decimal| {
        let threshold = Decimal::from(total) * *percentile / Decimal::ONE_HUNDRED;
        let mut passed = 0u64;
        let reached = tips.iter().find(|(_, gas)| {
            passed = passed.saturating_add(*gas);
            Decimal::from(passed) >= threshold.floor()
        });
        quantity(reached.map(|(tip, _)| *tip).unwrap_or_default())
    };
    percentiles.iter().map(at).collect()
}

/// A JSON number between 0 and 1.
fn ratio(gas_used: u64) -> Value {
    let ratio = Decimal::from(gas_used) / Decimal::from(BLOCK_GAS_LIMIT);
    serde_json::from_str(&ratio.normalize().to_string()).unwrap_or_else(|_| json!(0))
}
