//! The treasuries of the file: which chain, which key, how much.

use std::path::Path;

use alloy_primitives::Address;
use rails::evm::keystore::{self, KeystoreError};
use rails::evm::sign::GasKey;
use zeroize::Zeroizing;

use super::chain::Checked;
use super::problems::Problems;
use super::{Env, TREASURY_PASSPHRASE_ENV, file, values, words};
use crate::app::chains::{Caps, Signer, Treasury};

/// What the file says of one, and where its key was.
#[derive(Debug, Clone)]
pub struct TreasuryConfig {
    pub chain: String,
    pub treasury: Treasury,
}

/// What a treasury's account must not be, and the words for it.
pub(super) type Taken<'a> = (Option<Address>, &'a str);

/// `base` is the directory from which key files are named.
pub(super) fn check_all(
    entries: &[file::Treasury],
    chains: &[Checked],
    base: &Path,
    taken: &[Taken<'_>],
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Vec<TreasuryConfig> {
    let mut treasuries: Vec<TreasuryConfig> = Vec::new();
    for entry in entries {
        let name = entry.chain.get_ref();
        let known: Vec<&str> = chains.iter().map(|chain| chain.config.name.as_str()).collect();
        if !known.contains(&name.as_str()) {
            problems.add(Some(entry.chain.span()), "treasury.chain", words::unknown("chain", name, &known));
        }
        if treasuries.iter().any(|earlier| earlier.chain == *name) {
            problems.add(Some(entry.chain.span()), "treasury.chain", format!("{name} has two treasuries"));
        }
        let signer = signer(entry, base, taken, env, problems);
        let (caps, allow) = (caps(entry, problems), allow(entry, problems));
        if let (Some(signer), Some(caps)) = (signer, caps) {
            treasuries.push(TreasuryConfig { chain: name.clone(), treasury: Treasury { signer, caps, allow } });
        }
    }
    treasuries
}

fn signer(
    entry: &file::Treasury,
    base: &Path,
    taken: &[Taken<'_>],
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Option<Signer> {
    match entry.signer.get_ref().as_str() {
        "hot" => hot(entry, base, taken, env, problems),
        "offline" => offline(entry, taken, problems),
        other => {
            let what = words::unknown("signer", other, &["hot", "offline"]);
            problems.add(Some(entry.signer.span()), "treasury.signer", what);
            None
        }
    }
}

/// Nothing of its key is here: a file goes out, and a signed one comes back.
fn offline(entry: &file::Treasury, taken: &[Taken<'_>], problems: &mut Problems<'_>) -> Option<Signer> {
    if let Some(key_file) = &entry.key_file {
        let what = "an offline signer's key is on another machine: leave this out";
        problems.add(Some(key_file.span()), "treasury.key_file", what);
    }
    let Some(text) = &entry.address else {
        let what = "is missing: the wallet that an offline signer signs for";
        problems.add(Some(entry.signer.span()), "treasury.address", what);
        return None;
    };
    let address = problems.keep(text.span(), "treasury.address", values::address(text.get_ref()))?;
    for (account, what) in taken {
        if *account == Some(address) {
            problems.add(Some(text.span()), "treasury.address", format!("is {what}; a treasury needs its own"));
        }
    }
    Some(Signer::Offline(address))
}

fn hot(
    entry: &file::Treasury,
    base: &Path,
    taken: &[Taken<'_>],
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Option<Signer> {
    if let Some(address) = &entry.address {
        let what = "of a hot signer it is read from the key file: leave this out";
        problems.add(Some(address.span()), "treasury.address", what);
    }
    let Some(key_file) = &entry.key_file else {
        let what = "is missing: a hot signer's key; `lockgate treasury new` makes one";
        problems.add(Some(entry.signer.span()), "treasury.key_file", what);
        return None;
    };
    let place = Some(key_file.span());
    let Some(passphrase) = env(TREASURY_PASSPHRASE_ENV).map(Zeroizing::new).filter(|text| !text.is_empty()) else {
        let what = format!("{TREASURY_PASSPHRASE_ENV} is not set in the environment: it opens this file");
        problems.add(place, "treasury.key_file", what);
        return None;
    };
    let key = open(&base.join(key_file.get_ref()), &passphrase);
    let key = problems.keep(key_file.span(), "treasury.key_file", key)?;
    for (account, what) in taken {
        if *account == Some(key.address()) {
            problems.add(place.clone(), "treasury.key_file", format!("is the key of {what}; a treasury needs its own"));
        }
    }
    Some(Signer::Hot(key))
}

fn open(path: &Path, passphrase: &str) -> Result<GasKey, String> {
    keystore::open(path, passphrase).map_err(|error| match error {
        KeystoreError::File(error) => format!("cannot be read: {error}; `lockgate treasury new` makes one"),
        other => other.to_string(),
    })
}

fn caps(entry: &file::Treasury, problems: &mut Problems<'_>) -> Option<Caps> {
    let mut cap = |key: &str, value: &toml::Spanned<u64>| {
        let result = match *value.get_ref() {
            0 => Err("must be above zero, in whole coins".to_owned()),
            coins => Ok(coins),
        };
        problems.keep(value.span(), key, result)
    };
    let (daily, transfer) =
        (cap("treasury.daily_cap", &entry.daily_cap), cap("treasury.transfer_cap", &entry.transfer_cap));
    let caps = Caps { daily: daily?, transfer: transfer? };
    if caps.transfer > caps.daily {
        let what = "must not be above daily_cap: such a transfer could never go";
        problems.add(Some(entry.transfer_cap.span()), "treasury.transfer_cap", what);
    }
    Some(caps)
}

fn allow(entry: &file::Treasury, problems: &mut Problems<'_>) -> Option<Vec<Address>> {
    let list = entry.allow.as_ref()?;
    let mut wallets = Vec::new();
    for text in list {
        wallets.extend(problems.keep(text.span(), "treasury.allow", values::address(text.get_ref())));
    }
    Some(wallets)
}
