//! What is still to be done before a merchant sells, from what is there. It goes away when all is done.

use domain::merchant::Wallet;

use crate::app::accounts::sessions::Desk;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::store::{StoreError, Tx, invoices, merchants};

/// One step, and the page on which it is done.
#[derive(Debug, Clone)]
pub struct Step {
    pub is_done: bool,
    /// Nothing can be done about it here but wait.
    pub waits: bool,
    pub what: Text,
    pub help: Text,
    pub path: &'static str,
}

/// `None` when all is done.
pub async fn of(ask: &Ask, desk: &Desk) -> Result<Option<Vec<Step>>, StoreError> {
    let (id, now) = (&desk.merchant.id, ask.app().now());
    let read = |tx: &Tx<'_>| {
        let has_key = merchants::keys(tx, id)?.iter().any(|key| key.is_valid(now));
        let has_addresses = !merchants::ips(tx, id)?.is_empty();
        Ok::<_, StoreError>((
            merchants::profile(tx, id)?,
            has_key,
            has_addresses,
            invoices::latest_number(tx, id)?.is_some(),
        ))
    };
    let (profile, has_key, has_addresses, has_invoice) = ask.app().store.read(read).await?;
    let (wallet, w) = (&desk.merchant.wallet, ask.w());
    let waits = matches!(wallet, Wallet::Pending(_));
    let wallet_help = if waits { "step-wallet-waits" } else { "step-wallet-help" };
    let steps = [
        ("step-email", "step-email-help", desk.person.user.confirmed_at.is_some(), "/client/"),
        (
            "step-profile",
            "step-profile-help",
            profile.website.is_some() && profile.country.is_some(),
            super::profile::PATH,
        ),
        ("step-wallet", wallet_help, matches!(wallet, Wallet::Active(_)), super::profile::PATH),
        ("step-key", "step-key-help", has_key, super::api::PATH),
        ("step-addresses", "step-addresses-help", has_addresses, super::api::PATH),
        ("step-callback", "step-callback-help", desk.merchant.callback_url.is_some(), super::callbacks::PATH),
        ("step-invoice", "step-invoice-help", has_invoice, super::api::PATH),
    ];
    if steps.iter().all(|(_, _, is_done, _)| *is_done) {
        return Ok(None);
    }
    let step = |(what, help, is_done, path)| Step {
        is_done,
        waits: waits && what == "step-wallet",
        what: w.text(what),
        help: w.text(help),
        path,
    };
    Ok(Some(steps.map(step).into()))
}
