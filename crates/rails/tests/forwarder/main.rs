//! The forwarder's money rules, tried on the committed bytecode in a real EVM: tokens leave a forwarder only to the
//! merchant's and the fee wallet, in the agreed ratio, whoever calls what.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod any_sequence;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod multi_send;
#[cfg(test)]
mod world;
