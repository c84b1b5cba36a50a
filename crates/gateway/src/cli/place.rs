//! Which gateway a command is about: a sandbox's directory, or a configuration.

use std::path::PathBuf;

use clap::Args;
use domain::fee::BasisPoints;

use crate::app::SharedApp;
use crate::app::master_key::same_master_key;
use crate::app::merchants::Office;
use crate::clock::Clock;
use crate::config::Config;
use crate::net::guard::Policy;
use crate::random::Random;
use crate::sandbox;
use crate::store::{Database, Store, settings};

#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct Place {
    /// A sandbox's directory.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A live gateway's configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

type Failed = Box<dyn std::error::Error>;

/// Reads a configuration with the secrets of this process's environment.
pub fn load(path: &std::path::Path) -> Result<Config, Failed> {
    Ok(Config::load(path, &|name| std::env::var(name).ok())?)
}

impl Place {
    pub fn is_live(&self) -> bool {
        self.config.is_some()
    }

    /// The database, which must be there already: a command that only looks makes nothing.
    pub fn database(&self) -> Result<Database, Failed> {
        let database = match (&self.data, &self.config) {
            (Some(dir), _) => Database::of(dir)?,
            (None, Some(file)) => load(file)?.database,
            (None, None) => return Err("name a sandbox with --data or a gateway with --config".into()),
        };
        if database.exists() {
            Ok(database)
        } else {
            Err(format!("there is no database at {}", database.name()).into())
        }
    }

    /// What the guard lets merchants name as targets here.
    pub async fn policy(&self, store: &Store) -> Result<Policy, Failed> {
        match &self.config {
            Some(file) => Ok(load(file)?.policy()),
            None => Ok(sandbox::policy(store.read(sandbox::is_joined).await?)),
        }
    }

    /// The operator's share that a new merchant has if none is named.
    pub fn default_fee(&self) -> Result<BasisPoints, Failed> {
        match &self.config {
            Some(file) => Ok(load(file)?.default_fee),
            None => Ok(BasisPoints::new(100)?),
        }
    }

    /// How long another wallet for a merchant waits, in milliseconds.
    pub fn payee_wait(&self) -> Result<i64, Failed> {
        match &self.config {
            Some(file) => Ok(load(file)?.payee_wait_millis),
            None => Ok(crate::config::DEFAULT_PAYEE_WAIT_MILLIS),
        }
    }

    /// Whether the running gateway sends mail.
    pub fn sends_mail(&self) -> Result<bool, Failed> {
        Ok(self.config.as_ref().map(|file| load(file)).transpose()?.is_some_and(|config| config.smtp.is_some()))
    }

    /// What becomes of a mail, after its name.
    pub fn outbox(&self) -> Result<&'static str, Failed> {
        Ok(match self.sends_mail()? {
            true => "is in the outbox: the running gateway sends it (`lockgate mails`).",
            false => "waits in `lockgate mails`: nothing here sends mail, so pass it on.",
        })
    }

    /// The gateway's parts, without anything running: for decisions that a running gateway's workers carry out.
    pub async fn app(&self) -> Result<SharedApp, Failed> {
        let Some(file) = &self.config else {
            let (store, office) = self.office().await?;
            return Ok(crate::sandbox::commands_app(store, office).await?);
        };
        let config = load(file)?;
        let store = self.store()?;
        same_master_key(&store, &config.master_key).await?;
        crate::live::app(&config, store, &crate::net::plain::client()?).await
    }

    pub fn store(&self) -> Result<Store, Failed> {
        Ok(Store::open(&self.database()?)?)
    }

    /// Store and what is needed to make merchants and keys. A live database is made if it is not there yet.
    pub async fn office(&self) -> Result<(Store, Office), Failed> {
        let clock = Clock::system();
        let random = Random::system();
        let Some(file) = &self.config else {
            let store = self.store()?;
            let seed = store.read(|tx| settings::get(tx, crate::sandbox::SEED)).await?;
            let seed = seed.and_then(|seed| seed.parse().ok()).ok_or("this is no sandbox's directory")?;
            let clock = crate::sandbox::clock_of(&store).await?;
            return Ok((store, Office { clock, random, master_key: crate::sandbox::master_key(seed) }));
        };
        let config = load(file)?;
        std::fs::create_dir_all(&config.data_dir)?;
        let store = Store::open(&config.database)?;
        same_master_key(&store, &config.master_key).await?;
        Ok((store, Office { clock, random, master_key: config.master_key }))
    }
}
