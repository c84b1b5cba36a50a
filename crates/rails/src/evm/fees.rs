//! What to offer for gas, and how much more to offer for the same nonce. All amounts are wei per unit of gas.

/// The price part of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// EIP-1559: what we pay at most, and the part of it that goes to the block's maker.
    Dynamic {
        /// Most we pay per gas, base fee included.
        max_fee: u128,
        /// Most the block's maker gets per gas; not above `max_fee`.
        max_tip: u128,
    },
    /// One price, for chains without a base fee.
    Legacy {
        /// What we pay per gas.
        gas_price: u128,
    },
}

/// What the node says gas costs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GasMarket {
    /// The chain has a base fee.
    Dynamic {
        /// Of the next block.
        base_fee: u128,
        /// A usual tip.
        tip: u128,
    },
    /// The chain has none: `eth_gasPrice`.
    Legacy {
        /// A usual price.
        gas_price: u128,
    },
}

/// Why no price is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeeError {
    /// Gas costs more than the operator allows: wait. Not an error of the transaction.
    #[error("gas would cost {wanted} wei, the operator's cap is {cap}")]
    AboveCap {
        /// What would be needed, saturated.
        wanted: u128,
        /// The operator's limit.
        cap: u128,
    },
}

/// Twice the base fee plus the tip (six full blocks in a row double the base fee), but never above the cap.
///
/// # Errors
/// `AboveCap` when even the present price is above `cap`.
pub fn suggest(market: GasMarket, cap: u128) -> Result<Fees, FeeError> {
    match market {
        GasMarket::Dynamic { base_fee, tip } => {
            let needed = within(base_fee.saturating_add(tip), cap)?;
            let max_fee = needed.saturating_add(base_fee).min(cap);
            Ok(Fees::Dynamic { max_fee, max_tip: tip })
        }
        GasMarket::Legacy { gas_price } => Ok(Fees::Legacy { gas_price: within(gas_price, cap)? }),
    }
}

/// For a transaction that is signed elsewhere and sent hours later: four times the base fee and twice the tip, but never above the cap.
/// What is not needed of it is not paid on chains with a base fee; on others it is. Above half of the cap it goes only as far as the present
/// price, so that it can be bumped or called off later.
///
/// # Errors
/// `AboveCap` when even the present price is above `cap`.
pub fn suggest_lasting(market: GasMarket, cap: u128) -> Result<Fees, FeeError> {
    Ok(match (suggest(market, cap)?, market) {
        (Fees::Dynamic { .. }, GasMarket::Dynamic { base_fee, tip }) => {
            let needed = base_fee.saturating_add(tip);
            let max_fee = needed.saturating_mul(4).min(cap / 2).max(needed);
            Fees::Dynamic { max_fee, max_tip: tip.saturating_mul(2).min(max_fee).max(tip) }
        }
        (Fees::Legacy { gas_price }, _) => {
            Fees::Legacy { gas_price: gas_price.saturating_mul(2).min(cap / 2).max(gas_price) }
        }
        (fees, _) => fees,
    })
}

/// A price that replaces `prev` at the same nonce: an eighth (12.5 %, rounded up) plus 1 wei more on every part, since
/// nodes refuse a replacement that raises either part by less than 10 %, or what the market asks if that is more.
///
/// # Errors
/// `AboveCap` when such a price is above `cap`; the old transaction then stays the only one.
pub fn bump(prev: Fees, market: GasMarket, cap: u128) -> Result<Fees, FeeError> {
    // A market above the cap is no reason not to raise an offer that is below it.
    let asked = suggest(market, cap).ok();
    Ok(match (prev, asked) {
        (Fees::Dynamic { max_fee, max_tip }, Some(Fees::Dynamic { max_fee: fee, max_tip: tip })) => {
            let max_tip = raised(max_tip).max(tip);
            Fees::Dynamic { max_fee: within(raised(max_fee).max(fee).max(max_tip), cap)?, max_tip }
        }
        (Fees::Dynamic { max_fee, max_tip }, _) => {
            Fees::Dynamic { max_fee: within(raised(max_fee), cap)?, max_tip: raised(max_tip) }
        }
        (Fees::Legacy { gas_price }, Some(Fees::Legacy { gas_price: price })) => {
            Fees::Legacy { gas_price: within(raised(gas_price).max(price), cap)? }
        }
        (Fees::Legacy { gas_price }, _) => Fees::Legacy { gas_price: within(raised(gas_price), cap)? },
    })
}

