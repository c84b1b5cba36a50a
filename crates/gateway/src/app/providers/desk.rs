//! What an operator does about accounts at providers in the browser. Acts say which fields were set, and never what to.

use std::collections::BTreeMap;

use domain::{AccountId, Time};
use rails::provider::list;
use zeroize::Zeroizing;

use super::{NewAccount, SetUpFailed, check_fields, check_vpa, provider_of, settings};
use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::app::merchants::Office;
use crate::store::audit_log::{self, ActRow};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::{StoreError, Tx};

/// The acts that say since when an account's credentials are what they are, and who set them.
pub const SETS: [&str; 2] = ["provider.add", REPLACED];
const REPLACED: &str = "provider.credentials";

/// What was sent before its time was written down may have been opened with credentials of so long ago, by a clock that is apart from others'.
const UNDER_WAY_MILLIS: i64 = 150_000;
/// Fields of these are for what the provider sends us, and say nothing of what is asked.
const FOR_WEBHOOKS: &str = "webhook_";

/// Whether an account's credentials were replaced since then. Under others the provider may know nothing of what was asked before.
pub fn changed_since(tx: &Tx<'_>, account: &AccountId, at: Time) -> Result<bool, StoreError> {
    let is_asked_with = |act: &ActRow| act.detail.split(", ").any(|name| !name.starts_with(FOR_WEBHOOKS));
    let replaced = |act: &ActRow| act.act == REPLACED && act.at.plus(UNDER_WAY_MILLIS) >= at && is_asked_with(act);
    Ok(audit_log::about(tx, &about(account))?.iter().any(replaced))
}

/// How acts name an account.
pub fn about(account: &AccountId) -> String {
    format!("provider_accounts {account}")
}

/// Whether an account there can be set up on this gateway: a live one takes no play money.
pub fn is_offered(app: &App, provider: &str) -> bool {
    app.sandbox || list::SIMULATED.iter().all(|simulated| simulated.name != provider)
}

/// Keeps an account.
pub fn add(app: &App, tx: &Tx<'_>, new: NewAccount, actor: &Actor) -> Result<AccountId, SetUpFailed> {
    if !is_offered(app, new.provider.name()) {
        return Err(SetUpFailed::Unfit(format!("{} is the sandbox's", new.provider.title())));
    }
    let names: Vec<&str> = new.fields.keys().map(String::as_str).collect();
    let whose = new.merchant_id.as_ref().map_or("the operator".into(), ToString::to_string);
    let detail = format!("{} for {} of {whose}: {}", new.provider.name(), new.method.name(), names.join(", "));
    let id = Office::of(app).add_account(tx, new)?;
    record(app, tx, actor, "provider.add", about(&id), detail)?;
    Ok(id)
}

/// Puts what was entered in the place of an account's fields; what was left empty stays. Whoever commits this forgets what was heard of the account before.
pub fn replace(
    app: &App,
    tx: &Tx<'_>,
    id: &AccountId,
    entered: BTreeMap<String, Zeroizing<String>>,
    actor: &Actor,
) -> Result<(), SetUpFailed> {
    let row = provider_accounts::existing(tx, id)?;
    let names = Office::of(app).replace_fields(tx, &row, entered)?;
    Ok(record(app, tx, actor, REPLACED, about(id), names.join(", "))?)
}

/// Sends payers to an account, or no more: what was begun there is asked about all the same.
pub fn switch(app: &App, tx: &Tx<'_>, id: &AccountId, active: bool, actor: &Actor) -> Result<(), StoreError> {
    provider_accounts::set_active(tx, id, active)?;
    let act = if active { "provider.on" } else { "provider.off" };
    record(app, tx, actor, act, about(id), String::new())
}

impl Office {
    /// Puts what was entered in the place of an account's fields; what was left empty stays. Answers the names of those that were entered.
    fn replace_fields(
        &self,
        tx: &Tx<'_>,
        row: &AccountRow,
        entered: BTreeMap<String, Zeroizing<String>>,
    ) -> Result<Vec<String>, SetUpFailed> {
        let provider = provider_of(row)?;
        let known = provider.fields_for(row.method);
        let known = known.ok_or_else(|| SetUpFailed::Unfit(format!("{} does not do that", provider.title())))?;
        let unreadable = |error: String| StoreError::Unusable(format!("provider account {}: {error}", row.id));
        let opened = self.master_key.open(row.id.as_str(), &row.sealed);
        let opened = opened.map_err(|error| unreadable(error.to_string()))?;
        let mut kept: BTreeMap<String, String> =
            serde_json::from_slice(&opened).map_err(|_| unreadable("its secrets cannot be read".into()))?;
        kept.extend(settings(row)?);
        let mut fields: BTreeMap<String, Zeroizing<String>> =
            kept.into_iter().map(|(name, text)| (name, Zeroizing::new(text))).collect();
        let entered: Vec<_> = entered.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        let names: Vec<String> = entered.iter().map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return Err(SetUpFailed::Nothing);
        }
        fields.extend(entered);
        check_fields(known, &fields)?;
        check_vpa(provider, &fields)?;
        let (settings, sealed) = self.split(&row.id, known, &fields)?;
        provider_accounts::set_fields(tx, &row.id, &settings, &sealed)?;
        Ok(names)
    }
}
