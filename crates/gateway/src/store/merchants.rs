//! Merchants, their API keys and the addresses these may be used from.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::fee::BasisPoints;
use domain::merchant::{IpList, Merchant, Stopped, Wallet, WaysOff, parse_ip_entry};
use domain::scope::Scopes;
use domain::{KeyId, MerchantId, Time, Units};

use super::settings;
use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO merchants (id, number, name, email, wallet, wallet_state, fee_bps, min_amount, max_amount, s2s,
                callback_url, callback_on_expiry, webhook_secret, created_at, version)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)";
    BY_ID = "SELECT * FROM merchants WHERE id = $1";
    BY_NUMBER = "SELECT * FROM merchants WHERE number = $1";
    LIST = "SELECT * FROM merchants ORDER BY number";
    SET_WALLET = "UPDATE merchants SET wallet = $2, wallet_state = $3, version = version + 1 WHERE id = $1";
    SET_CALLBACK = "UPDATE merchants SET callback_url = $2, version = version + 1 WHERE id = $1";
    SET_WAYS_OFF = "UPDATE merchants SET ways_off = $2, version = version + 1 WHERE id = $1";
    SET_STOPPED = "UPDATE merchants SET stopped_at = $2, stopped_reason = $3, version = version + 1 WHERE id = $1";
    SET_PAYOUT = "UPDATE merchants SET payout_min = $2, payout_max = $3, payout_day_max = $4, payout_approval_above = $5,
                    payout_spread_bps = $6, version = version + 1 WHERE id = $1";
    SET_PROFILE = "UPDATE merchants SET name = $2, website = $3, country = $4, version = version + 1 WHERE id = $1";
    WEBHOOK_SECRETS = "SELECT webhook_secret, webhook_secret_before, webhook_secret_before_until FROM merchants WHERE id = $1";
    ROTATE_WEBHOOK_SECRET = "UPDATE merchants SET webhook_secret_before = webhook_secret, webhook_secret_before_until = $3,
                               webhook_secret = $2, version = version + 1 WHERE id = $1";
    SET_TERMS = "UPDATE merchants SET fee_bps = $2, min_amount = $3, max_amount = $4, s2s = $5, version = version + 1 WHERE id = $1";
    INSERT_KEY = "INSERT INTO api_keys (merchant_id, id, hash, hint, sealed, created_at, scopes)
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    KEY_BY_HASH = "SELECT * FROM api_keys WHERE hash = $1";
    KEYS = "SELECT * FROM api_keys WHERE merchant_id = $1 ORDER BY created_at, id";
    EXPIRE_KEYS = "UPDATE api_keys SET expires_at = $3 WHERE merchant_id = $1 AND id <> $2 AND expires_at IS NULL AND scopes IS NULL";
    REVOKE_KEY = "UPDATE api_keys SET expires_at = $3 WHERE merchant_id = $1 AND id = $2";
    ADD_IP = "INSERT INTO ip_entries (merchant_id, entry) VALUES ($1, $2) ON CONFLICT (merchant_id, entry) DO NOTHING";
    REMOVE_IP = "DELETE FROM ip_entries WHERE merchant_id = $1 AND entry = $2";
    IPS = "SELECT entry FROM ip_entries WHERE merchant_id = $1 ORDER BY entry";
}

/// An API key's row: never the key itself.
#[derive(Debug, Clone)]
pub struct KeyRow {
    pub id: KeyId,
    pub merchant_id: MerchantId,
    /// Lower-case hex SHA-256 of the key.
    pub hash: String,
    /// The key's first characters, for people.
    pub hint: String,
    /// The key, sealed under the master key: callbacks are signed with it (contract, X-Signature).
    pub sealed: String,
    pub created_at: Time,
    pub expires_at: Option<Time>,
    pub scopes: Scopes,
}