/// Saturated values are above any cap that makes sense, and are refused there.
fn raised(price: u128) -> u128 {
    price.saturating_add(price.div_ceil(8)).saturating_add(1)
}

fn within(wanted: u128, cap: u128) -> Result<u128, FeeError> {
    if wanted <= cap { Ok(wanted) } else { Err(FeeError::AboveCap { wanted, cap }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn market() -> impl Strategy<Value = GasMarket> {
        prop_oneof![
            (any::<u128>(), any::<u128>()).prop_map(|(base_fee, tip)| GasMarket::Dynamic { base_fee, tip }),
            (0..1u128 << 40, 0..1u128 << 40).prop_map(|(base_fee, tip)| GasMarket::Dynamic { base_fee, tip }),
            any::<u128>().prop_map(|gas_price| GasMarket::Legacy { gas_price }),
        ]
    }

    fn parts(fees: Fees) -> (u128, u128) {
        match fees {
            Fees::Dynamic { max_fee, max_tip } => (max_fee, max_tip),
            Fees::Legacy { gas_price } => (gas_price, gas_price),
        }
    }

    proptest! {
        #[test]
        fn never_above_the_cap_and_enough_for_now(market in market(), cap: u128, lasting: bool) {
            let suggested = if lasting { suggest_lasting(market, cap) } else { suggest(market, cap) };
            if let Ok(fees) = suggested {
                let (max_fee, max_tip) = parts(fees);
                let now = match market {
                    GasMarket::Dynamic { base_fee, tip } => base_fee.checked_add(tip).unwrap(),
                    GasMarket::Legacy { gas_price } => gas_price,
                };
                prop_assert!(now <= max_fee && max_tip <= max_fee && max_fee <= cap);
            }
        }

        #[test]
        fn a_bump_raises_both_parts_by_an_eighth(first in market(), later in market(), cap in 0..u128::MAX) {
            if let Ok(prev) = suggest(first, u128::MAX) && let Ok(next) = bump(prev, later, cap) {
                let ((fee, tip), (fee_next, tip_next)) = (parts(prev), parts(next));
                prop_assert!(fee_next - fee > fee / 8 && tip_next - tip > tip / 8);
                prop_assert!(tip_next <= fee_next && fee_next <= cap);
            }
        }
    }

    #[test]
    fn usual_numbers() {
        let gwei = 1_000_000_000;
        let market = GasMarket::Dynamic { base_fee: 10 * gwei, tip: gwei };
        assert_eq!(suggest(market, 100 * gwei), Ok(Fees::Dynamic { max_fee: 21 * gwei, max_tip: gwei }));
        assert_eq!(suggest(market, 12 * gwei), Ok(Fees::Dynamic { max_fee: 12 * gwei, max_tip: gwei }));
        assert_eq!(suggest(market, 10 * gwei), Err(FeeError::AboveCap { wanted: 11 * gwei, cap: 10 * gwei }));
        // what lasts leaves room to be replaced
        let lasting = |cap| suggest_lasting(market, cap * gwei);
        assert_eq!(lasting(100), Ok(Fees::Dynamic { max_fee: 44 * gwei, max_tip: 2 * gwei }));
        assert_eq!(lasting(40), Ok(Fees::Dynamic { max_fee: 20 * gwei, max_tip: 2 * gwei }));
        assert_eq!(lasting(12), Ok(Fees::Dynamic { max_fee: 11 * gwei, max_tip: 2 * gwei }));
        assert!(bump(lasting(40).unwrap(), market, 40 * gwei).is_ok());
        assert_eq!(suggest_lasting(GasMarket::Legacy { gas_price: 5 }, 12), Ok(Fees::Legacy { gas_price: 6 }));
        let prev = Fees::Dynamic { max_fee: 80, max_tip: 8 };
        let quiet = GasMarket::Dynamic { base_fee: 0, tip: 0 };
        assert_eq!(bump(prev, quiet, 100), Ok(Fees::Dynamic { max_fee: 91, max_tip: 10 }));
        assert_eq!(bump(prev, quiet, 90), Err(FeeError::AboveCap { wanted: 91, cap: 90 }));
    }
}
