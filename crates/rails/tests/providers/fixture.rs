//! Fixtures: one exchange a file. Its name is the case it shows, up to the first dot.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::card::{Brand, Card, CardNumber, Expiry, SecurityCode};
use domain::{Time, Units};
use rails::provider::{Account, Charge, Connector, Device, HttpRequest, HttpResponse, Payer, Received, Refund, Token};
use serde::Deserialize;
use serde_json::{Value, json};

pub const NOW: Time = Time(1_750_000_000_000);
pub const CHARGE: &str = "chg_01JXSH0000T0EST0CHARGE0001";
pub const REFUND: &str = "rfd_01JXSH0000T0EST0REFVND0001";
/// A published test number.
pub const PAN: &str = "4242424242424242";
pub const CODE: &str = "737";

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    #[serde(skip)]
    pub name: String,
    /// The page it was written from.
    pub source: String,
    pub about: String,
    /// See [`crate::play::play`].
    pub flow: String,
    #[serde(default)]
    pub step: usize,
    #[serde(default)]
    pub given: Given,
    pub request: Option<Value>,
    pub response: Option<Answered>,
    pub received: Option<Posted>,
    pub expect: Value,
}

/// What differs from [`charge`], [`account`] and [`refund`].
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    pub amount: Option<u128>,
    pub currency: Option<String>,
    pub digits: Option<u8>,
    pub phone: Option<String>,
    pub on_phone: bool,
    pub reference: Option<String>,
    pub memory: BTreeMap<String, String>,
    pub refund_amount: Option<u128>,
    pub refund_reference: Option<String>,
    pub base_url: Option<String>,
}

/// A body is JSON, or a text that is taken as it is.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub status: u16,
    pub body: Value,
}

/// A callback: its body is a text, since it is signed to the byte.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Posted {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Fixture {
    pub fn case(&self) -> &str {
        self.name.split('.').next().unwrap()
    }

    pub fn charge(&self, connector: &Connector) -> Charge {
        let mut charge = charge(connector);
        let given = self.given.clone();
        charge.amount = given.amount.map_or(charge.amount, Units);
        charge.currency = given.currency.unwrap_or(charge.currency);
        charge.digits = given.digits.unwrap_or(charge.digits);
        charge.payer.phone = given.phone;
        charge.device = if given.on_phone { Device::Phone } else { Device::Other };
        charge.reference = given.reference;
        charge.memory = given.memory;
        charge
    }

    pub fn refund(&self, connector: &Connector) -> Refund {
        let charge = self.charge(connector);
        Refund {
            id: REFUND.into(),
            amount: self.given.refund_amount.map_or(charge.amount, Units),
            charge,
            reference: self.given.refund_reference.clone(),
        }
    }

    pub fn account(&self, connector: &Connector) -> Account {
        let account = account(connector);
        let base_url = self.given.base_url.clone().unwrap_or_else(|| account.base_url.clone());
        Account { base_url, ..account }
    }

    pub fn response(&self) -> HttpResponse {
        let answered = self.response.as_ref().unwrap_or_else(|| panic!("{}: no response", self.name));
        HttpResponse { status: answered.status, body: bytes(&answered.body) }
    }

    pub fn received(&self) -> Received {
        let posted = self.received.as_ref().unwrap_or_else(|| panic!("{}: nothing received", self.name));
        Received { headers: posted.headers.clone().into_iter().collect(), body: posted.body.clone().into_bytes() }
    }
}

fn bytes(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}

pub fn folder(connector: &Connector) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(connector.name)
}

/// All exchanges of a connector, by file name.
pub fn all(connector: &Connector) -> Vec<Fixture> {
    let folder = folder(connector);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no folder {folder:?}", connector.name));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !path.ends_with("lacks.json"));
    paths.sort();
    paths.iter().map(read).collect()
}

fn read(path: &PathBuf) -> Fixture {
    let text = std::fs::read_to_string(path).unwrap();
    let fixture: Fixture = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    Fixture { name: path.file_name().unwrap().to_string_lossy().into_owned(), ..fixture }
}

/// The cases a connector cannot have, each with the reason.
pub fn lacks(connector: &Connector) -> BTreeMap<String, String> {
    match std::fs::read_to_string(folder(connector).join("lacks.json")) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(_) => BTreeMap::new(),
    }
}

pub fn account(connector: &Connector) -> Account {
    let value = |name: &str| match name {
        "country" => "DE".to_owned(),
        name => format!("test-{name}"),
    };
    Account {
        id: "acc_01JXSH0000T0EST0ACC0VNT001".into(),
        base_url: connector.base_url.into(),
        fields: connector.fields.iter().map(|field| (field.name.to_owned(), value(field.name).into())).collect(),
        token: connector.login.as_ref().map(|_| Token { text: "test-token".to_owned().into(), expires_at: NOW }),
    }
}

/// 409.71 in the connector's first currency, made at [`NOW`] for half an hour.
pub fn charge(connector: &Connector) -> Charge {
    let currency = match connector.currencies {
        Some(codes) if !codes.contains(&"USD") => codes[0],
        _ => "USD",
    };
    Charge {
        id: CHARGE.into(),
        amount: Units(40_971),
        currency: currency.into(),
        digits: 2,
        description: "Invoice 1042".into(),
        payee: "Test shop".into(),
        payer: Payer { email: "payer@example.com".into(), name: Some("Test Payer".into()), ..Payer::default() },
        device: Device::Other,
        return_url: "https://pay.example.com/back/1042".into(),
        callback_url: "https://pay.example.com/callbacks/acc_01JXSH0000T0EST0ACC0VNT001".into(),
        created_at: NOW,
        expires_at: NOW.plus(30 * domain::time::MINUTE),
        reference: None,
        memory: BTreeMap::new(),
    }
}

pub fn card() -> Card {
    Card {
        number: CardNumber::parse(PAN).unwrap(),
        expiry: Expiry { month: 12, year: 2030 },
        code: SecurityCode::parse(CODE, Brand::Visa).unwrap(),
        holder: "Test Payer".into(),
    }
}

/// A request as fixtures write it: a JSON body as JSON, any other as text.
pub fn written(request: &HttpRequest) -> Value {
    let headers: BTreeMap<&str, &str> = request.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(headers.len(), request.headers.len(), "a header twice");
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    let verb = format!("{:?}", request.verb).to_uppercase();
    let mut written = json!({ "verb": verb, "url": request.url, "headers": headers });
    if !body.is_empty() {
        written["body"] = match serde_json::from_str(&body) {
            // not a byte may be lost on the way through JSON
            Ok(value) if Value::to_string(&value) == body => value,
            _ => Value::String(body),
        };
    }
    written
}
