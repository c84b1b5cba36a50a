//! What merchants ask: status, infos, history, lists (contract, payin.md sections 2 to 6).

mod history;
mod infos;
mod lists;
