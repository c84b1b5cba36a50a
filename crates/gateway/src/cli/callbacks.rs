//! `lockgate callbacks`.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::place::Place;
use super::{Outcome, say};
use crate::app::deliveries as deliveries_case;
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::events::About;
use crate::store::{StoreError, merchants};
use crate::wire::signature::{Scheme, verify_x_signature};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Callbacks {
    /// Deliveries about an invoice, a fund or a payment with their attempts, or all parked ones of a merchant.
    List {
        /// The merchant's number.
        #[arg(long, value_name = "N")]
        merchant: i64,
        /// Without one of these: the parked ones.
        #[command(flatten)]
        about: Which,
        #[command(flatten)]
        place: Place,
    },
    /// Send the callbacks about an invoice, a fund or a payment again: all, or one.
    Resend {
        #[arg(long, value_name = "N")]
        merchant: i64,
        #[command(flatten)]
        about: Which,
        /// Which of its events, counted from 1.
        #[arg(long, value_name = "N")]
        event: Option<i64>,
        #[command(flatten)]
        place: Place,
    },
    /// Check a body against its X-Signature. The API key is read from the environment variable LOCKGATE_API_KEY.
    Verify {
        /// The file with the raw body; `-` is standard input.
        #[arg(long, value_name = "FILE")]
        body: PathBuf,
        #[arg(long, value_name = "HEX")]
        signature: String,
    },
}

/// What callbacks are about.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(multiple = false)]
pub struct Which {
    #[arg(long, value_name = "N")]
    invoice: Option<i64>,
    /// A pay-out fund.
    #[arg(long, value_name = "N")]
    fund: Option<i64>,
    /// A payment to a card.
    #[arg(long, value_name = "N")]
    payment: Option<i64>,
}

impl Which {
    fn about(self) -> Option<About> {
        let (fund, payment) = (self.fund.map(About::fund), self.payment.map(About::payment));
        self.invoice.map(About::invoice).or(fund).or(payment)
    }
}

impl Callbacks {
    pub async fn run(self) -> Outcome {
        match self {
            Callbacks::List { merchant, about, place } => list(&place, merchant, about.about()).await,
            Callbacks::Resend { merchant, about, event, place } => {
                let about = about.about().ok_or("name what they are about: --invoice, --fund or --payment")?;
                resend(&place, merchant, about, event).await
            }
            Callbacks::Verify { body, signature } => verify(&body, &signature),
        }
    }
}

async fn list(place: &Place, number: i64, about: Option<About>) -> Outcome {
    let store = place.store()?;
    let found = store
        .read(|tx| {
            let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(None) };
            let rows = match about {
                Some(about) => deliveries::of(tx, &merchant.id, about)?,
                None => deliveries::parked(tx, &merchant.id, 200)?,
            };
            let with_attempts = |row: DeliveryRow| deliveries::attempts(tx, &row).map(|attempts| (row, attempts));
            rows.into_iter().map(with_attempts).collect::<Result<Vec<_>, _>>().map(Some)
        })
        .await;
    let found = found.map_err(|error: StoreError| error)?.ok_or_else(|| format!("there is no merchant {number}"))?;
    if found.is_empty() {
        say(if about.is_some() { "No callbacks about this." } else { "No parked callbacks." });
    }
    for (row, attempts) in found {
        say(&format!(
            "{} event {} {} {} {} (due {})",
            row.about,
            row.seq,
            row.event_id,
            row.state,
            row.url,
            written(row.due_at.0)
        ));
        for attempt in attempts {
            say(&format!("    {} {} ({} ms)", written(attempt.at.0), attempt.outcome, attempt.millis));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn resend(place: &Place, number: i64, about: About, event: Option<i64>) -> Outcome {
    let (store, office) = place.office().await?;
    let now = domain::Time(office.clock.now());
    let resent = store
        .write(move |tx| {
            let Some(merchant) = merchants::by_number(tx, number)? else { return Ok(None) };
            let resent = deliveries_case::resend(tx, &merchant.id, about, event, now)?;
            Ok::<_, StoreError>(Some(resent))
        })
        .await?;
    match resent {
        None => Err(format!("there is no merchant {number}").into()),
        Some(0) => Err("nothing to resend: no such callback, it is due already, or it is in an archive".into()),
        Some(resent) => {
            say(&format!("{resent} callbacks are due now; the running gateway sends them."));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify(body: &std::path::Path, signature: &str) -> Outcome {
    let key = std::env::var("LOCKGATE_API_KEY").map_err(|_| "set LOCKGATE_API_KEY to the merchant's API key")?;
    let mut bytes = Vec::new();
    if body == std::path::Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(body)?;
    }
    if verify_x_signature(Scheme::default(), key.as_bytes(), &bytes, signature) {
        say("The signature is right.");
        return Ok(ExitCode::SUCCESS);
    }
    say(&format!(
        "The signature is WRONG for these {} bytes and this key. Check the raw bytes (no newline added, not re-encoded) and the key.",
        bytes.len()
    ));
    Ok(ExitCode::FAILURE)
}
