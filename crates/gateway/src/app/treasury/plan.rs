//! What becomes of a transfer that waits for a transaction. Pure.

use alloy_primitives::Address;
use domain::asset::{Asset, Kind};
use domain::time::DAY;
use domain::{Time, Units};

use crate::app::chains::{Chain, Treasury};
use crate::store::transfers::TransferRow;

/// What to do with a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Sign `units` of the token to the wallet.
    Send { token: Address, to: Address, units: u128 },
    /// A person must look at it.
    Park(String),
    /// Later.
    Wait { until: Time, why: String },
}

/// When the UTC day of `now` began: caps are counted from there.
pub fn day_began(now: Time) -> Time {
    Time(now.day().saturating_mul(DAY))
}

/// Looks at a transfer with what was sent of its asset today.
pub fn judge(chain: &Chain, treasury: &Treasury, row: &TransferRow, sent_today: Units, now: Time) -> Verdict {
    let asset = chain.assets.iter().find(|asset| asset.code == row.asset);
    match asset {
        None => Verdict::Park(format!("{} is no coin of {}", row.asset, chain.title)),
        Some(asset) => judge_asset(treasury, asset, row, sent_today, now),
    }
}

/// One of several that one transaction is to carry.
#[derive(Debug, Clone)]
pub struct Fit {
    pub row: TransferRow,
    pub to: Address,
    pub units: u128,
}

/// Looks at transfers of one coin that would go together: caps are counted over all of them, in their order. Answers the coin's contract
/// with those that may go now, and the rest.
pub fn judge_together(
    chain: &Chain,
    treasury: &Treasury,
    rows: Vec<TransferRow>,
    mut sent_today: Units,
    now: Time,
) -> (Option<Address>, Vec<Fit>, Vec<TransferRow>) {
    let (mut contract, mut fits, mut rest) = (None, Vec::new(), Vec::new());
    for row in rows {
        match judge(chain, treasury, &row, sent_today, now) {
            Verdict::Send { token, to, units } => {
                // what was judged fits under the cap, and so does the sum
                sent_today = sent_today.plus(row.units).unwrap_or(Units(u128::MAX));
                contract = Some(token);
                fits.push(Fit { row, to, units });
            }
            Verdict::Park(_) | Verdict::Wait { .. } => rest.push(row),
        }
    }
    (contract, fits, rest)
}

/// What a transaction uses before it does anything, in units of gas, on nearly every chain: what each transfer saves that goes with others.
const GAS_OF_A_TRANSACTION: u64 = 21_000;
/// What moving by an allowance costs at most more than moving one's own: the allowance read and written, two words, the loop.
const MORE_BY_ALLOWANCE: u64 = 6_000;

/// Whether an approval pays with the first batch already, by what the single transfers would use (units of gas). What the batch uses can
/// only be asked once it is approved; then it is.
pub fn is_approval_worth(approval: u64, singles: &[u64]) -> bool {
    let count = u64::try_from(singles.len()).unwrap_or(u64::MAX);
    let saved = GAS_OF_A_TRANSACTION.saturating_mul(count.saturating_sub(1));
    approval.saturating_add(MORE_BY_ALLOWANCE.saturating_mul(count)) < saved
}

/// Base units of an asset in whole coins.
fn whole(asset: &Asset, coins: u64) -> Units {
    let scale = 10u128.checked_pow(u32::from(asset.decimals));
    Units(scale.and_then(|scale| scale.checked_mul(u128::from(coins))).unwrap_or(u128::MAX))
}

/// What the contract that sends to many may move at most: base units of one day's cap.
pub fn allowed_at_most(treasury: &Treasury, asset: &Asset) -> Units {
    whole(asset, treasury.caps.daily)
}

