//! What arrives unasked proves nothing: forged, old, replayed and misdirected callbacks of the acquirer, and right ones that lie.

use domain::charge::State;
use gateway::clock::Clock;
use serde_json::{Value, json};

use crate::harness::*;

/// A sandbox with a charge that waits at the bank.
struct Waiting {
    sandbox: Sandbox,
    id: i64,
    charge: String,
    account: String,
    bank: String,
    secret: String,
}

impl Waiting {
    async fn begin() -> Waiting {
        let sandbox = Sandbox::start().await;
        let (_, id, bank) = sandbox.client.charge_card(&card_sale(CHALLENGED)).await;
        let row = sandbox.database().charge(id).await;
        let [_, secret] = sandbox.database().acquirer_secrets().await;
        let (charge, account) = (row.charge.id.to_string(), row.charge.account_id.to_string());
        Waiting { sandbox, id, charge, account, bank, secret }
    }

    /// A body as the acquirer writes it.
    fn body(&self, event: &str, what: &str) -> Value {
        json!({ "id": event, "type": what, "happened_at": 1, "payment": "pay_x", "reference": self.charge })
    }

    async fn post(&self, account: &str, signature: Option<String>, body: &str) -> Answer {
        let client = &self.sandbox.client;
        let request = client.request_without_key(reqwest::Method::POST, &format!("/provider/callbacks/{account}"));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        client
            .send(signature.into_iter().fold(request, |request, text| request.header("acquirer-signature", text)))
            .await
    }

    async fn post_signed(&self, account: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.post(account, Some(acquirer_signature(&self.secret, self.now(), &body)), &body).await
    }

    /// The sandbox's clock, in seconds.
    fn now(&self) -> i64 {
        Clock::system().now() / 1_000
    }

    /// The acquirer is asked once more than `asked` times, and still says that the payer must act.
    async fn assert_nothing_changed(&self, asked: u32, what: &str) {
        let database = self.sandbox.database();
        wait_until("it is asked about", || database.charge(self.id), |row| row.asked > asked).await;
        assert_eq!(database.charge(self.id).await.charge.state, State::NeedsPayer, "{what}");
        assert_eq!(self.sandbox.client.status(self.id).await, OPENED, "{what}");
        database.assert_balances(&[]).await;
    }
}

