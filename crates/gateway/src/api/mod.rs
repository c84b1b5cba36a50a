//! The merchant's API over HTTP.

pub mod access;
pub mod body;
pub mod call;
pub mod callers;
pub mod limits;
pub mod nonstopay;
pub mod provider_callbacks;
#[cfg(test)]
mod scope_tests;
pub mod streams;
pub mod v1;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;

use crate::app::SharedApp;
use callers::Callers;
use limits::Limits;
use streams::Streams;

/// What every handler has at hand. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Web(Arc<Parts>);

#[derive(Debug)]
pub struct Parts {
    pub app: SharedApp,
    pub limits: Arc<Limits>,
    pub callers: Callers,
    pub proxies: Proxies,
    /// What stays open of the dashboard.
    pub streams: Arc<Streams>,
    /// Cancelled when the server stops: long answers end.
    pub stop: CancellationToken,
}

impl std::ops::Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl From<Parts> for Web {
    fn from(parts: Parts) -> Self {
        Web(Arc::new(parts))
    }
}

/// The networks whose `X-Forwarded-For` counts.
#[derive(Debug, Clone, Default)]
pub struct Proxies(pub Arc<[IpNet]>);

impl Web {
    /// The caller's address, behind our own proxies only.
    pub fn client_ip(&self, peer: IpAddr, headers: &axum::http::HeaderMap) -> IpAddr {
        crate::net::client_ip::client_ip(peer, headers, &self.proxies.0)
    }
}

pub fn routes() -> Router<Web> {
    nonstopay::routes().merge(v1::routes()).merge(provider_callbacks::routes())
}
