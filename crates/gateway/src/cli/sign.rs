//! `lockgate sign`: on a machine without a network. No configuration, no database: a file, a key, and a person who reads.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use domain::Units;
use rails::evm::bundle::{self, Unsigned, read_unsigned};
use rails::evm::keystore;
use zeroize::Zeroizing;

use super::treasury_offline::{not_there, read_file, write_new};
use super::{Outcome, say};
use crate::config::{KnownChain, TREASURY_PASSPHRASE_ENV, known_chains};

/// Sign what a treasury is to send, on a machine without a network. Needs LOCKGATE_TREASURY_PASSPHRASE.
#[derive(Debug, Args)]
pub struct Sign {
    /// The file that `lockgate treasury export` made.
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    /// The treasury's key: an Ethereum JSON keystore.
    #[arg(long, value_name = "KEYSTORE")]
    key_file: PathBuf,
    /// The file to make. One that is there is not overwritten.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Do not ask: somebody has read the file.
    #[arg(long)]
    yes: bool,
}

impl Sign {
    pub fn run(self) -> Outcome {
        not_there(&self.out)?;
        let file = read_unsigned(&read_file(&self.bundle)?)?;
        file.check_words()?;
        let warnings = compare_with_table(&file, &known_chains()?)?;
        lines(&file).iter().chain(&warnings).for_each(|line| say(line));
        let passphrase = std::env::var(TREASURY_PASSPHRASE_ENV).map(Zeroizing::new).unwrap_or_default();
        if passphrase.is_empty() {
            return Err(
                format!("{TREASURY_PASSPHRASE_ENV} is not set in the environment: it opens the key file").into()
            );
        }
        let key = keystore::open(&self.key_file, &passphrase);
        let key = key.map_err(|error| format!("{}: {error}", self.key_file.display()))?;
        if !self.yes && !confirmed()? {
            say("Nothing was signed.");
            return Ok(ExitCode::FAILURE);
        }
        let signed = bundle::sign(&file, &key)?;
        write_new(&self.out, &signed)?;
        say(&format!("{} transactions are signed: {}", signed.transactions.len(), self.out.display()));
        Ok(ExitCode::SUCCESS)
    }
}

fn confirmed() -> Result<bool, Box<dyn std::error::Error>> {
    if !std::io::stdin().is_terminal() {
        return Err("nobody is there to be asked: read the lines above, then add --yes".into());
    }
    say("Sign all of this? Type yes:");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

/// A name in the file that this program knows otherwise is refused; what it does not know it says.
fn compare_with_table(file: &Unsigned, known: &[KnownChain]) -> Result<Vec<String>, String> {
    let mut warnings = Vec::new();
    let chain = known.iter().find(|chain| chain.chain_id == file.chain_id);
    match chain {
        Some(chain) if !chain.is_test && chain.name != file.chain => {
            return Err(format!("the file says {}, and chain {} is {}", file.chain, file.chain_id, chain.name));
        }
        Some(_) => {}
        None => warnings.push(format!("NOTE: chain {} is not one that this program knows.", file.chain_id)),
    }
    let mut unknown = BTreeMap::new();
    for one in &file.transfers {
        let token = chain.and_then(|chain| chain.tokens.iter().find(|token| token.contract == one.token));
        match token {
            Some(token) if token.decimals != one.decimals || token.code != one.asset => {
                let (said, is) = ((&one.asset, one.decimals), (&token.code, token.decimals));
                return Err(format!(
                    "transfer {}: the file says {} with {} decimals, and {} is {} with {}",
                    one.id, said.0, said.1, one.token, is.0, is.1
                ));
            }
            Some(_) => {}
            None => drop(unknown.insert(one.token, (&one.asset, one.decimals))),
        }
    }
    for (token, (asset, decimals)) in unknown {
        warnings.push(format!(
            "NOTE: this program does not know the contract {token}. Compare it, and its {decimals} decimals, with what you know of {asset}."
        ));
    }
    Ok(warnings)
}

/// Who gets how much, and the sums: made from what is signed.
pub(super) fn lines(file: &Unsigned) -> Vec<String> {
    let mut lines = vec![format!("From {} on {} (chain {}):", file.wallet, file.chain, file.chain_id)];
    let mut sums: BTreeMap<_, (u128, u32)> = BTreeMap::new();
    let mut gas = 0u128;
    let mut cost = |limit: u64, price: &str| {
        gas = gas.saturating_add(u128::from(limit).saturating_mul(price.parse().unwrap_or(u128::MAX)));
    };
    for one in &file.transfers {
        let units = one.base_units().unwrap_or(u128::MAX);
        let amount = Units(units).decimal(one.decimals, 0);
        lines.push(format!(
            "    nonce {:>6}  {amount:>24} {:<16} to {}  ({})",
            one.nonce, one.asset, one.receiver, one.id
        ));
        let sum = sums.entry((&one.asset, one.token, one.decimals)).or_default();
        (sum.0, sum.1) = (sum.0.saturating_add(units), sum.1 + 1);
        cost(one.gas_limit, &one.max_fee);
    }
    for one in &file.calls_off {
        lines.push(format!("    nonce {:>6}  {:>24} {:<16} calls off {}", one.nonce, "nothing", "", one.id));
        cost(one.gas_limit, &one.max_fee);
    }
    for ((asset, token, decimals), (units, count)) in sums {
        let sum = Units(units).decimal(decimals, 0);
        lines.push(format!("Sum: {sum} {asset} in {count} transfers; contract {token}"));
    }
    lines.push(format!("Gas: at most {} of native coin", Units(gas).decimal(18, 0)));
    lines
}