impl KeyRow {
    pub fn is_valid(&self, now: Time) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// Counts changes of merchants, keys and address lists: who remembers one asks whether it is still the last.
const CHANGES: &str = "merchant_change";

/// How long a gateway may go by a count that it has seen.
pub const SEEN_FOR: Duration = Duration::from_millis(10);

/// Whether this process has made such a change.
static HAS_CHANGED: AtomicBool = AtomicBool::new(false);

fn note(tx: &Tx<'_>) -> Result<(), StoreError> {
    HAS_CHANGED.store(true, Ordering::Relaxed);
    settings::next_number(tx, CHANGES).map(|_| ())
}

/// Waits until every gateway goes by what this process has changed: the end of a command.
pub fn let_all_see() {
    if HAS_CHANGED.load(Ordering::Relaxed) {
        std::thread::sleep(2 * SEEN_FOR);
    }
}

/// How many changes there have been of any merchant, his keys or his address list.
pub fn changes(tx: &Tx<'_>) -> Result<i64, StoreError> {
    settings::last_number(tx, CHANGES)
}

pub fn insert(tx: &Tx<'_>, merchant: &Merchant, webhook_secret: &str, now: Time) -> Result<(), StoreError> {
    note(tx)?;
    let (wallet, wallet_state) = wallet_columns(&merchant.wallet);
    tx.execute_one(
        INSERT,
        values![
            merchant.id.as_str(),
            merchant.number,
            &merchant.name,
            &merchant.email,
            wallet,
            wallet_state,
            i64::from(merchant.fee.get()),
            &merchant.min_amount.to_string(),
            &merchant.max_amount.to_string(),
            merchant.s2s,
            merchant.callback_url.as_deref(),
            merchant.callback_on_expiry,
            webhook_secret,
            now,
        ],
    )
}

fn wallet_columns(wallet: &Wallet) -> (Option<&str>, &'static str) {
    match wallet {
        Wallet::Missing => (None, "missing"),
        Wallet::Pending(address) => (Some(address), "pending"),
        Wallet::Active(address) => (Some(address), "active"),
    }
}

pub(super) fn merchant(row: &Row<'_>) -> Result<Merchant, StoreError> {
    let id = row.parsed("merchants", "id", "?", |text| MerchantId::parse(text).ok())?;
    let damaged = |column, value| StoreError::Damaged { table: "merchants", column, id: id.to_string(), value };
    let units = |column| row.parsed("merchants", column, id.as_str(), |text| Units::from_digits(text).ok());
    let (state, address) = (row.text("wallet_state")?, row.opt_text("wallet")?);
    let wallet = match (state.as_str(), address) {
        ("missing", None) => Wallet::Missing,
        ("pending", Some(address)) => Wallet::Pending(address),
        ("active", Some(address)) => Wallet::Active(address),
        _ => return Err(damaged("wallet_state", state)),
    };
    let fee_bps = row.int("fee_bps")?;
    Ok(Merchant {
        number: row.int("number")?,
        name: row.text("name")?,
        email: row.text("email")?,
        wallet,
        fee: BasisPoints::new(fee_bps).map_err(|_| damaged("fee_bps", fee_bps.to_string()))?,
        min_amount: units("min_amount")?,
        max_amount: units("max_amount")?,
        s2s: row.flag("s2s")?,
        callback_url: row.opt_text("callback_url")?,
        callback_on_expiry: row.flag("callback_on_expiry")?,
        ways_off: match row.opt_text("ways_off")? {
            None => WaysOff::default(),
            Some(_) => row.parsed("merchants", "ways_off", id.as_str(), WaysOff::parse)?,
        },
        stopped: match row.opt_int("stopped_at")? {
            None => None,
            Some(at) => Some(Stopped { at: Time(at), reason: row.opt_text("stopped_reason")?.unwrap_or_default() }),
        },
        id,
    })
}

pub fn by_id(tx: &Tx<'_>, id: &MerchantId) -> Result<Option<Merchant>, StoreError> {
    tx.row(BY_ID, values![id.as_str()], merchant)
}

/// A merchant that rows refer to.
pub fn existing(tx: &Tx<'_>, id: &MerchantId) -> Result<Merchant, StoreError> {
    by_id(tx, id)?.ok_or_else(|| StoreError::Inconsistent(format!("merchant {id} is referred to but not there")))
}

pub fn by_number(tx: &Tx<'_>, number: i64) -> Result<Option<Merchant>, StoreError> {
    tx.row(BY_NUMBER, values![number], merchant)
}

pub fn list(tx: &Tx<'_>) -> Result<Vec<Merchant>, StoreError> {
    tx.rows(LIST, values![], merchant)
}

pub fn set_wallet(tx: &Tx<'_>, id: &MerchantId, wallet: &Wallet) -> Result<(), StoreError> {
    note(tx)?;
    let (address, state) = wallet_columns(wallet);
    tx.execute_one(SET_WALLET, values![id.as_str(), address, state])
}

pub fn set_callback(tx: &Tx<'_>, id: &MerchantId, url: Option<&str>) -> Result<(), StoreError> {
    note(tx)?;
    tx.execute_one(SET_CALLBACK, values![id.as_str(), url])
}

/// Which ways to pay payers are not offered.
pub fn set_ways_off(tx: &Tx<'_>, id: &MerchantId, off: WaysOff) -> Result<(), StoreError> {
    note(tx)?;
    tx.execute_one(SET_WAYS_OFF, values![id.as_str(), &off.text()])
}

/// Stops a merchant, or lets it go on.
pub fn set_stopped(tx: &Tx<'_>, id: &MerchantId, stopped: Option<&Stopped>) -> Result<(), StoreError> {
    note(tx)?;
    let (at, reason) = (stopped.map(|stopped| stopped.at), stopped.map(|stopped| stopped.reason.as_str()));
    tx.execute_one(SET_STOPPED, values![id.as_str(), at, reason])
}

/// What a merchant may pay out: minor units of EUR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRules {
    /// Of one payment, both included.
    pub min: Units,
    pub max: Units,
    /// Of all payments of a day (UTC).
    pub day_max: Units,
    /// Above this a second person must agree.
    pub approval_above: Option<Units>,
    /// What the operator keeps of a fund.
    pub spread: BasisPoints,
}

