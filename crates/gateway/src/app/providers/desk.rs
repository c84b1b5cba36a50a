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

#[cfg(test)]
mod tests {
    use domain::charge::State;
    use domain::merchant::Wallet;
    use domain::time::{DAY, MINUTE};
    use rails::provider::{Answer, Memory, Outcome};

    use super::*;
    use crate::app::SharedApp;
    use crate::app::charges::record::{self, Asked};
    use crate::app::invoices::create;
    use crate::app::testing::{app, begun, new_invoice};
    use crate::store::charges::{self, ChargeRow};
    use crate::wire::create::Devise;

    async fn replaced(app: &SharedApp, charge: &ChargeRow, field: &str) {
        let (worker, id, field) = (app.clone(), charge.charge.account_id.clone(), field.to_owned());
        let entered = [(field, Zeroizing::new("another".to_owned()))].into_iter().collect();
        let replace = move |tx: &Tx<'_>| {
            let replaced = replace(&worker, tx, &id, entered, &Actor("person:op".into()));
            replaced.map_err(|error| StoreError::Unusable(error.to_string()))
        };
        app.store.write(replace).await.unwrap();
    }

    /// So much later the provider says that it knows nothing of a charge.
    async fn not_known(app: &SharedApp, charge: &ChargeRow, millis: i64) -> State {
        app.clock.advance(millis.try_into().unwrap());
        let (worker, merchant, id) = (app.clone(), charge.merchant_id.clone(), charge.charge.id.clone());
        let hear = move |tx: &Tx<'_>| {
            let mut row = charges::existing(tx, &merchant, &id)?;
            let outcome = Outcome::NotSent("no such payment".into());
            let answer = Answer { reference: None, memory: Memory::new(), outcome };
            record::answer(&worker, tx, &mut row, answer, Asked::Sync, worker.now())?;
            Ok::<_, StoreError>(row.charge.state)
        };
        app.store.write(hear).await.unwrap()
    }

    /// Other credentials may open another account, where the payment cannot be known. What webhooks are checked with opens nothing.
    #[tokio::test]
    async fn not_known_under_new_credentials_proves_nothing_for_three_days() {
        let (app, merchant) = app("desk-replaced", Wallet::Missing).await;
        for (field, soon) in [("webhook_secret", State::NotSent), ("api_key", State::Created)] {
            create(&app, merchant.clone().into(), new_invoice("a@example.com", 1_000, Devise::Usd)).await.unwrap();
            let charge = begun(&app, &merchant, 1_000, None).await;
            replaced(&app, &charge, field).await;
            assert_eq!(not_known(&app, &charge, 11 * MINUTE).await, soon, "{field}");
            assert_eq!(not_known(&app, &charge, 3 * DAY).await, State::NotSent, "{field}");
        }
    }
}
