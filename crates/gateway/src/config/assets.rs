//! The coins of a chain: which there are, and which payers may choose.

use alloy_primitives::Address;
use domain::asset::{Asset, Kind};
use rails::rates::Source;
use toml::Spanned;

use super::chain::Checked;
use super::merged::Merged;
use super::problems::Problems;
use super::{file, values, words};

/// Amounts are at most 2^128: with more places, hardly a coin would fit.
const MAX_DECIMALS: u8 = 30;
const NATIVE_DECIMALS: u8 = 18;

/// Shipped tokens, the chain's own coin, then the operator's tokens.
///
/// With a list of `assets` only those are payable. The others are watched all the same, so that a mistaken payment is seen.
pub(super) fn of_chain(chain: &Merged<'_>, problems: &mut Problems<'_>) -> Vec<Asset> {
    let mut assets = Vec::new();
    let shipped = chain.base.into_iter().flat_map(|base| &base.tokens);
    assets.extend(shipped.filter_map(|shipped| token(chain, shipped, true, problems)));
    match chain.base.and_then(|base| base.native.as_ref()).or(chain.entry.native.as_ref()) {
        Some(coin) => assets.extend(native(chain, coin, problems)),
        None => problems.add(
            Some(chain.place()),
            "chains.native",
            format!("is missing for {}: the coin that pays for gas", chain.entry.name.get_ref()),
        ),
    }
    assets.extend(chain.entry.tokens.iter().filter_map(|own| token(chain, own, false, problems)));
    if let Some(chosen) = &chain.entry.assets {
        let codes: Vec<&str> = assets.iter().map(|asset| asset.code.as_str()).collect();
        for name in chosen {
            if !assets.iter().any(|asset| asset.is_called(name.get_ref())) {
                let what = words::unknown("asset", name.get_ref(), &codes);
                problems.add(Some(name.span()), "chains.assets", what);
            }
        }
        for asset in &mut assets {
            asset.payable = chosen.iter().any(|name| asset.is_called(name.get_ref()));
        }
    }
    assets
}

fn native(chain: &Merged<'_>, coin: &file::Native, problems: &mut Problems<'_>) -> Option<Asset> {
    let decimals = coin.decimals.as_ref();
    let decimals_place = decimals.map_or_else(|| chain.place(), Spanned::span);
    let decimals = decimals.map_or(NATIVE_DECIMALS, |decimals| *decimals.get_ref());
    Some(Asset {
        code: code(chain, coin.code.as_ref(), &coin.symbol, problems)?,
        symbol: coin.symbol.get_ref().clone(),
        chain: chain.entry.name.get_ref().clone(),
        name: coin.name.clone(),
        kind: Kind::Native,
        decimals: problems.keep(decimals_place, "chains.native.decimals", decimals_in_range(decimals))?,
        at_par: coin.at_par,
        payable: coin.payable,
        aliases: coin.aliases.clone(),
    })
}

fn token(chain: &Merged<'_>, token: &file::Token, shipped: bool, problems: &mut Problems<'_>) -> Option<Asset> {
    // Places in the shipped table are none of the operator's file.
    let place = |spanned: std::ops::Range<usize>| if shipped { chain.place() } else { spanned };
    let contract = values::address(token.contract.get_ref());
    let contract = problems.keep(place(token.contract.span()), "chains.tokens.contract", contract);
    let decimals = decimals_in_range(*token.decimals.get_ref());
    let decimals = problems.keep(place(token.decimals.span()), "chains.tokens.decimals", decimals);
    Some(Asset {
        code: code(chain, token.code.as_ref(), &token.symbol, problems)?,
        symbol: token.symbol.get_ref().clone(),
        chain: chain.entry.name.get_ref().clone(),
        name: token.name.clone(),
        kind: Kind::Token(contract?.0.0),
        decimals: decimals?,
        at_par: token.at_par,
        payable: token.payable,
        aliases: token.aliases.clone(),
    })
}

fn decimals_in_range(decimals: u8) -> Result<u8, String> {
    if decimals <= MAX_DECIMALS { Ok(decimals) } else { Err(format!("must be 0 to {MAX_DECIMALS}")) }
}

/// As given, or `<SYMBOL>_<chain>`: the contract's form.
fn code(
    chain: &Merged<'_>,
    given: Option<&file::Text>,
    symbol: &file::Text,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let fits = |text: &str, extra: &[u8]| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || extra.contains(&b);
        (1..=40).contains(&text.len()) && text.bytes().all(allowed)
    };
    if !fits(symbol.get_ref(), b".-") {
        problems.add(Some(symbol.span()), "symbol", "must be 1 to 40 letters and digits, e.g. USDT");
        return None;
    }
    match given {
        Some(code) if fits(code.get_ref(), b"_.-") => Some(code.get_ref().clone()),
        Some(code) => {
            problems.add(Some(code.span()), "code", "must be 1 to 40 letters, digits and _, e.g. USDT_polygon");
            None
        }
        None => Some(format!("{}_{}", symbol.get_ref(), chain.entry.name.get_ref())),
    }
}

/// A code or alias names one asset, a contract is one asset.
pub(super) fn check_distinct(chains: &[Checked], problems: &mut Problems<'_>) {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for chain in chains {
        for asset in &chain.config.assets {
            for name in std::iter::once(&asset.code).chain(&asset.aliases) {
                if let Some((_, first)) = names.iter().find(|(taken, _)| taken.eq_ignore_ascii_case(name)) {
                    let what = format!("the name {name} of {} is also that of {first}", asset.code);
                    problems.add(Some(chain.place.clone()), "chains.tokens.code", what);
                }
                names.push((name, &asset.code));
            }
        }
        for (at, asset) in chain.config.assets.iter().enumerate() {
            if let Some(twin) = chain.config.assets[..at].iter().find(|twin| twin.kind == asset.kind) {
                let contract = match asset.kind {
                    Kind::Token(contract) => Address::from(contract).to_checksum(None),
                    Kind::Native => "the native coin".into(),
                };
                let what = format!("{} and {} are both {contract}", twin.code, asset.code);
                problems.add(Some(chain.place.clone()), "chains.tokens.contract", what);
            }
        }
    }
}

/// A coin without a price cannot be chosen by anybody: better said now than to the first payer.
pub(super) fn check_priced(chains: &[Checked], sources: &[Source], problems: &mut Problems<'_>) {
    for chain in chains {
        for asset in chain.config.assets.iter().filter(|asset| asset.payable && !asset.at_par) {
            if !sources.iter().any(|source| source.knows(&asset.symbol)) {
                let what = format!(
                    "{} has no price: no source in rates.sources knows {}. Leave it out of this chain's assets",
                    asset.code, asset.symbol
                );
                problems.add(Some(chain.place.clone()), "chains.assets", what);
            }
        }
    }
}
