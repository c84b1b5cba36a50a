//! What providers post to us. A checked callback says which charges to ask about, and nothing else is taken from it.

use domain::AccountId;
use rails::provider::{Forged, Received};

use super::refunds;
use crate::app::SharedApp;
use crate::app::providers::{Provider, provider_of};
use crate::store::provider_events::{self, EventRow};
use crate::store::{StoreError, charges, provider_accounts, transfers};

#[derive(Debug, thiserror::Error)]
pub enum HintRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no such account")]
    NoAccount,
    #[error(transparent)]
    Forged(#[from] Forged),
}

/// The longest text of a callback that is kept.
const KEPT_CHARS: usize = 200;

/// Takes a callback in: its charges are asked about at once. A repeat asks again, which does no harm; one about nothing we know is
/// kept for people to look at.
pub async fn take(app: &SharedApp, account: &str, received: Received) -> Result<(), HintRefused> {
    let id = AccountId::parse(account).map_err(|_| HintRefused::NoAccount)?;
    let row = app.store.read(|tx| provider_accounts::by_id(tx, &id)).await?.ok_or(HintRefused::NoAccount)?;
    let Provider::Connected(connector) = provider_of(&row)? else { return Err(HintRefused::NoAccount) };
    let webhook = connector.webhook.as_ref().ok_or(HintRefused::NoAccount)?;
    let opened = app.open_account(row)?;
    let hint = (webhook.read)(&opened.account, &received, app.now());
    let hint = hint.inspect_err(|why| {
        if *why == Forged::Signature {
            app.providers.heard.note_forged(id.as_str(), app.now());
        }
    })?;
    let (worker, merchant) = (app.clone(), opened.row.merchant_id.clone());
    app.store
        .write(move |tx| {
            let (now, mut found) = (worker.now(), 0);
            for name in &hint.about {
                for mut charge in charges::about(tx, &id, name)? {
                    charge.due_at = Some(now);
                    charges::update(tx, &mut charge)?;
                    refunds::hurry(tx, &charge, now)?;
                    found += 1;
                }
                // payments out, and refunds by their own names
                found += transfers::hurry_about(tx, &id, name, now)?;
            }
            let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(KEPT_CHARS).collect::<String>();
            let event = EventRow {
                merchant_id: merchant,
                account_id: id,
                event_id: short(&hint.event_id),
                what: short(&hint.what),
                about: short(&hint.about.join(" ")),
                charges: found,
                received_at: now,
            };
            let is_new = provider_events::insert(tx, &event)?;
            if found == 0 && is_new {
                tracing::warn!(account = %event.account_id, what = event.what, "A provider's callback is about nothing of ours; it is kept");
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    app.wake.providers.notify_one();
    Ok(())
}
