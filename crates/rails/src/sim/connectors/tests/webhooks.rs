use domain::time::SECOND;

use super::*;
use crate::provider::{Forged, Hint};
use crate::sim::acquirer::{Delivery, SIGNATURE_HEADER};

fn received(delivery: &Delivery) -> Received {
    let headers = vec![(SIGNATURE_HEADER.to_owned(), delivery.signature.clone())];
    Received { headers, body: delivery.body.clone().into_bytes() }
}

fn read(shop: &Shop, received: &Received, now: Time) -> Result<Hint, Forged> {
    (shop.connector.webhook.as_ref().unwrap().read)(&shop.account, received, now)
}

/// Posts all that is due, and answers what was read.
fn post(shop: &mut Shop, taken: bool) -> Vec<Hint> {
    let due = shop.acquirer.advance(shop.now);
    let hints = due.iter().map(|delivery| read(shop, &received(delivery), shop.now).unwrap()).collect();
    due.iter().for_each(|delivery| shop.acquirer.posted(delivery, taken, shop.now));
    shop.restart();
    hints
}

#[test]
fn a_webhook_names_the_charge_and_is_posted_once() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    let id = shop.pay_by("4242424242424242", &charge).unwrap().reference.unwrap();
    assert_eq!(post(&mut shop, true), []);
    assert_eq!(shop.acquirer.next_due(), Some(START.plus(300)));
    shop.wait(300);
    let hints = post(&mut shop, true);
    assert_eq!(hints.len(), 1);
    assert_eq!((hints[0].what.as_str(), &hints[0].about), ("payment.paid", &vec!["chg_1".to_owned(), id]));
    assert_eq!((post(&mut shop, true), shop.acquirer.next_due()), (vec![], None));
}

#[test]
fn it_comes_late_twice_or_never_as_ordered() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.order("chg_1", Order { behaviour: None, webhook_delay_millis: 3_600 * SECOND, webhook_times: 2 });
    shop.pay_by("4242424242424242", &charge);
    shop.wait(3_599 * SECOND);
    assert_eq!(post(&mut shop, true), []);
    shop.wait(SECOND);
    let hints = post(&mut shop, true);
    assert!(hints.len() == 2 && hints[0] == hints[1], "{hints:?}");

    let silent = super::charge("chg_2", 1504, "USD");
    shop.order("chg_2", Order { webhook_times: 0, ..Order::default() });
    shop.pay_by("4242424242424242", &silent);
    assert_eq!(shop.acquirer.next_due(), None);
}

#[test]
fn one_that_is_not_taken_comes_again_and_is_given_up_at_last() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.pay_by("4242424242424242", &charge);
    let mut events = Vec::new();
    while let Some(due) = shop.acquirer.next_due() {
        shop.now = due;
        events.extend(post(&mut shop, false).into_iter().map(|hint| hint.event_id));
    }
    assert_eq!(events.len(), 7);
    events.dedup();
    assert_eq!(events.len(), 1);
}

#[test]
fn a_forged_or_old_webhook_is_not_believed() {
    let (mut shop, charge) = (Shop::new(&SANDBOX_CARD), charge("chg_1", 1504, "USD"));
    shop.pay_by("4242424242424242", &charge);
    shop.wait(300);
    let delivery = shop.acquirer.advance(shop.now).remove(0);
    let (right, now) = (received(&delivery), shop.now);
    assert!(read(&shop, &right, now).is_ok());
    for (seconds, expected) in [(300, None), (302, Some(Forged::Old)), (-299, None), (-301, Some(Forged::Old))] {
        assert_eq!(read(&shop, &right, now.plus(seconds * SECOND)).err(), expected, "{seconds}");
    }
    let signed =
        |signature: &str| Received { headers: vec![(SIGNATURE_HEADER.into(), signature.into())], ..right.clone() };
    let later = delivery.signature.replace("t=1793", "t=1794");
    let cut = &delivery.signature[..delivery.signature.len() - 2];
    for signature in ["", "t=,v1=", "v1=00", &later, cut, &delivery.signature.replace("t=", "t=+")] {
        assert_eq!(read(&shop, &signed(signature), now), Err(Forged::Signature), "{signature}");
    }
    let other = Received { body: delivery.body.replace("chg_1", "chg_2").into_bytes(), ..right.clone() };
    assert_eq!(read(&shop, &other, now), Err(Forged::Signature));
    assert_eq!(read(&shop, &Received { headers: vec![], ..right.clone() }, now), Err(Forged::Signature));
    let nonsense = crate::sim::acquirer::sign("secret", now, b"nonsense");
    let nonsense = Received { body: b"nonsense".to_vec(), ..signed(&nonsense) };
    assert_eq!(read(&shop, &nonsense, now), Err(Forged::Malformed));
    shop.account.fields.remove("webhook_secret");
    assert_eq!(read(&shop, &right, now), Err(Forged::NoSecret));
}
