//! What every connector in `provider/list.rs` must pass, from the exchanges in `fixtures/<provider>/`. How to add one: `docs/providers.md`.
//! Stripe's speaks to a stand-in besides.

#[cfg(test)]
mod callbacks;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod exchanges;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod garbage;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod payouts;
#[cfg(test)]
mod play;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod show;
#[cfg(test)]
mod stripe_stand_in;
