//! Given back in part and in full, refunds whose answers were lost, disputes.

use domain::Units;
use domain::transfer::State as RefundState;
use gateway::store::disputes::DisputeState;

use super::at_every_provider;
use super::payer::Invoice;
use super::payments::{PAID, begin, open, pay, price};
use super::psp::{Dispute, Fault, Kind, Payment, Psp};
use super::rows::Rows;
use super::shop::Shop;
use crate::harness::wait_until;

at_every_provider!(given_back, given_back_once_though_the_answer_was_lost, killed_while_giving_back, disputed);

fn ask_for(shop: &Shop, invoice: &Invoice, amount: &str) {
    let said = shop.said(&["refund", "1", &invoice.id.to_string(), "--amount", amount]);
    assert!(said.contains("is set aside"), "{said}");
}

async fn states(rows: &Rows, invoice: &Invoice) -> Vec<RefundState> {
    let charge = rows.charges(invoice).await.remove(0);
    rows.refunds(&charge).await.into_iter().map(|refund| refund.state).collect()
}

async fn are(rows: &Rows, invoice: &Invoice, expected: &[RefundState]) {
    wait_until(&format!("refunds {expected:?}"), || states(rows, invoice), |seen| seen == expected).await;
}

fn amounts(payment: &Payment) -> Vec<u128> {
    payment.refunds.iter().map(|refund| refund.amount.0).collect()
}

async fn paid(shop: &Shop, psp: &Psp, account: &str) -> Invoice {
    let invoice = shop.invoice(psp.kind).await;
    begin(shop, psp, &invoice).await;
    pay(shop, psp, account, &invoice).await;
    invoice
}

async fn given_back(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "refund").await;
    let rows = Rows::of(&shop).await;
    let invoice = paid(&shop, &psp, &account).await;
    ask_for(&shop, &invoice, "5");
    let (all, number) = (price(kind).0, invoice.id.to_string());
    let too_much = Units(all - 499).decimal(2, 2);
    let why = shop.refused(&["refund", "1", &number, "--amount", &too_much]);
    assert!(why.contains(&format!("at most {} minor units", all - 500)), "{why}");
    ask_for(&shop, &invoice, "all");
    are(&rows, &invoice, &[RefundState::Done; 2]).await;
    shop.refused(&["refund", "1", &number, "--amount", "0.01"]);
    let mut given = amounts(&psp.last());
    given.sort_unstable();
    assert_eq!(given, [500, all - 500]);
    // what the provider says was given back is what we gave back, and nothing beyond
    shop.hear(&account, kind, &psp.last()).await;
    let charge = || async { rows.charges(&invoice).await.remove(0) };
    assert_eq!(charge().await.refunded_elsewhere, Units::ZERO);
    shop.audit();
    assert_eq!(psp.read(|books| books.strange.clone()), Vec::<String>::new());
}

async fn given_back_once_though_the_answer_was_lost(kind: &'static Kind) {
    let (psp, shop, account) = open(kind, "refund-lost").await;
    let rows = Rows::of(&shop).await;
    let invoice = paid(&shop, &psp, &account).await;
    psp.next(&[Fault::HangUpAfter, Fault::ErrorAfter, Fault::TurnAway]);
    let before = psp.sends();
    ask_for(&shop, &invoice, "5");
    wait_until("it is sent", || async { psp.sends() }, |sends| *sends == before + 1).await;
    ask_for(&shop, &invoice, "2.5");
    wait_until("it is sent", || async { psp.sends() }, |sends| *sends == before + 2).await;
    // turned away: nothing was begun, so the very same is sent again, after a minute
    ask_for(&shop, &invoice, "1");
    wait_until("it is sent", || async { psp.sends() }, |sends| *sends == before + 3).await;
    are(&rows, &invoice, &[RefundState::Done, RefundState::Done, RefundState::Reserved]).await;
    assert_eq!((amounts(&psp.last()), psp.sends()), (vec![500, 250], before + 3));
    shop.audit();
}

async fn killed_while_giving_back(kind: &'static Kind) {
    for (point, arrived) in [("charge_refund.before_send", 0), ("charge_refund.after_send", 1)] {
        let (psp, mut shop, account) = open(kind, point).await;
        let rows = Rows::of(&shop).await;
        let invoice = paid(&shop, &psp, &account).await;
        shop.kill();
        ask_for(&shop, &invoice, "5");
        shop.run_until(point).await;
        assert_eq!((psp.last().refunds.len(), states(&rows, &invoice).await), (arrived, vec![RefundState::Sending]));
        rows.age(&invoice, 11 * 60_000).await;
        let (sends, questions) = psp.read(|books| (books.sends.len(), books.questions));
        shop.start(None).await;
        wait_until("it is asked", || async { psp.read(|books| books.questions) }, |now| *now > questions).await;
        let expected = match arrived {
            1 => RefundState::Done,
            // without a word from the provider it is for people to look at
            _ if !kind.knows_unknown_refunds => RefundState::Sending,
            // one that nobody knows of after ten minutes was never sent: the very same may go again, in a minute
            _ => RefundState::Reserved,
        };
        are(&rows, &invoice, &[expected]).await;
        assert_eq!((psp.last().refunds.len(), psp.sends()), (arrived, sends));
        if expected == RefundState::Reserved {
            shop.kill();
            rows.age(&invoice, 60_000).await;
            shop.start(None).await;
            are(&rows, &invoice, &[RefundState::Done]).await;
            assert_eq!((amounts(&psp.last()), psp.sends()), (vec![500], sends + 1));
        }
        shop.audit();
    }
}

async fn disputed(kind: &'static Kind) {
    if !kind.has_disputes {
        let connector = rails::provider::list::by_name(kind.name).unwrap();
        return assert!(connector.disputes.is_none(), "it can be asked for disputes after all");
    }
    let (psp, shop, account) = open(kind, "dispute").await;
    let rows = Rows::of(&shop).await;
    for (end, state) in [(Dispute::Won, DisputeState::Won), (Dispute::Lost, DisputeState::Lost)] {
        let invoice = paid(&shop, &psp, &account).await;
        let seen = || async {
            let charge = rows.charges(&invoice).await.remove(0);
            let disputes = rows.disputes(&charge).await;
            disputes.into_iter().map(|dispute| (dispute.state, dispute.money.units.0)).collect::<Vec<_>>()
        };
        let all = price(kind).0;
        let opened = psp.change(|payment| payment.dispute = Some(Dispute::Open));
        shop.hear(&account, kind, &opened).await;
        wait_until("a dispute is open", seen, |seen| *seen == [(DisputeState::Open, all)]).await;
        shop.is_told(&invoice, &[PAID[0], PAID[1], PAID[2], "invoice:chargeback"]).await;
        assert_eq!(shop.look(&invoice).await.state, "chargeback");
        shop.audit();
        // what is disputed cannot be given back as well
        shop.refused(&["refund", "1", &invoice.id.to_string(), "--amount", "1"]);
        let ended = psp.change(|payment| payment.dispute = Some(end));
        shop.hear(&account, kind, &ended).await;
        wait_until("the dispute has ended", seen, |seen| *seen == [(state, all)]).await;
        shop.audit();
    }
}
