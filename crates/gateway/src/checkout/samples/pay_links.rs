//! The page of a payment link, in every state.

use super::{COLOURS, Strangers, brand};
use crate::app::payment_links::Closed;
use crate::checkout::brand::Brand;
use crate::checkout::label::Label;
use crate::checkout::pay_link::{PayLinkPage, Step, Wrong};

pub fn pay_links(strangers: &Strangers) -> Vec<(&'static str, PayLinkPage)> {
    let page = |bounds: Option<(Option<&str>, Option<&str>)>, step| PayLinkPage {
        token: "Qk1X".repeat(10),
        sandbox: false,
        merchant: Label::name(strangers.merchant),
        brand: Brand::default(),
        title: Label::sentence(strangers.holder),
        description: bounds.map(|_| Label::sentence(strangers.merchant)),
        currency: "USD",
        amount: bounds.is_none().then(|| "15.04".into()),
        min: bounds.and_then(|(min, _)| min).map(str::to_owned),
        max: bounds.and_then(|(_, max)| max).map(str::to_owned),
        step,
    };
    let enter = |wrong| Step::Enter { amount: "12,5".into(), email: strangers.holder.to_owned(), wrong };
    let open = |wrong| page(Some((Some("5.00"), Some("500.00"))), enter(wrong));
    vec![
        ("link-fixed", page(None, enter(None))),
        ("link-open", page(Some((None, None)), enter(None))),
        ("link-at-least", page(Some((Some("5.00"), None)), enter(None))),
        ("link-at-most", page(Some((None, Some("500.00"))), enter(None))),
        ("link-amount", open(Some(Wrong::Amount))),
        ("link-above", open(Some(Wrong::Above))),
        ("link-below", open(Some(Wrong::Below))),
        ("link-email", open(Some(Wrong::Email))),
        ("link-not-now", page(None, enter(Some(Wrong::NotNow)))),
        ("link-off", page(None, Step::Closed(Closed::Off))),
        ("link-expired", page(None, Step::Closed(Closed::Expired))),
        ("link-paid", page(None, Step::Closed(Closed::Paid))),
        ("branded-link-below", PayLinkPage { brand: brand(COLOURS[0].1), ..open(Some(Wrong::Below)) }),
    ]
}
