pub mod evm;
pub mod rates;
