//! Which wallet a chain's treasury is. The first one that the configuration names is entered at once; another one waits, is announced, and
//! can be called off until then. What is under way from the old one is followed to its end: a wallet that was the treasury stays watched.

use alloy_primitives::Address;
use domain::Time;

use crate::app::acts::{Actor, record};
use crate::app::chains::Chain;
use crate::app::news::tell_operator;
use crate::app::{App, SharedApp};
use crate::store::treasury_wallets::{self, State, WalletRow};
use crate::store::{StoreError, Tx};
use crate::wire::time::written;

/// An account as rows of transactions hold it: lower-case hex.
pub fn name_of(address: Address) -> String {
    format!("{address:#x}")
}

/// A chain's wallets, as the gateway has worked with them.
#[derive(Debug, Clone, Default)]
pub struct Wallets {
    rows: Vec<WalletRow>,
}

impl Wallets {
    pub fn read(tx: &Tx<'_>, chain: &str) -> Result<Wallets, StoreError> {
        Ok(Wallets { rows: treasury_wallets::of_chain(tx, chain)? })
    }

    fn in_state(&self, state: State) -> Option<&WalletRow> {
        self.rows.iter().find(|row| row.state == state)
    }

    /// The treasury: what sends, and what merchants send to.
    pub fn active(&self) -> Option<Address> {
        self.in_state(State::Active).and_then(|row| row.address.parse().ok())
    }

    /// What is to become the treasury, and when.
    pub fn waiting(&self) -> Option<(Address, Time)> {
        self.in_state(State::Waiting).and_then(|row| Some((row.address.parse().ok()?, row.effective_at)))
    }

    fn addresses(&self, states: &[State]) -> Vec<Address> {
        let mut found = Vec::new();
        for row in self.rows.iter().filter(|row| states.contains(&row.state)) {
            if let Ok(address) = row.address.parse()
                && !found.contains(&address)
            {
                found.push(address);
            }
        }
        found
    }

    /// The treasury and what was it before, oldest first: their coins are in the books.
    pub fn ours(&self) -> Vec<Address> {
        self.addresses(&[State::Former, State::Active])
    }

    /// Whose transfers are read from the chain.
    pub fn watched(&self) -> Vec<Address> {
        self.addresses(&[State::Former, State::Active, State::Waiting])
    }
}

fn about(chain: &str) -> String {
    format!("treasury {chain}")
}

/// Tells the operator, as loudly as is possible.
fn announce(app: &App, tx: &Tx<'_>, key: &str, fillings: &[(&'static str, &str)]) -> Result<(), StoreError> {
    let said: Vec<String> = fillings.iter().map(|(name, value)| format!("{name} {value}")).collect();
    tracing::warn!("The treasury: {}, {}", key.trim_start_matches("news-treasury-"), said.join(", "));
    tell_operator(app, tx, key, fillings)
}

/// Who acts when the gateway finds another wallet in its configuration.
fn itself() -> Actor {
    Actor("lockgate".into())
}

/// Compares what the configuration names with what the gateway worked with last, on each chain. Whoever is about to serve calls this.
pub async fn look_at_configured(app: &SharedApp, wait_millis: i64) -> Result<(), StoreError> {
    let worker = app.clone();
    app.store
        .write(move |tx| {
            let mut chains: Vec<&Chain> = worker.chains.values().collect();
            chains.sort_by(|one, other| one.name.cmp(&other.name));
            chains.into_iter().try_for_each(|chain| look(&worker, tx, chain, wait_millis))
        })
        .await
}

