//! The hosted page without scripts: forms as a browser posts them, and what the payer reads.

use domain::charge::State;
use futures_util::future::join_all;

use crate::harness::*;

/// The card form with other entries for some fields.
async fn post_card(client: &Client, token: &str, other: &[(&str, &str)]) -> Answer {
    let mut entry =
        [("action", "pay-card"), ("number", APPROVED), ("expiry", "12/40"), ("code", "739"), ("holder", "John Smith")];
    for (name, value) in other {
        entry.iter_mut().filter(|(known, _)| known == name).for_each(|(_, good)| *good = value);
    }
    client.fill_in(token, &entry).await
}

/// A wrong entry, the field it is said at, and what is said.
type Wrong = (&'static [(&'static str, &'static str)], &'static str, &'static str);

const WRONG: &[Wrong] = &[
    (&[("number", "")], "number", "Enter the card number."),
    (&[("number", "4242424242424241")], "number", "This is not a valid card number."),
    (&[("number", "4242")], "number", "This is not a valid card number."),
    (&[("number", "John Smith")], "number", "This is not a valid card number."),
    (&[("expiry", "")], "expiry", "Enter when the card expires."),
    (&[("expiry", "13/40")], "expiry", "Enter the month and year of expiry"),
    (&[("expiry", "00/40")], "expiry", "Enter the month and year of expiry"),
    (&[("expiry", "soon")], "expiry", "Enter the month and year of expiry"),
    (&[("expiry", APPROVED)], "expiry", "Enter the month and year of expiry"),
    (&[("code", "")], "code", "Enter the security code."),
    (&[("code", "73")], "code", "card has 3 digits."),
    (&[("code", "7391")], "code", "card has 3 digits."),
    (&[("code", "abc")], "code", "card has 3 digits."),
    (&[("number", AMEX), ("code", "739")], "code", "card has 4 digits."),
    (&[("holder", "")], "holder", "Enter the name on the card."),
    (&[("holder", APPROVED)], "holder", "That looks like a card number."),
    (&[("holder", "John 4242 4242 4242 4242")], "holder", "That looks like a card number."),
    (&[("holder", "४२४२४२४२४२४२४२४२"), ("code", "73")], "code", "card has 3 digits."),
];

#[tokio::test]
async fn every_wrong_entry_is_said_at_its_field() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = client.hosted_over("15.04").await;
    let page = client.choose(&token, "card").await;
    assert_eq!(shown(&page), "card");
    for (name, complete, mode) in [("number", "cc-number", "numeric"), ("code", "cc-csc", "numeric")] {
        let (_, input) = page.body.split_once(&format!("<input id=\"{name}\"")).unwrap();
        assert_eq!((attribute(input, "autocomplete"), attribute(input, "inputmode")), (complete, mode));
    }
    for (other, field, said) in WRONG {
        let answer = post_card(client, &token, other).await;
        assert_eq!(answer.status, 422, "{other:?} was taken");
        assert_eq!(shown(&answer), "card", "{other:?}");
        let (_, error) =
            answer.body.split_once(&format!("id=\"{field}-error\"")).unwrap_or_else(|| panic!("{other:?}"));
        assert!(error.split("</p>").next().unwrap().contains(said), "{other:?}: {}", answer.body);
        assert_eq!(answer.body.matches("aria-invalid").count(), 1, "{other:?}: one field is wrong");
        assert_echoes_no_card(&answer, other);
    }
    let all = post_card(client, &token, &[("number", "1"), ("expiry", "1"), ("code", "x"), ("holder", "")]).await;
    assert_eq!(
        all.body.matches("aria-invalid").count(),
        4 - 1,
        "without a number nothing is said of the code's length"
    );
    assert!(sandbox.database().charges(id).await.is_empty(), "nothing was tried");
    assert_eq!(client.payments().await.len(), 0);

    // the contract's sample card is past: the sandbox takes any month
    let posted = post_card(client, &token, &[("expiry", "02/2025")]).await;
    assert_eq!(shown(&client.follow(&posted).await), "received");
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
}

