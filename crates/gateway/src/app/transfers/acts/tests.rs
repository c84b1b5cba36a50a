//! Who may do what to a transfer, when, and that each act is in the log and the books follow.

use domain::merchant::Wallet;

use super::*;
use crate::app::SharedApp;
use crate::app::audit::audit;
use crate::app::testing::{app, app_with_treasury, reserved};
use crate::app::transfers::{become_, park};
use crate::store::chain_txs::{ChainTxRow, Purpose};

fn op() -> Actor {
    Actor("cli:op".into())
}

async fn now_is(app: &SharedApp, id: &TransferId, change: impl FnOnce(&mut TransferRow) + Clone + Send + 'static) {
    let id = id.clone();
    let change = move |tx: &Tx<'_>| {
        let mut row = transfers::find(tx, &id)?.unwrap();
        change(&mut row);
        transfers::update(tx, &mut row)
    };
    app.store.write(change).await.unwrap();
}

async fn act(
    app: &SharedApp,
    id: &TransferId,
    act: impl FnOnce(&App, &Tx<'_>, &TransferId) -> Result<TransferRow, ActRefused> + Clone + Send + 'static,
) -> Result<State, String> {
    let (worker, id) = (app.clone(), id.clone());
    let done = app.store.write(move |tx| act(&worker, tx, &id)).await;
    let report = app.store.read(audit).await.unwrap();
    assert_eq!(report.findings, []);
    done.map(|row| row.state).map_err(|error| error.to_string())
}

async fn logged(app: &SharedApp) -> Vec<String> {
    let acts = app.store.read(crate::app::acts::all).await.unwrap();
    acts.into_iter().map(|read| read.act.act).collect()
}

fn treasury_of(app: &SharedApp) -> String {
    let treasury = app.chains.get("polygon").and_then(|chain| chain.treasury.as_ref());
    treasury.map_or("0xab".into(), |treasury| format!("{:#x}", treasury.address()))
}

/// The transaction that carries it is at `state` on the chain.
async fn on_chain(app: &SharedApp, id: &TransferId, state: &'static str, succeeded: Option<bool>) {
    let sender = treasury_of(app);
    let named = sender.clone();
    now_is(app, id, move |row| (row.sender, row.nonce) = (Some(named), Some(7))).await;
    let now = app.now();
    let sent = ChainTxRow {
        chain: "polygon".into(),
        sender,
        nonce: 7,
        purpose: Purpose::Transfer,
        state: state.into(),
        items: "[]".into(),
        receiver: "0xcd".into(),
        call_data: String::new(),
        gas_limit: 60_000,
        mined_hash: None,
        mined_block: None,
        succeeded,
        note: None,
        created_at: now,
        due_at: now,
    };
    let store = move |tx: &Tx<'_>| {
        if chain_txs::by_nonce(tx, "polygon", &sent.sender, 7)?.is_none() {
            chain_txs::insert(tx, &sent)?;
        }
        chain_txs::update(tx, &sent)
    };
    app.store.write(store).await.unwrap();
}

#[tokio::test]
async fn only_what_cannot_have_been_sent_is_called_off() {
    let (app, merchant) = app_with_treasury("act-cancel").await;
    let sender = treasury_of(&app);
    let id = reserved(&app, &merchant, false).await;
    on_chain(&app, &id, "pending", None).await;
    for state in [State::Sending, State::Pending] {
        now_is(&app, &id, move |row| row.state = state).await;
        // its nonce is given away; which of the two is mined, the chain decides
        assert_eq!(act(&app, &id, |app, tx, id| cancel(app, tx, id, &op())).await, Ok(state));
        let tried = act(&app, &id, |app, tx, id| retry(app, tx, id, &op())).await.unwrap_err();
        assert!(tried.contains(&format!("another transaction has used nonce 7 of {sender}")), "{tried}");
    }
    on_chain(&app, &id, "final", Some(true)).await;
    let refused = act(&app, &id, |app, tx, id| cancel(app, tx, id, &op())).await.unwrap_err();
    assert!(refused.contains(&format!("another transaction has used nonce 7 of {sender}")), "{refused}");
    now_is(&app, &id, |row| row.state = State::Reserved).await;
    assert_eq!(act(&app, &id, |app, tx, id| cancel(app, tx, id, &op())).await, Ok(State::Canceled));
    let again = act(&app, &id, |app, tx, id| cancel(app, tx, id, &op())).await.unwrap_err();
    assert!(again.contains("called off"), "{again}");
    assert_eq!(logged(&app).await, ["treasury.set", "transfer.call_off", "transfer.call_off", "transfer.cancel"]);
}

/// Called off between "leased" and "about to be sent": whoever wants to send finds another fence.
#[tokio::test]
async fn called_off_under_a_lease() {
    let (app, merchant) = app("act-race", Wallet::Missing).await;
    let id = reserved(&app, &merchant, false).await;
    let (found, now) = (id.clone(), app.now());
    let lease = move |tx: &Tx<'_>| {
        let mut row = transfers::find(tx, &found)?.unwrap();
        assert!(transfers::lease(tx, &mut row, now, now.plus(90_000))?);
        Ok::<_, StoreError>(row)
    };
    let mut leased = app.store.write(lease).await.unwrap();
    assert_eq!(act(&app, &id, |app, tx, id| cancel(app, tx, id, &op())).await, Ok(State::Canceled));
    assert!(become_(&mut leased, State::Sending, now));
    assert!(app.store.write(move |tx| transfers::update(tx, &mut leased)).await.is_err());
}

