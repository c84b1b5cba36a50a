//! A chain as the operator's entry and the shipped one give it together.

use std::ops::Range;

use domain::confirmations::{ConfirmationPolicy, Step};
use domain::time::{HOUR, SECOND};
use toml::Spanned;

use super::chain::{ChainConfig, Endpoint};
use super::problems::Problems;
use super::{Env, assets, file, values, words};
use crate::app::chains::FlushPolicy;
use crate::store::blocks::REMEMBERED;

/// For chains that are not in the shipped table.
const FLUSH_AT_ONCE_CENTS: u128 = 10_000;
const FLUSH_AFTER_HOURS: u32 = 24;
const BUMP_AFTER_SECONDS: u32 = 120;

/// What the operator's entry says, or else the shipped one.
pub(super) struct Merged<'a> {
    pub(super) entry: &'a file::Chain,
    pub(super) base: Option<&'a file::Chain>,
}

impl<'a> Merged<'a> {
    fn pick<T>(&self, field: impl Fn(&'a file::Chain) -> Option<&'a T>) -> Option<&'a T> {
        field(self.entry).or_else(|| self.base.and_then(field))
    }

    /// Reads a field; if it is wrong, the place is the operator's value, or the chain's name if the value is shipped.
    fn read<V: 'a, T>(
        &self,
        problems: &mut Problems<'_>,
        key: &str,
        field: impl Fn(&'a file::Chain) -> Option<&'a Spanned<V>>,
        read: impl Fn(&V) -> Result<T, String>,
    ) -> Option<T> {
        let place = field(self.entry).map_or_else(|| self.place(), Spanned::span);
        problems.keep(place, key, read(self.pick(field)?.get_ref()))
    }

