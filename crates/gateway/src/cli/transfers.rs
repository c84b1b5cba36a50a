//! `lockgate transfers`: money on its way out.

use std::process::ExitCode;

use clap::Subcommand;
use domain::TransferId;

use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::App;
use crate::app::transfers::acts::{self, ActRefused, Seen};
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx, audit_log};
use crate::wire::time::written;

#[derive(Debug, Subcommand)]
pub enum Transfers {
    /// What is not over yet, oldest first.
    List {
        /// Only what needs somebody, with the reason.
        #[arg(long, conflicts_with = "waiting")]
        parked: bool,
        /// Only what waits for a second person.
        #[arg(long)]
        waiting: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Everything about one.
    Show {
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Look at it again now: what is set aside is sent, what was sent is asked about.
    Retry {
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Call it off. Only what cannot have been sent; for anything else this says what proof is needed.
    Cancel {
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Agree to it, as a second person.
    Approve {
        id: String,
        /// Who agrees: not the one who asked for it.
        #[arg(long, value_name = "NAME")]
        by: String,
        #[command(flatten)]
        place: Place,
    },
    /// Say what became of it, on evidence from outside. Only of what is parked or older than an hour.
    #[command(group = clap::ArgGroup::new("end").required(true))]
    Mark {
        id: String,
        #[arg(long, group = "end")]
        arrived: bool,
        #[arg(long, group = "end")]
        failed: bool,
        /// What was seen, where, and its number there. It stays in the log of acts.
        #[arg(long, value_name = "TEXT")]
        evidence: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Transfers {
    pub async fn run(self) -> Outcome {
        match self {
            Transfers::List { parked, waiting, place } => list(&place, parked, waiting).await,
            Transfers::Show { id, place } => show(&place, &TransferId::parse(&id)?).await,
            Transfers::Retry { id, place } => act(&place, &id, |app, tx, id| acts::retry(app, tx, id, &actor())).await,
            Transfers::Cancel { id, place } => {
                act(&place, &id, |app, tx, id| acts::cancel(app, tx, id, &actor())).await
            }
            Transfers::Approve { id, by, place } => {
                act(&place, &id, move |app, tx, id| acts::approve(app, tx, id, &by, &actor())).await
            }
            Transfers::Mark { id, arrived, evidence, place, .. } => {
                let seen = if arrived { Seen::Arrived } else { Seen::Failed };
                act(&place, &id, move |app, tx, id| acts::mark(app, tx, id, seen, &evidence, &actor())).await
            }
        }
    }
}

async fn act(
    place: &Place,
    id: &str,
    act: impl FnOnce(&App, &Tx<'_>, &TransferId) -> Result<TransferRow, ActRefused> + Clone + Send + 'static,
) -> Outcome {
    let (app, id) = (place.app().await?, TransferId::parse(id)?);
    let worker = app.clone();
    let row = app.store.write(move |tx| act(&worker, tx, &id)).await?;
    say(&line(&app, &row));
    Ok(ExitCode::SUCCESS)
}

async fn list(place: &Place, parked: bool, waiting: bool) -> Outcome {
    const MOST: i64 = 500;
    let app = place.app().await?;
    let rows = app.store.read(|tx| match (parked, waiting) {
        (true, _) => transfers::parked(tx, MOST),
        (_, true) => transfers::wanted(tx, MOST),
        _ => transfers::open(tx, MOST),
    });
    let rows: Vec<TransferRow> = rows.await?;
    if rows.is_empty() {
        say("No such transfers.");
    }
    rows.iter().for_each(|row| say(&line(&app, row)));
    Ok(ExitCode::SUCCESS)
}

/// An amount as people write it; in smallest units where the asset is not configured here.
fn amount(app: &App, row: &TransferRow) -> String {
    let digits = domain::fiat::minor_digits(&row.asset).or_else(|| app.asset(&row.asset).map(|asset| asset.decimals));
    match digits {
        Some(digits) => format!("{} {}", row.units.decimal(digits, digits.min(2)), row.asset),
        None => format!("{} smallest units of {}", row.units, row.asset),
    }
}

fn line(app: &App, row: &TransferRow) -> String {
    let waits =
        if row.approval == Approval::Wanted && row.state.is_open() { "; waits for a second person" } else { "" };
    let parked = row.parked.as_ref().map_or(String::new(), |why| format!("; PARKED: {why}"));
    let kind = row.kind.name().replace('_', " ");
    let (at, amount) = (written(row.created_at.0), amount(app, row));
    format!("{at} {} {kind} of {amount} to {}: {}{waits}{parked}", row.id, row.destination, row.state.words())
}

async fn show(place: &Place, id: &TransferId) -> Outcome {
    let app = place.app().await?;
    let found = app.store.read(|tx| {
        let row = transfers::find(tx, id)?;
        Ok::<_, StoreError>((row, audit_log::about(tx, &acts::about(id))?))
    });
    let (row, done) = found.await?;
    let row = row.ok_or_else(|| format!("there is no transfer {id}"))?;
    say(&line(&app, &row));
    let time = |at: Option<domain::Time>| at.map(|at| written(at.0));
    let facts = [
        ("merchant", Some(row.merchant_id.to_string())),
        ("for", Some(row.subject.clone())),
        ("invoice", row.invoice_number.map(|number| number.to_string())),
        ("over", row.chain.clone().or_else(|| row.account_id.as_ref().map(ToString::to_string))),
        ("first sent", time(row.sent_at)),
        ("their id", row.reference.clone()),
        ("transaction", row.tx_hash.clone()),
        ("nonce", row.nonce.map(|nonce| nonce.to_string())),
        ("approved by", row.approved_by.clone()),
        ("looked at next", time(row.due_at)),
        ("note", row.note.clone()),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            say(&format!("    {name}: {fact}"));
        }
    }
    for act in done {
        say(&format!("    {} {} {} {}", written(act.at.0), act.actor, act.act, act.detail));
    }
    Ok(ExitCode::SUCCESS)
}
