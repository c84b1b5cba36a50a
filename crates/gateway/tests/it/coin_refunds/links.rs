//! The payer's link: once, for a while, by whoever has it and by nobody else.

use domain::coin_refund::{Source, State};
use gateway::app::acts::Actor;
use gateway::app::refunds::{Decided, Refused, Wanted, decide};
use reqwest::Method;

use super::{Desk, OTHER};
use crate::harness::*;
use crate::treasury::{PAYER, beside};

const FROM_WALLET: [&str; 3] = ["--from", "merchant-wallet", "--amount"];

fn ask(desk: &Desk<'_>, id: i64, amount: &str) -> Result<String, String> {
    desk.refund(id, &[&FROM_WALLET[..], &[amount]].concat())
}

#[tokio::test]
async fn it_runs_out_is_replaced_and_called_off() {
    let sandbox = Sandbox::start().await;
    let desk = Desk::of(&sandbox);
    let id = desk.over_paid().await;
    ask(&desk, id, "4").unwrap();
    let (old, refund) = desk.link().await;
    desk.refund(id, &["--resend", refund.as_str()]).unwrap();
    let (link, same) = desk.link().await;
    assert_eq!(refund, same);
    assert_ne!(old, link);
    let gone = async |link: &str| {
        let page = desk.visit(link).await;
        assert_eq!((page.status, shown(&page)), (404, "refund-gone"));
        for action in ["check", "confirm", ""] {
            let page = desk.post(link, action, PAYER).await;
            assert_eq!((page.status, shown(&page)), (404, "refund-gone"), "{action}");
        }
    };
    gone(&old).await;
    // a guess, a hash of a token instead of it, nonsense
    let hash = gateway::app::coin_refunds::token_hash(link.trim_start_matches("/refund/"));
    for token in ["0".repeat(64), hash, "x".into(), "..%2f..".into(), "a".repeat(3_000)] {
        gone(&format!("/refund/{token}")).await;
    }
    // whose it is, it shows as every page of a payer's does, also when it has run out
    let merchant = Visitor::signed_in(&sandbox.client, &sandbox.file, "merchant_login").await;
    let branding = "/client/profile/branding";
    merchant.post(branding, &format!("{branding}/colour"), &[("colour", "#113355")]).await;
    merchant.post(branding, &format!("{branding}/payers"), &[("lang", "es")]).await;
    let has_the_look = async |link: &str| {
        let page = desk.visit(link).await.body;
        assert!(page.contains("href=\"/brand/113355.") && page.contains("<bdi>Sandbox shop</bdi>"), "{page}");
        assert!(page.contains("<html lang=\"es\""), "{page}");
    };
    has_the_look(&link).await;
    assert!(!desk.visit(&old).await.body.contains("/brand/"), "nobody knows whose that was");
    let put = sandbox.client.request_without_key(Method::PUT, &link);
    assert_eq!(sandbox.client.send(put).await.status, 405);
    sandbox.client.advance(7 * 86_400 - 60).await;
    assert_eq!(shown(&desk.visit(&link).await), "refund-enter");
    sandbox.client.advance(61).await;
    gone(&link).await;
    has_the_look(&link).await;
    assert!(desk.refund(id, &[]).unwrap().contains("the payer's link has run out"));
    // what a dead link was for is free; asked for elsewhere, the old one cannot be revived
    ask(&desk, id, "11").unwrap();
    let (whole, second) = desk.link().await;
    let refused = desk.refund(id, &["--resend", refund.as_str()]).unwrap_err();
    assert!(refused.contains("at most 0 USDC"), "{refused}");
    desk.refund(id, &["--cancel", second.as_str()]).unwrap();
    gone(&whole).await;
    desk.refund(id, &["--resend", refund.as_str()]).unwrap();
    let (link, _) = desk.link().await;
    assert_eq!(desk.post(&link, "confirm", PAYER).await.status, 303);
    assert!(desk.refund(id, &["--resend", refund.as_str()]).is_err(), "it was used");
    // a refund of another invoice is not this one's to act on
    let (other, _) = sandbox.client.sell("10", "USDC_polygon").await;
    assert!(desk.refund(other, &["--cancel", refund.as_str()]).is_err());
    // the merchant's wallet may have sent it already
    let refused = desk.refund(id, &["--cancel", refund.as_str()]).unwrap_err();
    assert!(refused.contains("seven days"), "{refused}");
    sandbox.client.advance(7 * 86_400 + 1).await;
    desk.refund(id, &["--cancel", refund.as_str()]).unwrap();
    sandbox.audit();
}

