//! Accounts at payment providers: set up, opened for use, and asked through the one frame.

pub mod desk;
pub mod heard;
pub mod routing;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use domain::charge::Method;
use domain::ledger::Owner;
use domain::{AccountId, MerchantId, Time};
use rails::provider::{Account, Connector, Field, HttpRequest, HttpResponse, Token, list};
use rails::upi::vpa::Vpa;
use zeroize::Zeroizing;

use super::App;
use super::merchants::Office;
use crate::net::provider::{self, NoAnswer};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::{StoreError, Tx};

/// What is needed to ask providers.
#[derive(Debug)]
pub struct Providers {
    pub http: reqwest::Client,
    /// By account, with the sealed fields that each was got with: others bring another.
    tokens: Mutex<HashMap<String, (String, Token)>>,
    /// What is being sent at this moment, by our ids: however long it takes, nobody may conclude that it was not.
    sending: Mutex<HashSet<String>>,
    /// What this process heard of each account since it began.
    pub heard: heard::Book,
    /// When payers began to make us ask, and how often since, by charge.
    asked: Mutex<HashMap<String, (Time, u32)>>,
}

/// A payer who loads his page again and again makes us ask so often in so long, and no more.
const PAYER_ASKS: (u32, i64) = (8, 20_000);
const MOST_ASKED: usize = 10_000;

/// Marks something as being sent until it is dropped.
#[derive(Debug)]
pub struct Sending<'p> {
    providers: &'p Providers,
    id: String,
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.providers.sending.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// A token is fetched anew so long before it runs out.
const TOKEN_MARGIN_MILLIS: i64 = 60_000;

impl Providers {
    pub fn new(http: reqwest::Client) -> Self {
        Self {
            http,
            tokens: Mutex::default(),
            sending: Mutex::default(),
            heard: heard::Book::default(),
            asked: Mutex::default(),
        }
    }

    pub fn sending(&self, id: &str) -> Sending<'_> {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        Sending { providers: self, id: id.to_owned() }
    }

    pub fn is_sending(&self, id: &str) -> bool {
        self.sending.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    /// Whether a payer may make us ask about a charge now.
    pub fn may_ask(&self, charge: &str, now: Time) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= MOST_ASKED {
            asked.clear();
        }
        let (began, times) = asked.entry(charge.to_owned()).or_insert((now, 0));
        if !(0..PAYER_ASKS.1).contains(&now.since(*began)) {
            (*began, *times) = (now, 0);
        }
        *times += 1;
        *times <= PAYER_ASKS.0
    }
}

/// An account with its connector, ready to be asked.
#[derive(Debug)]
pub struct Opened {
    pub connector: &'static Connector,
    pub account: Account,
    pub row: AccountRow,
}

/// What stands behind an account.
#[derive(Debug, Clone, Copy)]
pub enum Provider {
    /// Somebody who can be asked.
    Connected(&'static Connector),
    /// The merchant's own VPA: nobody can be asked but the merchant.
    OwnVpa,
}

/// The provider name of accounts that are a merchant's own VPA.
pub const OWN_VPA: &str = "own_vpa";

/// What such an account needs.
const OWN_VPA_FIELDS: &[Field] = &[
    Field { name: "vpa", help: "the VPA that payers pay to, such as shop@bank", secret: false, required: true },
    Field {
        name: "bank_account",
        help: "the account number behind it, or its last digits: statements of other accounts are refused",
        secret: false,
        required: false,
    },
    Field { name: "payee_name", help: "the name that payers see in their app", secret: false, required: true },
];

impl Provider {
    pub fn by_name(name: &str) -> Option<Provider> {
        match name {
            OWN_VPA => Some(Provider::OwnVpa),
            name => list::by_name(name).map(Provider::Connected),
        }
    }

    /// All names, for people.
    pub fn names() -> Vec<&'static str> {
        list::ALL.iter().map(|connector| connector.name).chain([OWN_VPA]).collect()
    }

    pub fn name(self) -> &'static str {
        match self {
            Provider::Connected(connector) => connector.name,
            Provider::OwnVpa => OWN_VPA,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Provider::Connected(connector) => connector.title,
            Provider::OwnVpa => "UPI",
        }
    }

    pub fn method(self) -> Method {
        match self {
            Provider::Connected(connector) => connector.method,
            Provider::OwnVpa => Method::Upi,
        }
    }

    pub fn fields(self) -> &'static [Field] {
        match self {
            Provider::Connected(connector) => connector.fields,
            Provider::OwnVpa => OWN_VPA_FIELDS,
        }
    }

    /// What an account for `method` needs; `None` if it is not for that.
    pub fn fields_for(self, method: Method) -> Option<&'static [Field]> {
        match self {
            Provider::Connected(connector) if method == Method::Payout => {
                connector.payout.as_ref().map(|flows| flows.fields)
            }
            _ => (self.method() == method).then(|| self.fields()),
        }
    }

    fn base_url(self) -> &'static str {
        match self {
            Provider::Connected(connector) => connector.base_url,
            Provider::OwnVpa => "",
        }
    }

    fn takes(self, currency: &str) -> bool {
        match self {
            Provider::Connected(connector) => connector.currencies.is_none_or(|known| known.contains(&currency)),
            Provider::OwnVpa => currency == "INR",
        }
    }
}

