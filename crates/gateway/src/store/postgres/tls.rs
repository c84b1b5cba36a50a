//! TLS to the database: certificates are checked as the system does.

use rustls_platform_verifier::ConfigVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::error::StoreError;

pub fn connector() -> Result<MakeRustlsConnect, StoreError> {
    // an error means that a provider is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = rustls::ClientConfig::with_platform_verifier()
        .map_err(|error| StoreError::Unusable(format!("TLS cannot be set up: {error}")))?;
    Ok(MakeRustlsConnect::new(config))
}
