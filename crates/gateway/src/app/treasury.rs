//! The treasury: the operator's wallet on a chain, from which merchants are settled and payers get coins back.
//!
//! What moves in it is read from the chain ([`moves`]). What is to leave it is looked at ([`plan`]), stored with its bytes
//! ([`send`]), alone or with others ([`batch`]), or goes out as a file to be signed elsewhere ([`export`]) and comes back ([`import`]); it
//! arrives when the chain says so. Native coin in it is gas money and is in no book.

pub mod batch;
pub mod compare;
pub mod export;
pub mod gaps;
pub mod import;
pub mod moves;
pub mod plan;
pub mod send;
#[cfg(test)]
mod tests;
pub mod unseen;
pub mod wallets;

pub use compare::compare;
