//! `/operator/approvals`: what waits for a word of the operator's. Each leads to the page where it is looked at and decided.

use askama::Template;
use domain::merchant::{Merchant, Wallet};

use super::transfers::{Line, line, with_merchants};
use crate::app::accounts::sessions::Person;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::Answer;
use crate::dashboard::viewer::Stamp;
use crate::store::wallet_changes::ChangeRow;
use crate::store::{StoreError, Tx, merchants, overviews, transfers};

pub const PATH: &str = "/operator/approvals";
const MOST: i64 = 50;

#[derive(Template)]
#[template(path = "dashboard/operator/approvals.html")]
struct Page {
    f: Frame,
    wallets: Vec<(i64, String, String)>,
    changes: Vec<Change>,
    transfers: Vec<Line>,
}

struct Change {
    number: i64,
    name: String,
    old: String,
    new: String,
    by: String,
    from: Stamp,
}

fn with_merchant(tx: &Tx<'_>, change: ChangeRow) -> Result<(ChangeRow, Merchant), StoreError> {
    let merchant = merchants::existing(tx, &change.merchant_id)?;
    Ok((change, merchant))
}

pub async fn page(ask: Ask, _: Person) -> Answer {
    let read = |tx: &Tx<'_>| {
        let changes = overviews::wallet_changes(tx, MOST)?.into_iter();
        Ok::<_, StoreError>((
            overviews::wallets_to_validate(tx, MOST)?,
            changes.map(|change| with_merchant(tx, change)).collect::<Result<Vec<_>, _>>()?,
            with_merchants(tx, transfers::wanted(tx, MOST)?)?,
        ))
    };
    let (wallets, changes, waiting) = ask.app().store.read(read).await?;
    let entered = |merchant: Merchant| match merchant.wallet {
        Wallet::Pending(address) => Some((merchant.number, merchant.name, address)),
        _ => None,
    };
    let page = Page {
        f: ask.frame(ask.w().text("nav-approvals").plain()),
        wallets: wallets.into_iter().filter_map(entered).collect(),
        changes: changes
            .into_iter()
            .map(|(change, merchant)| Change {
                number: merchant.number,
                name: merchant.name,
                old: change.old,
                new: change.new,
                by: change.asked_by,
                from: ask.viewer.time(change.effective_at),
            })
            .collect(),
        transfers: waiting.into_iter().map(|(row, number, name)| line(&ask, row, number, name)).collect(),
    };
    ask.show(&page)
}