#[tokio::test]
async fn tried_again() {
    let (app, merchant) = app("act-retry", Wallet::Missing).await;
    let id = reserved(&app, &merchant, false).await;
    let later = app.now().plus(3_600_000);
    now_is(&app, &id, move |row| {
        park(row, "the other side is closed".into());
        (row.due_at, row.leased_until) = (None, later);
    })
    .await;
    let busy = act(&app, &id, |app, tx, id| retry(app, tx, id, &op())).await.unwrap_err();
    assert!(busy.contains("at this moment"), "{busy}");
    now_is(&app, &id, |row| row.leased_until = Time(0)).await;
    assert_eq!(act(&app, &id, |app, tx, id| retry(app, tx, id, &op())).await, Ok(State::Reserved));
    let row = app.store.read(|tx| transfers::find(tx, &id)).await.unwrap().unwrap();
    assert_eq!((row.parked, row.due_at), (None, Some(app.now())));
    assert_eq!(logged(&app).await, ["transfer.retry"]);
}

#[tokio::test]
async fn a_second_person() {
    let (app, merchant) = app("act-approve", Wallet::Missing).await;
    let id = reserved(&app, &merchant, true).await;
    let (worker, row) = (app.clone(), about(&id));
    let asked = move |tx: &Tx<'_>| record(&worker, tx, &Actor("cli:Ann".into()), ASKED, row, String::new());
    app.store.write(asked).await.unwrap();
    let refused = act(&app, &id, |app, tx, id| retry(app, tx, id, &op())).await.unwrap_err();
    assert!(refused.contains("second person"), "{refused}");
    for (by, why) in [
        ("ann", "somebody else"),
        (" Ann ", "somebody else"),
        ("cli:ann", "somebody else"),
        ("CLI:Ann", "somebody else"),
        ("cli:Cli: ann", "somebody else"),
        ("cli:api:key 0123", "person"),
        ("CLI:lockgate", "person"),
        ("cli:", "person"),
        (" ", "say who"),
    ] {
        let refused = act(&app, &id, move |app, tx, id| approve(app, tx, id, by, &op())).await.unwrap_err();
        assert!(refused.contains(why), "{by}: {refused}");
    }
    assert_eq!(act(&app, &id, |app, tx, id| approve(app, tx, id, "Bob", &op())).await, Ok(State::Reserved));
    let row = app.store.read(|tx| transfers::find(tx, &id)).await.unwrap().unwrap();
    assert_eq!((row.approval, row.approved_by.as_deref()), (Approval::Given, Some("Bob")));
    let twice = act(&app, &id, |app, tx, id| approve(app, tx, id, "Cem", &op())).await.unwrap_err();
    assert!(twice.contains("does not wait"), "{twice}");
    assert_eq!(logged(&app).await, [ASKED, "transfer.approve"]);
}

#[tokio::test]
async fn marked_on_evidence() {
    for (seen, end, logged_as) in
        [(Seen::Arrived, State::Done, "transfer.mark_arrived"), (Seen::Failed, State::Failed, "transfer.mark_failed")]
    {
        let (app, merchant) = app(&format!("act-{logged_as}"), Wallet::Missing).await;
        let id = reserved(&app, &merchant, false).await;
        now_is(&app, &id, |row| row.state = State::Sending).await;
        let mark = async |evidence: &'static str| {
            act(&app, &id, move |app, tx, id| mark(app, tx, id, seen, evidence, &op())).await
        };
        let none = mark("  it did ").await.unwrap_err();
        assert!(none.contains("evidence"), "{none}");
        let soon = mark("their letter of today, number 77").await.unwrap_err();
        assert!(soon.contains("older than an hour"), "{soon}");
        app.clock.advance(3_600_000);
        let card = mark("they paid 4242 4242 4242 4242").await.unwrap_err();
        assert!(card.contains("card number"), "{card}");
        // while the chain may still carry it, or says otherwise, nobody's word counts
        for (state, succeeded) in [("pending", None), ("mined", Some(true)), ("final", Some(seen == Seen::Failed))] {
            on_chain(&app, &id, state, succeeded).await;
            let refused = mark("their letter of today, number 77").await.unwrap_err();
            assert!(refused.contains("the chain has the last word"), "{state}: {refused}");
        }
        on_chain(&app, &id, "final", Some(seen == Seen::Arrived)).await;
        assert_eq!(mark("their letter of today, number 77").await, Ok(end));
        assert_eq!(logged(&app).await, [logged_as]);
        let over = mark("their letter of today, number 78").await.unwrap_err();
        assert!(over.starts_with("it is over"), "{over}");
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let (app, _) = app("act-nothing", Wallet::Missing).await;
    let id = TransferId::new(ulid::Ulid(9));
    let refused = act(&app, &id, |app, tx, id| retry(app, tx, id, &op())).await.unwrap_err();
    assert!(refused.contains("there is no transfer"), "{refused}");
}
