//! The payer's pages: how they look and read. Values in, text out; no database, no HTTP, no clock.

pub mod assets;
pub mod label;
pub mod messages;
pub mod qr;
pub mod render;
mod text;
pub mod view;
mod wording;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use messages::{Lang, pick};
pub use render::{render, render_plain};
