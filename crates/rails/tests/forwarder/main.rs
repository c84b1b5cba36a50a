//! The forwarder's money rules, tried on the committed bytecode in a real EVM: tokens leave a forwarder only to the
//! merchant's and the fee wallet, in the agreed ratio, whoever calls what.

mod addresses;
mod any_sequence;
mod failures;
mod world;
