//! The key that seals a database's secrets belongs to that database.

use crate::secrets::MasterKey;
use crate::store::{Store, StoreError, settings};

/// Refuses another master key than the one the database's secrets were sealed with; the first one is remembered.
pub async fn same_master_key(store: &Store, key: &MasterKey) -> Result<(), StoreError> {
    let id = key.id().to_owned();
    let known = store
        .write(move |tx| match settings::get(tx, "master_key_id")? {
            Some(known) => Ok::<_, StoreError>(known == id),
            None => settings::put(tx, "master_key_id", &id).map(|()| true),
        })
        .await?;
    let other = "LOCKGATE_MASTER_KEY is not the key this database was made with: its API keys and webhook secrets \
                 could not be read. Start with the key that was used before";
    if known { Ok(()) } else { Err(StoreError::Unusable(other.into())) }
}
