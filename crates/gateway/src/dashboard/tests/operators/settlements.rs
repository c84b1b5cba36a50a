use domain::access::Role;
use domain::merchant::Merchant;
use domain::settlement::{Schedule, Terms};
use domain::transfer::{Kind, State};
use domain::{TransferId, Units};

use super::{BOSS, last_act, operated};
use crate::app::testing::reserved;
use crate::dashboard::tests::Site;
use crate::store::settlements::{self, SettlementRow};
use crate::store::{StoreError, Tx, settlement_terms, transfers};

async fn terms(site: &Site) -> Terms {
    site.app.store.read(|tx| settlement_terms::of(tx, &site.shop.id)).await.unwrap().terms
}

#[tokio::test]
async fn terms_are_agreed_in_the_browser_and_wrong_ones_change_nothing() {
    let (site, session) = operated("op-terms").await;
    let here = format!("/operator/merchants/{}/settlement", site.shop.number);
    let found = site.get(&format!("/operator/settlements?merchant={}", site.shop.number), &session).await;
    assert_eq!(found.location(), here);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("Nothing waits to be settled"), "{}", page.body);
    let form = |schedule, threshold, reserve, days| {
        [
            ("act", "set"),
            ("schedule", schedule),
            ("threshold", threshold),
            ("reserve", reserve),
            ("reserve_days", days),
            ("spread", "0.5"),
            ("paused", "1"),
        ]
    };
    for (schedule, threshold, reserve, days) in [
        ("threshold", "", "1", "7"),
        ("threshold", "0", "1", "7"),
        ("threshold", "-5", "1", "7"),
        ("hourly", "", "1", "7"),
        ("daily", "", "100", "7"),
        ("daily", "", "1.234", "7"),
        ("daily", "", "1", "731"),
        ("daily", "", "1", "x"),
    ] {
        let page = site.post(&here, &session, &form(schedule, threshold, reserve, days)).await;
        assert_eq!(page.status, 422, "{schedule} {threshold} {reserve} {days}");
        assert_eq!(terms(&site).await, Terms::default());
    }
    let page = site.post(&here, &session, &form("threshold", "250", "10", "30")).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-terms-set")), "{}", page.body);
    let agreed = terms(&site).await;
    assert_eq!((agreed.schedule, agreed.reserve.get(), agreed.reserve_days), (Schedule::Threshold(250), 1_000, 30));
    assert!(agreed.spread.get() == 50 && agreed.paused);
    let (who, act, _) = last_act(&site).await;
    assert_eq!((who.as_str(), act.as_str()), (BOSS, "settlement.terms"));
    assert!(site.get(&here, &session).await.body.contains("Paused: nothing is settled"));
    let page = site.post(&here, &session, &[("act", "now")]).await;
    assert!(page.status == 422 && page.body.contains("Nothing to settle"), "{}", page.body);
}

