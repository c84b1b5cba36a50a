//! Who calls with which key, remembered: nearly every call comes with a key that has just been looked up.
//!
//! Changes of merchants, keys and address lists are counted in the database, by whichever process makes them. What is remembered counts for
//! as long as that count was seen unchanged not longer than [`SEEN_FOR`] ago. A command that makes such a change ends only after that time:
//! from then on no node lets in who may not come in. What nothing counted, such as a row edited by hand or a counter that went back with a
//! standby, is noticed after [`KEPT_FOR`].

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::Time;
use domain::merchant::{IpList, Merchant};
use domain::scope::Scopes;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::app::App;
use crate::secrets::ApiKeyHash;
use crate::store::StoreError;
use crate::store::merchants::{self, SEEN_FOR};

/// So many keys are remembered at most.
const ROOM: usize = 10_000;

/// How long an entry is believed, whatever the count says.
pub const KEPT_FOR: Duration = Duration::from_secs(60);

/// A valid key's merchant.
#[derive(Debug)]
pub struct Known {
    pub merchant: Arc<Merchant>,
    pub ips: IpList,
    /// The key's first characters, for people.
    pub key_hint: String,
    /// What the key may be used for.
    pub scopes: Scopes,
    key_ends: Option<Time>,
}

#[derive(Debug)]
struct Entry {
    known: Arc<Known>,
    /// The count when it was looked up.
    changes: i64,
    at: Instant,
}

impl Entry {
    fn counts(&self, changes: i64) -> bool {
        self.changes == changes && self.at.elapsed() < KEPT_FOR
    }
}

#[derive(Debug, Default)]
pub struct Callers {
    entries: RwLock<HashMap<[u8; 32], Entry>>,
    /// The count, and when it was asked for.
    seen: RwLock<Option<(i64, Instant)>>,
    /// Of those who find it too old, one asks.
    asking: Mutex<()>,
}

impl Callers {
    /// The merchant of a key; `None` when there is no such key, or it is valid no longer.
    pub async fn find(&self, app: &App, hash: &ApiKeyHash) -> Result<Option<Arc<Known>>, StoreError> {
        let changes = self.changes(app).await?;
        let known = match self.remembered(hash, changes) {
            Some(known) => known,
            None => {
                let at = Instant::now();
                let Some(known) = look_up(app, hash).await? else { return Ok(None) };
                let known = Arc::new(known);
                // it may be newer than `changes`, never older
                self.remember(hash, Entry { known: known.clone(), changes, at });
                known
            }
        };
        Ok(Some(known).filter(|known| known.key_ends.is_none_or(|end| app.now() < end)))
    }

    /// The count, as it was lately.
    async fn changes(&self, app: &App) -> Result<i64, StoreError> {
        if let Some(changes) = self.seen_lately() {
            return Ok(changes);
        }
        let _asking = self.asking.lock().await;
        if let Some(changes) = self.seen_lately() {
            return Ok(changes);
        }
        let at = Instant::now();
        let changes = app.store.read(merchants::changes).await?;
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = Some((changes, at));
        Ok(changes)
    }

    fn seen_lately(&self) -> Option<i64> {
        let seen = *self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|(_, at)| at.elapsed() < SEEN_FOR).map(|(changes, _)| changes)
    }

    fn remembered(&self, hash: &ApiKeyHash, changes: i64) -> Option<Arc<Known>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&hash.to_bytes()).filter(|entry| entry.counts(changes))?;
        Some(entry.known.clone())
    }

    fn remember(&self, hash: &ApiKeyHash, entry: Entry) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ROOM {
            entries.retain(|_, known| known.counts(entry.changes));
        }
        if entries.len() < ROOM {
            entries.insert(hash.to_bytes(), entry);
        }
    }
}

async fn look_up(app: &App, hash: &ApiKeyHash) -> Result<Option<Known>, StoreError> {
    app.store
        .read(|tx| {
            let Some(key) = merchants::key_by_hash(tx, &hash.to_hex())? else { return Ok(None) };
            if !ApiKeyHash::from_hex(&key.hash).is_some_and(|kept| kept.matches(hash)) {
                return Ok(None);
            }
            let merchant = Arc::new(merchants::existing(tx, &key.merchant_id)?);
            let ips = merchants::ips(tx, &key.merchant_id)?;
            Ok(Some(Known { merchant, ips, key_hint: key.hint, scopes: key.scopes, key_ends: key.expires_at }))
        })
        .await
}

#[cfg(test)]
mod tests {
    use domain::merchant::Wallet;

    use super::*;
    use crate::app::merchants::Office;
    use crate::app::testing;
    use crate::store::tx::values;

    /// A row that is edited behind the count's back, or a count that went back with a standby: noticed within [`KEPT_FOR`].
    #[tokio::test]
    async fn what_nobody_counted_is_noticed_within_a_minute() {
        let (app, merchant) = testing::app("callers", Wallet::Missing).await;
        let office = Office::of(&app);
        let (callers, id) = (Callers::default(), merchant.id.clone());
        let (key, _) = app.store.write(move |tx| office.add_key(tx, &id)).await.unwrap();
        let hash = key.hash();
        let name = async || callers.find(&app, &hash).await.unwrap().unwrap().merchant.name.clone();
        assert_eq!(name().await, merchant.name);
        let (rename, id) = ("UPDATE merchants SET name = 'Edited' WHERE id = $1", merchant.id.clone());
        app.store.write(move |tx| tx.execute(rename, values![id.as_str()])).await.unwrap();
        assert_eq!(name().await, merchant.name, "remembered");
        let age = |callers: &Callers, by: Duration| {
            let mut entries = callers.entries.write().unwrap();
            entries.values_mut().for_each(|entry| entry.at = entry.at.checked_sub(by).unwrap());
        };
        age(&callers, KEPT_FOR);
        assert_eq!(name().await, "Edited");
    }
}
