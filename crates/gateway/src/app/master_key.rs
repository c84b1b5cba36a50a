//! The key that seals a database's secrets belongs to that database.

use crate::secrets::MasterKey;
use crate::store::{Store, StoreError, Tx, merchants, settings};

/// The setting that keeps a sandbox's seed: a database with it is a sandbox's.
pub const SANDBOX_SEED: &str = "sandbox_seed";
const MASTER_KEY_ID: &str = "master_key_id";

/// Whether a live gateway works, or has worked, on a database.
pub fn is_live(tx: &Tx<'_>) -> Result<bool, StoreError> {
    if settings::get(tx, SANDBOX_SEED)?.is_some() {
        return Ok(false);
    }
    // what came before the key was remembered has merchants
    Ok(settings::get(tx, MASTER_KEY_ID)?.is_some() || !merchants::list(tx)?.is_empty())
}

/// Refuses a sandbox's database, and another master key than the one the database's secrets were sealed with; the first one is remembered.
pub async fn same_master_key(store: &Store, key: &MasterKey) -> Result<(), StoreError> {
    let id = key.id().to_owned();
    let known = store
        .write(move |tx| {
            if settings::get(tx, SANDBOX_SEED)?.is_some() {
                let what = "this is a sandbox's database: no real money may be taken on it. Name another one";
                return Err(StoreError::Unusable(what.into()));
            }
            match settings::get(tx, MASTER_KEY_ID)? {
                Some(known) => Ok::<_, StoreError>(known == id),
                None => settings::put(tx, MASTER_KEY_ID, &id).map(|()| true),
            }
        })
        .await?;
    let other = "LOCKGATE_MASTER_KEY is not the key this database was made with: its API keys and webhook secrets \
                 could not be read. Start with the key that was used before";
    if known { Ok(()) } else { Err(StoreError::Unusable(other.into())) }
}
