//! Payments against processors that are slow, say strange things, or change their minds.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::{Query, State as Shared};
use axum::response::IntoResponse;
use axum::routing::post;
use domain::time::DAY;
use rails::sim::connectors::SANDBOX_CARD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::app::acts::Actor;
use crate::app::payouts::{SendFailed, cards};
use crate::app::providers::desk::replace;
use crate::app::providers::{NewAccount, Provider};
use crate::app::transfers::acts::{self, ActRefused, Seen};
use crate::app::transfers::drive;
use crate::store::Tx;
use crate::store::audit_log;
use crate::store::events::{self, About};
use crate::store::funds::State as FundState;
use crate::store::transfers::Approval;

/// What a processor answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Pays,
    /// Takes the connection, and says nothing.
    Hangs,
    /// Says that it paid something of another's.
    AnotherId,
    AnotherAmount,
    /// Sent back after it was paid.
    TakesBack,
    /// Knows nothing of it when it is asked.
    Forgets,
}

#[derive(Debug)]
struct Processor {
    manner: Mutex<Manner>,
    /// References that it was asked to pay, in order, each time.
    posted: Mutex<Vec<String>>,
    asked: Mutex<usize>,
    /// What happens while it is asked, once: a callback comes.
    meanwhile: Mutex<Option<(SharedApp, AccountId)>>,
}

