//! How a gateway is run: what it tells those who run it, and how it is replaced while others ask it.

mod metrics;
mod rolling;
mod traces;
