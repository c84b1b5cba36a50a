//! The payer's pages. `view` to `wording` are how they look and read: values in, text out. `load` fills the values from
//! rows, `routes` speaks HTTP.

pub mod assets;
mod begin;
pub mod brand;
mod card_entry;
mod card_words;
mod charged;
pub mod headers;
pub mod label;
mod links;
pub mod load;
pub mod messages;
pub mod pay_link;
pub mod qr;
pub mod refund;
pub mod render;
pub mod routes;
pub(crate) mod text;
pub mod view;
mod wording;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use messages::{Lang, pick};
pub use render::{render, render_plain};
