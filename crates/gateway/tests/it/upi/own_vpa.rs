//! A merchant's own VPA: our link, the payer's claim, the merchant's word.

use domain::charge::State;
use serde_json::json;

use crate::harness::*;

pub const BANK_ACCOUNT: &str = "00012345678901";

/// A sandbox whose UPI payers pay to the merchant's own VPA.
pub struct OwnVpa {
    pub sandbox: Sandbox,
    pub account: String,
}

/// An invoice over 5 USD, whose payer has the link.
pub struct Asked {
    pub id: i64,
    pub token: String,
    pub charge: String,
    pub reference: String,
}

impl OwnVpa {
    pub async fn start() -> OwnVpa {
        let sandbox = Sandbox::start().await;
        let bank = format!("bank_account={BANK_ACCOUNT}");
        let said = sandbox.said(&[
            "provider",
            "add",
            "own_vpa",
            "--merchant",
            "1",
            "--set",
            "vpa=shop.one@okbank",
            "--set",
            &bank,
            "--set",
            "payee_name=Chai & Sons",
        ]);
        let account = said.strip_prefix("Account ").and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
        sandbox.said(&["provider", "route", "1", "upi", &account]);
        OwnVpa { sandbox, account }
    }

    pub async fn ask(&self) -> Asked {
        let (id, token) = self.sandbox.client.hosted_over("5").await;
        assert_eq!(shown(&self.sandbox.client.choose(&token, "upi").await), "upi");
        let row = self.sandbox.database().charge(id).await;
        Asked { id, token, charge: row.charge.id.to_string(), reference: row.reference.unwrap() }
    }

    /// Enters a reference number; the page after it.
    pub async fn claim(&self, asked: &Asked, rrn: &str) -> Answer {
        let posted = self.sandbox.client.fill_in(&asked.token, &[("action", "claim"), ("rrn", rrn)]).await;
        self.sandbox.client.follow(&posted).await
    }

    /// `lockgate upi`, which may refuse: what it says.
    pub fn upi(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.sandbox.run(&[&["upi"], arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text([output.stdout, output.stderr].concat()))
        }
    }

    pub async fn state(&self, asked: &Asked) -> State {
        self.sandbox.database().charge(asked.id).await.charge.state
    }

    /// 409.71 came to the merchant's own bank account, so many times, and lies nowhere else; the merchant owes the operator 4.09 of each.
    pub async fn assert_received(&self, times: i128) {
        let sums = [("merchant debt INR", 409), ("operator fee INR", -409)];
        let expected: Vec<_> =
            sums.into_iter().map(|(name, sum)| (name, sum * times)).filter(|(_, sum)| *sum != 0).collect();
        self.sandbox.database().assert_balances(&expected).await;
        self.sandbox.audit();
    }
}

const RRN: &str = "527013524405";

