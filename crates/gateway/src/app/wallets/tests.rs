//! A wallet changes when its time has come, and not a millisecond before; each step is told and written down.

use domain::Time;

use super::*;
use crate::app::audit::audit;
use crate::app::testing::app;
use crate::store::mails;

const OLD: &str = "0x0101010101010101010101010101010101010101";
const NEW: &str = "0x0202020202020202020202020202020202020202";
const WAIT: i64 = 86_400_000;

async fn wished(app: &SharedApp, merchant: &Merchant, wallet: Wallet) -> Result<Wished, String> {
    let (worker, id) = (app.clone(), merchant.id.clone());
    let wish = move |tx: &Tx<'_>| wish(&worker, tx, &id, wallet, WAIT, &Actor("cli:op".into()));
    app.store.write(wish).await.map_err(|error| error.to_string())
}

async fn wallet(app: &SharedApp, merchant: &Merchant) -> Wallet {
    let merchant = app.store.read(|tx| merchants::existing(tx, &merchant.id)).await.unwrap();
    assert_eq!(app.store.read(audit).await.unwrap().findings, []);
    merchant.wallet
}

async fn acts_and_mails(app: &SharedApp) -> (Vec<String>, Vec<String>) {
    let acts = app.store.read(crate::app::acts::all).await.unwrap();
    let mails = app.store.read(mails::list).await.unwrap();
    assert!(mails.iter().all(|mail| mail.recipient == "shop@example.com" && mail.state == mails::State::Waiting));
    (acts.into_iter().map(|read| read.act.act).collect(), mails.into_iter().map(|mail| mail.subject).collect())
}

#[tokio::test]
async fn another_one_waits() {
    let (app, merchant) = app("wallet-waits", Wallet::Active(OLD.into())).await;
    let Ok(Wished::Waits(change)) = wished(&app, &merchant, Wallet::Active(NEW.into())).await else { panic!() };
    assert_eq!(change.effective_at, Time(1_700_000_000_000 + WAIT));
    app.clock.advance(u64::try_from(WAIT).unwrap() - 1);
    assert_eq!(take_effect_due(&app).await.unwrap(), 0);
    assert_eq!(wallet(&app, &merchant).await, Wallet::Active(OLD.into()));
    let refused = wished(&app, &merchant, Wallet::Active(OLD.into())).await.unwrap_err();
    assert!(refused.contains("waits already"), "{refused}");
    app.clock.advance(1);
    assert_eq!(take_effect_due(&app).await.unwrap(), 1);
    assert_eq!(take_effect_due(&app).await.unwrap(), 0);
    assert_eq!(wallet(&app, &merchant).await, Wallet::Active(NEW.into()));
    let (acts, mails) = acts_and_mails(&app).await;
    assert_eq!(acts, ["wallet.change_asked", "wallet.changed"]);
    assert_eq!(mails, ["Your settlement wallet is to change", "Your settlement wallet has changed"]);
}

#[tokio::test]
async fn called_off() {
    let (app, merchant) = app("wallet-canceled", Wallet::Active(OLD.into())).await;
    let cancel = async || {
        let (worker, id) = (app.clone(), merchant.id.clone());
        app.store.write(move |tx| cancel(&worker, tx, &id, &Actor("cli:op".into()))).await.map_err(|e| e.to_string())
    };
    assert_eq!(cancel().await.unwrap_err(), "no change of the wallet waits");
    wished(&app, &merchant, Wallet::Active(NEW.into())).await.unwrap();
    cancel().await.unwrap();
    app.clock.advance(u64::try_from(WAIT).unwrap() * 2);
    assert_eq!(take_effect_due(&app).await.unwrap(), 0);
    assert_eq!(wallet(&app, &merchant).await, Wallet::Active(OLD.into()));
    // and may be asked for again
    assert!(matches!(wished(&app, &merchant, Wallet::Active(NEW.into())).await, Ok(Wished::Waits(_))));
    let (acts, _) = acts_and_mails(&app).await;
    assert_eq!(acts, ["wallet.change_asked", "wallet.change_canceled", "wallet.change_asked"]);
}

#[tokio::test]
async fn the_first_one_is_entered_at_once_and_nothing_leads_around() {
    let (app, merchant) = app("wallet-first", Wallet::Missing).await;
    for wish in [Wallet::Pending(OLD.into()), Wallet::Pending(NEW.into()), Wallet::Active(OLD.into())] {
        assert_eq!(wished(&app, &merchant, wish.clone()).await, Ok(Wished::Set));
        assert_eq!(wallet(&app, &merchant).await, wish);
    }
    assert_eq!(wished(&app, &merchant, Wallet::Active(OLD.into())).await, Ok(Wished::Same));
    // by way of a wallet that is not active, another one would be entered at once
    for wish in [Wallet::Pending(NEW.into()), Wallet::Pending(OLD.into()), Wallet::Missing] {
        assert!(wished(&app, &merchant, wish).await.unwrap_err().contains("is active"));
    }
    assert_eq!(wallet(&app, &merchant).await, Wallet::Active(OLD.into()));
    // each of the three was told, and nothing of what was refused
    let (acts, mails) = acts_and_mails(&app).await;
    assert_eq!(
        (acts, mails),
        (vec!["wallet.set".to_owned(); 3], vec!["Your settlement wallet was entered".to_owned(); 3])
    );
    // one that was active stays the only way to the next: also while that waits, and after it came
    assert!(matches!(wished(&app, &merchant, Wallet::Active(NEW.into())).await, Ok(Wished::Waits(_))));
    assert!(wished(&app, &merchant, Wallet::Pending(NEW.into())).await.unwrap_err().contains("is active"));
    app.clock.advance(u64::try_from(WAIT).unwrap());
    assert_eq!(take_effect_due(&app).await.unwrap(), 1);
    assert!(wished(&app, &merchant, Wallet::Pending(OLD.into())).await.unwrap_err().contains("is active"));
    assert_eq!(wallet(&app, &merchant).await, Wallet::Active(NEW.into()));
}