impl Processor {
    fn turns(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn posts(&self) -> usize {
        self.posted.lock().unwrap().len()
    }

    fn payout(&self, reference: &str) -> Value {
        let (status, paid, reference, reason) = match *self.manner.lock().unwrap() {
            Manner::AnotherId => ("paid", 1_000, "trf_somebodys_else", Value::Null),
            Manner::AnotherAmount => ("paid", 999, reference, Value::Null),
            Manner::TakesBack => ("declined", 0, reference, "The card's bank sent it back".into()),
            Manner::Pays | Manner::Hangs | Manner::Forgets => ("paid", 1_000, reference, Value::Null),
        };
        json!({ "id": format!("out_of_{reference}"), "reference": reference, "status": status, "amount": 1_000, "paid": paid,
            "currency": "EUR", "reason": reason })
    }
}

async fn create(Shared(processor): Shared<Arc<Processor>>, body: String) -> impl IntoResponse {
    let body: Value = serde_json::from_str(&body).unwrap();
    let reference = body["reference"].as_str().unwrap().to_owned();
    processor.posted.lock().unwrap().push(reference.clone());
    if *processor.manner.lock().unwrap() == Manner::Hangs {
        std::future::pending::<()>().await;
    }
    (axum::http::StatusCode::CREATED, processor.payout(&reference).to_string())
}

async fn find(Shared(processor): Shared<Arc<Processor>>, Query(query): Query<HashMap<String, String>>) -> String {
    *processor.asked.lock().unwrap() += 1;
    let meanwhile = processor.meanwhile.lock().unwrap().take();
    if let Some((app, account)) = meanwhile {
        let (now, name) = (app.now(), query["reference"].clone());
        let hinted = app.store.write(move |tx| transfers::hurry_about(tx, &account, &name, now)).await;
        assert_eq!(hinted.map_err(|error: StoreError| error).unwrap(), 1);
    }
    let forgets = *processor.manner.lock().unwrap() == Manner::Forgets;
    let payouts = if forgets { json!([]) } else { json!([processor.payout(&query["reference"])]) };
    json!({ "payouts": payouts }).to_string()
}

/// A processor, and the operator's account at it.
async fn processor(desk: &Desk, manner: Manner) -> (Arc<Processor>, AccountId) {
    let processor = Arc::new(Processor {
        manner: Mutex::new(manner),
        posted: Mutex::default(),
        asked: Mutex::default(),
        meanwhile: Mutex::default(),
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/v1/payouts", post(create).get(find)).with_state(processor.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let app = &desk.app;
    let office = Office::of(app);
    let fields = ["api_key", "webhook_secret"].map(|name| (name.to_owned(), Zeroizing::new("of the test".to_owned())));
    let new = NewAccount {
        merchant_id: None,
        provider: Provider::Connected(&SANDBOX_CARD),
        method: Method::Payout,
        base_url: Some(base_url),
        fields: fields.into_iter().collect(),
    };
    let id =
        app.store.write(move |tx| office.add_account(tx, new).map_err(|error| StoreError::Unusable(error.to_string())));
    (processor, id.await.unwrap())
}

/// A desk with a fund of 920 EUR.
async fn desk() -> Desk {
    let desk = Desk::open(terms(Schedule::Daily)).await;
    desk.euro(920);
    desk.reports(1, 1_000_000_000).await.unwrap();
    desk.come(1, 1_000_000_000, 1).await;
    desk.finish().await;
    desk.looks().await;
    desk
}

impl Desk {
    async fn routes(&self, account: &AccountId) {
        let (merchant, account) = (self.merchant.id.clone(), [account.clone()]);
        let route = move |tx: &Tx<'_>| provider_accounts::set_routes(tx, &merchant, Method::Payout, "*", &account);
        self.app.store.write(route).await.unwrap();
    }

    /// Everything due is driven on once, to its end.
    async fn drives(&self) {
        let mut lanes = drive::lanes();
        drive::drive_due(&self.app, &mut lanes).await.unwrap();
        lanes.drain().await;
        self.audited().await;
    }

    async fn transfer_of(&self, nth: usize) -> TransferRow {
        let payout = self.payouts().await.remove(nth);
        self.app.store.read(|tx| transfers::existing(tx, &payout.merchant_id, &payout.transfer_id)).await.unwrap()
    }

    async fn told_of(&self, payment: i64) -> Vec<String> {
        let id = &self.merchant.id;
        let events = self.app.store.read(|tx| events::of(tx, id, About::payment(payment))).await.unwrap();
        events.into_iter().map(|event| event.status).collect()
    }

    fn minutes(&self, minutes: u64) {
        self.app.clock.advance(minutes * 60_000);
    }
}

#[tokio::test]
async fn a_slow_processor_holds_up_no_other() {
    let desk = desk().await;
    let (slow, at_slow) = processor(&desk, Manner::Hangs).await;
    let (quick, at_quick) = processor(&desk, Manner::Pays).await;
    desk.routes(&at_slow).await;
    for _ in 0..30 {
        desk.pays(1_000).await.unwrap();
    }
    desk.minutes(1);
    desk.routes(&at_quick).await;
    for _ in 0..10 {
        desk.pays(1_000).await.unwrap();
    }
    let (began, mut lanes) = (Instant::now(), drive::lanes());
    while quick.posts() < 10 || !desk.payouts().await[30..].iter().all(|row| row.state == FundState::Success) {
        drive::drive_due(&desk.app, &mut lanes).await.unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(50), lanes.ended()).await;
        assert!(began.elapsed() < Duration::from_secs(60), "the quick one waits for the slow one");
    }
    assert_eq!(slow.posts(), 4, "so many at a time at one account");
    assert_eq!(lanes.free(at_slow.as_str()), 0);
    // the places are lost with the process; what was sent is asked about, what was not goes then
    drop(lanes);
    slow.turns(Manner::Pays);
    for _ in 0..12 {
        desk.minutes(2);
        desk.drives().await;
    }
    assert_eq!((slow.posts(), quick.posts()), (30, 10), "each once");
    assert!(desk.payouts().await.iter().all(|row| row.state == FundState::Success));
    desk.nothing_is_lost().await;
}

#[tokio::test]
async fn what_came_back_after_it_arrived_is_noticed() {
    let desk = desk().await;
    let (processor, at) = processor(&desk, Manner::Pays).await;
    for _ in 0..3 {
        desk.pays(1_000).await.unwrap();
    }
    desk.drives().await;
    assert_eq!(desk.held(Kind::Funds, "EUR").await, 89_000);
    let asked = || *processor.asked.lock().unwrap();
    desk.minutes(23 * 60);
    desk.drives().await;
    assert_eq!(asked(), 0, "once a day is enough");
    desk.minutes(60);
    desk.drives().await;
    assert_eq!(asked(), 3, "all are still there");
    // a callback while it is asked about: it may be about what came after the answer
    *processor.meanwhile.lock().unwrap() = Some((desk.app.clone(), at.clone()));
    desk.minutes(24 * 60 + 1);
    desk.drives().await;
    desk.drives().await;
    assert_eq!(asked(), 7, "one of the three once more");
    // a callback about the first, by our id, and about the second, by theirs: both are asked about at once
    processor.turns(Manner::TakesBack);
    for (nth, by_reference) in [(0, false), (1, true)] {
        let transfer = desk.transfer_of(nth).await;
        let (name, now) =
            (if by_reference { transfer.reference.unwrap() } else { transfer.id.to_string() }, desk.app.now());
        let at = at.clone();
        let found = desk.app.store.write(move |tx| transfers::hurry_about(tx, &at, &name, now)).await.unwrap();
        assert_eq!(found, 1);
    }
    desk.drives().await;
    let states: Vec<_> = desk.payouts().await.into_iter().map(|row| row.state).collect();
    assert_eq!(states, [FundState::Failed, FundState::Failed, FundState::Success]);
    assert_eq!(desk.held(Kind::Funds, "EUR").await, 91_000);
    assert_eq!(desk.told_of(1).await, ["payment:pending", "payment:success", "payment:failed"]);
    assert_eq!(desk.payouts().await[0].failed_reason.as_deref(), Some("The card's bank sent it back"));
    desk.nothing_is_lost().await;
    // the third is not taken back by a word nobody understands, and after 30 days nobody asks
    for manner in [Manner::AnotherId, Manner::Pays] {
        processor.turns(manner);
        desk.minutes(24 * 60);
        desk.drives().await;
        assert_eq!(desk.transfer_of(2).await.state, TransferState::Done);
    }
    processor.turns(Manner::AnotherAmount);
    desk.minutes(24 * 60);
    desk.drives().await;
    assert!(desk.transfer_of(2).await.parked.unwrap().contains("now says that 999 EUR"));
    processor.turns(Manner::Pays);
    for _ in 0..28 {
        desk.minutes(24 * 60);
        desk.drives().await;
    }
    let last = desk.transfer_of(2).await;
    assert_eq!((last.state, last.due_at, last.parked), (TransferState::Done, None, None));
    assert_eq!(processor.posts(), 3);
}

#[tokio::test]
async fn ok_with_another_id_or_amount_is_for_a_person() {
    let desk = desk().await;
    let (processor, _) = processor(&desk, Manner::AnotherId).await;
    desk.pays(1_000).await.unwrap();
    for _ in 0..26 {
        desk.drives().await;
        desk.minutes(60);
    }
    let row = desk.transfer_of(0).await;
    assert_eq!((row.state, processor.posts()), (TransferState::Sending, 1), "sent once, and asked about");
    assert!(row.parked.unwrap().starts_with("no end for a day"), "shown to a person");
    assert_eq!((desk.held(Kind::Paying, "EUR").await, desk.held(Kind::Funds, "EUR").await), (1_000, 91_000));
    processor.turns(Manner::AnotherAmount);
    desk.minutes(60);
    desk.drives().await;
    let row = desk.transfer_of(0).await;
    assert!(row.parked.unwrap().contains("999 EUR (smallest units) arrived, not what was sent"));
    assert_eq!(desk.payouts().await[0].state, FundState::Pending);
    // and goes on by itself once it says what was asked
    processor.turns(Manner::Pays);
    desk.minutes(60);
    desk.drives().await;
    assert_eq!(desk.payouts().await[0].state, FundState::Success);
    assert_eq!(processor.posts(), 1);
    desk.nothing_is_lost().await;
}

/// Other credentials may open another account: that a payment is not known there is no reason to send it again.
#[tokio::test]
async fn not_known_under_new_credentials_is_for_a_person() {
    let desk = desk().await;
    let (processor, at) = processor(&desk, Manner::AnotherId).await;
    desk.pays(1_000).await.unwrap();
    desk.drives().await;
    assert_eq!((desk.transfer_of(0).await.state, processor.posts()), (TransferState::Sending, 1));
    processor.turns(Manner::Forgets);
    desk.minutes(2);
    let (app, id) = (desk.app.clone(), at.clone());
    let replace = move |tx: &Tx<'_>| {
        let entered = [("api_key".to_owned(), Zeroizing::new("of another account".to_owned()))];
        let replaced = replace(&app, tx, &id, entered.into_iter().collect(), &Actor("person:op".into()));
        replaced.map_err(|error| StoreError::Unusable(error.to_string()))
    };
    desk.app.store.write(replace).await.unwrap();
    for _ in 0..20 {
        desk.minutes(2);
        desk.drives().await;
    }
    let row = desk.transfer_of(0).await;
    assert_eq!((row.state, processor.posts()), (TransferState::Sending, 1), "sent once");
    assert!(row.parked.unwrap().starts_with("the account's credentials were replaced since it was sent"));
    // what is sent under the new ones goes again, if it is not known
    processor.turns(Manner::AnotherId);
    desk.pays(1_000).await.unwrap();
    desk.drives().await;
    processor.turns(Manner::Forgets);
    for _ in 0..10 {
        desk.minutes(2);
        desk.drives().await;
    }
    assert!(processor.posts() > 2);
    processor.turns(Manner::Pays);
    for _ in 0..3 {
        desk.minutes(60);
        desk.drives().await;
    }
    assert!(desk.payouts().await.iter().all(|row| row.state == FundState::Success));
    desk.nothing_is_lost().await;
}

/// A merchant's route that leads nowhere now leads nowhere else.
#[tokio::test]
async fn one_with_a_route_is_paid_out_by_it_alone() {
    let desk = desk().await;
    let (_, routed) = processor(&desk, Manner::Pays).await;
    let (others, _) = processor(&desk, Manner::Pays).await;
    desk.routes(&routed).await;
    let off = move |tx: &Tx<'_>| provider_accounts::set_active(tx, &routed, false);
    desk.app.store.write(off).await.unwrap();
    assert!(matches!(desk.pays(1_000).await, Err(SendFailed::NoAccount)));
    let merchant = desk.merchant.id.clone();
    let none = move |tx: &Tx<'_>| provider_accounts::set_routes(tx, &merchant, Method::Payout, "*", &[]);
    desk.app.store.write(none).await.unwrap();
    desk.pays(1_000).await.unwrap();
    desk.drives().await;
    assert_eq!(others.posts(), 1);
}

/// Somebody sets the machine's clock back, by two days, while things are under way.
#[tokio::test]
async fn a_clock_set_back_sends_nothing_twice_and_opens_no_limit() {
    let desk = desk().await;
    let (processor, _) = processor(&desk, Manner::AnotherId).await;
    let merchant = desk.merchant.id.clone();
    let limit = move |tx: &Tx<'_>| {
        let mut rules = crate::store::merchants::payout_rules(tx, &merchant)?;
        rules.day_max = Units(2_500);
        crate::store::merchants::set_payout_rules(tx, &merchant, &rules)
    };
    desk.app.store.write(limit).await.unwrap();
    desk.days(2);
    // one is on its way, another under a lease of a process that died
    desk.pays(1_000).await.unwrap();
    desk.drives().await;
    desk.pays(1_000).await.unwrap();
    let mut leased = desk.transfer_of(1).await;
    let now = desk.app.now();
    let lease = move |tx: &Tx<'_>| transfers::lease(tx, &mut leased, now, now.plus(90_000));
    assert!(desk.app.store.write(lease).await.unwrap());
    assert!(desk.pays(1_000).await.is_err(), "the day is full");
    desk.app.clock.set_back(2 * DAY);
    // the lease does not hold for two days; what is due in the future waits, nothing goes again
    let (account, now) = (leased_account(&desk).await, desk.app.now());
    let due = desk.app.store.read(|tx| transfers::due(tx, &account, now, now.plus(90_000), 9)).await.unwrap();
    assert!(due.is_empty(), "due when it was made, by the clock of then");
    desk.pays(1_000).await.unwrap();
    desk.pays(1_000).await.unwrap();
    assert!(desk.pays(1_000).await.is_err(), "another day, and its own limit");
    processor.turns(Manner::Pays);
    desk.drives().await;
    assert_eq!(processor.posts(), 3);
    // the clock is right again: the first is asked about, the second goes
    desk.app.clock.advance(2 * u64::try_from(DAY).unwrap());
    assert!(desk.pays(1_000).await.is_err(), "that day is full still");
    desk.minutes(2);
    desk.drives().await;
    desk.minutes(2);
    desk.drives().await;
    assert_eq!(processor.posts(), 4, "each once");
    assert!(desk.payouts().await.iter().all(|row| row.state == FundState::Success));
    desk.nothing_is_lost().await;
}

