//! Who stands behind a transfer: whoever asked for it, and where a merchant's key did, whoever had that key in his hand.

use domain::MerchantId;
use domain::transfer::Kind;

use super::{ASKED, about};
use crate::app::acts::Actor;
use crate::app::merchant_setup::{KEY_MADE, KEY_ROTATED};
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, Tx, audit_log, payouts};

/// What the name of an asker begins with that is a merchant's key, not a person.
const KEY: &str = "api:";

/// A merchant's key, as the log of acts names it: by its first characters, as everywhere.
pub fn by_key(hint: &str) -> Actor {
    Actor(format!("{KEY}key {hint}…"))
}

/// Whether an actor is a merchant's key.
pub fn is_key(name: &str) -> bool {
    name.get(..KEY.len()).is_some_and(|start| start.eq_ignore_ascii_case(KEY))
}

/// The first characters of the key that [`by_key`] names.
fn hint_of(name: &str) -> Option<&str> {
    let named = name.get(KEY.len()..).filter(|_| is_key(name))?;
    Some(named.strip_prefix("key ")?.trim_end_matches('…')).filter(|hint| !hint.is_empty())
}

/// Who asked for a transfer, as its row and the log of acts name them.
pub(super) fn askers(tx: &Tx<'_>, row: &TransferRow) -> Result<Vec<String>, StoreError> {
    let asked = audit_log::about(tx, &about(&row.id))?.into_iter().filter(|act| act.act == ASKED);
    let mut askers: Vec<String> = asked.map(|act| act.actor).collect();
    if let (Kind::CardPayout, Ok(number)) = (row.kind, row.subject.parse()) {
        askers.extend(payouts::by_number(tx, &row.merchant_id, number)?.and_then(|payment| payment.asked_by));
    }
    Ok(askers)
}

/// Who made the key that asked: he saw it, so that what it asks for he may have asked for himself. Of two keys that begin alike, whoever made
/// either. Nobody, where a person asked, or the key was made with the merchant.
pub(super) fn makers(tx: &Tx<'_>, merchant: &MerchantId, asker: &str) -> Result<Vec<String>, StoreError> {
    let Some(hint) = hint_of(asker) else { return Ok(Vec::new()) };
    let begins = format!("{hint}…");
    let acts = audit_log::about_of(tx, merchant, &format!("merchants {merchant}"))?.into_iter();
    let made =
        acts.filter(|act| [KEY_MADE, KEY_ROTATED].contains(&act.act.as_str()) && act.detail.starts_with(&begins));
    Ok(made.map(|act| act.actor).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_names() {
        assert_eq!(hint_of(&by_key("1a2b").0), Some("1a2b"));
        for name in ["ann@shop.example", "api:", "api:key ", "api:key …", "cli:api"] {
            assert_eq!(hint_of(name), None, "{name}");
        }
    }
}
