//! Who calls with which key, remembered for a moment: nearly every call comes with a key that has just been looked up.
//!
//! What this process changes itself is seen at once; what others change (`lockgate merchant`, another node) within [`REMEMBERED`].

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::Time;
use domain::merchant::{IpList, Merchant};
use tokio::time::Instant;

use crate::app::App;
use crate::secrets::ApiKeyHash;
use crate::store::{StoreError, merchants};

/// How long a key is let in without looking it up again.
pub const REMEMBERED: Duration = Duration::from_secs(1);
/// So many keys are remembered at most.
const ROOM: usize = 10_000;

/// A valid key's merchant.
#[derive(Debug)]
pub struct Known {
    pub merchant: Arc<Merchant>,
    pub ips: IpList,
    /// The key's first characters, for people.
    pub key_hint: String,
    key_ends: Option<Time>,
}

#[derive(Debug)]
struct Entry {
    known: Arc<Known>,
    version: u64,
    until: Instant,
}

#[derive(Debug, Default)]
pub struct Callers(RwLock<HashMap<[u8; 32], Entry>>);

impl Callers {
    /// The merchant of a key; `None` when there is no such key, or it is valid no longer.
    pub async fn find(&self, app: &App, hash: &ApiKeyHash) -> Result<Option<Arc<Known>>, StoreError> {
        let (now, version) = (Instant::now(), app.store.merchants_version());
        let known = match self.remembered(hash, now, version) {
            Some(known) => known,
            None => {
                let Some(known) = look_up(app, hash).await? else { return Ok(None) };
                let known = Arc::new(known);
                self.remember(hash, Entry { known: known.clone(), version, until: now + REMEMBERED }, now);
                known
            }
        };
        Ok(Some(known).filter(|known| known.key_ends.is_none_or(|end| app.now() < end)))
    }

    fn remembered(&self, hash: &ApiKeyHash, now: Instant, version: u64) -> Option<Arc<Known>> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&hash.to_bytes()).filter(|entry| entry.version == version && now < entry.until)?;
        Some(entry.known.clone())
    }

    fn remember(&self, hash: &ApiKeyHash, entry: Entry, now: Instant) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ROOM {
            entries.retain(|_, entry| now < entry.until);
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
            Ok(Some(Known { merchant, ips, key_hint: key.hint, key_ends: key.expires_at }))
        })
        .await
}
