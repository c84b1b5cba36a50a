//! What is true about money: invoices, attempts, payments, the ledger, fees and rates.
//!
//! Pure: no async, no input or output, no clock, no randomness, no database. Time comes in as a [`Time`],
//! identifiers as values, and every function answers with values. Commands may be refused; facts can only be recorded.

pub mod access;
pub mod amount;
pub mod asset;
pub mod attempt;
pub mod books;
pub mod callback;
pub mod card;
pub mod charge;
pub mod charge_books;
pub mod coin_refund;
pub mod confirmations;
pub mod debt;
pub mod exchange;
pub mod fee;
pub mod fiat;
pub mod fund_books;
pub mod given_back;
pub mod ids;
pub mod invoice;
pub mod ledger;
pub mod merchant;
pub mod paid_out_books;
pub mod payment;
pub mod rate;
pub mod scope;
pub mod settlement;
pub mod standing;
pub mod time;
pub mod transfer;
pub mod transfer_books;
pub mod treasury_books;

pub use amount::Units;
pub use ids::{
    AccountId, AttemptId, ChargeId, EventId, InvoiceId, KeyId, MerchantId, PaymentId, RefundId, TransferId, UserId,
};
pub use time::Time;
