//! Where a sandbox is reached, by whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;
use tokio::net::TcpListener;

use crate::app::switch::Switch;
use crate::net::guard::Policy;

/// What makes a sandbox one of a live gateway's.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Scheme, host and port as browsers see them; no slash at the end.
    pub base_url: String,
    /// The live gateway.
    pub live: Switch,
    /// Peers whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
}

#[derive(Debug, Clone)]
pub struct Reach {
    /// What browsers see.
    pub public: String,
    /// Where the chain and the acquirer answer the gateway itself, and the gateway them.
    pub inner: String,
    /// The live gateway that it is joined to.
    pub joined: Option<Switch>,
}

impl Reach {
    pub fn of(listening: SocketAddr, joined: Option<&Joined>) -> Reach {
        let inner = base_url(listening);
        let public = joined.map_or(&inner, |joined| &joined.base_url).clone();
        Reach { public, inner, joined: joined.map(|joined| joined.live.clone()) }
    }

    /// In a joined sandbox nobody but the gateway itself speaks to its chain and acquirer, and they to it: on a listener of their own. That they
    /// are asked from this machine says nothing, for so is everything that comes through a proxy here.
    pub async fn with_inner_listener(mut self) -> std::io::Result<(Reach, Option<TcpListener>)> {
        if self.joined.is_none() {
            return Ok((self, None));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        self.inner = base_url(listener.local_addr()?);
        Ok((self, Some(listener)))
    }

    /// What merchants may name as targets: a joined sandbox is no way into the network it stands in.
    pub fn policy(&self) -> Policy {
        policy(self.joined.is_some())
    }

    /// Of a test, all the same.
    #[cfg(test)]
    pub fn open(base_url: &str) -> Reach {
        Reach { public: base_url.into(), inner: base_url.into(), joined: None }
    }
}

/// What merchants of a sandbox may name as targets.
pub fn policy(is_joined: bool) -> Policy {
    if is_joined { Policy::Live } else { Policy::Sandbox }
}

/// How this machine reaches a server that listens on `address`.
fn base_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}