#[tokio::test]
async fn settlements_are_listed_by_state_and_a_statement_is_given_only_if_the_ledger_bears_it_out() {
    let (site, session) = operated("op-settlements").await;
    let transfer_id = reserved(&site.app, &site.shop, false).await;
    let (app, merchant) = (site.app.clone(), site.shop.id.clone());
    let make = move |tx: &Tx<'_>| {
        for number in 1..=40 {
            let row = SettlementRow {
                merchant_id: merchant.clone(),
                number,
                asset: "USDT_polygon".into(),
                units: Units(5),
                wallet: "0x0101010101010101010101010101010101010101".into(),
                state: settlements::State::UnderWay,
                transfer_id: transfer_id.clone(),
                tx_hash: None,
                created_at: app.now(),
                changed_at: app.now(),
                settled_at: None,
            };
            settlements::insert(tx, &row)?;
        }
        Ok::<_, StoreError>(())
    };
    site.app.store.write(make).await.unwrap();
    let count = |body: &str| body.matches("download>CSV").count();
    let first = site.get("/operator/settlements", &session).await;
    assert_eq!(count(&first.body), 30);
    assert_eq!(count(&site.get("/operator/settlements?before=11", &session).await.body), 10);
    assert_eq!(count(&site.get("/operator/settlements?show=under_way&before=6", &session).await.body), 5);
    assert_eq!(count(&site.get("/operator/settlements?show=canceled", &session).await.body), 0);
    let file = |number: i64| format!("/operator/settlements/statement?merchant={}&number={number}", site.shop.number);
    // a settlement without items is none that the ledger knows
    assert_eq!(site.get(&file(1), &session).await.status, 503);
    assert_eq!(site.get(&file(99), &session).await.status, 404);
    // nor in any other form; and to another merchant it is not there at all
    let owner = async |merchant: &Merchant, email: &str| {
        let id = site.person(email, None, false, &[(merchant, Role::Owner)]).await;
        site.session(&id, Some(merchant), true).await
    };
    let (own, other) = (owner(&site.shop, "a@shop.example").await, owner(&site.other, "b@other.example").await);
    for ending in ["", ".pdf", ".csv", ".txt"] {
        let path = format!("/client/balances/statement{ending}?number=1");
        let asked = (site.get(&path, &own).await.status, site.get(&path, &other).await.status);
        assert_eq!(asked, (503, 404), "{path}");
        let named = format!("{path}&merchant={}", site.shop.number);
        assert_eq!(site.get(&named, &other).await.status, 404, "{named}");
    }
    // who may not take files away does not even learn whether there is one
    let support = site.person("c@shop.example", None, false, &[(&site.shop, Role::Support)]).await;
    let support = site.session(&support, Some(&site.shop), true).await;
    for (ending, status) in [("", 503), (".pdf", 403), (".csv", 403), (".txt", 403)] {
        let path = format!("/client/balances/statement{ending}?number=1");
        assert_eq!(site.get(&path, &support).await.status, status, "{path}");
    }
    for ending in [".pdf", ".txt"] {
        let path = file(1).replace("statement?", &format!("statement{ending}?"));
        assert_eq!(site.get(&path, &session).await.status, 503, "{path}");
        assert_eq!(site.get(&path, &own).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn transfers_are_shown_by_kind_and_state_page_by_page() {
    let (site, session) = operated("op-transfer-lists").await;
    let mut ids = Vec::new();
    for _ in 0..35 {
        ids.push(reserved(&site.app, &site.shop, false).await);
    }
    let done = ids[0].clone();
    let end = move |tx: &Tx<'_>| {
        let mut row = transfers::find(tx, &done)?.unwrap();
        row.state = State::Failed;
        transfers::update(tx, &mut row)
    };
    site.app.store.write(end).await.unwrap();
    let shown = async |query: &str| {
        let page = site.get(&format!("/operator/transfers?show=all{query}"), &session).await;
        assert_eq!(page.status, 200);
        let has = |id: &&TransferId| page.body.contains(&format!("/operator/transfers/{id}\""));
        (ids.iter().filter(has).count(), page.body.contains(">Older<"))
    };
    assert_eq!(shown("").await, (30, true));
    assert_eq!(shown("&state=failed").await, (1, false));
    assert_eq!(shown("&state=reserved").await, (30, true));
    let last = ids.iter().max().unwrap();
    for kind in Kind::ALL.map(|(_, name)| name) {
        let all = if kind == "coin_refund" { 35 } else { 0 };
        assert_eq!(shown(&format!("&kind={kind}")).await.0, all.min(30), "{kind}");
        assert_eq!(shown(&format!("&kind={kind}&state=failed")).await.0, usize::from(all > 0), "{kind}");
    }
    assert_eq!(shown(&format!("&state=failed&before={}", ids.iter().min().unwrap())).await, (0, false));
    assert_eq!(shown(&format!("&before={last}")).await.0, 30);
}

#[tokio::test]
async fn rails_say_what_stands_in_the_configuration() {
    let (site, session) = operated("op-rails").await;
    crate::app::testing::charged(&site.app, &site.shop, false).await;
    let page = site.get("/operator/rails", &session).await;
    assert!(page.status == 200 && page.body.contains("configuration file"), "{}", page.body);
    assert!(page.body.contains("Accounts for UPI") && page.body.contains("No chain is configured"), "{}", page.body);
}
