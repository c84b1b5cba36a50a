//! The page on which a payer says where coins are to go, in every state.

use super::{ADDRESS, COLOURS, Strangers, TX, brand};
use crate::app::coin_refunds::address::BadAddress;
use crate::checkout::brand::Brand;
use crate::checkout::label::Label;
use crate::checkout::refund::{RefundPage, Step, Wrong};
use crate::checkout::view::Amount;

pub fn refunds(strangers: &Strangers) -> Vec<(&'static str, RefundPage)> {
    let page = |step| RefundPage {
        token: "5a".repeat(32),
        sandbox: false,
        merchant: Label::name(strangers.merchant),
        brand: Brand::default(),
        number: 1736,
        amount: Amount { digits: "25.000001".into(), symbol: Label::name(strangers.symbol) },
        network: Label::name(strangers.network),
        step,
    };
    let enter = |wrong| page(Step::Enter { typed: strangers.holder.to_owned(), wrong: Some(wrong) });
    let address = ADDRESS.to_owned();
    let done = |explorer_url| Step::Done { address: ADDRESS.into(), tx_hash: Some(TX.into()), explorer_url };
    vec![
        ("refund-enter", page(Step::Enter { typed: String::new(), wrong: None })),
        ("refund-malformed", enter(Wrong::Address(BadAddress::NotAnAddress))),
        ("refund-mistyped", enter(Wrong::Address(BadAddress::Checksum))),
        ("refund-ours", enter(Wrong::Address(BadAddress::NotAPayers))),
        ("refund-not-now", enter(Wrong::NotNow)),
        ("refund-sure", page(Step::Sure { address: address.clone() })),
        ("refund-confirmed", page(Step::Confirmed { address })),
        ("refund-done", page(done(Some(format!("https://polygonscan.com/tx/{TX}"))))),
        ("refund-done-unlinked", page(done(None))),
        ("refund-failed", page(Step::Failed)),
        (
            "branded-refund-sure",
            RefundPage { brand: brand(COLOURS[0].1), ..page(Step::Sure { address: ADDRESS.into() }) },
        ),
    ]
}
