//! `lockgate treasury export` and `import`: what is signed on another machine.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use domain::TransferId;
use rails::evm::bundle::{Unsigned, read_signed};

use super::place::Place;
use super::treasury::chain_with_treasury;
use super::who::actor;
use super::{Outcome, say};
use crate::app::App;
use crate::app::chains::Chain;
use crate::app::treasury::export::{self, Again, what_is_out};
use crate::app::treasury::import::import;
use crate::store::{Tx, unsigned_txs};

#[derive(Debug, Args)]
pub struct Export {
    /// The file to make. One that is there is not overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The chain, if several have a treasury.
    #[arg(long, value_name = "NAME")]
    chain: Option<String>,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Which {
    /// Give nothing new out: write once more what is out already.
    #[arg(long)]
    again: bool,
    /// Give a transfer that is out, or stuck, out once more: the same under the same nonce, better paid.
    #[arg(long, value_name = "TRANSFER")]
    bump: Option<String>,
    /// Call a transfer off that is out: an empty transaction under its nonce, to be signed like any other.
    #[arg(long, value_name = "TRANSFER")]
    call_off: Option<String>,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The file that `lockgate sign` made.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Longer files are none of ours: a thousand transactions are less than one megabyte.
const LONGEST_FILE: u64 = 8 << 20;

pub(super) fn read_file(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let named = |error| format!("{}: {error}", path.display());
    if std::fs::metadata(path).map_err(named)?.len() > LONGEST_FILE {
        return Err(format!("{}: is too long to be a bundle", path.display()).into());
    }
    Ok(std::fs::read_to_string(path).map_err(named)?)
}

pub(super) fn not_there(path: &Path) -> Result<(), String> {
    match path.symlink_metadata() {
        Ok(_) => Err(format!("{}: is there already, and is not overwritten", path.display())),
        Err(_) => Ok(()),
    }
}

/// Makes a file that only its owner may read.
pub(super) fn write_new(path: &Path, file: &impl serde::Serialize) -> Result<(), Box<dyn std::error::Error>> {
    let text = serde_json::to_string_pretty(file)?;
    let named = |error| format!("{}: {error}", path.display());
    let mut made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(named)?;
    made.write_all(text.as_bytes())
        .and_then(|()| made.write_all(b"\n"))
        .and_then(|()| made.sync_all())
        .map_err(named)?;
    Ok(())
}

impl Export {
    pub async fn run(self) -> Outcome {
        not_there(&self.out)?;
        let app = self.place.app().await?;
        let chain = chain_with_treasury(&app, self.chain)?;
        let again = match (self.which.bump, self.which.call_off) {
            (Some(id), _) => Some((id, Again::Bump)),
            (_, Some(id)) => Some((id, Again::CallOff)),
            (None, None) => None,
        };
        let file = match again {
            Some((id, again)) => {
                let id = TransferId::parse(&id)?;
                let wallet = export::again(&app, chain, &id, again, &actor()).await?;
                let mut file = app.store.read(|tx| what_is_out(tx, chain, wallet)).await?;
                file.transfers.retain(|one| one.id == id.as_str());
                file.calls_off.retain(|one| one.id == id.as_str());
                file
            }
            None if self.which.again => out_already(&app, chain).await?,
            None => {
                let given = export::export(&app, chain, &actor()).await?;
                let file = out_already(&app, chain).await?;
                let out = file.transfers.len() + file.calls_off.len();
                if given == 0 {
                    say(&format!("Nothing is due. {out} are out already; --again writes them once more."));
                    return Ok(ExitCode::SUCCESS);
                }
                file
            }
        };
        if file.transfers.is_empty() && file.calls_off.is_empty() {
            say("Nothing is out.");
            return Ok(ExitCode::SUCCESS);
        }
        let written = write_new(&self.out, &file);
        written.map_err(|error| {
            format!("{error}; nothing is lost: `lockgate treasury export --again` writes it elsewhere")
        })?;
        said(chain, &file, &self.out);
        Ok(ExitCode::SUCCESS)
    }
}

/// What is out of the treasury, or of one that was it before.
async fn out_already(app: &App, chain: &Chain) -> Result<Unsigned, export::ExportRefused> {
    let read = |tx: &Tx<'_>| {
        let named = chain.treasury.iter().map(|treasury| treasury.address());
        let before = unsigned_txs::senders(tx, &chain.name)?;
        let mut file = None;
        for wallet in named.chain(before.iter().filter_map(|wallet| wallet.parse().ok())) {
            let out = what_is_out(tx, chain, wallet)?;
            if !out.transfers.is_empty() || !out.calls_off.is_empty() {
                return Ok(out);
            }
            file = file.or(Some(out));
        }
        file.ok_or_else(|| export::ExportRefused::NotOffline(chain.name.clone()))
    };
    app.store.read(read).await
}

fn said(chain: &Chain, file: &Unsigned, out: &Path) {
    super::sign::lines(file).iter().for_each(|line| say(line));
    say(&format!(
        "{} holds what the treasury on {} is to sign. Carry it to the machine with the key, and there:",
        out.display(),
        chain.title
    ));
    say("    lockgate sign --bundle FILE --key-file KEYSTORE --out SIGNED");
    say("Then bring SIGNED back: lockgate treasury import --bundle SIGNED");
}

impl Import {
    pub async fn run(self) -> Outcome {
        let signed = read_signed(&read_file(&self.bundle)?)?;
        let app = self.place.app().await?;
        let imported = import(&app, signed, &actor()).await?;
        say(&format!("{} signed transactions are stored; the gateway sends them.", imported.new));
        if imported.known > 0 {
            say(&format!("{} were here already.", imported.known));
        }
        if imported.over > 0 {
            say(&format!("{} are of transfers that are over.", imported.over));
        }
        if imported.called_off > 0 {
            say(&format!("{} are not stored: they pay transfers that are being called off.", imported.called_off));
        }
        Ok(ExitCode::SUCCESS)
    }
}