#[tokio::test]
async fn a_claim_is_only_a_claim() {
    let own = OwnVpa::start().await;
    let client = &own.sandbox.client;
    let asked = own.ask().await;
    let page = client.page(&asked.token).await;
    let expected = format!("upi://pay?pa=shop.one@okbank&pn=Chai%20%26%20Sons&am=409.71&cu=INR&tr={}", asked.reference);
    assert_eq!(link(&page.body, "upi").replace("%40", "@"), expected);
    assert!(asked.charge.ends_with(&asked.reference), "the reference is the charge's own");
    for (id, value) in [("amount", "409.71"), ("vpa", "shop.one@okbank"), ("reference", &asked.reference)] {
        assert_eq!(attribute(page.body.split(&format!("id=\"{id}\"")).nth(1).unwrap(), "value"), value);
    }
    assert!(page.body.contains("Waiting for the merchant to confirm"), "{}", page.body);

    for malformed in [
        "",
        "52701352440",
        "5270135244050",
        "5270 1352 4405",
        "abcdefghijkl",
        "000000000000",
        APPROVED,
        "५२७०१३५२४४०५",
        "' OR 1=1",
    ] {
        let page = own.claim(&asked, malformed).await;
        assert_eq!(shown(&page), "upi", "{malformed}");
        assert!(page.body.contains("This is not a bank reference."), "{malformed}: {}", page.body);
        assert!(!page.body.contains(APPROVED), "and is not repeated");
        assert_eq!(own.state(&asked).await, State::NeedsPayer);
    }
    let page = own.claim(&asked, &format!(" {RRN} ")).await;
    assert_eq!(shown(&page), "upi-claimed");
    assert!(page.body.contains("The merchant is checking your payment") && page.body.contains(RRN), "{}", page.body);
    assert!(page.body.contains("Please do not pay again."));
    // nothing else can be begun, and time alone makes it neither paid nor over
    for fields in [
        &[("action", "cancel"), ("x", "")],
        &[("action", "method"), ("method", "card")],
        &[("action", "select"), ("currency", "USDT_polygon")],
    ] {
        assert_eq!(
            shown(&client.follow(&client.fill_in(&asked.token, fields).await).await),
            "upi-claimed",
            "{fields:?}"
        );
    }
    for _ in 0..3 {
        client.advance(4 * 86_400).await;
        assert_eq!(own.state(&asked).await, State::Claimed);
        assert_eq!(client.status(asked.id).await, OPENED);
    }
    let pending = own.upi(&["pending", "1"]).unwrap();
    assert!(pending.contains(&format!("invoice {} {} 409.71 INR", asked.id, asked.charge)), "{pending}");
    assert!(pending.contains(&format!("claimed with {RRN}")), "{pending}");
    own.assert_received(0).await;

    own.upi(&["confirm", "1", &asked.charge, "--rrn", RRN]).unwrap();
    let bodies = assert_told(&own.sandbox, asked.id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    let money = ["fiat_amount", "fiat_currency", "totalAmount", "totalCurrency"].map(|key| bodies[2][key].clone());
    assert_eq!(json!(money), json!([409.71, "INR", 405.62, "INR"]), "the merchant has the money itself, less the fee");
    assert_eq!(shown(&client.page(&asked.token).await), "settled");
    own.assert_received(1).await;
}

/// Confirmed, rejected, confirmed again; and what the merchant may not do.
#[tokio::test]
async fn the_merchants_word() {
    let own = OwnVpa::start().await;
    let client = &own.sandbox.client;
    let asked = own.ask().await;
    assert!(own.upi(&["reject", "1", &asked.charge]).is_err(), "nobody claims anything");
    assert!(own.upi(&["confirm", "1", &asked.charge, "--rrn", "123"]).unwrap_err().contains("twelve digits"));
    own.claim(&asked, RRN).await;
    assert!(
        own.upi(&["confirm", "1", &asked.charge]).is_err(),
        "what the payer says is never taken for the bank's word"
    );
    own.upi(&["reject", "1", &asked.charge]).unwrap();
    assert_eq!(shown(&client.page(&asked.token).await), "upi", "the payer may pay, or correct the number");
    own.claim(&asked, "527013524406").await;
    own.claim(&asked, "527013524407").await;
    assert_eq!(own.sandbox.database().charge(asked.id).await.claimed_rrn.as_deref(), Some("527013524407"));
    // the merchant's number counts, not the payer's
    own.upi(&["confirm", "1", &asked.charge, "--rrn", RRN]).unwrap();
    assert_eq!(own.sandbox.database().charge(asked.id).await.rrn.as_deref(), Some(RRN));
    assert!(own.upi(&["confirm", "1", &asked.charge, "--rrn", "527013524408"]).is_err(), "once is enough");
    assert!(own.upi(&["reject", "1", &asked.charge]).is_err(), "what is paid is paid");
    own.assert_received(1).await;

    // its time is over, and the money came all the same
    let late = own.ask().await;
    client.advance(31 * 60).await;
    let over = |row: &gateway::store::charges::ChargeRow| row.charge.state == State::Lapsed;
    wait_until("it is over", || async { own.sandbox.database().charge(late.id).await }, over).await;
    own.upi(&["confirm", "1", &late.charge, "--rrn", "527013524409"]).unwrap();
    assert_told(&own.sandbox, late.id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    own.assert_received(2).await;
    let other = own.sandbox.ready_merchant(client, &[]);
    assert!(own.upi(&["confirm", &other.number, &asked.charge, "--rrn", "527013524410"]).is_err());
    assert!(
        own.sandbox.run(&["refund", "1", &asked.id.to_string(), "--amount", "1"]).status.code() != Some(0),
        "by hand only"
    );
}

/// One reference number settles one payment, whoever says so and however many say it at once.
#[tokio::test]
async fn one_number_settles_one_payment() {
    let own = OwnVpa::start().await;
    let (first, second, third) = (own.ask().await, own.ask().await, own.ask().await);
    for asked in [&first, &second] {
        assert_eq!(shown(&own.claim(asked, RRN).await), "upi-claimed", "a claim takes nothing from anybody");
    }
    let confirmed: Vec<bool> = std::thread::scope(|scope| {
        let confirm = |asked: &Asked| own.upi(&["confirm", "1", &asked.charge, "--rrn", RRN]).is_ok();
        let both = [&first, &second].map(|asked| scope.spawn(move || confirm(asked)));
        both.map(|one| one.join().unwrap()).to_vec()
    });
    assert_eq!(confirmed.iter().filter(|done| **done).count(), 1, "{confirmed:?}");
    own.assert_received(1).await;
    let page = own.claim(&third, RRN).await;
    assert_eq!(shown(&page), "upi");
    assert!(page.body.contains("This bank reference belongs to another payment."), "{}", page.body);
    let refused = own.upi(&["confirm", "1", &third.charge, "--rrn", RRN]).unwrap_err();
    assert!(refused.contains("has settled another payment"), "{refused}");
    own.assert_received(1).await;
}

/// Paid in the last minute, the bank reference found a while later: who chooses UPI again can still give it, and the bank's word
/// settles whichever charge was paid, each by its own money.
#[tokio::test]
async fn a_claim_after_its_time() {
    let own = OwnVpa::start().await;
    let asked = own.ask().await;
    let (client, database) = (&own.sandbox.client, own.sandbox.database());
    client.advance(31 * 60).await;
    let over = |row: &gateway::store::charges::ChargeRow| row.charge.state == State::Lapsed;
    wait_until("it is over", || database.charge(asked.id), over).await;
    assert_eq!(shown(&own.claim(&asked, RRN).await), "choose");
    assert_eq!(shown(&client.choose(&asked.token, "upi").await), "upi");
    assert_eq!(shown(&own.claim(&asked, RRN).await), "upi-claimed");
    let rows = database.charges(asked.id).await;
    assert_ne!(rows[0].reference, rows[1].reference);
    own.upi(&["confirm", "1", rows[1].charge.id.as_str(), "--rrn", RRN]).unwrap();
    assert_told(&own.sandbox, asked.id, &[CREATED, OPENED, RECEIVED, PAID]).await;
    // the same money does not settle the first as well; other money does, and is parked
    assert!(own.upi(&["confirm", "1", &asked.charge, "--rrn", RRN]).is_err());
    own.upi(&["confirm", "1", &asked.charge, "--rrn", "527013524499"]).unwrap();
    database.assert_balances(&[("merchant debt INR", 409), ("operator fee INR", -409)]).await;
    own.sandbox.audit();
}
