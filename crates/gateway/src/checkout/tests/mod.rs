mod browser;
mod card;
pub mod messages;
mod pages;
mod scripts;
mod upi;
mod write;
