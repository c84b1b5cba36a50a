//! Cards in the sandbox, from creation to the books: S2S, the hosted page, hints, refunds, disputes, crashes, and where no card number
//! may ever stand.

mod access;
mod accounts;
mod acts;
mod challenge;
mod crashes;
mod disputes;
mod hints;
mod live;
mod nowhere;
mod page;
mod paid_out;
mod parked;
mod refunds;
mod routing;
mod s2s;
mod settlement;
mod solutions;
