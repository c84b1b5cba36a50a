//! The real program over loopback HTTP: `lockgate sandbox` is started, spoken to as merchants, payers and their servers
//! speak to it, killed, and started again.

#[cfg(test)]
mod access;
#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod create_invoice;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod lookups;
