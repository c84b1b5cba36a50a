//! `lockgate merchant`: enough to run live before there is a dashboard.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::fee::BasisPoints;
use domain::merchant::Wallet;
use domain::{MerchantId, Units};

use super::merchant_payout::PayoutCommand;
use super::merchant_setup::{Callback, Ip, Key, WalletCommand, wallet_address};
use super::place::Place;
use super::{Outcome, say};
use crate::app::merchants::NewMerchant;
use crate::store::{Store, StoreError, merchants};
use crate::wire::email;

#[derive(Debug, Subcommand)]
pub enum Merchant {
    /// Make a merchant. Its API key is shown once, now.
    Create(Create),
    /// All merchants.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// API keys.
    #[command(subcommand)]
    Key(Key),
    /// Addresses the API may be used from.
    #[command(subcommand)]
    Ip(Ip),
    /// The wallet that is paid.
    #[command(subcommand)]
    Wallet(WalletCommand),
    /// What may be paid out, to cards.
    Payout(PayoutCommand),
    /// Where callbacks go.
    #[command(subcommand)]
    Callback(Callback),
}

#[derive(Debug, Args)]
pub struct Create {
    #[arg(long)]
    name: String,
    #[arg(long)]
    email: String,
    /// The settlement wallet (0x…); it is active at once, since the operator enters it here.
    #[arg(long, value_name = "ADDRESS")]
    wallet: Option<String>,
    /// The operator's share in hundredths of a percent; `fees.default_bps` of the configuration without it.
    #[arg(long, value_name = "BPS")]
    fee_bps: Option<i64>,
    /// The smallest invoice, in dollars.
    #[arg(long, default_value = "1", value_name = "USD")]
    min: String,
    /// The largest invoice, in dollars.
    #[arg(long, default_value = "10000", value_name = "USD")]
    max: String,
    /// Answer crypto creates with `status` and `ID`.
    #[arg(long)]
    s2s: bool,
    #[command(flatten)]
    place: Place,
}

impl Merchant {
    pub async fn run(self) -> Outcome {
        match self {
            Merchant::Create(create) => create.run().await,
            Merchant::List { place } => list(&place).await,
            Merchant::Key(command) => command.run().await,
            Merchant::Ip(command) => command.run().await,
            Merchant::Wallet(command) => command.run().await,
            Merchant::Payout(command) => command.run().await,
            Merchant::Callback(command) => command.run().await,
        }
    }
}

impl Create {
    async fn run(self) -> Outcome {
        let dollars =
            |name: &str, text: &str| Units::parse(text, 2).map_err(|error| format!("--{name} {text}: {error}"));
        if !email::is_valid(&self.email) {
            return Err(format!("{} is no e-mail address", self.email).into());
        }
        let new = NewMerchant {
            name: self.name,
            email: self.email,
            wallet: match self.wallet {
                Some(address) => Wallet::Active(wallet_address(&address)?),
                None => Wallet::Missing,
            },
            fee: match self.fee_bps {
                Some(bps) => BasisPoints::new(bps)?,
                None => self.place.default_fee()?,
            },
            min_amount: dollars("min", &self.min)?,
            max_amount: dollars("max", &self.max)?,
            s2s: self.s2s,
            callback_url: None,
        };
        let (store, office) = self.place.office().await?;
        let (merchant, key) = store.write(move |tx| office.create(tx, new)).await?;
        say(&format!("Merchant {} ({}), {}", merchant.number, merchant.id, merchant.name));
        say(&format!("API key, shown only now: {}", key.expose()));
        let ip = format!("`lockgate merchant ip add {} ADDRESS`", merchant.number);
        let wallet = format!("`lockgate merchant wallet set {} ADDRESS`", merchant.number);
        match merchant.wallet {
            Wallet::Active(_) => say(&format!("Next: {ip}, then it can sell.")),
            _ => say(&format!("Next: {wallet} and {ip}, then it can sell.")),
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn list(place: &Place) -> Outcome {
    let rows = place.store()?.read(merchants::list).await?;
    if rows.is_empty() {
        say("No merchants. Make one with `lockgate merchant create`.");
    }
    for merchant in rows {
        let wallet = match &merchant.wallet {
            Wallet::Missing => "no wallet".to_owned(),
            Wallet::Pending(address) => format!("{address} (not active)"),
            Wallet::Active(address) => address.clone(),
        };
        say(&format!(
            "{} {} {} <{}> {} fee {} bps, {} to {} USD, callbacks to {}",
            merchant.number,
            merchant.id,
            merchant.name,
            merchant.email,
            wallet,
            merchant.fee.get(),
            merchant.min_amount.decimal(2, 0),
            merchant.max_amount.decimal(2, 0),
            merchant.callback_url.as_deref().unwrap_or("nowhere"),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The merchant with a number.
pub async fn id_of(store: &Store, number: i64) -> Result<MerchantId, Box<dyn std::error::Error>> {
    let found = store.read(|tx| merchants::by_number(tx, number)).await.map_err(|error: StoreError| error)?;
    Ok(found.ok_or_else(|| format!("there is no merchant {number}; see `lockgate merchant list`"))?.id)
}
