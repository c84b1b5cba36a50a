//! The real program, driven from outside.

mod anvil;
