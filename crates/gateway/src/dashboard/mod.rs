//! The pages of merchants and operators.

pub mod charts;