async fn leased_account(desk: &Desk) -> AccountId {
    let row = desk.transfer_of(1).await;
    // taken by a clock that was ahead: any process may have it now
    let (now, mut copy) = (desk.app.now(), row.clone());
    let taken = desk.app.store.write(move |tx| {
        let taken = transfers::lease(tx, &mut copy, now, now.plus(90_000))?;
        copy.leased_until = domain::Time(0);
        transfers::update(tx, &mut copy)?;
        Ok::<_, StoreError>(taken)
    });
    assert!(taken.await.unwrap(), "a lease of the future holds nobody up");
    row.account_id.unwrap()
}

#[tokio::test]
async fn a_cards_number_is_kept_for_thirty_days_at_most() {
    let desk = desk().await;
    let (processor, _) = processor(&desk, Manner::AnotherId).await;
    let merchant = desk.merchant.id.clone();
    let change = move |tx: &Tx<'_>| {
        let mut rules = crate::store::merchants::payout_rules(tx, &merchant)?;
        rules.approval_above = Some(Units(1_500));
        crate::store::merchants::set_payout_rules(tx, &merchant, &rules)
    };
    desk.app.store.write(change).await.unwrap();
    // one waits for a person, the other may have been sent
    desk.pays(2_000).await.unwrap();
    desk.pays(1_000).await.unwrap();
    desk.drives().await;
    assert_eq!(desk.transfer_of(0).await.approval, Approval::Wanted);
    let asked = desk.transfer_of(0).await.id;
    let acts =
        desk.app.store.read(|tx| audit_log::about(tx, &crate::app::transfers::acts::about(&asked))).await.unwrap();
    let said = (acts[0].act.as_str(), acts[0].actor.as_str(), acts[0].detail.as_str());
    assert_eq!(said, ("transfer.asked", "api:key 1234…", "payment 1, 20.00 EUR"));
    desk.app.clock.advance(30 * u64::try_from(DAY).unwrap() - 1);
    assert_eq!(cards::forget_old(&desk.app).await.unwrap(), 0);
    assert!(desk.payouts().await.iter().all(|row| row.card_sealed.is_some()));
    desk.app.clock.advance(1);
    assert_eq!(cards::forget_old(&desk.app).await.unwrap(), 2);
    let rows = desk.payouts().await;
    assert!(rows.iter().all(|row| row.card_sealed.is_none()));
    assert_eq!((rows[0].state, rows[0].failed_reason.as_deref()), (FundState::Failed, Some(cards::GONE)));
    assert_eq!(rows[1].state, FundState::Pending, "it may have been sent: only its number is gone");
    desk.audited().await;
    assert_eq!(desk.held(Kind::Paying, "EUR").await, 1_000);
    processor.turns(Manner::Pays);
    desk.minutes(60);
    desk.drives().await;
    assert_eq!(desk.payouts().await[1].state, FundState::Success);
    assert_eq!(processor.posts(), 1);
    desk.nothing_is_lost().await;
}

