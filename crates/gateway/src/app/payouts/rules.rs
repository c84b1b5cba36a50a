//! What a merchant may pay out, and what the operator keeps of its funds: who changed it, and from what to what, is in the log of acts.

use domain::fee::BasisPoints;
use domain::{MerchantId, Units};

use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::store::merchants::{self, PayoutRules};
use crate::store::{StoreError, Tx};

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct RulesChange {
    pub min: Option<Units>,
    pub max: Option<Units>,
    pub day_max: Option<Units>,
    /// `Some(None)`: never.
    pub approval_above: Option<Option<Units>>,
    pub spread: Option<BasisPoints>,
}

/// Changes a merchant's rules, and answers them as they are now.
pub fn change(
    app: &App,
    tx: &Tx<'_>,
    merchant: &MerchantId,
    change: RulesChange,
    actor: &Actor,
) -> Result<PayoutRules, StoreError> {
    let was = merchants::payout_rules(tx, merchant)?;
    let rules = PayoutRules {
        min: change.min.unwrap_or(was.min),
        max: change.max.unwrap_or(was.max),
        day_max: change.day_max.unwrap_or(was.day_max),
        approval_above: change.approval_above.unwrap_or(was.approval_above),
        spread: change.spread.unwrap_or(was.spread),
    };
    let (old, new) = (words(&was), words(&rules));
    let changed: Vec<String> = old
        .iter()
        .zip(&new)
        .filter(|(old, new)| old != new)
        .map(|((name, old), (_, new))| format!("{name} from {old} to {new}"))
        .collect();
    if !changed.is_empty() {
        merchants::set_payout_rules(tx, merchant, &rules)?;
        record(app, tx, actor, "payout.rules", format!("merchants {merchant}"), changed.join("; "))?;
    }
    Ok(rules)
}

fn words(rules: &PayoutRules) -> [(&'static str, String); 5] {
    let euros = |units: Units| format!("{} EUR", units.decimal(2, 2));
    [
        ("smallest payment", euros(rules.min)),
        ("largest payment", euros(rules.max)),
        ("a day", euros(rules.day_max)),
        ("a second person above", rules.approval_above.map_or_else(|| "never".to_owned(), euros)),
        ("kept of funds", format!("{} hundredths of a percent", rules.spread.get())),
    ]
}
