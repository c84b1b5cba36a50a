//! The schema's history: one text for both databases.

refinery::embed_migrations!("migrations");

pub use migrations::runner;