/// What a person may do about a payment that arrived: ask at once, or say, on evidence, that it came back.
#[tokio::test]
async fn a_person_may_say_that_it_came_back() {
    let desk = desk().await;
    let (processor, _) = processor(&desk, Manner::Pays).await;
    for _ in 0..2 {
        desk.pays(1_000).await.unwrap();
    }
    desk.drives().await;
    desk.minutes(61);
    let (first, second) = (desk.transfer_of(0).await.id, desk.transfer_of(1).await.id);
    let (app, actor) = (desk.app.clone(), Actor("cli:op".into()));
    let (worker, by, id) = (app.clone(), actor.clone(), first.clone());
    app.store.write(move |tx| acts::retry(&worker, tx, &id, &by)).await.unwrap();
    desk.drives().await;
    assert_eq!(*processor.asked.lock().unwrap(), 1, "it is asked about before its day");
    let evidence = "letter of the bank, 2023-11-14, number 7";
    let mark = |seen: Seen, id: &domain::TransferId| {
        let (worker, by, id) = (app.clone(), actor.clone(), id.clone());
        app.store.write(move |tx| acts::mark(&worker, tx, &id, seen, evidence, &by))
    };
    assert!(matches!(mark(Seen::Arrived, &second).await, Err(ActRefused::Over(_))));
    assert_eq!(mark(Seen::Failed, &second).await.unwrap().state, TransferState::Failed);
    assert!(matches!(mark(Seen::Failed, &second).await, Err(ActRefused::Over(_))));
    desk.audited().await;
    assert_eq!(desk.payouts().await[1].failed_reason.as_deref(), Some("found by the operator to have come back"));
    assert_eq!(desk.held(Kind::Funds, "EUR").await, 91_000);
    desk.nothing_is_lost().await;
}

/// A reserve whose rows are damaged stays, and the others are freed.
#[tokio::test]
async fn a_reserve_that_cannot_be_freed_holds_up_no_other() {
    let reserve = BasisPoints::new(1_000).unwrap();
    let desk = Desk::open(Terms { reserve, reserve_days: 2, ..terms(Schedule::PerPayment) }).await;
    for _ in 0..3 {
        desk.paid().await;
    }
    desk.settle_due().await;
    desk.arrive().await;
    assert_eq!(desk.held(Kind::Reserve, "INR").await, 3 * 8_330);
    let damage = "UPDATE reserves SET units = '0' WHERE charge_id = (SELECT min(charge_id) FROM reserves)";
    desk.app.store.write(move |tx| tx.execute_one(damage, &[])).await.unwrap();
    desk.days(3);
    settlements::settle_due(&desk.app).await.unwrap();
    assert_eq!(desk.held(Kind::Reserve, "INR").await, 8_330, "the damaged one is kept");
    let found = desk.app.store.read(audit::audit).await.unwrap().findings;
    assert!(!found.is_empty(), "and the auditor sees it");
}
