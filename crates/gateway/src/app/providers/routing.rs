//! Which accounts a merchant's payers are sent to, and in which order they are tried.

use domain::charge::Method;
use domain::{AccountId, MerchantId, Time, fund_books};

use super::Provider;
use crate::app::acts::Actor;
use crate::store::audit_log::{self, ActRow};
use crate::store::{StoreError, Tx, provider_accounts};

/// For every currency that has no order of its own.
pub const ANY: &str = "*";

/// Accounts in the order to try them. None: there is no such order any more, and [`ANY`]'s counts for the currency, if there is one;
/// payments to cards then go out from the operator's oldest account for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routes {
    pub method: Method,
    /// ISO 4217, or [`ANY`].
    pub currency: String,
    pub accounts: Vec<AccountId>,
}

#[derive(Debug, thiserror::Error)]
pub enum RouteRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} is no currency of ISO 4217; write it in capitals, or '*'")]
    Currency(String),
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    #[error("account {0} is for {name}", name = .1.name())]
    OtherMethod(AccountId, Method),
    #[error("account {0} belongs to another merchant")]
    Foreign(AccountId),
    #[error("account {0} takes no {1}")]
    NotTaken(AccountId, String),
    #[error("account {0} is named twice")]
    Twice(AccountId),
}

/// Puts an order in the place of a merchant's for one method and currency, and writes down what it was.
pub fn set(tx: &Tx<'_>, now: Time, merchant: &MerchantId, routes: &Routes, actor: &Actor) -> Result<(), RouteRefused> {
    let Routes { method, currency, accounts } = routes;
    if currency != ANY && domain::fiat::minor_digits(currency).is_none() {
        return Err(RouteRefused::Currency(currency.clone()));
    }
    for (nth, id) in accounts.iter().enumerate() {
        let row = provider_accounts::by_id(tx, id)?.ok_or_else(|| RouteRefused::NoAccount(id.clone()))?;
        if row.method != *method {
            return Err(RouteRefused::OtherMethod(id.clone(), row.method));
        }
        if row.merchant_id.as_ref().is_some_and(|owner| owner != merchant) {
            return Err(RouteRefused::Foreign(id.clone()));
        }
        let takes = Provider::by_name(&row.provider).is_some_and(|provider| provider.takes(currency));
        // what goes out to cards is kept in one currency
        let takes = if *method == Method::Payout { currency == fund_books::CURRENCY } else { takes };
        if currency != ANY && !takes {
            return Err(RouteRefused::NotTaken(id.clone(), currency.clone()));
        }
        if accounts.iter().take(nth).any(|before| before == id) {
            return Err(RouteRefused::Twice(id.clone()));
        }
    }
    let before = provider_accounts::routes(tx, merchant)?;
    let before = before.into_iter().filter(|row| row.method == *method && row.currency == *currency);
    let before: Vec<AccountId> = before.map(|row| row.account_id).collect();
    if before == *accounts {
        return Ok(());
    }
    provider_accounts::set_routes(tx, merchant, *method, currency, accounts)?;
    let detail = format!("{} in {currency}: {}, before: {}", method.name(), named(accounts), named(&before));
    let (about, act) = (format!("merchants {merchant}"), "merchant.routes".to_owned());
    Ok(audit_log::append(tx, &ActRow { at: now, actor: actor.0.clone(), act, about, detail })?)
}

fn named(accounts: &[AccountId]) -> String {
    match accounts {
        [] => "none".into(),
        some => some.iter().map(AccountId::as_str).collect::<Vec<_>>().join(" then "),
    }
}
