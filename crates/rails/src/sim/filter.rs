//! `eth_getLogs`.

use alloy_primitives::{Address, B256, Log};
use serde_json::{Map, Value};

use super::chain::SimChain;
use super::params::{self, Params};
use super::rpc::RpcError;

const MAX_TOPICS: usize = 4;

/// Which logs are wanted.
#[derive(Debug, Default)]
struct Wanted {
    /// Empty: from anyone.
    addresses: Vec<Address>,
    /// By position; empty: anything, but there must be a topic.
    topics: Vec<Vec<B256>>,
}

impl SimChain {
    /// Every matching log of a block or range, in the order of the chain.
    pub(super) fn logs(&self, params: &Params<'_>) -> Result<Value, RpcError> {
        let filter = params.read(0, |value| value.as_object().ok_or_else(|| "json: not an object".to_owned()))?;
        let (first, last) = self.log_range(filter)?;
        let wanted = Wanted::read(filter)?;
        let mut found = Vec::new();
        for number in first..=last {
            let Some(body) = self.block(number).and_then(|block| block.body.as_deref()) else { continue };
            for (at, mined) in body.mined.iter().enumerate() {
                if mined.logs.iter().any(|log| wanted.matches(log)) {
                    let logs = self.logs_json(number, at, mined).zip(&mined.logs);
                    found.extend(logs.filter(|(_, log)| wanted.matches(log)).map(|(json, _)| json));
                }
            }
        }
        Ok(Value::Array(found))
    }

    fn log_range(&self, filter: &Map<String, Value>) -> Result<(u64, u64), RpcError> {
        let given = |key: &str| filter.get(key).filter(|value| !value.is_null());
        if let Some(wanted) = given("blockHash") {
            if given("fromBlock").is_some() || given("toBlock").is_some() {
                return Err(RpcError::invalid_params(
                    "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other",
                ));
            }
            let wanted = params::hash(wanted).map_err(invalid)?;
            let number = self.numbers.get(&wanted).copied().ok_or_else(|| RpcError::server("unknown block"))?;
            return Ok((number, number));
        }
        // A bound beyond the head is the head for `toBlock`, and leaves nothing for `fromBlock`.
        let head = self.head_number();
        let bound = |key: &str, beyond: u64| match given(key) {
            None => Ok(head),
            Some(value) => Ok(self.number_of(value).map_err(invalid)?.unwrap_or(beyond)),
        };
        let (first, last) = (bound("fromBlock", head.saturating_add(1))?, bound("toBlock", head)?);
        if first > last && first <= head {
            return Err(RpcError::invalid_params("invalid block range params"));
        }
        Ok((first, last))
    }
}

impl Wanted {
    fn read(filter: &Map<String, Value>) -> Result<Self, RpcError> {
        let mut wanted = Self::default();
        match filter.get("address") {
            None | Some(Value::Null) => {}
            Some(Value::Array(list)) => {
                wanted.addresses = list.iter().map(params::address).collect::<Result<_, _>>().map_err(invalid)?;
            }
            Some(one) => wanted.addresses.push(params::address(one).map_err(invalid)?),
        }
        let topics = match filter.get("topics") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(topics)) => topics.as_slice(),
            Some(_) => return Err(invalid("topics: not a list".to_owned())),
        };
        if topics.len() > MAX_TOPICS {
            return Err(RpcError::invalid_params("exceed max topics"));
        }
        for topic in topics {
            wanted.topics.push(match topic {
                Value::Null => Vec::new(),
                // A null among alternatives lets everything through.
                Value::Array(any) if any.iter().any(Value::is_null) => Vec::new(),
                Value::Array(any) => any.iter().map(params::hash).collect::<Result<_, _>>().map_err(invalid)?,
                one => vec![params::hash(one).map_err(invalid)?],
            });
        }
        Ok(wanted)
    }

    fn matches(&self, log: &Log) -> bool {
        let topics = log.topics();
        (self.addresses.is_empty() || self.addresses.contains(&log.address))
            && self.topics.len() <= topics.len()
            && self.topics.iter().zip(topics).all(|(any, topic)| any.is_empty() || any.contains(topic))
    }
}

fn invalid(reason: String) -> RpcError {
    RpcError::invalid_params(format!("invalid argument 0: {reason}"))
}
