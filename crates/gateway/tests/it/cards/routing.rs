//! Which account is charged: the first that can be reached, never a second one after an unknown outcome, and nobody else's.

use domain::charge::State;

use crate::harness::*;

/// A sandbox with what is needed to make further accounts at its acquirer.
pub struct Routed {
    pub sandbox: Sandbox,
    /// Where nobody listens.
    pub closed: String,
    /// The accounts that the sandbox made.
    pub card: String,
}

impl Routed {
    pub async fn start() -> Routed {
        let sandbox = Sandbox::start().await;
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for (name, secret) in ["api_key", "webhook_secret"].into_iter().zip(sandbox.database().acquirer_secrets().await)
        {
            std::fs::write(sandbox.dir.join(name), secret).unwrap();
        }
        let card = account_of(&sandbox, "sandbox_card");
        Routed { sandbox, closed: format!("http://{closed}"), card }
    }

    /// A further account, of the operator or of a merchant: its id.
    pub fn add(&self, provider: &str, owner: &[&str], base_url: &str) -> String {
        let secret = |name: &str| format!("{name}=file:{}", self.sandbox.dir.join(name).display());
        let (key, signs) = (secret("api_key"), secret("webhook_secret"));
        let arguments = ["provider", "add", provider, "--secret", &key, "--secret", &signs, "--base-url", base_url];
        let said = self.sandbox.said(&[&arguments, owner].concat());
        said.strip_prefix("Account ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned()
    }

    /// One more account at the sandbox's acquirer.
    pub fn add_working(&self, owner: &[&str]) -> String {
        self.add("sandbox_card", owner, &format!("{}/sandbox/acquirer", self.sandbox.client.base))
    }

    pub fn route(&self, method: &str, accounts: &[&str]) {
        self.sandbox.said(&[&["provider", "route", "1", method], accounts].concat());
    }

    /// The accounts that an invoice was tried at, and what became of it there.
    pub async fn tried(&self, id: i64) -> Vec<(String, State)> {
        let rows = self.sandbox.database().charges(id).await;
        rows.iter().map(|row| (row.charge.account_id.to_string(), row.charge.state)).collect()
    }
}

pub fn account_of(sandbox: &Sandbox, provider: &str) -> String {
    let list = sandbox.said(&["provider", "list"]);
    let line = list.lines().find(|line| line.contains(&format!(" {provider} of operator"))).unwrap();
    line.split(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_cannot_be_reached_is_passed_over() {
    let routed = Routed::start().await;
    let client = &routed.sandbox.client;
    let dead = routed.add("sandbox_card", &["--operator"], &routed.closed);
    let second = routed.add_working(&["--operator"]);
    routed.route("card", &[&dead, &second, &routed.card]);
    let (made, id, _) = client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(made["status"], RECEIVED);
    let expected = [(dead.clone(), State::NotSent), (second.clone(), State::Paid)];
    assert_eq!(routed.tried(id).await, expected);
    assert_told(&routed.sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    let (id, token) = client.hosted_over("15.04").await;
    assert_eq!(shown(&client.pay_on_page(&token, CHALLENGED).await), "card-continue");
    assert_eq!(routed.tried(id).await, [(dead.clone(), State::NotSent), (second.clone(), State::NeedsPayer)]);
    // a decline is an answer: the next account is not asked
    let (_, id, _) = client.charge_card(&card_sale(DECLINED)).await;
    assert_eq!(routed.tried(id).await, [(dead.clone(), State::NotSent), (second.clone(), State::Declined)]);

    let upi = account_of(&routed.sandbox, "sandbox_upi");
    let dead_upi = routed.add("sandbox_upi", &["--operator"], &routed.closed);
    routed.route("upi", &[&dead_upi, &upi]);
    let (id, token) = client.hosted_over("5").await;
    assert_eq!(shown(&client.choose(&token, "upi").await), "upi");
    assert_eq!(routed.tried(id).await, [(dead_upi, State::NotSent), (upi, State::NeedsPayer)]);

    // nobody at all: nothing is charged, and S2S leads to the page
    routed.route("card", &[&dead]);
    let (made, id, url) = client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(made["status"], OPENED);
    assert_eq!(client.visit(&url).await.status, 200);
    assert_eq!(routed.tried(id).await, [(dead, State::NotSent)]);
    assert_eq!(client.payments().await.len(), 4);
    routed.sandbox.audit();
}

#[tokio::test]
async fn after_an_unknown_outcome_nobody_else_is_asked() {
    let routed = Routed::start().await;
    let client = &routed.sandbox.client;
    let second = routed.add_working(&["--operator"]);
    routed.route("card", &[&routed.card, &second]);
    let first = routed.card.clone();
    // what the first does, what is known of it at once, and whether anything is at the acquirer
    for (behaviour, state, charged) in [
        ("timeout", State::Unknown, false),
        ("unavailable", State::Unknown, false),
        ("timeout_then_charged", State::Paid, true),
    ] {
        let before = client.payments().await.len();
        client.order_next(behaviour).await;
        let (made, id, _) = client.charge_card(&card_sale(APPROVED)).await;
        assert_eq!(made["status"], OPENED, "{behaviour}");
        routed.sandbox.database().charges_become(id, &[state]).await;
        assert_eq!(routed.tried(id).await, [(first.clone(), state)], "{behaviour}");
        assert_eq!(client.payments().await.len() - before, usize::from(charged), "{behaviour}");
        if !charged {
            client.advance(11 * 60).await;
            routed.sandbox.database().charges_become(id, &[State::NotSent]).await;
            assert_eq!(routed.tried(id).await.len(), 1, "{behaviour}: without its payer nobody tries anew");
        }
    }
    // surely nothing was done: the next one is
    client.order_next("busy").await;
    let (made, id, _) = client.charge_card(&card_sale(APPROVED)).await;
    assert_eq!(made["status"], RECEIVED);
    assert_eq!(routed.tried(id).await, [(first, State::NotSent), (second, State::Paid)]);
    routed.sandbox.audit();
}

/// Ten minutes after the first account lost it, the payer tries again on the page: at the second.
#[tokio::test]
async fn another_try_goes_to_the_second() {
    let routed = Routed::start().await;
    let client = &routed.sandbox.client;
    let second = routed.add_working(&["--operator"]);
    routed.route("card", &[&routed.card, &second]);
    let (id, token) = client.hosted_over("15.04").await;
    client.order_next("timeout").await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "processing");
    client.advance(11 * 60).await;
    routed.sandbox.database().charges_become(id, &[State::NotSent]).await;
    assert_eq!(shown(&client.pay_on_page(&token, APPROVED).await), "received");
    assert_eq!(routed.tried(id).await, [(routed.card.clone(), State::NotSent), (second, State::Paid)]);
    assert_eq!(client.payments().await.len(), 1);
    routed.sandbox.audit();
}

/// An account of the merchant's own: the money is his at once, and only the fee is owed.
#[tokio::test]
async fn by_currency_and_owner() {
    let routed = Routed::start().await;
    let (client, sandbox) = (&routed.sandbox.client, &routed.sandbox);
    let own = routed.add_working(&["--merchant", "1"]);
    sandbox.said(&["provider", "route", "1", "card", &own, "--currency", "EUR"]);
    for (devise, account, total) in
        [("USD", &routed.card, ["14.8896", "\"USDC\""]), ("EUR", &own, ["14.89", "\"EUR\""])]
    {
        let mut sale = card_sale(APPROVED);
        sale["devise"] = devise.into();
        let (_, id, _) = client.charge_card(&sale).await;
        assert_eq!(routed.tried(id).await, [(account.clone(), State::Paid)], "{devise}");
        let bodies = assert_told(sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
        assert_eq!(["totalAmount", "totalCurrency"].map(|key| bodies[2][key].to_string()), total);
    }
    sandbox
        .database()
        .assert_balances(&[
            ("operator provider USD", 1_504),
            ("merchant payable USD", -1_489),
            ("operator fee USD", -15),
            ("merchant provider EUR", 1_504),
            ("merchant payable EUR", -1_489),
            ("operator fee EUR", -15),
        ])
        .await;
    sandbox.audit();
}
