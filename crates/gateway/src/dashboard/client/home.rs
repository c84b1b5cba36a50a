//! `/client/`

use askama::Template;

use crate::app::accounts::sessions::Desk;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;

#[derive(Template)]
#[template(path = "dashboard/client/home.html")]
struct Page {
    f: Frame,
    merchant: String,
    number: i64,
    wallet: Option<String>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    use domain::merchant::Wallet::{Active, Missing, Pending};
    let page = Page {
        f: ask.frame(ask.w().text("nav-home").plain()),
        merchant: desk.merchant.name.clone(),
        number: desk.merchant.number,
        wallet: match desk.merchant.wallet {
            Active(address) | Pending(address) => Some(address),
            Missing => None,
        },
    };
    ask.show(&page)
}
