//! The contract's words: parameters, codes, messages, statuses, JSON keys and byte forms.
//!
//! This is the only place where they exist. Everything here is a pure function of its arguments.

pub mod amount;
pub mod answers;
pub mod callback;
pub mod card_numbers;
pub mod create;
pub mod email;
pub mod errors;
pub mod field;
mod form;
pub mod history;
pub mod idempotency;
mod json;
mod multipart;
pub mod params;
pub mod paths;
pub mod payout;
pub mod signature;
pub mod status;
pub mod text;
pub mod time;
pub mod v1;