#[tokio::test]
async fn addresses_that_are_no_payers() {
    let sandbox = Sandbox::start().await;
    let desk = Desk::of(&sandbox);
    let id = desk.over_paid().await;
    ask(&desk, id, "1").unwrap();
    let (link, refund) = desk.link().await;
    let payment = sandbox.database().payments(id).await.remove(0);
    let attempts = sandbox
        .database()
        .store
        .read(|tx| gateway::store::attempts::of_invoice(tx, &sandbox.database().merchant, id))
        .await
        .unwrap();
    let forwarder = format!("0x{}", hex::encode(attempts[0].address));
    let text = |name: &str| sandbox.file[name].as_str().unwrap().to_owned();
    let token = Chain::token("USDC");
    let bad = [
        "".into(),
        "payer.eth".into(),
        "0x1234".into(),
        format!("{PAYER}0"),
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed".into(),
        "0x0000000000000000000000000000000000000000".into(),
        "0x0000000000000000000000000000000000000009".into(),
        forwarder,
        token,
        sandbox.wallet(),
        sandbox.wallet().to_lowercase(),
        sandbox.fee_wallet(),
        text("treasury"),
        "<script>alert(1)</script>".into(),
    ];
    for address in &bad {
        for action in ["check", "confirm"] {
            let page = desk.post(&link, action, address).await;
            assert_eq!((page.status, shown(&page)), (422, "refund-enter"), "{action} {address}");
            assert!(
                page.body.contains("id=\"destination-error\"") && !page.body.contains("<script>alert"),
                "{}",
                page.body
            );
        }
    }
    let row = desk.row(&refund).await;
    assert_eq!((row.state, row.destination), (State::Asked, None));
    assert_eq!(desk.post(&link, "confirm", &payment.sender).await.status, 303);
    sandbox.audit();
}

/// Two tabs, two addresses, one moment: one of them counts, and both see which.
#[tokio::test]
async fn two_tabs_at_once() {
    let sandbox = Sandbox::start().await;
    let desk = Desk::of(&sandbox);
    let id = desk.over_paid().await;
    ask(&desk, id, "1").unwrap();
    let (link, refund) = desk.link().await;
    let posts = [PAYER, OTHER, PAYER, OTHER].map(|address| desk.post(&link, "confirm", address));
    for answer in futures_util::future::join_all(posts).await {
        assert_eq!(answer.status, 303, "{answer:?}");
    }
    let to = desk.row(&refund).await.destination.unwrap();
    assert!([PAYER, OTHER].contains(&to.as_str()));
    let page = desk.visit(&link).await;
    assert_eq!(shown(&page), "refund-confirmed");
    assert_eq!(attribute(&page.body, "data id=\"address\" value"), to);
    assert_eq!(sandbox.said(&["log"]).matches("coin_refund.confirmed").count(), 1);
    sandbox.audit();
}

/// Twenty ask for one at once where eleven came; and what came late, or in another coin, can be given back as well.
#[tokio::test]
async fn never_above_what_came() {
    let sandbox = Sandbox::start().await;
    let (desk, beside) = (Desk::of(&sandbox), beside(&sandbox).await);
    let id = desk.over_paid().await;
    let one = || {
        let wanted = Wanted {
            merchant: beside.merchant.clone(),
            invoice: id,
            amount: "1".into(),
            charge: None,
            asset: None,
            from: Some(Source::MerchantWallet),
        };
        let app = beside.app.clone();
        async move {
            let worker = app.clone();
            app.store.write(move |tx| decide(&worker, tx, &wanted, &Actor("cli:test".into()))).await
        }
    };
    let asked = futures_util::future::join_all((0..20).map(|_| tokio::spawn(one()))).await;
    let asked: Vec<Result<Decided, Refused>> = asked.into_iter().map(Result::unwrap).collect();
    assert_eq!(asked.iter().filter(|one| matches!(one, Ok(Decided::Coins(_)))).count(), 11);
    assert!(
        asked.iter().filter_map(|one| one.as_ref().err()).all(|error| error.to_string().contains("at most 0 USDC"))
    );

    let (wrong, _) = sandbox.client.sell("10", "USDC_polygon").await;
    sandbox.client.pay(wrong, Pay { outcome: "wrong_token", ..Pay::default() }).await;
    let seen = || desk_look(&desk, wrong);
    wait_until("the other coin is final", seen, |look| look.contains("can be given back")).await;
    ask(&desk, wrong, "all").unwrap();

    let (late, _) = sandbox.client.sell("10", "USDC_polygon").await;
    sandbox.client.pay(late, Pay { outcome: "late", ..Pay::default() }).await;
    wait_until("the late one is final", || desk_look(&desk, late), |look| look.contains("10 can be given back")).await;
    assert_eq!(sandbox.client.status(late).await, EXPIRED);
    ask(&desk, late, "2.5").unwrap();
    assert!(ask(&desk, late, "7.500001").is_err());
    ask(&desk, late, "7.5").unwrap();
    let nothing = ask(&desk, 999, "1").unwrap_err();
    assert!(nothing.contains("no coins came"), "{nothing}");
    sandbox.audit();
}

async fn desk_look(desk: &Desk<'_>, id: i64) -> String {
    desk.refund(id, &[]).unwrap()
}
