//! What merchants read and do beside the contract: search, figures, timeline; payment links; the calls under `/api/v1/`.

mod access;
mod links;
mod money;
pub mod pages;
