//! UPI in the sandbox: the simulated switch, and a merchant's own VPA with bank statements.

mod own_vpa;
mod pages;
mod statements;
mod switch;
