pub mod evm;
pub mod sim;