pub fn payout_rules(tx: &Tx<'_>, id: &MerchantId) -> Result<PayoutRules, StoreError> {
    let rules = tx.row(BY_ID, values![id.as_str()], |row| {
        let units = |column| row.parsed("merchants", column, id.as_str(), |text| Units::from_digits(text).ok());
        let approval = row.opt_text("payout_approval_above")?;
        let bps = row.int("payout_spread_bps")?;
        let damaged = |column, value| StoreError::Damaged { table: "merchants", column, id: id.to_string(), value };
        let read = |text: String| Units::from_digits(&text).map_err(|_| damaged("payout_approval_above", text));
        Ok(PayoutRules {
            min: units("payout_min")?,
            max: units("payout_max")?,
            day_max: units("payout_day_max")?,
            approval_above: approval.map(read).transpose()?,
            spread: BasisPoints::new(bps).map_err(|_| damaged("payout_spread_bps", bps.to_string()))?,
        })
    })?;
    rules.ok_or_else(|| StoreError::Inconsistent(format!("merchant {id} is not there")))
}

pub fn set_payout_rules(tx: &Tx<'_>, id: &MerchantId, rules: &PayoutRules) -> Result<(), StoreError> {
    note(tx)?;
    let approval = rules.approval_above.map(|units| units.to_string());
    let (min, max, day_max) = (rules.min.to_string(), rules.max.to_string(), rules.day_max.to_string());
    let spread = i64::from(rules.spread.get());
    tx.execute_one(SET_PAYOUT, values![id.as_str(), &min, &max, &day_max, approval.as_deref(), spread])
}

/// Writes what the operator has agreed with a merchant: the fee, the limits, and whether creates are answered server to server.
pub fn set_terms(tx: &Tx<'_>, merchant: &Merchant) -> Result<(), StoreError> {
    note(tx)?;
    let (min, max) = (merchant.min_amount.to_string(), merchant.max_amount.to_string());
    let fee = i64::from(merchant.fee.get());
    tx.execute_one(SET_TERMS, values![merchant.id.as_str(), fee, &min, &max, merchant.s2s])
}

/// What a merchant says of its business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub website: Option<String>,
    /// ISO 3166-1, two letters.
    pub country: Option<String>,
}

pub fn profile(tx: &Tx<'_>, id: &MerchantId) -> Result<Profile, StoreError> {
    let found = tx.row(BY_ID, values![id.as_str()], |row| {
        Ok(Profile { name: row.text("name")?, website: row.opt_text("website")?, country: row.opt_text("country")? })
    })?;
    found.ok_or_else(|| StoreError::Inconsistent(format!("merchant {id} is not there")))
}

pub fn set_profile(tx: &Tx<'_>, id: &MerchantId, profile: &Profile) -> Result<(), StoreError> {
    note(tx)?;
    let (website, country) = (profile.website.as_deref(), profile.country.as_deref());
    tx.execute_one(SET_PROFILE, values![id.as_str(), &profile.name, website, country])
}

/// The Standard Webhooks secrets, sealed.
#[derive(Clone)]
pub struct WebhookSecrets {
    pub newest: String,
    /// The one before, and until when callbacks are signed with it too.
    pub before: Option<(String, Time)>,
}

impl std::fmt::Debug for WebhookSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecrets(…)")
    }
}