fn look(app: &App, tx: &Tx<'_>, chain: &Chain, wait_millis: i64) -> Result<(), StoreError> {
    let Some(treasury) = &chain.treasury else { return Ok(()) };
    let (named, now) = (treasury.address(), app.now());
    let wallets = Wallets::read(tx, &chain.name)?;
    let new = |state, wait| WalletRow {
        chain: chain.name.clone(),
        seq: 0,
        address: named.to_string(),
        state,
        asked_at: now,
        effective_at: now.plus(wait),
        wait_millis,
    };
    let Some(active) = wallets.active() else {
        treasury_wallets::insert(tx, &new(State::Active, 0))?;
        record(app, tx, &itself(), "treasury.set", about(&chain.name), named.to_string())?;
        let said = [("chain", chain.title.as_str()), ("new", &named.to_string())];
        return announce(app, tx, "news-treasury-set", &said);
    };
    match wallets.waiting() {
        Some((waiting, _)) if waiting == named => return Ok(()),
        Some(_) => {
            end(
                app,
                tx,
                &chain.name,
                &wallets,
                &itself(),
                ("news-treasury-renamed", &format!("the configuration names {named} again or instead")),
            )?;
        }
        None => {}
    }
    if active == named {
        return Ok(());
    }
    // whoever writes the configuration may have shortened the wait in the same moment
    let before = wallets.in_state(State::Active).map_or(0, |row| row.wait_millis);
    let row = new(State::Waiting, wait_millis.max(before));
    treasury_wallets::insert(tx, &row)?;
    let until = written(row.effective_at.0);
    let detail = format!("{active} to {named} at {until} UTC");
    record(app, tx, &itself(), "treasury.change_asked", about(&chain.name), detail)?;
    let (old, new) = (active.to_string(), named.to_string());
    let said = [("chain", chain.title.as_str()), ("old", &old), ("new", &new), ("until", &until)];
    announce(app, tx, "news-treasury-change", &said)
}

fn end(
    app: &App,
    tx: &Tx<'_>,
    chain: &str,
    wallets: &Wallets,
    actor: &Actor,
    (told, why): (&str, &str),
) -> Result<Option<WalletRow>, StoreError> {
    let Some(row) = wallets.in_state(State::Waiting) else { return Ok(None) };
    if !treasury_wallets::become_(tx, row, State::Canceled, Some(app.now()))? {
        return Ok(None);
    }
    let detail = format!("{} does not become the treasury: {why}", row.address);
    record(app, tx, actor, "treasury.change_canceled", about(chain), detail)?;
    announce(app, tx, told, &[("chain", chain), ("new", &row.address)])?;
    Ok(Some(row.clone()))
}

/// Calls off the change that waits on a chain; answers the wallet that does not become the treasury. One that the configuration still
/// names when the gateway is started again is asked for anew, and waits anew.
pub fn cancel(app: &App, tx: &Tx<'_>, chain: &str, actor: &Actor) -> Result<Option<WalletRow>, StoreError> {
    let wallets = Wallets::read(tx, chain)?;
    end(app, tx, chain, &wallets, actor, ("news-treasury-canceled", "called off by the operator"))
}

/// Lets the wallet that this gateway is configured with become the treasury, if its time has come.
pub async fn take_effect_due(app: &SharedApp, chain: &Chain) -> Result<(), StoreError> {
    let Some(named) = chain.treasury.as_ref().map(|treasury| treasury.address()) else { return Ok(()) };
    let is_due = move |app: &App, wallets: &Wallets| {
        wallets.waiting().is_some_and(|(waiting, at)| waiting == named && at <= app.now())
    };
    let wallets = app.store.read(|tx| Wallets::read(tx, &chain.name)).await?;
    if !is_due(app, &wallets) {
        return Ok(());
    }
    let (worker, name) = (app.clone(), chain.name.clone());
    app.store
        .write(move |tx| {
            // it may have been called off since
            let wallets = Wallets::read(tx, &name)?;
            let waiting = wallets.in_state(State::Waiting).filter(|_| is_due(&worker, &wallets));
            let (Some(old), Some(new)) = (wallets.in_state(State::Active), waiting) else { return Ok(()) };
            let moved_on = treasury_wallets::become_(tx, old, State::Former, Some(worker.now()))?
                && treasury_wallets::become_(tx, new, State::Active, None)?;
            if !moved_on {
                return Err(StoreError::Inconsistent(format!("the treasury of {name} was changed by somebody else")));
            }
            let detail = format!("{} to {}", old.address, new.address);
            record(&worker, tx, &itself(), "treasury.changed", about(&name), detail)?;
            let said = [("chain", name.as_str()), ("new", new.address.as_str()), ("old", old.address.as_str())];
            announce(&worker, tx, "news-treasury-changed", &said)
        })
        .await
}

#[cfg(test)]
mod tests;
