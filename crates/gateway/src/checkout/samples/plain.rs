//! Pages that tell nothing of an invoice, at most whose it was.

use super::{COLOURS, Strangers, brand};
use crate::checkout::brand::Shop;
use crate::checkout::label::Label;
use crate::checkout::messages::Lang;
use crate::checkout::render::refund;
use crate::checkout::render_plain;
use crate::checkout::view::PlainPage;

/// Each by the name of its file.
pub fn plain(strangers: &Strangers, lang: Lang) -> Vec<(&'static str, String)> {
    let shop = || Some(Shop { merchant: Label::name(strangers.merchant), brand: brand(COLOURS[1].1) });
    let result = |page, shop| render_plain(page, false, lang, shop, "token=Zm9v%2BYmFy&");
    vec![
        ("not-found", render_plain(PlainPage::NotFound, false, lang, None, "")),
        ("too-many", render_plain(PlainPage::TooManyRequests, false, lang, None, "")),
        ("result-success", result(PlainPage::Success, None)),
        ("result-cancel", result(PlainPage::Cancel, None)),
        ("result-pending", result(PlainPage::Pending, None)),
        ("branded-result-success", result(PlainPage::Success, shop())),
        ("refund-gone", refund::gone(false, lang, None)),
        ("branded-refund-gone", refund::gone(false, lang, shop())),
    ]
}
