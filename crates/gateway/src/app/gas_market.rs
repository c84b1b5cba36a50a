//! What gas costs now, and prices as rows hold them.

use rails::evm::fees::{Fees, GasMarket};
use rails::evm::rpc::{RpcClient, RpcError};

use crate::store::chain_txs::BytesRow;

/// Base fee of the next block and the middle tip of the last ten; the plain price on chains without a base fee.
pub async fn now(rpc: &RpcClient) -> Result<GasMarket, RpcError> {
    let latest = rpc.block_by_tag("latest").await?;
    if latest.and_then(|header| header.base_fee_per_gas).is_none() {
        return Ok(GasMarket::Legacy { gas_price: rpc.gas_price().await? });
    }
    let history = rpc.fee_history(10, 50).await?;
    let mut tips: Vec<u128> = history.tips.into_iter().filter(|tip| *tip > 0).collect();
    tips.sort_unstable();
    let usual = tips.get(tips.len() / 2).copied();
    let tip = match usual {
        Some(tip) => tip,
        // nobody paid a tip lately: what the node calls a price, less the base fee
        None => rpc.gas_price().await?.saturating_sub(history.next_base_fee),
    };
    Ok(GasMarket::Dynamic { base_fee: history.next_base_fee, tip })
}

pub fn columns(fees: Fees) -> (u128, Option<u128>) {
    match fees {
        Fees::Dynamic { max_fee, max_tip } => (max_fee, Some(max_tip)),
        Fees::Legacy { gas_price } => (gas_price, None),
    }
}

pub fn fees_of(bytes: &BytesRow) -> Fees {
    match bytes.tip {
        Some(max_tip) => Fees::Dynamic { max_fee: bytes.max_fee, max_tip },
        None => Fees::Legacy { gas_price: bytes.max_fee },
    }
}
