//! `lockgate user`: the first operator must be made by somebody.

use std::process::ExitCode;

use clap::Subcommand;

use super::place::Place;
use super::who::actor;
use super::{Outcome, say};
use crate::app::accounts::{lower, passwords};
use crate::app::acts;
use crate::sandbox;
use crate::store::{StoreError, Tx};
use crate::wire::email;

/// People who sign in.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make somebody an operator. The link with which he chooses his password is shown once, now; not of a sandbox that a live gateway lets
    /// people into.
    AddOperator {
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl User {
    pub async fn run(self) -> Outcome {
        let User::AddOperator { email: address, place } = self;
        if !email::is_valid(&address) {
            return Err(format!("{address} is no e-mail address").into());
        }
        let app = place.app().await?;
        let is_guest = !place.is_live() && app.store.read(sandbox::is_joined).await?;
        let link = match is_guest {
            true => passwords::add_operator_without_password(&app, &address).await.map(|()| None)?,
            false => Some(passwords::add_operator(&app, &address).await?),
        };
        let (noted, who, address) = (app.clone(), actor(), lower(&address));
        let about = format!("users {address}");
        let note = move |tx: &Tx<'_>| {
            acts::record(&noted, tx, &who, "user.operator_added", about, String::new())?;
            Ok::<_, StoreError>(())
        };
        app.store.write(note).await?;
        say(&match link {
            Some(link) => {
                format!("{address} is an operator. His password is chosen here, once, within a day:\n{link}")
            }
            None => format!(
                "{address} is an operator of this sandbox when he comes in from his merchant's pages of the live gateway: it has no passwords."
            ),
        });
        Ok(ExitCode::SUCCESS)
    }
}
