//! Stripe end to end, against a stand-in that others wrote: paid, challenged, given back, disputed, killed.

use serde_json::{Value, json};

use super::localstripe::{self, Localstripe, SECRET_KEY};
use super::payer::{Invoice, PRICE};
use super::payments::PAID;
use super::psp::{STRIPE, field, now, posted};
use super::rows::Rows;
use super::shop::Shop;
use crate::harness::{hmac, wait_until};

const CARD: &str = "4242424242424242";
const CHALLENGED: &str = "4000002500003155";

struct World {
    stripe: Localstripe,
    shop: Shop,
    rows: Rows,
    account: String,
}

/// A shop that sells by Stripe, which posts to it.
async fn world(name: &str) -> Option<World> {
    let stripe = localstripe::start().await?;
    let shop = Shop::open(&format!("localstripe-{name}")).await;
    let value = |name: &str| if name == "secret_key" { SECRET_KEY.into() } else { field(name) };
    let account = shop.account(&STRIPE, &stripe.base_url, value);
    shop.route(&STRIPE, &[&account]);
    let url = format!("{}/provider/callbacks/{account}", shop.client.base);
    let secret = field("webhook_secret");
    let (status, _) = stripe.post("/_config/webhooks/ours", &[("url", &url), ("secret", &secret)]).await;
    assert_eq!(status, 200);
    let rows = Rows::of(&shop).await;
    Some(World { stripe, shop, rows, account })
}

impl World {
    /// The payer is at Stripe's fields: the page has what their script needs, and the intent at Stripe is that of our charge.
    async fn begin(&self) -> (Invoice, Value) {
        let invoice = self.shop.invoice(&STRIPE).await;
        self.shop.look(&invoice).await;
        self.shop.choose(&invoice).await;
        let intent = self.at_the_fields(&invoice).await;
        assert_eq!((&intent["amount"], &intent["currency"]), (&json!(1_504), &json!("usd")));
        assert_eq!(intent["metadata"]["description"], format!("Test shop invoice {}", invoice.id));
        // from here on the gateway learns by callbacks and by the payer's coming back, not by looking
        self.rows.rest(&invoice).await;
        (invoice, intent)
    }

