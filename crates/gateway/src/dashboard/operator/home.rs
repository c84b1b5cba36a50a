//! `/operator/`: the merchants, and a look at each.

use askama::Template;
use domain::merchant::Merchant;

use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::store::merchants;

#[derive(Template)]
#[template(path = "dashboard/operator/home.html")]
struct Page {
    f: Frame,
    merchants: Vec<Merchant>,
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let merchants = ask.app().store.read(merchants::list).await?;
    ask.show(&Page { f: ask.frame(ask.w().text("nav-merchants").plain()), merchants })
}
