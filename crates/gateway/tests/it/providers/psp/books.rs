//! What a payment provider has in its books, and the shapes in which it says so: those of the recorded exchanges.

use std::collections::BTreeMap;

use domain::Units;
use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is something at the provider, and no way for anybody to pay it.
    Begun,
    Waiting,
    Paid,
    Declined,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispute {
    Open,
    Won,
    Lost,
}

#[derive(Debug, Clone)]
pub struct Refund {
    pub nth: usize,
    /// The id that the gateway gave it.
    pub ours: String,
    pub amount: Units,
}

/// What one request to begin something has made.
#[derive(Debug, Clone)]
pub struct Payment {
    pub nth: usize,
    /// The id that the gateway gave the charge.
    pub charge: String,
    pub amount: Units,
    pub currency: String,
    pub on_phone: bool,
    pub created: i64,
    pub standing: Standing,
    /// What the payer gave, if it is not what was asked.
    pub taken: Option<(Units, &'static str)>,
    pub refunds: Vec<Refund>,
    pub dispute: Option<Dispute>,
}

impl Payment {
    /// What was paid.
    pub fn paid(&self) -> (Units, String) {
        let asked = (self.amount, self.currency.clone());
        self.taken.map_or(asked, |(units, currency)| (units, currency.into()))
    }

    pub fn refunded(&self) -> Units {
        Units(self.refunds.iter().map(|refund| refund.amount.0).sum())
    }
}

#[derive(Debug, Default)]
pub struct Books {
    pub payments: Vec<Payment>,
    /// Requests that would begin or give back something, by path; also those that were never answered.
    pub sends: Vec<String>,
    pub questions: usize,
    /// Requests that are held open now.
    pub held: usize,
    /// Requests that this provider does not know.
    pub strange: Vec<String>,
    pub now: i64,
}

impl Books {
    /// Nothing is looked up first: a second request makes a second payment, whatever its idempotency key.
    pub fn begin(&mut self, charge: &str, amount: Units, currency: &str, standing: Standing) -> &mut Payment {
        self.payments.push(Payment {
            nth: self.payments.len() + 1,
            charge: charge.into(),
            amount,
            currency: currency.to_ascii_uppercase(),
            on_phone: false,
            created: self.now,
            standing,
            taken: None,
            refunds: Vec::new(),
            dispute: None,
        });
        self.payments.last_mut().unwrap()
    }

    pub fn find(&mut self, is: impl Fn(&Payment) -> bool) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| is(payment))
    }

    pub fn refund(&mut self, ours: &str, amount: Units, is: impl Fn(&Payment) -> bool) -> Option<(&Payment, Refund)> {
        let nth = self.payments.iter().map(|payment| payment.refunds.len()).sum::<usize>() + 1;
        let payment = self.payments.iter_mut().find(|payment| is(payment))?;
        let refund = Refund { nth, ours: ours.into(), amount };
        payment.refunds.push(refund.clone());
        Some((payment, refund))
    }
}

/// A request, as every provider reads it.
#[derive(Debug)]
pub struct Call {
    pub verb: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    /// Of a form: its pairs.
    pub body: Value,
}

impl Call {
    pub fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    pub fn text(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => panic!("no {pointer}: {self:?}"),
        }
    }

    pub fn minor(&self, pointer: &str) -> Units {
        Units::from_digits(&self.text(pointer)).unwrap()
    }

    pub fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }
}

fn recorded(name: &str) -> Value {
    let path = format!("{}/../rails/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

/// The answer of a recorded exchange, with these places filled in; none may be new to it.
pub fn shape(name: &str, changes: &[(&str, Value)]) -> Value {
    set(recorded(name)["response"]["body"].clone(), changes)
}

/// The body of a recorded callback.
pub fn posted(name: &str, changes: &[(&str, Value)]) -> String {
    let body = recorded(name)["received"]["body"].as_str().unwrap().to_owned();
    set(serde_json::from_str(&body).unwrap(), changes).to_string()
}

pub fn set(mut shape: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let place = shape.pointer_mut(pointer).unwrap_or_else(|| panic!("the recorded shape has no {pointer}"));
        *place = value.clone();
    }
    shape
}

/// Minor units as a JSON number.
pub fn number(units: Units) -> Value {
    serde_json::from_str(&units.to_string()).unwrap()
}
