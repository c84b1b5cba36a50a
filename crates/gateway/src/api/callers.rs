//! Who calls with which key, remembered: nearly every call comes with a key that has just been looked up.
//!
//! What is remembered is never out of date: changes of merchants, keys and address lists are counted in the database, by whichever process
//! makes them, and each call asks for that count. On a server, calls that come at one time ask once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use domain::Time;
use domain::merchant::{IpList, Merchant};
use tokio::sync::Mutex;

use crate::app::App;
use crate::secrets::ApiKeyHash;
use crate::store::{StoreError, merchants};

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
    /// The count when it was looked up.
    changes: i64,
}

#[derive(Debug, Default)]
pub struct Callers {
    entries: RwLock<HashMap<[u8; 32], Entry>>,
    /// How often the count has been asked for.
    asked: AtomicU64,
    answer: Mutex<Answer>,
}

/// The count, as the question of this number found it.
#[derive(Debug, Default)]
struct Answer {
    question: u64,
    changes: i64,
}

impl Callers {
    /// The merchant of a key; `None` when there is no such key, or it is valid no longer.
    pub async fn find(&self, app: &App, hash: &ApiKeyHash) -> Result<Option<Arc<Known>>, StoreError> {
        let changes = self.changes(app).await?;
        let known = match self.remembered(hash, changes) {
            Some(known) => known,
            None => {
                let Some(known) = look_up(app, hash).await? else { return Ok(None) };
                let known = Arc::new(known);
                // it may be newer than `changes`, never older
                self.remember(hash, Entry { known: known.clone(), changes });
                known
            }
        };
        Ok(Some(known).filter(|known| known.key_ends.is_none_or(|end| app.now() < end)))
    }

    /// The count at some time after this was called.
    async fn changes(&self, app: &App) -> Result<i64, StoreError> {
        if !app.store.is_shared() {
            return app.store.read(merchants::changes).await;
        }
        // one that is being answered now may have read before this call came
        let next = self.asked.load(Ordering::SeqCst) + 1;
        let mut answer = self.answer.lock().await;
        if answer.question < next {
            let question = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            *answer = Answer { question, changes: app.store.read(merchants::changes).await? };
        }
        Ok(answer.changes)
    }

    fn remembered(&self, hash: &ApiKeyHash, changes: i64) -> Option<Arc<Known>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&hash.to_bytes()).filter(|entry| entry.changes == changes)?;
        Some(entry.known.clone())
    }

    fn remember(&self, hash: &ApiKeyHash, entry: Entry) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ROOM {
            entries.retain(|_, known| known.changes == entry.changes);
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
