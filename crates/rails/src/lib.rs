pub mod card;
pub mod evm;
pub mod provider;
pub mod rates;
pub mod sim;
pub mod upi;
