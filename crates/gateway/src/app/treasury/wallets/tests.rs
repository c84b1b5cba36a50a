//! Another treasury waits, and nothing leads around the wait.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::confirmations::ConfirmationPolicy;
use rails::evm::rpc::RpcClient;

use super::*;
use crate::app::audit::audit;
use crate::app::chains::{Addresses, Caps, FlushPolicy, Signer, Treasury};
use crate::app::testing;
use crate::net::plain;
use crate::store::mails;

const CHAIN: &str = "polygon";
const WAIT: i64 = 86_400_000;
const OLD: Address = Address::repeat_byte(1);
const NEW: Address = Address::repeat_byte(2);
const THIRD: Address = Address::repeat_byte(3);

/// The gateway, as if it was configured with another treasury and started again.
async fn configured(app: &mut SharedApp, treasury: Address) {
    configured_with(app, treasury, WAIT).await;
}

async fn configured_with(app: &mut SharedApp, treasury: Address, wait: i64) {
    let chain = Chain {
        name: CHAIN.into(),
        title: "Polygon".into(),
        chain_id: 137,
        rpc: RpcClient::new(Vec::new(), plain::client().unwrap(), Duration::from_secs(1)),
        confirmations: ConfirmationPolicy::new(Vec::new(), 5).unwrap(),
        assets: Vec::new(),
        gas_key: None,
        treasury: Some(Treasury {
            signer: Signer::Offline(treasury),
            caps: Caps { daily: 1, transfer: 1 },
            allow: None,
        }),
        fee_wallet: Address::repeat_byte(9),
        flush: FlushPolicy { at_once_minor: 0, after_millis: 0, max_fee_per_gas: 1, bump_after_millis: 1 },
        explorer_tx_url: None,
        addresses: Addresses::default(),
        health: Mutex::default(),
    };
    let parts = Arc::get_mut(app).unwrap();
    parts.operator_email = Some("operator@example.com".into());
    parts.chains.insert(CHAIN.into(), chain);
    look_at_configured(app, wait).await.unwrap();
}

async fn wallets(app: &SharedApp) -> (Option<Address>, Option<Address>, Vec<Address>) {
    take_effect_due(app, &app.chains[CHAIN]).await.unwrap();
    let wallets = app.store.read(|tx| Wallets::read(tx, CHAIN)).await.unwrap();
    (wallets.active(), wallets.waiting().map(|(wallet, _)| wallet), wallets.ours())
}

async fn said(app: &SharedApp) -> (Vec<String>, Vec<String>) {
    assert_eq!(app.store.read(audit).await.unwrap().findings, []);
    let acts = app.store.read(crate::app::acts::all).await.unwrap();
    let mails = app.store.read(mails::list).await.unwrap();
    assert!(mails.iter().all(|mail| mail.recipient == "operator@example.com"));
    (acts.into_iter().map(|read| read.act.act).collect(), mails.into_iter().map(|mail| mail.subject).collect())
}

async fn app(name: &str) -> SharedApp {
    testing::app(name, domain::merchant::Wallet::Missing).await.0
}

#[tokio::test]
async fn the_first_one_is_entered_at_once_and_another_one_waits() {
    let mut app = app("treasury-waits").await;
    configured(&mut app, OLD).await;
    assert_eq!(wallets(&app).await, (Some(OLD), None, vec![OLD]));
    // the same wallet, whoever signs for it
    configured(&mut app, OLD).await;
    assert_eq!(said(&app).await, (vec!["treasury.set".into()], vec!["A treasury is set".into()]));
    configured(&mut app, NEW).await;
    app.clock.advance(u64::try_from(WAIT).unwrap() - 1);
    assert_eq!(wallets(&app).await, (Some(OLD), Some(NEW), vec![OLD]));
    // started again in between: it waits no longer, and no shorter
    configured(&mut app, NEW).await;
    app.clock.advance(1);
    assert_eq!(wallets(&app).await, (Some(NEW), None, vec![OLD, NEW]));
    let (acts, mails) = said(&app).await;
    assert_eq!(acts, ["treasury.set", "treasury.change_asked", "treasury.changed"]);
    assert_eq!(mails, ["A treasury is set", "The treasury is to change", "The treasury has changed"]);
    // back again is a change like any other
    configured(&mut app, OLD).await;
    assert_eq!(wallets(&app).await, (Some(NEW), Some(OLD), vec![OLD, NEW]));
    app.clock.advance(u64::try_from(WAIT).unwrap());
    assert_eq!(wallets(&app).await, (Some(OLD), None, vec![OLD, NEW]));
}

#[tokio::test]
async fn nothing_leads_around_the_wait() {
    let mut app = app("treasury-around").await;
    configured(&mut app, OLD).await;
    configured(&mut app, NEW).await;
    app.clock.advance(u64::try_from(WAIT).unwrap() - 1);
    // a third one does not take over the time that the second has waited
    configured(&mut app, THIRD).await;
    app.clock.advance(1);
    assert_eq!(wallets(&app).await, (Some(OLD), Some(THIRD), vec![OLD]));
    // the configuration was mended: it is called off, and asked for again it waits anew
    configured(&mut app, OLD).await;
    assert_eq!(wallets(&app).await, (Some(OLD), None, vec![OLD]));
    configured(&mut app, THIRD).await;
    let worker = app.clone();
    let canceled = app.store.write(move |tx| cancel(&worker, tx, CHAIN, &Actor("cli:op".into()))).await.unwrap();
    assert_eq!(canceled.unwrap().address, THIRD.to_string());
    app.clock.advance(u64::try_from(WAIT).unwrap() * 2);
    assert_eq!(wallets(&app).await, (Some(OLD), None, vec![OLD]), "it is configured, and was called off");
    configured(&mut app, THIRD).await;
    assert_eq!(wallets(&app).await, (Some(OLD), Some(THIRD), vec![OLD]));
    let (acts, _) = said(&app).await;
    assert_eq!(acts.iter().filter(|act| *act == "treasury.change_canceled").count(), 3);
    assert_eq!(acts.iter().filter(|act| *act == "treasury.changed").count(), 0);
}

/// Whoever writes another wallet into the configuration may write a shorter wait beside it.
#[tokio::test]
async fn a_shorter_wait_holds_from_the_next_change_on() {
    let mut app = app("treasury-shorter").await;
    configured(&mut app, OLD).await;
    configured_with(&mut app, NEW, 1_000).await;
    app.clock.advance(u64::try_from(WAIT).unwrap() - 1);
    assert_eq!(wallets(&app).await, (Some(OLD), Some(NEW), vec![OLD]));
    app.clock.advance(1);
    assert_eq!(wallets(&app).await, (Some(NEW), None, vec![OLD, NEW]));
    configured_with(&mut app, OLD, 1_000).await;
    app.clock.advance(1_000);
    assert_eq!(wallets(&app).await, (Some(OLD), None, vec![OLD, NEW]));
}

/// A process that is still configured with the old one does not carry the change out: it could not send from the new one.
#[tokio::test]
async fn the_gateway_that_names_it_carries_it_out() {
    let mut app = app("treasury-who").await;
    configured(&mut app, OLD).await;
    configured(&mut app, NEW).await;
    app.clock.advance(u64::try_from(WAIT).unwrap());
    let parts = Arc::get_mut(&mut app).unwrap();
    parts.chains.get_mut(CHAIN).unwrap().treasury.as_mut().unwrap().signer = Signer::Offline(OLD);
    assert_eq!(wallets(&app).await, (Some(OLD), Some(NEW), vec![OLD]));
}
