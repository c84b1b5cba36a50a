//! `lockgate provider`: accounts at payment providers, and which are tried first.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::charge::Method;
use domain::{AccountId, Time};
use rails::provider::list;
use zeroize::Zeroizing;

use super::merchant::id_of;
use super::place::Place;
use super::provider_payouts;
use super::who::actor;
use super::{Outcome, say};
use crate::app::charges::CALLBACK_PATH;
use crate::app::providers::routing::{RouteRefused, Routes, set};
use crate::app::providers::{NewAccount, Provider, SetUpFailed};
use crate::store::{StoreError, merchants, provider_accounts, provider_events};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// The providers there are, and what an account at each needs.
    Kinds,
    /// Keep an account at a provider. Money goes to whoever owns the account: name the merchant for one of his own.
    Add(Add),
    /// All accounts: never their secrets.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Which accounts a merchant's payers are sent to, in this order: the next one only if nothing was sent to the one before.
    Route {
        /// The merchant's number.
        merchant: i64,
        /// `card`, `upi` or `payout`.
        method: String,
        /// Account ids, first choice first; none takes the method away.
        accounts: Vec<String>,
        /// Only for this currency (ISO 4217); `*` for all that have no order of their own.
        #[arg(long, default_value = "*")]
        currency: String,
        #[command(flatten)]
        place: Place,
    },
    /// Callbacks with a right signature that are about no charge of ours.
    Unplaced {
        #[command(flatten)]
        place: Place,
    },
    /// What providers say they paid out to merchants' own banks, and what of it does not fit.
    Payouts(provider_payouts::Shown),
    /// Send no more payers to an account. What was begun there is still asked about.
    Off {
        account: String,
        #[command(flatten)]
        place: Place,
    },
    /// Send payers to it again.
    On {
        account: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub struct Add {
    /// As `lockgate provider kinds` names it.
    provider: String,
    /// The merchant whose account it is: the money goes straight to him. This is how it should be.
    #[arg(long, value_name = "N", required_unless_present_any = ["operator", "payout"])]
    merchant: Option<i64>,
    /// The operator's own account, on which money of several merchants gathers. In most countries that needs a licence (in India that
    /// of a payment aggregator, RBI Master Direction of 15 September 2025): ask a lawyer first.
    #[arg(long, conflicts_with = "merchant")]
    operator: bool,
    /// For pay-outs to cards instead of payers' payments; the operator's own account.
    #[arg(long, conflicts_with = "merchant")]
    payout: bool,
    /// NAME=VALUE, for what is not secret.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// NAME=env:VARIABLE or NAME=file:PATH: secrets are never given on the command line, where every user of the machine sees them.
    #[arg(long = "secret", value_name = "NAME=SOURCE")]
    secrets: Vec<String>,
    /// Where the provider's API is, if not at its usual place: its test system, or a peer for trying.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl ProviderCommand {
    pub async fn run(self) -> Outcome {
        match self {
            ProviderCommand::Kinds => kinds(),
            ProviderCommand::Add(add) => return add.run().await,
            ProviderCommand::List { place } => return list(&place).await,
            ProviderCommand::Route { merchant, method, accounts, currency, place } => {
                return route(merchant, &method, &accounts, &currency, &place).await;
            }
            ProviderCommand::Unplaced { place } => return unplaced(&place).await,
            ProviderCommand::Payouts(shown) => return shown.run().await,
            ProviderCommand::Off { account, place } => return set_active(&account, false, &place).await,
            ProviderCommand::On { account, place } => return set_active(&account, true, &place).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn kinds() {
    for name in Provider::names() {
        let Some(provider) = Provider::by_name(name) else { continue };
        say(&format!("{name} ({}, {})", provider.title(), provider.method().name()));
        for field in provider.fields() {
            let kind = if field.secret { "--secret" } else { "--set" };
            let need = if field.required { "" } else { ", optional" };
            say(&format!("    {kind} {}: {}{need}", field.name, field.help));
        }
        let Some(fields) = provider.fields_for(Method::Payout) else { continue };
        say(&format!("{name} --payout: pay-outs to cards"));
        for field in fields {
            let kind = if field.secret { "--secret" } else { "--set" };
            let need = if field.required { "" } else { ", optional" };
            say(&format!("    {kind} {}: {}{need}", field.name, field.help));
        }
    }
}

impl Add {
    async fn run(self) -> Outcome {
        let provider = Provider::by_name(&self.provider).ok_or_else(|| {
            format!("there is no provider {}; there are: {}", self.provider, Provider::names().join(", "))
        })?;
        if self.place.is_live() && list::SIMULATED.iter().any(|simulated| simulated.name == provider.name()) {
            return Err(format!("{} is the sandbox's: a live gateway takes no play money", provider.name()).into());
        }
        let method = if self.payout { Method::Payout } else { provider.method() };
        let known = provider.fields_for(method).ok_or_else(|| format!("{} does not pay out", provider.title()))?;
        let mut fields = BTreeMap::new();
        for pair in &self.settings {
            let (name, value) = pair.split_once('=').ok_or_else(|| format!("{pair}: write NAME=VALUE"))?;
            if known.iter().any(|field| field.name == name && field.secret) {
                return Err(format!("{name} is a secret: give it with --secret {name}=env:VARIABLE").into());
            }
            fields.insert(name.to_owned(), Zeroizing::new(value.to_owned()));
        }
        for pair in &self.secrets {
            let (name, source) = pair.split_once('=').ok_or("write --secret NAME=env:VARIABLE or NAME=file:PATH")?;
            fields.insert(name.to_owned(), secret(source)?);
        }
        let base_url = self.base_url.as_deref().map(checked_base_url).transpose()?;
        let (store, office) = self.place.office().await?;
        let merchant_id = match self.merchant {
            Some(number) => Some(id_of(&store, number).await?),
            None => None,
        };
        let pooled = merchant_id.is_none();
        let new = NewAccount { merchant_id, provider, method, base_url, fields };
        let id = store.write(move |tx| office.add_account(tx, new)).await.map_err(|error: SetUpFailed| error)?;
        say(&format!("Account {id} at {}.", provider.title()));
        if self.payout {
            say("Payments of all merchants without a route of their own go out from the oldest such account.");
            say(&format!("Send a merchant's there: lockgate provider route N payout {id}"));
            return Ok(ExitCode::SUCCESS);
        }
        say(&format!("Its callbacks go to <base_url>{CALLBACK_PATH}/{id}: enter that at the provider."));
        say(&format!("Send a merchant's payers there: lockgate provider route N {} {id}", provider.method().name()));
        if pooled {
            say(
                "Money of every merchant routed here gathers on the operator's account. See docs/providers.md, \"Whose account\".",
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn secret(source: &str) -> Result<Zeroizing<String>, String> {
    let text = match source.split_once(':') {
        Some(("env", name)) => std::env::var(name).map_err(|_| format!("the variable {name} is not set"))?,
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?,
        _ => return Err("a secret comes from env:VARIABLE or file:PATH".into()),
    };
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// The operator names it, so it may be on a private network; only a loopback host may do without TLS.
fn checked_base_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|_| "--base-url must be a URL".to_owned())?;
    let is_here = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => return Err("--base-url must begin with https:// (http:// only for this machine)".into()),
    }
    Ok(text.trim_end_matches('/').to_owned())
}

async fn list(place: &Place) -> Outcome {
    let store = place.store()?;
    let lines = store
        .read(|tx| {
            let owners = merchants::list(tx)?;
            let mut lines = Vec::new();
            for row in provider_accounts::list(tx)? {
                let owner = owners.iter().find(|merchant| Some(&merchant.id) == row.merchant_id.as_ref());
                let owner = owner.map_or("operator".into(), |merchant| format!("merchant {}", merchant.number));
                let state = if row.active { "" } else { ", off" };
                let what = if row.method == Method::Payout { " for pay-outs" } else { "" };
                lines.push(format!("{} {}{what} of {owner}, {}{state}", row.id, row.provider, row.base_url));
            }
            for merchant in owners {
                for route in provider_accounts::routes(tx, &merchant.id)? {
                    let (method, currency) = (route.method.name(), &route.currency);
                    let (number, position) = (merchant.number, route.position);
                    lines.push(format!("merchant {number} {method} {currency} {position}: {}", route.account_id));
                }
            }
            Ok::<_, StoreError>(lines)
        })
        .await?;
    if lines.is_empty() {
        say("No accounts.");
    }
    lines.iter().for_each(|line| say(line));
    Ok(ExitCode::SUCCESS)
}

async fn unplaced(place: &Place) -> Outcome {
    let store = place.store()?;
    let rows = store
        .read(|tx| {
            let mut rows = provider_events::unplaced(tx, None, 500)?;
            for merchant in merchants::list(tx)? {
                rows.extend(provider_events::unplaced(tx, Some(&merchant.id), 500)?);
            }
            Ok::<_, StoreError>(rows)
        })
        .await?;
    if rows.is_empty() {
        say("Every callback found its charge.");
    }
    for row in rows {
        say(&format!("{} {} {} about {}", written(row.received_at.0), row.account_id, row.what, row.about));
    }
    Ok(ExitCode::SUCCESS)
}

async fn route(merchant: i64, method: &str, accounts: &[String], currency: &str, place: &Place) -> Outcome {
    let method = Method::from_name(method).ok_or("the method is card, upi or payout")?;
    let accounts = accounts.iter().map(|text| AccountId::parse(text)).collect::<Result<Vec<AccountId>, _>>()?;
    let routes = Routes { method, currency: currency.to_owned(), accounts };
    let (store, office) = place.office().await?;
    let (merchant, now) = (id_of(&store, merchant).await?, Time(office.clock.now()));
    store.write(move |tx| set(tx, now, &merchant, &routes, &actor())).await.map_err(|error: RouteRefused| error)?;
    say("Done.");
    Ok(ExitCode::SUCCESS)
}

async fn set_active(account: &str, active: bool, place: &Place) -> Outcome {
    let id = AccountId::parse(account)?;
    let (store, _) = place.office().await?;
    store.write(move |tx| provider_accounts::set_active(tx, &id, active)).await?;
    say(if active { "It is used again." } else { "No more payers are sent there." });
    Ok(ExitCode::SUCCESS)
}