/// Of an entry with errors, only the name and the month may come back.
fn assert_echoes_no_card(answer: &Answer, posted: &[(&str, &str)]) {
    // the form offers the test cards; what stands in the inputs is another matter
    let form = answer.body.split("id=\"test-cards\"").next().unwrap();
    let digits: String = form.chars().filter(char::is_ascii_digit).collect();
    for secret in ["4242424242424242", "4242424242424241", "378282246310005"] {
        assert!(!digits.contains(secret), "{posted:?}: {secret} is on the page");
    }
    assert!(!form.contains("४२४२") && !form.contains("value=\"739\""), "{posted:?}: {form}");
}

#[tokio::test]
async fn declined_and_another_card() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    assert_eq!(shown(&client.page(&token).await), "choose");
    for (card, said) in [
        (NO_FUNDS, "there is not enough money"),
        (WRONG_CODE, "The security code was not right"),
        (RUN_OUT, "this card has expired"),
        (SOFT_DECLINE, "could not approve this just now"),
    ] {
        let page = client.pay_on_page(&token, card).await;
        assert_eq!(shown(&page), "card", "{card}");
        assert!(page.body.contains("The card was declined") && page.body.contains(said), "{card}: {}", page.body);
        assert_eq!(client.status(id).await, OPENED, "another try is invited");
    }
    // the second try of the softly declined card gets the challenge
    let page = client.pay_on_page(&token, SOFT_DECLINE).await;
    assert_eq!(shown(&page), "card-continue");
    assert!(!page.body.contains("The card was declined"), "that is over: {}", page.body);
    let page = client.pay_on_page(&token, APPROVED).await;
    assert_eq!(shown(&page), "received");
    // the challenge was closed before another card was tried
    let states = [[State::Declined; 5].as_slice(), &[State::Paid]].concat();
    database.charges_become(id, &states).await;
    assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    let back = link(&client.page(&token).await.body, "return");
    assert!(back.starts_with(&format!("{}/service/pay/success/?token=", client.base)), "{back}");
    let done = client.visit(&back).await;
    assert!(done.status == 200 && done.body.contains("<p class=\"merchant\"><bdi>Sandbox shop</bdi></p>"), "{done:?}");

    // a hard decline is the end, as the contract has it
    let (id, token) = client.hosted_over("15.04").await;
    assert_eq!(shown(&client.pay_on_page(&token, DECLINED).await), "failed");
    assert_told(&sandbox, id, &[CREATED, OPENED, FAILED]).await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "failed", "and nothing is charged after it");
    database.charges_become(id, &[State::Declined]).await;
    sandbox.audit();
}

/// A page on which cards could be tried without end would be a tool for trying stolen ones.
#[tokio::test]
async fn twelve_tries_and_no_more() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, token) = client.hosted_over("15.04").await;
    for _ in 0..14 {
        assert_eq!(client.pay_on_page(&token, NO_FUNDS).await.status, 200);
    }
    assert_eq!(sandbox.database().charges(id).await.len(), 12);
    assert_eq!(client.payments().await.len(), 12);
    assert_eq!(client.status(id).await, OPENED);
    sandbox.audit();
}

/// An impatient payer presses twice, or has two windows: he is charged once.
#[tokio::test]
async fn many_posts_at_once_charge_once() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    for card in [APPROVED, ANSWER_LOST] {
        let (id, token) = client.hosted_over("15.04").await;
        let entry = [("number", card)];
        let all = join_all((0..8).map(|_| post_card(client, &token, &entry))).await;
        assert!(all.iter().all(|answer| answer.status == 303), "{all:?}");
        client.status_becomes(id, RECEIVED).await;
        database.charges_become(id, &[State::Paid]).await;
        assert_eq!(client.payment(database.charge(id).await.charge.id.as_str()).await.unwrap()["status"], "paid");
        assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    }
    assert_eq!(client.payments().await.len(), 2);
    sandbox.audit();
}

