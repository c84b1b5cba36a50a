//! The connectors against the acquirer: every request is written by a connector, answered by the acquirer and read by the
//! connector. The acquirer is stored and resumed after each request, so that what is tested is what was stored.

mod cards;
mod refunds;
mod report;
mod upi;
mod webhooks;

use std::collections::BTreeMap;

use domain::card::{Card, CardNumber, Expiry, SecurityCode};
use domain::{Time, Units};
use zeroize::Zeroizing;

use super::{SANDBOX_CARD, SANDBOX_UPI};
use crate::provider::{
    Account, Answer, Charge, Connector, Decline, Device, Disputes, HttpRequest, HttpResponse, Memory, Outcome, Payer,
    Proof, Received, Refund, RefundAnswer, Verb,
};
use crate::sim::acquirer::{Acquirer, Act, Behaviour, Order, Record, Reply, Settings, WireRequest};

const START: Time = Time(1_793_000_000_000);
const BASE: &str = "http://127.0.0.1:8080/sandbox/acquirer";

struct Shop {
    connector: &'static Connector,
    account: Account,
    acquirer: Acquirer,
    /// As a database would keep it.
    rows: BTreeMap<String, String>,
    now: Time,
}

fn settings() -> Settings {
    Settings {
        base_url: BASE.into(),
        api_key: Zeroizing::new("key".into()),
        webhook_secret: Zeroizing::new("secret".into()),
    }
}

fn account() -> Account {
    let field = |name: &str, value: &str| (name.to_owned(), Zeroizing::new(value.to_owned()));
    Account {
        id: "acc_1".into(),
        base_url: BASE.into(),
        fields: BTreeMap::from([field("api_key", "key"), field("webhook_secret", "secret")]),
        token: None,
    }
}

fn card(number: &str) -> Card {
    let number = CardNumber::parse(number).unwrap();
    let code = SecurityCode::parse(&"1234"[..number.brand().code_digits()], number.brand()).unwrap();
    Card { number, expiry: Expiry::parse("12/2099").unwrap(), code, holder: "Ada \"Q\" Ł".into() }
}

fn charge(id: &str, units: u128, currency: &str) -> Charge {
    Charge {
        id: id.into(),
        amount: Units(units),
        currency: currency.into(),
        digits: domain::fiat::minor_digits(currency).unwrap(),
        description: "Invoice 7".into(),
        payee: "Shop & Söhne".into(),
        payer: Payer { email: "payer@example.com".into(), ..Payer::default() },
        device: Device::Other,
        return_url: "http://127.0.0.1:8080/back".into(),
        callback_url: "http://127.0.0.1:8080/hook".into(),
        created_at: START,
        expires_at: START.plus(domain::time::HOUR),
        reference: None,
        memory: Memory::new(),
    }
}

impl Shop {
    fn new(connector: &'static Connector) -> Self {
        let acquirer = Acquirer::resume(settings(), []);
        Self { connector, account: account(), acquirer, rows: BTreeMap::new(), now: START }
    }

    /// Stores what has changed and goes on with what was stored.
    fn restart(&mut self) {
        for record in self.acquirer.changed() {
            self.rows.insert(record.id(), serde_json::to_string(&record).unwrap());
        }
        let read = |row: &String| serde_json::from_str::<Record>(row).unwrap();
        self.acquirer = Acquirer::resume(settings(), self.rows.values().map(read));
        assert!(self.acquirer.changed().is_empty());
    }

    fn send(&mut self, request: &HttpRequest) -> Option<HttpResponse> {
        let url = request.url.strip_prefix(BASE).unwrap();
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let request = WireRequest {
            method: if request.verb == Verb::Get { "GET" } else { "POST" }.into(),
            path: path.into(),
            query: query.into(),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            body: request.body.clone(),
        };
        let reply = self.acquirer.handle(&request, self.now);
        self.restart();
        match reply {
            Reply::Answer { status, body } => Some(HttpResponse { status, body: body.into_bytes() }),
            Reply::HangUp => None,
        }
    }

    fn pay_by(&mut self, number: &str, charge: &Charge) -> Option<Answer> {
        let flow = self.connector.create_with_card.as_ref().unwrap();
        let request = (flow.request)(&self.account, charge, &card(number));
        self.send(&request).map(|response| (flow.response)(&self.account, charge, &response))
    }

    fn paid_by(&mut self, number: &str, charge: &Charge) -> Outcome {
        self.pay_by(number, charge).unwrap().outcome
    }

    fn create(&mut self, charge: &Charge) -> Option<Answer> {
        let flow = &self.connector.create[0];
        let response = self.send(&(flow.request)(&self.account, charge));
        response.map(|response| (flow.response)(&self.account, charge, &response))
    }

    fn sync(&mut self, charge: &Charge) -> Outcome {
        let flow = &self.connector.sync;
        let response = self.send(&(flow.request)(&self.account, charge)).unwrap();
        (flow.response)(&self.account, charge, &response).outcome
    }

    fn cancel(&mut self, charge: &Charge) -> Outcome {
        let flow = self.connector.cancel.as_ref().unwrap();
        let response = self.send(&(flow.request)(&self.account, charge)).unwrap();
        (flow.response)(&self.account, charge, &response).outcome
    }

    fn disputes(&mut self, charge: &Charge) -> Disputes {
        let flow = self.connector.disputes.as_ref().unwrap();
        let response = self.send(&(flow.request)(&self.account, charge)).unwrap();
        (flow.response)(&self.account, charge, &response)
    }

    fn refund(&mut self, id: &str, units: u128, charge: &Charge) -> RefundAnswer {
        let refund = self.refund_of(id, units, charge);
        let flow = &self.connector.refund.as_ref().unwrap().create;
        let response = self.send(&(flow.request)(&self.account, &refund)).unwrap();
        (flow.response)(&self.account, &refund, &response)
    }

    fn sync_refund(&mut self, id: &str, units: u128, charge: &Charge) -> RefundAnswer {
        let refund = self.refund_of(id, units, charge);
        let flow = &self.connector.refund.as_ref().unwrap().sync;
        let response = self.send(&(flow.request)(&self.account, &refund)).unwrap();
        (flow.response)(&self.account, &refund, &response)
    }

    fn refund_of(&self, id: &str, units: u128, charge: &Charge) -> Refund {
        Refund { id: id.into(), amount: Units(units), charge: charge.clone(), reference: None }
    }

    fn act(&mut self, charge: &Charge, act: Act) {
        self.acquirer.act(&charge.id, act, self.now).unwrap();
        self.restart();
    }

    fn order(&mut self, about: &str, order: impl Into<Order>) {
        self.acquirer.order_next(about, order.into());
        self.restart();
    }

    fn wait(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
    }
}

fn proof(outcome: Outcome) -> Proof {
    match outcome {
        Outcome::Final(proof) => *proof,
        other => panic!("{other:?}"),
    }
}