fn judge_asset(treasury: &Treasury, asset: &Asset, row: &TransferRow, sent_today: Units, now: Time) -> Verdict {
    let Kind::Token(token) = asset.kind else {
        return Verdict::Park(format!("{} is what gas is paid with; the treasury sends tokens only", asset.code));
    };
    let token = Address::from(token);
    let Ok(to) = row.destination.parse::<Address>() else {
        return Verdict::Park(format!("{:?} is no wallet", row.destination));
    };
    if to.is_zero() || to == token || to == treasury.address() {
        return Verdict::Park(format!("{to} is no wallet to send {} to", asset.symbol));
    }
    if treasury.allow.as_ref().is_some_and(|list| !list.contains(&to)) {
        return Verdict::Park(format!("{to} is not on the treasury's list of allowed wallets"));
    }
    if !asset.at_par {
        return Verdict::Park(format!("{} does not count as one US dollar, so no cap holds for it", asset.code));
    }
    let whole = |coins: u64| whole(asset, coins);
    let (transfer, daily) = (treasury.caps.transfer, treasury.caps.daily);
    let amount = row.units.decimal(asset.decimals, 0);
    if row.units > whole(transfer) || row.units > whole(daily) {
        let (cap, of) = if row.units > whole(transfer) { (transfer, "transfer") } else { (daily, "day") };
        return Verdict::Park(format!("{amount} {} are more than the treasury's cap of {cap} a {of}", asset.symbol));
    }
    match sent_today.plus(row.units) {
        Ok(sum) if sum <= whole(daily) => Verdict::Send { token, to, units: row.units.0 },
        _ => Verdict::Wait {
            until: day_began(now).plus(DAY),
            why: format!(
                "the treasury's cap of {daily} {} a day is used up; it waits for the next day (UTC)",
                asset.symbol
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::chains::{Caps, Signer};
    use crate::store::transfers::Approval;
    use domain::ledger::Kind as AccountKind;
    use domain::transfer;
    use domain::{MerchantId, TransferId};
    use rails::evm::sign::GasKey;

    fn asset(at_par: bool, kind: Kind) -> Asset {
        Asset {
            code: "USDC_polygon".into(),
            symbol: "USDC".into(),
            chain: "polygon".into(),
            name: "USD Coin".into(),
            kind,
            decimals: 6,
            at_par,
            payable: true,
            aliases: Vec::new(),
        }
    }

    fn treasury(allow: Option<Vec<Address>>) -> Treasury {
        let key = GasKey::from_hex(&"46".repeat(32)).unwrap();
        Treasury { signer: Signer::Hot(key), caps: Caps { daily: 100, transfer: 60 }, allow }
    }

    fn row(units: u128, destination: &str) -> TransferRow {
        TransferRow {
            merchant_id: MerchantId::new(ulid::Ulid(1)),
            id: TransferId::new(ulid::Ulid(2)),
            kind: transfer::Kind::CoinRefund,
            subject: "x".into(),
            invoice_number: None,
            taken_from: AccountKind::Payable,
            asset: "USDC_polygon".into(),
            units: Units(units),
            chain: Some("polygon".into()),
            account_id: None,
            destination: destination.into(),
            state: transfer::State::Reserved,
            approval: Approval::NotNeeded,
            approved_by: None,
            round: 0,
            fence: 1,
            leased_until: Time(0),
            due_at: None,
            asked: 0,
            reference: None,
            request_hash: None,
            sender: None,
            nonce: None,
            tx_hash: None,
            alone: false,
            called_off: false,
            parked: None,
            note: None,
            sent_at: None,
            created_at: Time(0),
            changed_at: Time(0),
        }
    }

    #[test]
    fn caps_hold_to_the_unit() {
        let (token, to) = (Address::repeat_byte(0x70), Address::repeat_byte(9));
        let asset = asset(true, Kind::Token(token.0.0));
        let now = Time(1_700_000_000_000);
        let judged = |units, sent| judge_asset(&treasury(None), &asset, &row(units, &to.to_string()), Units(sent), now);
        let sends = |units| Verdict::Send { token, to, units };
        assert_eq!(judged(60_000_000, 0), sends(60_000_000));
        assert_eq!(judged(60_000_000, 40_000_000), sends(60_000_000));
        let Verdict::Park(why) = judged(60_000_001, 0) else { panic!("sent") };
        assert_eq!(why, "60.000001 USDC are more than the treasury's cap of 60 a transfer");
        let Verdict::Wait { until, .. } = judged(60_000_000, 40_000_001) else { panic!("sent") };
        assert_eq!((until.0 % DAY, until.day()), (0, now.day() + 1));
        assert!(matches!(judged(1, u128::MAX), Verdict::Wait { .. }));
    }

    #[test]
    fn an_approval_has_to_pay() {
        // 46,000 of gas are saved by the fifth transfer, not by the fourth
        assert!(!is_approval_worth(46_000, &[50_000; 4]));
        assert!(is_approval_worth(46_000, &[50_000; 5]));
        assert!(!is_approval_worth(0, &[50_000]) && !is_approval_worth(0, &[]));
        assert_eq!(allowed_at_most(&treasury(None), &asset(true, Kind::Native)), Units(100_000_000));
    }

    #[test]
    fn what_cannot_be_sent_is_parked_with_its_reason() {
        let (token, to) = (Address::repeat_byte(0x70), Address::repeat_byte(9));
        let (listed, usdc) = (treasury(Some(vec![Address::repeat_byte(8)])), asset(true, Kind::Token(token.0.0)));
        let own = listed.address().to_string();
        let open = treasury(None);
        let cases = [
            (&listed, &usdc, to.to_string(), "list of allowed wallets"),
            (&open, &usdc, own, "is no wallet to send"),
            (&open, &usdc, token.to_string(), "is no wallet to send"),
            (&open, &usdc, Address::ZERO.to_string(), "is no wallet to send"),
            (&open, &usdc, "4111".into(), "is no wallet"),
            (&open, &asset(false, Kind::Token(token.0.0)), to.to_string(), "no cap holds"),
            (&open, &asset(true, Kind::Native), to.to_string(), "gas is paid with"),
        ];
        for (treasury, asset, destination, words) in cases {
            let verdict = judge_asset(treasury, asset, &row(1, &destination), Units(0), Time(0));
            assert!(matches!(&verdict, Verdict::Park(why) if why.contains(words)), "{words}: {verdict:?}");
        }
    }
}
