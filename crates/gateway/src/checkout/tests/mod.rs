mod browser;
pub mod messages;
mod pages;
mod write;
