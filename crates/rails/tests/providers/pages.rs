//! Checkout.com's hosted page over several looks: what one look remembers must not mislead the next.

use rails::card::checkout_com::CHECKOUT_COM;
use rails::provider::{Charge, Decline, NeedsPayer, Outcome};

use crate::fixture::{self, Fixture};

/// Plays one look, a question after the other; each must be the one of its fixture.
fn look(charge: &mut Charge, fixtures: &[&str]) -> Outcome {
    let known: Vec<Fixture> = fixture::all(&CHECKOUT_COM);
    let account = fixture::account(&CHECKOUT_COM);
    let mut flow = &CHECKOUT_COM.sync;
    let mut outcome = Outcome::Next;
    for name in fixtures {
        assert_eq!(outcome, Outcome::Next, "before {name}");
        let fixture = known.iter().find(|it| it.name == format!("{name}.json")).unwrap();
        let request = fixture::written(&(flow.request)(&account, charge));
        assert_eq!(Some(request), fixture.request, "{name}");
        let answer = (flow.response)(&account, charge, &fixture.response());
        charge.memory.extend(answer.memory);
        outcome = answer.outcome;
        flow = CHECKOUT_COM.sync_more.as_ref().unwrap();
    }
    outcome
}

fn begun() -> Charge {
    let page = [("page".to_owned(), "https://pay.checkout.com/page/hpp_kQhs5Djut78h".to_owned())];
    let memory = page.into_iter().collect();
    Charge { reference: Some("hpp_kQhs5Djut78h".into()), memory, ..fixture::charge(&CHECKOUT_COM) }
}

#[test]
fn declined_and_paid_at_the_next_try() {
    let mut charge = begun();
    let open = |outcome: Outcome| matches!(outcome, Outcome::NeedsPayer(NeedsPayer::Visit { challenge: false, .. }));
    assert!(open(look(&mut charge, &["page_untouched", "sync_pending.page"])));
    assert!(open(look(&mut charge, &["page_declined", "page_declined.still_open"])));
    assert!(open(look(&mut charge, &["page_declined", "page_declined.named_received"])));
    let paid = look(&mut charge, &["page_declined_then_paid", "sync_more"]);
    assert!(matches!(paid, Outcome::Final(_)), "{paid:?}");
    // refunds and disputes go to the payment that took money
    let known = "pay_y3oqhf46pyzuxjbcn2giaqnb44";
    assert_eq!(charge.memory.get("payment").map(String::as_str), Some(known));
    let paid = look(&mut charge, &["page_declined_then_paid", "sync_more"]);
    assert!(matches!(paid, Outcome::Final(_)), "{paid:?}");
}

#[test]
fn paid_between_the_list_and_the_page() {
    for page in ["page_paid.meanwhile", "page_expired.paid_at_last"] {
        let paid = look(&mut begun(), &["page_declined", page, "sync_more"]);
        assert!(matches!(paid, Outcome::Final(_)), "{page}: {paid:?}");
    }
}

#[test]
fn over_when_the_page_is() {
    let over = Outcome::Declined(Decline::TimedOut);
    assert_eq!(look(&mut begun(), &["page_untouched", "page_expired"]), over);
    assert_eq!(look(&mut begun(), &["page_declined", "page_expired.declined_before"]), over);
    // a try that fails while it is looked at does not settle it either
    let outcome = look(&mut begun(), &["page_declined.another_try", "page_declined.meanwhile"]);
    assert_eq!(outcome, Outcome::Next);
}
