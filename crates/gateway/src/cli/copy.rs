//! `lockgate copy`: a whole business from one database to another.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Outcome, say};
use crate::store::{Database, copy};

/// Copy all that is in one database into another, which must be empty, and compare them row by row. Stop the gateway first: what it writes
/// meanwhile is missing in the copy. Afterwards run `lockgate audit` on the copy.
#[derive(Debug, Args)]
pub struct Copy {
    /// `sqlite:PATH`, `postgres://…`, or `env:NAME` for an address that is in an environment variable.
    #[arg(long, value_name = "DATABASE")]
    from: String,
    /// As --from.
    #[arg(long, value_name = "DATABASE")]
    to: String,
}

impl Copy {
    pub fn run(self) -> Outcome {
        let (from, to) = (database(&self.from)?, database(&self.to)?);
        if !from.exists() {
            return Err(format!("there is no database at {}", from.name()).into());
        }
        let copied = copy::copy(&from, &to)?;
        for table in copied.iter().filter(|table| table.rows > 0) {
            say(&format!("{:>10}  {}", table.rows, table.table));
        }
        let rows: usize = copied.iter().map(|table| table.rows).sum();
        say(&format!("{rows} rows of {} tables are in {}, each compared.", copied.len(), to.name()));
        Ok(ExitCode::SUCCESS)
    }
}

fn database(text: &str) -> Result<Database, Box<dyn std::error::Error>> {
    match text.split_once(':') {
        Some(("sqlite", path)) => Ok(Database::File(PathBuf::from(path))),
        Some(("env", name)) => {
            let url = std::env::var(name).map_err(|_| format!("{name} is not set"))?;
            Ok(Database::at(&url)?)
        }
        Some(("postgres" | "postgresql", _)) => Ok(Database::at(text)?),
        _ => Err("a database is sqlite:PATH, postgres://… or env:NAME".into()),
    }
}
