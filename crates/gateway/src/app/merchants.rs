//! Merchants: made, keyed, and set up.

use domain::merchant::{Merchant, Wallet, WaysOff};
use domain::scope::Scopes;
use domain::time::HOUR;
use domain::{KeyId, MerchantId, Time, Units};

use super::App;
use crate::clock::Clock;
use crate::random::Random;
use crate::secrets::{ApiKey, MasterKey};
use crate::store::merchants::{self, KeyRow};
use crate::store::{StoreError, Tx, settings};
use crate::wire::signature::{WebhookSecret, standard_headers};

/// How long the old key still works after a rotation (contract, prerequisites: 24 h).
pub const KEY_OVERLAP_MILLIS: i64 = 24 * HOUR;

/// What is needed to make merchants and keys; the command line has it without a running gateway.
#[derive(Debug, Clone)]
pub struct Office {
    pub clock: Clock,
    pub random: Random,
    pub master_key: MasterKey,
}

/// What a new merchant is made of.
#[derive(Debug, Clone)]
pub struct NewMerchant {
    pub name: String,
    pub email: String,
    pub wallet: Wallet,
    pub fee: domain::fee::BasisPoints,
    pub min_amount: Units,
    pub max_amount: Units,
    pub s2s: bool,
    pub callback_url: Option<String>,
}

impl Office {
    pub fn of(app: &App) -> Self {
        Self { clock: app.clock.clone(), random: app.random.clone(), master_key: app.master_key.clone() }
    }

    fn now(&self) -> Time {
        Time(self.clock.now())
    }

    /// Makes a merchant with its first API key, which is shown this once.
    pub fn create(&self, tx: &Tx<'_>, new: NewMerchant) -> Result<(Merchant, ApiKey), StoreError> {
        let key = ApiKey::generate(&mut self.random.clone());
        let (merchant, _) = self.create_with_key(tx, new, key.clone())?;
        Ok((merchant, key))
    }

    pub fn create_with_key(&self, tx: &Tx<'_>, new: NewMerchant, key: ApiKey) -> Result<(Merchant, KeyId), StoreError> {
        let merchant = self.found(tx, new)?;
        let id = self.keep_key(tx, &merchant.id, &key, Scopes::ALL)?;
        Ok((merchant, id))
    }

    /// Makes a merchant without a key.
    pub fn found(&self, tx: &Tx<'_>, new: NewMerchant) -> Result<Merchant, StoreError> {
        self.found_as(tx, MerchantId::new(self.random.ulid(self.clock.now())), new)
    }

    /// As [`Office::found`], with the id that it has elsewhere.
    pub fn found_as(&self, tx: &Tx<'_>, id: MerchantId, new: NewMerchant) -> Result<Merchant, StoreError> {
        let merchant = Merchant {
            id,
            number: settings::next_number(tx, "merchant")?,
            name: new.name,
            email: new.email,
            wallet: new.wallet,
            fee: new.fee,
            min_amount: new.min_amount,
            max_amount: new.max_amount,
            s2s: new.s2s,
            callback_url: new.callback_url,
            callback_on_expiry: true,
            ways_off: WaysOff::default(),
            stopped: None,
        };
        let secret = WebhookSecret::from_bytes(&self.random.token_bytes::<24>()).to_text();
        let sealed = self.seal(merchant.id.as_str(), secret.as_bytes())?;
        merchants::insert(tx, &merchant, &sealed, self.now())?;
        Ok(merchant)
    }

    /// Makes a further key. The key itself is answered once and kept only hashed, and sealed for signing callbacks.
    pub fn add_key(&self, tx: &Tx<'_>, merchant: &MerchantId) -> Result<(ApiKey, KeyId), StoreError> {
        self.add_scoped_key(tx, merchant, Scopes::ALL)
    }