    async fn at_the_fields(&self, invoice: &Invoice) -> Value {
        let page = self.shop.look(invoice).await;
        assert_eq!(page.state, "card-fields");
        let charges = self.rows.charges(invoice).await;
        let intents = self.stripe.intents(charges[0].charge.id.as_str()).await;
        assert_eq!((charges.len(), intents.len()), (1, 1));
        let script = format!(r#"<script src="{}/js.stripe.com/v3/" defer>"#, self.stripe.base_url);
        let secret = format!(r#"data-secret="{}""#, intents[0]["client_secret"].as_str().unwrap());
        for text in [&*script, &*secret, r#"data-key="test-publishable_key""#] {
            assert!(page.shows(text), "{text}: {page:?}");
        }
        intents[0].clone()
    }

    /// Stripe's own callback says so, about a second later.
    async fn is_received(&self, invoice: &Invoice) {
        self.shop.client.status_becomes(invoice.id, PAID[2]).await;
        self.shop.is_told(invoice, &PAID).await;
        let infos = self.shop.client.infos(invoice.id).await;
        assert_eq!(infos["fiat_amount"].to_string(), PRICE, "{infos}");
        self.shop.audit();
    }
}

fn id(intent: &Value) -> &str {
    intent["id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn paid_challenged_and_given_back() {
    let Some(mut world) = world("paid").await else { return };
    world.shop.start(None).await;
    let (invoice, intent) = world.begin().await;
    assert_eq!(world.stripe.pay(id(&intent), CARD).await, 200);
    world.is_received(&invoice).await;

    let paid = id(&intent).to_owned();

    let (passed, intent) = world.begin().await;
    assert_eq!(world.stripe.pay(id(&intent), CHALLENGED).await, 200);
    assert_eq!(world.shop.come_back(&passed).await.state, "card-fields", "the bank has not said yes");
    world.rows.rest(&passed).await;
    world.stripe.authenticate(&intent, true).await;
    world.is_received(&passed).await;

    let (failed, intent) = world.begin().await;
    world.stripe.pay(id(&intent), CHALLENGED).await;
    world.stripe.authenticate(&intent, false).await;
    assert_eq!(world.shop.come_back(&failed).await.state, "card-fields", "another card may be tried");
    world.rows.rest(&failed).await;
    assert_eq!(world.shop.client.status(failed.id).await, "invoice:opened");
    assert_eq!(world.stripe.pay(id(&intent), CARD).await, 200);
    world.is_received(&failed).await;

    // localstripe takes no second card after a declined one; Stripe does, and the payer is left at the fields
    let (declined, intent) = world.begin().await;
    assert_eq!(world.stripe.pay(id(&intent), "4000000000000341").await, 402);
    assert_eq!(world.shop.come_back(&declined).await.state, "card-fields");
    world.at_the_fields(&declined).await;
    assert_eq!(world.shop.client.status(declined.id).await, "invoice:opened");
    assert_eq!(world.stripe.sends().len(), 4, "{:?}", world.stripe.sends());

    gives_back(&world, &invoice, &paid).await;
}

async fn gives_back(world: &World, invoice: &Invoice, intent: &str) {
    let number = invoice.id.to_string();
    for (amount, expected) in [("5.04", vec![504]), ("all", vec![504, 1_000])] {
        world.shop.said(&["refund", "1", &number, "--amount", amount]);
        let seen = || async {
            let list = world.stripe.get(&format!("/v1/refunds?payment_intent={intent}")).await;
            let amounts = list["data"].as_array().unwrap().iter().map(|refund| refund["amount"].as_i64().unwrap());
            let mut amounts: Vec<i64> = amounts.collect();
            amounts.sort_unstable();
            amounts
        };
        wait_until(&format!("{amount} is given back"), seen, |amounts| *amounts == expected).await;
        let said = || async { world.shop.said(&["refund", "1", &number]) };
        wait_until("it is done", said, |said| said.matches(", arrived").count() == expected.len()).await;
    }
    let why = world.shop.refused(&["refund", "1", &number, "--amount", "0.01"]);
    assert!(why.contains("at most 0 minor units"), "{why}");
    world.shop.audit();
}

/// The dispute is not localstripe's, which has none: the proxy answers from the recorded exchange, and the callback about it is made
/// here. Everything before is localstripe's.
#[tokio::test(flavor = "multi_thread")]
async fn disputed_and_lost() {
    let Some(mut world) = world("disputed").await else { return };
    world.shop.start(None).await;
    let (invoice, intent) = world.begin().await;
    world.stripe.pay(id(&intent), CARD).await;
    world.is_received(&invoice).await;

    for (recorded, state) in [("stripe/dispute_open", "open"), ("stripe/dispute_lost", "lost")] {
        world.stripe.dispute(id(&intent), recorded);
        let body = posted("stripe/callback.dispute", &[("/data/object/payment_intent", intent["id"].clone())]);
        let time = now();
        let signature = hmac(field("webhook_secret").as_bytes(), format!("{time}.{body}").as_bytes());
        let header = ("stripe-signature", format!("t={time},v1={}", hex::encode(signature)));
        assert_eq!(world.shop.post(&world.account, &[header], &body).await, 200);
        let seen = || async {
            let charge = world.rows.charges(&invoice).await.remove(0);
            let disputes = world.rows.disputes(&charge).await;
            disputes.iter().map(|dispute| dispute.state.name().to_owned()).collect::<Vec<_>>()
        };
        wait_until(&format!("the dispute is {state}"), seen, |seen| *seen == [state]).await;
        world.shop.audit();
    }
    world.shop.is_told(&invoice, &[PAID[0], PAID[1], PAID[2], "invoice:chargeback"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_it_was_sent() {
    let Some(mut world) = world("killed").await else { return };
    // one of another charge stands before it in the list
    world.shop.start(None).await;
    world.begin().await;
    world.shop.kill();
    world.shop.start(Some("after_provider_send")).await;
    let invoice = world.shop.invoice(&STRIPE).await;
    world.shop.choose(&invoice).await;
    world.shop.crashed().await;
    world.shop.start(None).await;
    assert_eq!(world.shop.come_back(&invoice).await.state, "card-fields");
    let intent = world.at_the_fields(&invoice).await;
    world.rows.rest(&invoice).await;
    world.stripe.pay(id(&intent), CARD).await;
    world.is_received(&invoice).await;
    assert_eq!(world.stripe.sends().len(), 2, "{:?}", world.stripe.sends());
}
