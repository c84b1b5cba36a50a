//! The client for servers that the operator has configured: chain nodes and rate sources.

use std::time::Duration;

/// Connections are kept; redirects are not followed, since they would take keys in URLs to other hosts.
///
/// # Errors
/// Only if the TLS library cannot be set up.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    // an error means that a provider is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("Lockgate/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(5))
        .build()
}
