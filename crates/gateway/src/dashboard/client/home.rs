//! `/client/`

use askama::Template;

use super::checklist::{self, Step};
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
    /// Until all is done.
    checklist: Option<Vec<Step>>,
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    use domain::merchant::Wallet::{Active, Missing, Pending};
    let checklist = checklist::of(&ask, &desk).await?;
    let page = Page {
        checklist,
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