/// What became of the card is not known: the page says not to pay again, and offers no way to.
#[tokio::test]
async fn nobody_pays_twice_for_want_of_an_answer() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let (id, token) = client.hosted_over("15.04").await;
    client.order_next("timeout").await;
    let page = client.pay_on_page(&token, APPROVED).await;
    assert_eq!(shown(&page), "processing");
    assert!(page.body.contains("Please do not pay again."), "{}", page.body);
    for way in ["value=\"pay-card\"", "value=\"method\"", "value=\"select\"", "value=\"cancel\""] {
        assert!(!page.body.contains(way), "{way}: {}", page.body);
    }
    for fields in [
        &[("action", "pay-card"), ("number", APPROVED), ("expiry", "12/40"), ("code", "739"), ("holder", "J S")][..],
        &[("action", "method"), ("method", "upi")],
        &[("action", "cancel")],
    ] {
        let page = client.follow(&client.fill_in(&token, fields).await).await;
        assert_eq!(shown(&page), "processing", "{fields:?}");
    }
    database.charges_become(id, &[State::Unknown]).await;
    // ten minutes later it is surely not there; that account is left alone for another five
    client.advance(9 * 60).await;
    client.visit(&format!("/widget/sale/create/?token={}&back=1", percent_encoded(&token))).await;
    database.charges_become(id, &[State::Unknown]).await;
    client.advance(60).await;
    database.charges_become(id, &[State::NotSent]).await;
    client.advance(5 * 60).await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "received");
    database.charges_become(id, &[State::NotSent, State::Paid]).await;
    assert_eq!(client.payments().await.len(), 1);
    sandbox.audit();
}

/// Paying and canceling, or paying and choosing a coin, in the same instant: one of the two happened, and the merchant is told which.
#[tokio::test]
async fn two_buttons_at_once() {
    let sandbox = Sandbox::start().await;
    let (client, database) = (&sandbox.client, sandbox.database());
    let mut charged = 0;
    for (nth, action) in (0..12).zip(["cancel", "select"].into_iter().cycle()) {
        let (id, token) = client.hosted_over("15.04").await;
        let pay = post_card(client, &token, &[]);
        let other = client.press(&token, action, "USDT_polygon");
        // either may be the first to arrive
        let answers = if nth % 4 < 2 {
            let (pay, other) = tokio::join!(pay, other);
            [pay, other]
        } else {
            let (other, pay) = tokio::join!(other, pay);
            [pay, other]
        };
        assert!(answers.iter().all(|answer| answer.status == 303), "{answers:?}");
        let states = database.charge_states(id).await;
        let story: &[&str] = match (states.as_slice(), action) {
            ([State::Paid], _) => &[CREATED, OPENED, RECEIVED],
            ([], "cancel") => &[CREATED, OPENED, FAILED],
            (states, _) => panic!("{action}: {states:?}"),
        };
        charged += usize::from(!states.is_empty());
        assert_told(&sandbox, id, story).await;
    }
    assert_eq!(client.payments().await.len(), charged);
    sandbox.audit();
}

/// A number in whatever else the form has is not sent back in an address, where proxies and histories would keep it.
#[tokio::test]
async fn no_number_in_an_address() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (_, token) = client.hosted_over("15.04").await;
    for name in ["lang", "currency", "method", "rrn", "action", "more"] {
        for action in ["method", "select", "claim", "quote"] {
            let answer = client.fill_in(&token, &[("action", action), (name, APPROVED)]).await;
            let location = answer.headers.get("location").map_or("", |value| value.to_str().unwrap());
            assert!(!location.contains(APPROVED) && !answer.body.contains(APPROVED), "{action} {name}: {location}");
        }
    }
}
