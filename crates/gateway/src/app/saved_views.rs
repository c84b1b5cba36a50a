//! Filters that a person keeps under a name, of one merchant: bounded, and nobody else's.

use domain::card::contains_number;
use domain::{MerchantId, UserId};

use super::App;
use crate::store::saved_views::{self, ViewRow};
use crate::store::{StoreError, Tx};
use crate::wire::field::has_forbidden;

/// So many views of one merchant a person keeps.
pub const MOST: usize = 20;
const NAME_CHARS: usize = 40;
const QUERY_BYTES: usize = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum SaveRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a name has 1 to {NAME_CHARS} characters")]
    Name,
    #[error("everything is shown: there is nothing to keep")]
    Nothing,
    #[error("a person keeps {MOST} views at most")]
    TooMany,
}

/// Keeps a view under its name; one of that name is replaced.
pub fn save(app: &App, tx: &Tx<'_>, merchant: &MerchantId, user: &UserId, view: &ViewRow) -> Result<(), SaveRefused> {
    let chars = view.name.chars().count();
    if chars == 0 || chars > NAME_CHARS || has_forbidden(&view.name) || contains_number(&view.name) {
        return Err(SaveRefused::Name);
    }
    if view.query.is_empty() || view.query.len() > QUERY_BYTES || contains_number(&view.query) {
        return Err(SaveRefused::Nothing);
    }
    let known = saved_views::of(tx, merchant, user)?;
    if known.len() >= MOST && known.iter().all(|other| other.name != view.name) {
        return Err(SaveRefused::TooMany);
    }
    Ok(saved_views::put(tx, merchant, user, view, app.now())?)
}