/// The provider of a stored account.
pub fn provider_of(row: &AccountRow) -> Result<Provider, StoreError> {
    Provider::by_name(&row.provider)
        .ok_or_else(|| StoreError::Unusable(format!("account {}: there is no provider {}", row.id, row.provider)))
}

impl App {
    /// Unseals an account at a provider that can be asked.
    pub fn open_account(&self, row: AccountRow) -> Result<Opened, StoreError> {
        let Provider::Connected(connector) = provider_of(&row)? else {
            return Err(StoreError::Unusable(format!(
                "account {} is the merchant's own VPA: nobody can be asked",
                row.id
            )));
        };
        let unusable = |error: String| StoreError::Unusable(format!("provider account {}: {error}", row.id));
        let sealed = self.master_key.open(row.id.as_str(), &row.sealed).map_err(|error| unusable(error.to_string()))?;
        let mut texts: BTreeMap<String, String> =
            serde_json::from_slice(&sealed).map_err(|_| unusable("its secrets cannot be read".into()))?;
        texts.extend(settings(&row)?);
        let fields = texts.into_iter().map(|(name, text)| (name, Zeroizing::new(text))).collect();
        let account = Account { id: row.id.to_string(), base_url: row.base_url.clone(), fields, token: None };
        Ok(Opened { connector, account, row })
    }
}

/// What is not secret of an account.
pub fn settings(row: &AccountRow) -> Result<BTreeMap<String, String>, StoreError> {
    serde_json::from_str(&row.settings)
        .map_err(|_| StoreError::Unusable(format!("provider account {}: its settings cannot be read", row.id)))
}

impl Opened {
    /// Asks the provider; `build` gets the account, with a token if the provider works with one.
    ///
    /// # Errors
    /// As [`provider::exchange`]. Without a token nothing is sent.
    pub async fn ask(
        &mut self,
        app: &App,
        about: &str,
        build: impl FnOnce(&Account) -> HttpRequest,
    ) -> Result<HttpResponse, NoAnswer> {
        self.log_in(app).await?;
        let request = build(&self.account);
        let answer = provider::exchange(&app.providers.http, self.connector.name, about, request).await;
        app.providers.heard.note(&self.account.id, &answer, app.now());
        let answer = answer?;
        if answer.status == 401 && self.connector.login.is_some() {
            tokens(app).remove(&self.account.id);
        }
        Ok(answer)
    }

    async fn log_in(&mut self, app: &App) -> Result<(), NoAnswer> {
        let Some(login) = &self.connector.login else { return Ok(()) };
        let good = |(sealed, token): &&(String, Token)| {
            *sealed == self.row.sealed && app.now() < token.expires_at.plus(-TOKEN_MARGIN_MILLIS)
        };
        let kept = tokens(app).get(&self.account.id).filter(good).map(|(_, token)| token.clone());
        if kept.is_some() {
            self.account.token = kept;
            return Ok(());
        }
        let request = (login.request)(&self.account);
        let answer = provider::exchange(&app.providers.http, self.connector.name, "login", request).await;
        // a login that works says nothing of what is asked with it, and ends no row of failures
        if !answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            app.providers.heard.note(&self.account.id, &answer, app.now());
        }
        // whatever happens to a login, nothing was begun for the payer
        let not_sent = |why: &str| NoAnswer::NotSent(format!("no token from the provider: {why}"));
        let answer = answer.map_err(|error| not_sent(&error.to_string()))?;
        let token = (login.response)(&answer, app.now()).ok_or_else(|| not_sent("it refuses the account"))?;
        tokens(app).insert(self.account.id.clone(), (self.row.sealed.clone(), token.clone()));
        self.account.token = Some(token);
        Ok(())
    }
}

fn tokens(app: &App) -> std::sync::MutexGuard<'_, HashMap<String, (String, Token)>> {
    app.providers.tokens.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A new account, as it is entered.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// `None` for the operator's own.
    pub merchant_id: Option<MerchantId>,
    pub provider: Provider,
    /// The provider's own, or `Payout`.
    pub method: Method,
    /// Where its API is, if not where the provider says.
    pub base_url: Option<String>,
    pub fields: BTreeMap<String, Zeroizing<String>>,
}

