//! The server that is measured: a sandbox in a process of its own, with everything that `lockgate sandbox` runs.

use std::net::SocketAddr;

use gateway::sandbox::{Options, run};
use gateway::store::{Database, Store, merchants};
use serde::Deserialize;

use crate::args::Serve;
use crate::child::{self, Child};
use crate::place::Place;
use crate::{Fail, preload, shop};

/// The part.
pub async fn serve(part: Serve) -> Result<(), Fail> {
    let options = Options {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        data: part.data,
        database_url: None,
        seed: Some(1),
        treasury: None,
        metrics: None,
        joined: None,
    };
    // if it cannot be told, the parent sees the end of our output
    let announce = |file: Option<&gateway::sandbox::SandboxFile>| drop(file.map(child::tell));
    Ok(run(options, child::stopped_by_parent(), announce).await?)
}

#[derive(Debug)]
pub struct Sandbox {
    pub process: Child,
    pub address: SocketAddr,
    pub api_key: String,
}

#[derive(Deserialize)]
struct Told {
    base_url: String,
    api_key: String,
}

pub fn start(place: &Place) -> Result<Sandbox, Fail> {
    let process = child::start(&["serve-sandbox", "--data", place.text()?])?;
    let Told { base_url, api_key } = serde_json::from_str(&process.told)?;
    let address = base_url.trim_start_matches("http://").parse()?;
    Ok(Sandbox { process, address, api_key })
}

/// Makes a sandbox's database: its seeded merchant, that merchant's callback URL (none by default, so that only what is measured
/// happens), and `invoices` earlier invoices.
pub async fn prepare(place: &Place, callback_url: Option<String>, invoices: i64) -> Result<(), Fail> {
    start(place)?.process.stop()?;
    let store = Store::open(&Database::of(place.path())?)?;
    let merchant = shop::merchant_of(&store).await?;
    let id = merchant.clone();
    store.write(move |tx| merchants::set_callback(tx, &id, callback_url.as_deref())).await?;
    preload::fill(&store, &merchant, invoices).await
}
