//! EVM chains: where deposits go (`artifact`, `forwarder`), how we see them (`rpc`, `logs`, `scan`, `follow`) and how
//! a key on the server sends transactions (`fees`, `sign`, `keystore`, `token`). Nothing here holds a key to a payer's money.

pub mod abi;
pub mod artifact;
pub mod bundle;
pub mod fees;
pub mod follow;
pub mod forwarder;
pub mod keystore;
pub mod logs;
pub mod rpc;
pub mod scan;
pub mod sign;
pub mod token;
