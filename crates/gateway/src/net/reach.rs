//! Whether a merchant's server can be reached, without sending it anything.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};

use super::address::check_ip;
use super::guard::{Policy, Refused, check_url};

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    #[error("the URL is refused: {0}")]
    Refused(#[from] Refused),
    #[error("the host name {0} could not be resolved: check DNS, or the URL")]
    Name(String),
    #[error("{0} does not accept connections: ask the merchant")]
    NoConnection(String),
}

/// Resolves, checks every address by the guard, and opens a connection.
pub async fn reach(url: &str, policy: Policy) -> Result<(), Unreachable> {
    let checked = check_url(url, policy)?;
    let url = checked.url();
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(443));
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let found = tokio::time::timeout(PATIENCE, lookup_host((name.clone(), port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        _ => return Err(Unreachable::Name(name)),
    };
    for address in &addresses {
        check_ip(address.ip(), policy)?;
    }
    for address in addresses {
        if let Ok(Ok(_)) = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
            return Ok(());
        }
    }
    Err(Unreachable::NoConnection(name))
}
