//! The wallets that a merchant's funds may come from.

use domain::Time;

use crate::app::accounts::sessions::Person;
use crate::app::funds::senders::{SenderRefused, add, remove};
use crate::app::wallets::{BadAddress, read_address};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::store::Tx;
use crate::store::payout_senders::SenderRow;

/// A wallet on the list, if only announced.
pub(super) struct Sender {
    pub wallet: String,
    /// It does not count before.
    pub from: Option<Stamp>,
    /// It is taken off then.
    pub until: Option<Stamp>,
}

pub(super) fn shown(ask: &Ask, rows: Vec<SenderRow>, now: Time) -> Vec<Sender> {
    let listed = rows.into_iter().filter(|row| row.is_listed(now));
    let line = |row: SenderRow| Sender {
        from: (row.effective_at > now).then(|| ask.viewer.time(row.effective_at)),
        until: row.ends_at.map(|end| ask.viewer.time(end)),
        wallet: row.wallet,
    };
    listed.map(line).collect()
}

/// `act`: `add` or `remove`; `sender`: the wallet.
pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let wallet = match read_address(ask.form.text("sender")) {
        Ok(wallet) => wallet,
        Err(BadAddress::NoAddress) => return super::again(&ask, merchant, "wrong-wallet").await,
        Err(BadAddress::Checksum) => return super::again(&ask, merchant, "wrong-wallet-checksum").await,
        Err(BadAddress::Zero) => return super::again(&ask, merchant, "wrong-wallet-zero").await,
    };
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    let (store, wait) = (&ask.app().store, ask.app().payee_wait_millis);
    let (done, said) = match ask.form.text("act") {
        "add" => {
            let act = move |tx: &Tx<'_>| add(&app, tx, &id, &wallet, wait, &actor);
            (store.write(act).await, "flash-sender-added")
        }
        "remove" => {
            let act = move |tx: &Tx<'_>| remove(&app, tx, &id, &wallet, wait, &actor);
            (store.write(act).await, "flash-sender-removed")
        }
        _ => return super::again(&ask, merchant, "wrong-act").await,
    };
    match done {
        Ok(_) => Ok(ask.go_saying(&super::path(merchant.number), said)),
        Err(refused) => {
            let wrong = in_words(&ask, refused)?;
            super::again_saying(&ask, merchant, wrong).await
        }
    }
}

fn in_words(ask: &Ask, refused: SenderRefused) -> Result<Text, Failed> {
    let w = ask.w();
    Ok(match refused {
        SenderRefused::Store(error) => return Err(error.into()),
        SenderRefused::Another(_, number) => w.fill("wrong-sender-another", &[w.ltr("number", number)]),
        SenderRefused::Used(_, number) => w.fill("wrong-sender-used", &[w.ltr("number", number)]),
        SenderRefused::There(_) => w.text("wrong-sender-there"),
        SenderRefused::NotThere(_) => w.text("wrong-sender-gone"),
        SenderRefused::Stopped(_) => w.text("refused-stopped"),
    })
}
