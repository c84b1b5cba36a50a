pub mod evm;
pub mod rates;
pub mod sim;
