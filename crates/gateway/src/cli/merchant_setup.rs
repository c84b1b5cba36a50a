//! `lockgate merchant key|ip|wallet|callback`.

use std::process::ExitCode;

use clap::Subcommand;
use domain::KeyId;
use domain::merchant::{Wallet, parse_ip_entry};

use super::merchant::id_of;
use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::merchant_setup::{SetupRefused, end_key, rotate_key};
use crate::app::wallets::{self, Wished};
use crate::net::guard::{Policy, check_url};
use crate::store::wallet_changes::{self, ChangeRow};
use crate::store::{StoreError, Tx, merchants};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Key {
    /// The merchant's keys: never the keys themselves.
    List {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// Make a new key; the others work for another 24 hours.
    Rotate {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// End a key at once.
    Revoke {
        merchant: i64,
        key: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Key {
    pub async fn run(self) -> Outcome {
        let (Key::List { merchant, place } | Key::Rotate { merchant, place } | Key::Revoke { merchant, place, .. }) =
            &self;
        let app = place.app().await?;
        let id = id_of(&app.store, *merchant).await?;
        let (worker, now) = (app.clone(), app.now());
        match &self {
            Key::List { .. } => {
                for key in app.store.read(|tx| merchants::keys(tx, &id)).await? {
                    let until = key.expires_at.map_or("no end".into(), |end| format!("until {}", written(end.0)));
                    let state = if key.is_valid(now) { "valid" } else { "ended" };
                    let may = key.scopes.text();
                    say(&format!(
                        "{} {}… made {} {state}, {until}; may: {may}",
                        key.id,
                        key.hint,
                        written(key.created_at.0)
                    ));
                }
            }
            Key::Rotate { .. } => {
                let rotate = move |tx: &Tx<'_>| rotate_key(&worker, tx, &merchants::existing(tx, &id)?, &actor());
                let key = app.store.write(rotate).await?;
                say(&format!("New API key, shown only now: {}", key.expose()));
                say(
                    "The others for everything work for another 24 hours. Callbacks are signed with the new key from now on.",
                );
            }
            Key::Revoke { key, place, .. } => {
                let key = KeyId::parse(key)?;
                let end = move |tx: &Tx<'_>| end_key(&worker, tx, &merchants::existing(tx, &id)?, &key, &actor());
                match app.store.write(end).await {
                    Ok(()) => say("The key no longer works."),
                    Err(SetupRefused::NotThere) => return Err("this merchant has no such key".into()),
                    Err(refused) => return Err(refused.into()),
                }
                say(&format!("The merchant's notice {}", place.outbox()?));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Subcommand)]
pub enum Ip {
    /// Allow an address or a CIDR range, v4 or v6.
    Add {
        merchant: i64,
        entry: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take an entry away.
    Remove {
        merchant: i64,
        entry: String,
        #[command(flatten)]
        place: Place,
    },
    List {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
}

impl Ip {
    pub async fn run(self) -> Outcome {
        let (Ip::Add { merchant, place, .. } | Ip::Remove { merchant, place, .. } | Ip::List { merchant, place }) =
            &self;
        let store = place.office().await?.0;
        let id = id_of(&store, *merchant).await?;
        let parsed = |text: &str| parse_ip_entry(text).ok_or_else(|| format!("{text} is no address and no CIDR range"));
        match self {
            Ip::Add { entry, .. } => {
                let net = parsed(&entry)?;
                store.write(move |tx| merchants::add_ip(tx, &id, &net)).await?;
                say(&format!("Allowed: {net}"));
            }
            Ip::Remove { entry, .. } => {
                let net = parsed(&entry)?;
                if !store.write(move |tx| merchants::remove_ip(tx, &id, &net)).await? {
                    return Err(format!("{net} was not in the list").into());
                }
                say(&format!("No longer allowed: {net}"));
            }
            Ip::List { .. } => {
                let list = store.read(|tx| merchants::ips(tx, &id)).await?;
                if list.is_empty() {
                    say("No address is linked: every call is refused (50010).");
                }
                list.0.iter().for_each(|net| say(&net.to_string()));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Subcommand)]
pub enum WalletCommand {
    /// Enter the settlement wallet. It counts for new payment attempts; those that are open keep theirs. A merchant that has one already
    /// is paid to it until the new one has waited (a day, or `payees.wait_hours`), and is told.
    Set {
        merchant: i64,
        address: String,
        /// Enter it without letting the merchant sell yet.
        #[arg(long)]
        pending: bool,
        #[command(flatten)]
        place: Place,
    },
    /// The wallet, and the one that waits.
    Show {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// Call off the change that waits.
    Cancel {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
}

/// Reads a wallet address.
pub fn wallet_address(text: &str) -> Result<String, String> {
    wallets::read_address(text).map_err(|wrong| format!("{text}: {wrong}"))
}

impl WalletCommand {
    pub async fn run(self) -> Outcome {
        let (WalletCommand::Set { merchant, place, .. }
        | WalletCommand::Show { merchant, place }
        | WalletCommand::Cancel { merchant, place }) = &self;
        let (app, number) = (place.app().await?, *merchant);
        let (id, worker) = (id_of(&app.store, number).await?, app.clone());
        match &self {
            WalletCommand::Set { address, pending, place, .. } => {
                let (address, wait) = (wallet_address(address)?, place.payee_wait()?);
                let wallet = if *pending { Wallet::Pending } else { Wallet::Active }(address.clone());
                let wish = move |tx: &Tx<'_>| wallets::wish(&worker, tx, &id, wallet, wait, &actor());
                match app.store.write(wish).await? {
                    Wished::Set | Wished::Same => {
                        let when = if *pending { ", once it is active" } else { "" };
                        say(&format!("Merchant {number} is paid to {address}{when}"));
                    }
                    Wished::Waits(change) => {
                        say(&waits(&change));
                        say(&format!("The merchant's notice {}", place.outbox()?));
                        say(&format!("`lockgate merchant wallet cancel {number}` calls the change off."));
                    }
                }
            }
            WalletCommand::Show { .. } => {
                let look = |tx: &Tx<'_>| Ok((merchants::existing(tx, &id)?, wallet_changes::waiting(tx, &id)?));
                let (merchant, change): (_, Option<ChangeRow>) = app.store.read::<_, StoreError>(look).await?;
                say(&match merchant.wallet {
                    Wallet::Missing => format!("Merchant {number} has no wallet."),
                    Wallet::Pending(address) => format!("Merchant {number} has {address}, which is not active."),
                    Wallet::Active(address) => format!("Merchant {number} is paid to {address}"),
                });
                change.iter().for_each(|change| say(&waits(change)));
            }
            WalletCommand::Cancel { .. } => {
                let change = app.store.write(move |tx| wallets::cancel(&worker, tx, &id, &actor())).await?;
                say(&format!("Canceled. Merchant {number} is paid to {} as before.", change.old));
                say(&format!("The merchant's notice {}", place.outbox()?));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn waits(change: &ChangeRow) -> String {
    let (at, by) = (written(change.effective_at.0), &change.asked_by);
    format!("From {at} UTC on: {}. Until then: {}. Asked for by {by}.", change.new, change.old)
}

#[derive(Debug, Subcommand)]
pub enum Callback {
    /// Send callbacks to this URL.
    Set {
        merchant: i64,
        url: String,
        #[command(flatten)]
        place: Place,
    },
    /// Send none.
    Clear {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
    /// Show the secret of the Standard Webhooks headers.
    Secret {
        merchant: i64,
        #[command(flatten)]
        place: Place,
    },
}

impl Callback {
    pub async fn run(self) -> Outcome {
        let (Callback::Set { merchant, place, .. }
        | Callback::Clear { merchant, place }
        | Callback::Secret { merchant, place }) = &self;
        let (store, office) = place.office().await?;
        let id = id_of(&store, *merchant).await?;
        let policy = place.policy(&store).await?;
        match self {
            Callback::Set { url, .. } => {
                check_url(&url, policy).map_err(|error| callback_refused(&url, &error, policy))?;
                store.write(move |tx| merchants::set_callback(tx, &id, Some(&url))).await?;
                say("Callbacks go there from the next event on.");
            }
            Callback::Clear { .. } => {
                store.write(move |tx| merchants::set_callback(tx, &id, None)).await?;
                say("No callbacks are sent from the next event on.");
            }
            Callback::Secret { .. } => {
                let secret = store.read(|tx| office.webhook_secret(tx, &id)).await?;
                say(&secret.to_text());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn callback_refused(url: &str, error: &crate::net::guard::Refused, policy: Policy) -> String {
    match policy {
        Policy::Live => {
            format!("{url}: {error}. Callbacks go to https on public addresses; see `allow_private_targets`")
        }
        Policy::Sandbox => format!("{url}: {error}"),
    }
}
