//! Single values: from text to what it means, or a sentence about what is wrong.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use alloy_primitives::Address;
use domain::Units;
use ipnet::IpNet;
use url::{Host, Url};

use super::Env;
use crate::net::guard::{self, Policy, Refused};
use crate::secrets::MasterKey;

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "must be an IP address and a port, e.g. 127.0.0.1:8080".into())
}

pub(super) fn directory(text: &str) -> Result<PathBuf, String> {
    if text.trim().is_empty() { Err("must name a directory".into()) } else { Ok(PathBuf::from(text)) }
}

/// A network, or one address.
///
/// # Errors
/// A sentence about what is none.
pub fn network(text: &str) -> Result<IpNet, String> {
    let one = || text.parse::<IpAddr>().ok().map(IpNet::from);
    let network = text.parse::<IpNet>().ok().or_else(one);
    match network {
        Some(network) if network.prefix_len() == 0 => {
            Err("must not be everyone: then anyone could claim any address".into())
        }
        Some(network) => Ok(network),
        None => Err("must be an address or a network, e.g. 10.0.0.0/8".into()),
    }
}

/// Scheme, host and port.
///
/// # Errors
/// A sentence about what is none.
pub fn base_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|_| "must be a URL, e.g. https://pay.example.com")?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err("must be scheme, host and port only, e.g. https://pay.example.com".into());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("must begin with https://: only a loopback host may use http".into()),
        _ => return Err("must begin with https://".into()),
    }
    Ok(url.origin().ascii_serialization())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// An endpoint of a chain's node: a URL, or `env:NAME` for one in the environment. The text is never repeated in an error.
pub(super) fn rpc_url(text: &str, env: Env<'_>) -> Result<Url, String> {
    let from_env;
    let text = match text.strip_prefix("env:") {
        Some(name) => {
            let value = env(name).filter(|value| !value.is_empty());
            from_env = value.ok_or_else(|| format!("{name} is not set in the environment"))?;
            from_env.trim()
        }
        None => text,
    };
    let url = Url::parse(text).map_err(|_| "must be a URL, or env:NAME with the URL in the environment")?;
    match url.scheme() {
        "https" => Ok(url),
        // Who can change the answers of a node can invent payments.
        "http" if is_private(&url) => Ok(url),
        "http" => Err("must begin with https://: http is for nodes on this machine or its private network".into()),
        "ws" | "wss" => Err("must be the node's http address: websockets are not used".into()),
        _ => Err("must begin with https://".into()),
    }
}

/// Whether the host is this machine or on a private network, by its address or name.
fn is_private(url: &Url) -> bool {
    let link = format!("http://{}/", url.host_str().unwrap_or_default());
    matches!(guard::check_link(&link, Policy::Live), Err(Refused::LocalName | Refused::Address(_)))
}

/// Where a transaction's hash is appended.
pub(super) fn explorer_url(text: &str) -> Result<String, String> {
    let https = Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    if https && text.ends_with(['/', '=']) {
        Ok(text.to_owned())
    } else {
        Err("must begin with https:// and end where the transaction's hash follows, e.g. https://scan.example/tx/"
            .into())
    }
}

/// An address in any case of letters; mixed case must be the checksum of EIP-55, which finds nearly every slip.
pub(super) fn address(text: &str) -> Result<Address, String> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40);
    let address: Address =
        digits.and_then(|digits| digits.parse().ok()).ok_or("must be an address: 0x and 40 hex digits")?;
    let mixed = text[2..].bytes().any(|b| b.is_ascii_lowercase()) && text[2..].bytes().any(|b| b.is_ascii_uppercase());
    if mixed && address.to_checksum(None) != text {
        return Err("the checksum (EIP-55) does not match: a character is wrong, or its case is".into());
    }
    if address.is_zero() { Err("must not be the zero address".into()) } else { Ok(address) }
}

/// US dollars, as cents.
pub(super) fn cents(text: &str) -> Result<Units, String> {
    Units::parse(text, 2).map_err(|error| format!("must be US dollars, e.g. \"100\" or \"99.50\": {error}"))
}

/// A price of gas, as wei.
pub(super) fn gwei(text: &str) -> Result<u128, String> {
    match Units::parse(text, 9) {
        Ok(Units(0)) => Err("must be above zero".into()),
        Ok(wei) => Ok(wei.0),
        Err(error) => Err(format!("must be gwei, e.g. 30 or \"0.5\": {error}")),
    }
}

pub(super) fn master_key(text: &str) -> Result<MasterKey, String> {
    MasterKey::from_hex(text).ok_or_else(|| "must be 64 hex digits".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_only_to_nodes_nearby() {
        let cases = [
            ("http://127.0.0.1:8545", true),
            ("http://[::1]:8545", true),
            ("http://10.1.2.3:8545/key", true),
            ("http://geth:8545", true),
            ("http://node.internal:8545", true),
            ("http://user:pass@10.1.2.3:8545", true),
            ("http://8.8.8.8:8545", false),
            ("http://node.example.com", false),
            ("http://node.example.com./", false),
            ("http://user:pass@node.example.com", false),
            ("https://user:pass@node.example.com", true),
        ];
        for (url, accepted) in cases {
            assert_eq!(rpc_url(url, &|_| None).is_ok(), accepted, "{url}");
        }
    }
}
