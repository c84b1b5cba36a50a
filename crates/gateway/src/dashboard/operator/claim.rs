//! `/operator/claim`: a payer says that he has paid, and nothing is recorded. What the chain holds at the invoice's addresses, beside that.

use alloy_primitives::Address;
use askama::Template;

use crate::app::accounts::sessions::Person;
use crate::app::claims::{ClaimFailed, Holding, holdings};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::store::merchants;

pub const PATH: &str = "/operator/claim";

#[derive(Template)]
#[template(path = "dashboard/operator/claim.html")]
struct Page {
    f: Frame,
    merchant: String,
    invoice: String,
    wrong: Option<Text>,
    /// Once it was asked for.
    found: Option<Vec<Line>>,
    command: Option<String>,
}

struct Line {
    address: String,
    asset: String,
    holds: String,
    recorded: String,
    is_unexplained: bool,
    is_asked: bool,
}

fn line(holding: &Holding) -> Option<Line> {
    let Holding { attempt, asset, holds, recorded } = holding;
    let is_asked = asset.code == attempt.asset;
    (is_asked || !holds.is_zero() || !recorded.is_zero()).then(|| Line {
        address: Address::from(attempt.address).to_string(),
        asset: asset.code.clone(),
        holds: holds.decimal(asset.decimals, 0),
        recorded: recorded.decimal(asset.decimals, 0),
        is_unexplained: holding.is_unexplained(),
        is_asked,
    })
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let (merchant, invoice) = (ask.query("merchant").to_owned(), ask.query("invoice").to_owned());
    let mut page = Page {
        f: ask
            .frame(ask.w().text("claim-title").plain())
            .under(ask.w().text("nav-parked").plain(), super::parked::PATH),
        merchant: merchant.clone(),
        invoice: invoice.clone(),
        wrong: None,
        found: None,
        command: None,
    };
    if merchant.is_empty() && invoice.is_empty() {
        return ask.show(&page);
    }
    let (Ok(number), Ok(invoice)) = (merchant.parse::<i64>(), invoice.parse::<i64>()) else {
        page.wrong = Some(ask.w().text("wrong-numbers"));
        return ask.show_again(&page);
    };
    let Some(merchant) = ask.app().store.read(|tx| merchants::by_number(tx, number)).await? else {
        page.wrong = Some(ask.w().text("wrong-no-merchant"));
        return ask.show_again(&page);
    };
    match holdings(ask.app(), &merchant, invoice).await {
        Ok(found) => {
            if found.iter().any(Holding::is_unexplained) {
                page.command = Some(format!("lockgate payments claim --merchant {number} --invoice {invoice} --flush"));
            }
            page.found = Some(found.iter().filter_map(line).collect());
            ask.show(&page)
        }
        Err(ClaimFailed::Store(error)) => Err(error.into()),
        Err(ClaimFailed::NoChain(chain)) => {
            page.wrong = Some(ask.w().fill("wrong-no-chain", &[ask.w().ltr("chain", chain)]));
            ask.show_again(&page)
        }
        Err(ClaimFailed::Rpc(_)) => {
            page.wrong = Some(ask.w().text("wrong-chain-silent"));
            ask.show_again(&page)
        }
    }
}
