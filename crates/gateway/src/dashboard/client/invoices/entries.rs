//! Lines of ledger entries in words.

use domain::ledger::{Posting, Side};

use crate::app::App;
use crate::checkout::text::Text;
use crate::dashboard::client::money::amount;
use crate::dashboard::words::Words;

/// One posting: whose account, which, and the amount at its side.
#[derive(Debug, Clone)]
pub struct Line {
    pub account: Text,
    pub debit: String,
    pub credit: String,
}

pub fn posting_lines(app: &App, w: Words, postings: &[Posting]) -> Vec<Line> {
    let line = |posting: &Posting| {
        let units = amount(app, posting.units, &posting.account.asset);
        let (debit, credit) = match posting.side {
            Side::Debit => (units, String::new()),
            Side::Credit => (String::new(), units),
        };
        Line { account: w.text(&account_key(posting.account.owner, posting.account.kind)), debit, credit }
    };
    postings.iter().map(line).collect()
}

/// The message that names an account.
pub fn account_key(owner: domain::ledger::Owner, kind: domain::ledger::Kind) -> String {
    use domain::ledger::{Kind, Owner};
    match (owner, kind) {
        // both have money at providers
        (Owner::Merchant, Kind::Provider) => "account-own-provider".into(),
        _ => format!("account-{}", kind.name()),
    }
}
