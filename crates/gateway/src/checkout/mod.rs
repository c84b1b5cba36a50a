//! The payer's pages. `view` to `wording` are how they look and read: values in, text out. `load` fills the values from
//! rows, `routes` speaks HTTP.

pub mod assets;
pub mod label;
pub mod load;
pub mod messages;
pub mod qr;
pub mod render;
pub mod routes;
mod text;
pub mod view;
mod wording;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use messages::{Lang, pick};
pub use render::{render, render_plain};
