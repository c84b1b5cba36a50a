//! What the operator agrees with a merchant: fee, limits of an invoice, and how creates are answered. The log of acts has what it was before.

use domain::fee::BasisPoints;
use domain::{MerchantId, Units};

use super::App;
use super::acts::{Actor, record};
use crate::store::{StoreError, Tx, merchants};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub fee: BasisPoints,
    /// Of one invoice, in cents, both included.
    pub min: Units,
    pub max: Units,
    pub s2s: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum TermsRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the smallest invoice is above nothing, and not above the largest")]
    Limits,
}

impl Terms {
    fn words(self) -> [(&'static str, String); 4] {
        let dollars = |units: Units| format!("{} USD", units.decimal(2, 2));
        [
            ("fee", format!("{} hundredths of a percent", self.fee.get())),
            ("smallest invoice", dollars(self.min)),
            ("largest invoice", dollars(self.max)),
            ("server to server", if self.s2s { "yes" } else { "no" }.to_owned()),
        ]
    }
}

/// Sets a merchant's terms. They count for what is made from now on: an open invoice keeps its own.
pub fn set(app: &App, tx: &Tx<'_>, merchant: &MerchantId, terms: Terms, actor: &Actor) -> Result<(), TermsRefused> {
    if terms.min.is_zero() || terms.min > terms.max {
        return Err(TermsRefused::Limits);
    }
    let mut merchant = merchants::existing(tx, merchant)?;
    let was = Terms { fee: merchant.fee, min: merchant.min_amount, max: merchant.max_amount, s2s: merchant.s2s };
    if was == terms {
        return Ok(());
    }
    let changed: Vec<String> = was
        .words()
        .into_iter()
        .zip(terms.words())
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| format!("{name} from {old} to {new}"))
        .collect();
    (merchant.fee, merchant.min_amount, merchant.max_amount, merchant.s2s) =
        (terms.fee, terms.min, terms.max, terms.s2s);
    merchants::set_terms(tx, &merchant)?;
    record(app, tx, actor, "merchant.terms", format!("merchants {}", merchant.id), changed.join("; "))?;
    Ok(())
}