    fn require<T>(&self, problems: &mut Problems<'_>, key: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            problems.add(Some(self.place()), key, format!("is missing for {}", self.entry.name.get_ref()));
        }
        value
    }

    pub(super) fn place(&self) -> Range<usize> {
        self.entry.name.span()
    }

    pub(super) fn check(
        &self,
        shipped: &[file::Chain],
        env: Env<'_>,
        problems: &mut Problems<'_>,
    ) -> Option<ChainConfig> {
        let name = self.entry.name.get_ref();
        if self.base.is_none() && self.entry.chain_id.is_none() {
            let names: Vec<&str> = shipped.iter().map(|chain| chain.name.get_ref().as_str()).collect();
            let what = words::unknown("chain", name, &names);
            let what = format!("{what} (a chain of your own needs chain_id, title, native, deepest and max_fee_gwei)");
            problems.add(Some(self.place()), "chains.name", what);
            return None;
        }
        if !name.starts_with(|c: char| c.is_ascii_lowercase())
            || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        {
            problems.add(Some(self.place()), "chains.name", "must be lower-case letters and digits, e.g. gnosis");
        }
        self.refuse_redefinition(problems);
        let chain_id = self.read(
            problems,
            "chains.chain_id",
            |chain| chain.chain_id.as_ref(),
            |id| match id {
                0 => Err("must be above zero".into()),
                id => Ok(*id),
            },
        );
        let title = self.require(problems, "chains.title", self.pick(|chain| chain.title.as_ref()).cloned());
        let rpc = self.rpc(env, problems);
        let confirmations = self.confirmations(problems);
        let assets = assets::of_chain(self, problems);
        let flush = self.flush(problems);
        let explorer = |chain: &'a file::Chain| chain.explorer_tx_url.as_ref();
        let explorer_tx_url =
            self.read(problems, "chains.explorer_tx_url", explorer, |text| values::explorer_url(text));
        Some(ChainConfig {
            name: name.clone(),
            title: title?,
            chain_id: chain_id?,
            rpc: rpc?,
            confirmations: confirmations?,
            assets,
            flush: flush?,
            explorer_tx_url,
        })
    }

    /// What a shipped chain is, is not up to the file: another id under its name would be another chain's money.
    fn refuse_redefinition(&self, problems: &mut Problems<'_>) {
        if self.base.is_none() {
            return;
        }
        let what = "is fixed for a chain of the shipped table; give a chain of your own another name";
        if let Some(id) = &self.entry.chain_id {
            problems.add(Some(id.span()), "chains.chain_id", what);
        }
        if let Some(native) = &self.entry.native {
            problems.add(Some(native.symbol.span()), "chains.native", what);
        }
    }

    fn rpc(&self, env: Env<'_>, problems: &mut Problems<'_>) -> Option<Vec<Endpoint>> {
        let list = self.require(problems, "chains.rpc", self.entry.rpc.as_ref())?;
        if list.get_ref().is_empty() {
            problems.add(Some(list.span()), "chains.rpc", "must name at least one node");
        }
        let mut endpoints = Vec::new();
        for text in list.get_ref() {
            let url = problems.keep(text.span(), "chains.rpc", values::rpc_url(text.get_ref(), env));
            endpoints.extend(url.map(Endpoint));
        }
        Some(endpoints)
    }

    fn confirmations(&self, problems: &mut Problems<'_>) -> Option<ConfirmationPolicy> {
        let key = "chains.confirmations";
        let deepest = self.require(problems, "chains.deepest", self.pick(|chain| chain.deepest.as_ref()))?;
        let from_file = self.entry.confirmations.as_ref();
        let mut steps = Vec::new();
        for step in self.pick(|chain| chain.confirmations.as_ref()).into_iter().flatten() {
            let place = from_file.map_or_else(|| self.place(), |_| step.up_to_usd.span());
            let up_to_minor = problems.keep(place, key, values::cents(&step.up_to_usd.get_ref().0))?;
            steps.push(Step { up_to_minor, confirmations: step.blocks });
        }
        let place = from_file.and_then(|steps| steps.first()).map(|step| step.up_to_usd.span());
        let place = place.or_else(|| self.entry.deepest.as_ref().map(Spanned::span)).unwrap_or_else(|| self.place());
        let deepest = *deepest.get_ref();
        if deepest > REMEMBERED {
            let what = format!("must be at most {REMEMBERED}: deeper reorganisations cannot be followed");
            problems.add(Some(place), "chains.deepest", what);
            return None;
        }
        problems.keep(place, key, ConfirmationPolicy::new(steps, deepest).map_err(|error| error.to_string()))
    }

    fn flush(&self, problems: &mut Problems<'_>) -> Option<FlushPolicy> {
        let at_once = |chain: &'a file::Chain| chain.flush_at_once_usd.as_ref();
        let at_once = match self.pick(at_once) {
            Some(_) => self.read(problems, "chains.flush_at_once_usd", at_once, |text| values::cents(&text.0))?.0,
            None => FLUSH_AT_ONCE_CENTS,
        };
        let fee = |chain: &'a file::Chain| chain.max_fee_gwei.as_ref();
        self.require(problems, "chains.max_fee_gwei", self.pick(fee))?;
        let max_fee_per_gas = self.read(problems, "chains.max_fee_gwei", fee, |text| values::gwei(&text.0))?;
        let hours = self.pick(|chain| chain.flush_after_hours.as_ref()).map_or(FLUSH_AFTER_HOURS, |h| *h.get_ref());
        let bump = |chain: &'a file::Chain| chain.bump_after_seconds.as_ref();
        let seconds = match self.pick(bump) {
            Some(_) => self.read(problems, "chains.bump_after_seconds", bump, |seconds| match seconds {
                0 => Err("must be above zero".into()),
                seconds => Ok(*seconds),
            })?,
            None => BUMP_AFTER_SECONDS,
        };
        Some(FlushPolicy {
            at_once_minor: at_once,
            after_millis: i64::from(hours) * HOUR,
            max_fee_per_gas,
            bump_after_millis: i64::from(seconds) * SECOND,
        })
    }
}