    /// As [`Office::add_key`], for some uses only.
    pub fn add_scoped_key(
        &self,
        tx: &Tx<'_>,
        merchant: &MerchantId,
        scopes: Scopes,
    ) -> Result<(ApiKey, KeyId), StoreError> {
        let key = ApiKey::generate(&mut self.random.clone());
        let id = self.keep_key(tx, merchant, &key, scopes)?;
        Ok((key, id))
    }

    fn keep_key(&self, tx: &Tx<'_>, merchant: &MerchantId, key: &ApiKey, scopes: Scopes) -> Result<KeyId, StoreError> {
        let id = KeyId::new(self.random.ulid(self.clock.now()));
        let row = KeyRow {
            merchant_id: merchant.clone(),
            hash: key.hash().to_hex(),
            hint: key.hint(),
            sealed: self.seal(id.as_str(), key.expose().as_bytes())?,
            created_at: self.now(),
            expires_at: None,
            scopes,
            id: id.clone(),
        };
        merchants::insert_key(tx, &row)?;
        Ok(id)
    }

    /// Makes a new key for everything; the others for everything run out after [`KEY_OVERLAP_MILLIS`].
    pub fn rotate_key(&self, tx: &Tx<'_>, merchant: &MerchantId) -> Result<ApiKey, StoreError> {
        let (key, id) = self.add_key(tx, merchant)?;
        merchants::expire_other_keys(tx, merchant, &id, self.now().plus(KEY_OVERLAP_MILLIS))?;
        Ok(key)
    }

    /// The merchant's Standard Webhooks secret, for showing it to the merchant.
    pub fn webhook_secret(&self, tx: &Tx<'_>, merchant: &MerchantId) -> Result<WebhookSecret, StoreError> {
        let secrets = merchants::webhook_secrets(tx, merchant)?;
        open_webhook_secret(&self.master_key, merchant, &secrets.newest)
    }

    /// Makes a new one; callbacks are signed with that before too, for [`KEY_OVERLAP_MILLIS`].
    pub fn rotate_webhook_secret(&self, tx: &Tx<'_>, merchant: &MerchantId) -> Result<WebhookSecret, StoreError> {
        let secret = WebhookSecret::from_bytes(&self.random.token_bytes::<24>());
        let sealed = self.seal(merchant.as_str(), secret.to_text().as_bytes())?;
        merchants::rotate_webhook_secret(tx, merchant, &sealed, self.now().plus(KEY_OVERLAP_MILLIS))?;
        Ok(secret)
    }

    fn seal(&self, row_id: &str, secret: &[u8]) -> Result<String, StoreError> {
        self.master_key.seal(&self.random, row_id, secret).map_err(|error| StoreError::Unusable(error.to_string()))
    }
}

/// The Standard Webhooks headers of a callback: one signature for each secret that is valid, as the standard has it.
pub fn webhook_headers(
    master_key: &MasterKey,
    merchant: &MerchantId,
    secrets: &merchants::WebhookSecrets,
    (id, now): (&str, Time),
    body: &[u8],
) -> Result<[(&'static str, String); 3], StoreError> {
    let opened = secrets.valid(now).map(|sealed| open_webhook_secret(master_key, merchant, sealed));
    let opened = opened.collect::<Result<Vec<_>, _>>()?;
    Ok(standard_headers(&opened, id, now.seconds(), body))
}

/// Opens a sealed Standard Webhooks secret.
pub fn open_webhook_secret(
    master_key: &MasterKey,
    merchant: &MerchantId,
    sealed: &str,
) -> Result<WebhookSecret, StoreError> {
    let opened = master_key
        .open(merchant.as_str(), sealed)
        .map_err(|error| StoreError::Unusable(format!("the webhook secret of merchant {merchant}: {error}")))?;
    std::str::from_utf8(&opened)
        .ok()
        .and_then(WebhookSecret::from_text)
        .ok_or_else(|| StoreError::Unusable(format!("the webhook secret of merchant {merchant} is not one")))
}