/// Why an account cannot be set up, in words for the person who enters it.
#[derive(Debug, thiserror::Error)]
pub enum SetUpFailed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} is required: {1}")]
    Missing(&'static str, &'static str),
    #[error("there is no field {0} at this provider; it has: {1}")]
    Unknown(String, String),
    #[error("nothing was entered")]
    Nothing,
    #[error("{0}")]
    Unfit(String),
}

impl Office {
    /// Keeps an account; its secrets are sealed to it and never shown again.
    pub fn add_account(&self, tx: &Tx<'_>, new: NewAccount) -> Result<AccountId, SetUpFailed> {
        if new.method == Method::Payout && new.merchant_id.is_some() {
            return Err(SetUpFailed::Unfit("pay-outs go out from the operator's own accounts".into()));
        }
        let known = new.provider.fields_for(new.method);
        let known = known.ok_or_else(|| SetUpFailed::Unfit(format!("{} does not do that", new.provider.title())))?;
        check_fields(known, &new.fields)?;
        check_vpa(new.provider, &new.fields)?;
        if matches!(new.provider, Provider::OwnVpa) && new.merchant_id.is_none() {
            // one VPA for several merchants would be holding other people's money
            return Err(SetUpFailed::Unfit("an own VPA belongs to one merchant: name the merchant".into()));
        }
        let id = AccountId::new(self.random.ulid(self.clock.now()));
        let (settings, sealed) = self.split(&id, known, &new.fields)?;
        let row = AccountRow {
            owner: if new.merchant_id.is_some() { Owner::Merchant } else { Owner::Operator },
            merchant_id: new.merchant_id,
            provider: new.provider.name().into(),
            method: new.method,
            base_url: new.base_url.unwrap_or_else(|| new.provider.base_url().into()),
            settings,
            sealed,
            active: true,
            created_at: Time(self.clock.now()),
            id: id.clone(),
        };
        provider_accounts::insert(tx, &row)?;
        Ok(id)
    }

    /// What is not secret of these fields, and what is, sealed to the account.
    fn split(
        &self,
        id: &AccountId,
        known: &[Field],
        fields: &BTreeMap<String, Zeroizing<String>>,
    ) -> Result<(String, String), SetUpFailed> {
        let pick = |secret: bool| {
            let named = |name: &str| known.iter().any(|field| field.name == name && field.secret == secret);
            let picked: BTreeMap<&str, &str> =
                fields.iter().filter(|(name, _)| named(name)).map(|(name, text)| (&**name, text.as_str())).collect();
            serde_json::to_string(&picked).map(Zeroizing::new).map_err(|error| SetUpFailed::Unfit(error.to_string()))
        };
        let (settings, secrets) = (pick(false)?, pick(true)?);
        let sealed = self.master_key.seal(&self.random, id.as_str(), secrets.as_bytes());
        Ok((settings.to_string(), sealed.map_err(|error| SetUpFailed::Unfit(error.to_string()))?))
    }
}

fn check_vpa(provider: Provider, fields: &BTreeMap<String, Zeroizing<String>>) -> Result<(), SetUpFailed> {
    let vpa = fields.get("vpa").filter(|_| matches!(provider, Provider::OwnVpa));
    match vpa.is_some_and(|vpa| Vpa::parse(vpa).is_err()) {
        true => Err(SetUpFailed::Unfit("vpa: a VPA looks like shop@bank".into())),
        false => Ok(()),
    }
}

fn check_fields(known: &[Field], given: &BTreeMap<String, Zeroizing<String>>) -> Result<(), SetUpFailed> {
    if let Some(unknown) = given.keys().find(|name| known.iter().all(|field| field.name != name.as_str())) {
        let names: Vec<&str> = known.iter().map(|field| field.name).collect();
        return Err(SetUpFailed::Unknown(unknown.clone(), names.join(", ")));
    }
    let is_missing = |field: &&Field| field.required && given.get(field.name).is_none_or(|text| text.trim().is_empty());
    match known.iter().find(is_missing) {
        Some(field) => Err(SetUpFailed::Missing(field.name, field.help)),
        None => Ok(()),
    }
}

/// The active accounts that can charge `currency` by `method`, in the order to try them.
pub fn usable(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    method: Method,
    currency: &str,
) -> Result<Vec<AccountRow>, StoreError> {
    let routed = provider_accounts::routed(tx, merchant, method, currency)?;
    let takes = |row: &AccountRow| Provider::by_name(&row.provider).is_some_and(|provider| provider.takes(currency));
    Ok(routed.into_iter().filter(takes).collect())
}