impl WebhookSecrets {
    /// Those that callbacks are signed with now, the newest first.
    pub fn valid(&self, now: Time) -> impl Iterator<Item = &str> {
        let before = self.before.as_ref().filter(|(_, until)| now < *until).map(|(sealed, _)| sealed.as_str());
        std::iter::once(self.newest.as_str()).chain(before)
    }
}

pub fn webhook_secrets(tx: &Tx<'_>, id: &MerchantId) -> Result<WebhookSecrets, StoreError> {
    let found = tx.row(WEBHOOK_SECRETS, values![id.as_str()], |row| {
        let until = row.opt_int("webhook_secret_before_until")?.map(Time);
        Ok(WebhookSecrets {
            newest: row.text("webhook_secret")?,
            before: row.opt_text("webhook_secret_before")?.zip(until),
        })
    })?;
    found.ok_or_else(|| StoreError::Inconsistent(format!("merchant {id} is not there")))
}

/// Puts a secret in the place of the newest, which goes on until `until`.
pub fn rotate_webhook_secret(tx: &Tx<'_>, id: &MerchantId, sealed: &str, until: Time) -> Result<(), StoreError> {
    note(tx)?;
    tx.execute_one(ROTATE_WEBHOOK_SECRET, values![id.as_str(), sealed, until])
}

pub fn insert_key(tx: &Tx<'_>, key: &KeyRow) -> Result<(), StoreError> {
    note(tx)?;
    let (merchant, id) = (key.merchant_id.as_str(), key.id.as_str());
    // a key for everything has none: as those have that were made before there were scopes
    let scopes = (key.scopes != Scopes::ALL).then(|| key.scopes.text());
    let values = values![merchant, id, &key.hash, &key.hint, &key.sealed, key.created_at, scopes.as_deref()];
    tx.execute_one(INSERT_KEY, values)
}

fn key(row: &Row<'_>) -> Result<KeyRow, StoreError> {
    let id = row.parsed("api_keys", "id", "?", |text| KeyId::parse(text).ok())?;
    Ok(KeyRow {
        merchant_id: row.parsed("api_keys", "merchant_id", id.as_str(), |text| MerchantId::parse(text).ok())?,
        hash: row.text("hash")?,
        hint: row.text("hint")?,
        sealed: row.text("sealed")?,
        created_at: row.time("created_at")?,
        expires_at: row.opt_int("expires_at")?.map(Time),
        scopes: match row.opt_text("scopes")? {
            None => Scopes::ALL,
            Some(_) => row.parsed("api_keys", "scopes", id.as_str(), Scopes::parse)?,
        },
        id,
    })
}

pub fn key_by_hash(tx: &Tx<'_>, hash: &str) -> Result<Option<KeyRow>, StoreError> {
    tx.row(KEY_BY_HASH, values![hash], key)
}

/// Oldest first.
pub fn keys(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<KeyRow>, StoreError> {
    tx.rows(KEYS, values![merchant.as_str()], key)
}

/// Lets every key for everything but `keep` run out at `end`.
pub fn expire_other_keys(tx: &Tx<'_>, merchant: &MerchantId, keep: &KeyId, end: Time) -> Result<(), StoreError> {
    note(tx)?;
    tx.execute(EXPIRE_KEYS, values![merchant.as_str(), keep.as_str(), end]).map(|_| ())
}

pub fn revoke_key(tx: &Tx<'_>, merchant: &MerchantId, id: &KeyId, now: Time) -> Result<bool, StoreError> {
    note(tx)?;
    Ok(tx.execute(REVOKE_KEY, values![merchant.as_str(), id.as_str(), now])? == 1)
}

pub fn add_ip(tx: &Tx<'_>, merchant: &MerchantId, entry: &ipnet::IpNet) -> Result<(), StoreError> {
    note(tx)?;
    tx.execute(ADD_IP, values![merchant.as_str(), &entry.to_string()]).map(|_| ())
}

/// Whether the entry was there.
pub fn remove_ip(tx: &Tx<'_>, merchant: &MerchantId, entry: &ipnet::IpNet) -> Result<bool, StoreError> {
    note(tx)?;
    Ok(tx.execute(REMOVE_IP, values![merchant.as_str(), &entry.to_string()])? == 1)
}

pub fn ips(tx: &Tx<'_>, merchant: &MerchantId) -> Result<IpList, StoreError> {
    tx.rows(IPS, values![merchant.as_str()], |row| row.parsed("ip_entries", "entry", merchant.as_str(), parse_ip_entry))
        .map(IpList)
}
