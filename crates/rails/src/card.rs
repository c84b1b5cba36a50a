//! Connectors to card providers. How to write one: `docs/providers.md`.

pub mod checkout_com;
pub mod stripe;