#[tokio::test]
async fn forged_ones_are_refused() {
    let waiting = Waiting::begin().await;
    let body = waiting.body("evt_1", "payment.paid").to_string();
    let (now, right) = (waiting.now(), waiting.secret.as_str());
    let sign = |secret: &str, at: i64, text: &str| Some(acquirer_signature(secret, at, text));
    let code = sign(right, now, &body).unwrap().split_once(",v1=").unwrap().1.to_owned();
    let cases: Vec<(&str, Option<String>)> = vec![
        ("none", None),
        ("empty", Some(String::new())),
        ("nonsense", Some("sha256=00".into())),
        ("another secret", sign("another", now, &body)),
        ("no secret", sign("", now, &body)),
        ("the merchant's key", sign(&waiting.sandbox.client.key, now, &body)),
        ("another body", sign(right, now, &body.replace("paid", "held"))),
        ("too old", sign(right, now - 302, &body)),
        ("from the future", sign(right, now + 310, &body)),
        ("another time than signed", Some(format!("t={},v1={code}", now - 1))),
        ("no time", Some(format!("v1={code}"))),
        ("a sign before the time", Some(format!("t=+{now},v1={code}"))),
        ("half a code", Some(format!("t={now},v1={}", &code[..32]))),
        ("the code twice", Some(format!("t={now},v1={code},v1={code}"))),
    ];
    for (what, signature) in cases {
        let answer = waiting.post(&waiting.account, signature, &body).await;
        assert_eq!(answer.both(), (401, "not taken\n"), "{what}");
    }
    for text in
        ["", "{}", "[]", "not json", r#"{"id":"evt_1"}"#, r#"{"id":[],"type":{},"payment":null,"reference":true}"#]
    {
        let answer = waiting.post(&waiting.account, sign(right, now, text), text).await;
        assert_eq!(answer.status, 401, "{text} is signed, and no webhook");
    }
    let database = waiting.sandbox.database();
    assert_eq!(database.unplaced().await, [], "nothing of it is kept");
    assert_eq!(database.charge(waiting.id).await.charge.state, State::NeedsPayer);
    waiting.sandbox.audit();
}

#[tokio::test]
async fn elsewhere_and_otherwise() {
    let waiting = Waiting::begin().await;
    let client = &waiting.sandbox.client;
    let body = waiting.body("evt_1", "payment.paid");
    let unknown = waiting.account.chars().rev().collect::<String>();
    let wellformed = format!("{}ZZZZ", &waiting.account[..waiting.account.len() - 4]);
    for account in [unknown.as_str(), &wellformed, "1", "..%2f", &waiting.charge] {
        assert_eq!(waiting.post_signed(account, &body).await.status, 404, "{account}");
    }
    for method in [reqwest::Method::GET, reqwest::Method::PUT, reqwest::Method::DELETE] {
        let path = format!("/provider/callbacks/{}", waiting.account);
        let answer = client.send(client.request_without_key(method.clone(), &path)).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    let large = format!("{{\"id\":\"{}\"}}", "x".repeat(70_000));
    let signature = acquirer_signature(&waiting.secret, waiting.now(), &large);
    assert_eq!(waiting.post(&waiting.account, Some(signature), &large).await.status, 413);
    // no secret, nothing to ask: a merchant's own VPA has no callbacks
    let said = waiting.sandbox.said(&[
        "provider",
        "add",
        "own_vpa",
        "--merchant",
        "1",
        "--set",
        "vpa=shop@okbank",
        "--set",
        "payee_name=Shop",
    ]);
    let own = said.split_whitespace().nth(1).unwrap();
    assert_eq!(waiting.post_signed(own, &body).await.status, 404, "{said}");
    waiting.sandbox.audit();
}

/// Signed rightly, and not true: the acquirer is asked, and what it says counts.
#[tokio::test]
async fn right_ones_that_lie() {
    let waiting = Waiting::begin().await;
    let database = waiting.sandbox.database();
    for (nth, what) in ["payment.paid", "payment.declined", "payment.reversed", "dispute.lost", "refund.done", "x"]
        .into_iter()
        .enumerate()
    {
        let mut body = waiting.body(&format!("evt_{nth}"), what);
        // nothing of it is read
        for (name, value) in
            [("amount", json!(1)), ("taken", json!(1_504)), ("currency", json!("INR")), ("status", json!("paid"))]
        {
            body[name] = value;
        }
        let asked = database.charge(waiting.id).await.asked;
        assert_eq!(waiting.post_signed(&waiting.account, &body).await.both(), (200, "ok\n"), "{what}");
        waiting.assert_nothing_changed(asked, what).await;
    }
    // about what nobody knows: kept, once each
    let mut stray = waiting.body("evt_stray", "payment.paid");
    stray["reference"] = "chg_nobody".into();
    for _ in 0..3 {
        assert_eq!(waiting.post_signed(&waiting.account, &stray).await.status, 200);
    }
    assert_eq!(database.unplaced().await, [("evt_stray".to_owned(), "chg_nobody pay_x".to_owned())]);
    // to the other account, of which the charge is not; both have the same secret here
    let list = waiting.sandbox.said(&["provider", "list"]);
    let upi = list.lines().find(|line| line.contains(" sandbox_upi ")).unwrap().split(' ').next().unwrap().to_owned();
    let version = database.charge(waiting.id).await.version;
    let body = waiting.body("evt_elsewhere", "payment.paid");
    assert_eq!(waiting.post_signed(&upi, &body).await.status, 200);
    let about = format!("{} pay_x", waiting.charge);
    assert!(database.unplaced().await.contains(&("evt_elsewhere".to_owned(), about)), "kept, to be looked at");
    assert!(
        database.charge(waiting.id).await.version <= version + 1,
        "at most its own turn to be asked came meanwhile"
    );

    waiting.sandbox.client.press_at(&waiting.bank, "approve").await;
    let body = waiting.body("evt_right", "payment.paid");
    for _ in 0..5 {
        assert_eq!(waiting.post_signed(&waiting.account, &body).await.status, 200);
    }
    assert_told(&waiting.sandbox, waiting.id, &[CREATED, OPENED, RECEIVED]).await;
    database
        .assert_balances(&[
            ("operator provider USD", 1_504),
            ("merchant payable USD", -1_489),
            ("operator fee USD", -15),
        ])
        .await;
    waiting.sandbox.audit();
}

/// The acquirer's own callbacks come late, several times, or not at all: the invoice is paid once, and soon.
#[tokio::test]
async fn late_repeated_and_lost() {
    let sandbox = Sandbox::start().await;
    // a day goes by here, and what is looked at is what was not settled yet
    sandbox.said(&["settlement", "set", "1", "--paused", "true"]);
    let client = &sandbox.client;
    for order in
        [json!({ "webhook_times": 5 }), json!({ "webhook_delay_seconds": 86_400 }), json!({ "webhook_times": 0 })]
    {
        client.order(&order).await;
        let (_, id, bank) = client.charge_card(&card_sale(CHALLENGED)).await;
        client.press_at(&bank, "approve").await;
        // the payer closes his browser at the bank; the gateway asks by itself
        assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
        client.advance(86_401).await;
    }
    for outcome in ["late_callback", "duplicate_callback"] {
        let (id, _) = client.hosted_over("15.04").await;
        client.pay_by(id, "card", outcome).await;
        assert_told(&sandbox, id, &[CREATED, OPENED, RECEIVED]).await;
    }
    client.advance(61).await;
    assert_eq!(sandbox.database().unplaced().await, []);
    sandbox
        .database()
        .assert_balances(&[
            ("operator provider USD", 7_520),
            ("merchant payable USD", -7_445),
            ("operator fee USD", -75),
        ])
        .await;
    sandbox.audit();
}
