//! The body of an invoice callback, which is also the `data` of "invoice infos".

use super::amount::Quantity;
use super::status::{InvoiceStatus, words};
use super::text::{php_string, plain_string};
use super::time;

/// An amount and its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money<'a> {
    pub amount: Quantity,
    pub currency: &'a str,
}

/// One status change of an invoice, as told to the merchant.
#[derive(Debug, Clone, Copy)]
pub struct InvoiceCallback<'a> {
    pub status: InvoiceStatus,
    /// The invoice's number.
    pub id: u64,
    /// What was invoiced: `amount` and `devise`.
    pub invoiced: Money<'a>,
    /// The text of the status, unless there is a better one.
    pub description: Option<&'a str>,
    /// The merchant's own data as text.
    pub callback_json: Option<&'a str>,
    /// What the customer was charged: `fiat_amount` and `fiat_currency`.
    pub charged: Option<Money<'a>>,
    /// What the merchant is settled, after fees: `totalAmount` and `totalCurrency`.
    pub settled: Option<Money<'a>>,
    /// When the status was reached, in milliseconds since 1970: `datetime`.
    pub at_ms: Option<i64>,
}

impl InvoiceCallback<'_> {
    /// The bytes to sign and send: compact, documented order, written as PHP would, so that a receiver that decodes and
    /// re-encodes before hashing gets the same bytes. What is not known is left out after the six documented keys.
    pub fn body(&self) -> String {
        let mut object = Object::new(php_string);
        self.documented(&mut object);
        if let Some(charged) = self.charged {
            object.raw("fiat_amount", &charged.amount.shortest());
            object.string("fiat_currency", Some(charged.currency));
        }
        if let Some(settled) = self.settled {
            object.raw("totalAmount", &settled.amount.shortest());
            object.string("totalCurrency", Some(settled.currency));
        }
        if let Some(at_ms) = self.at_ms {
            object.string("datetime", Some(&time::written(at_ms)));
        }
        object.end()
    }

    /// The `data` of infos: ordinary JSON, and every key is there, null when not known.
    pub fn data(&self) -> String {
        let mut object = Object::new(plain_string);
        self.documented(&mut object);
        for (amount, currency, money) in
            [("fiat_amount", "fiat_currency", self.charged), ("totalAmount", "totalCurrency", self.settled)]
        {
            object.raw(amount, &money.map_or_else(|| "null".to_owned(), |money| money.amount.shortest()));
            object.string(currency, money.map(|money| money.currency));
        }
        object.string("datetime", self.at_ms.map(time::written).as_deref());
        object.end()
    }

    fn documented(&self, object: &mut Object) {
        let words = words(self.status);
        object.string("status", Some(words.value));
        object.raw("id", &self.id.to_string());
        object.string("devise", Some(self.invoiced.currency));
        object.raw("amount", &self.invoiced.amount.shortest());
        object.string("description", Some(self.description.unwrap_or(words.description)));
        object.string("callbackJson", self.callback_json);
    }
}

/// A compact JSON object under construction. Keys are ours and need no escapes.
pub(super) struct Object {
    out: String,
    write_string: fn(&mut String, &str),
}

impl Object {
    pub(super) fn new(write_string: fn(&mut String, &str)) -> Self {
        Self { out: String::from("{"), write_string }
    }

    pub(super) fn raw(&mut self, key: &str, json: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
        self.out.push_str(json);
    }

    pub(super) fn string(&mut self, key: &str, value: Option<&str>) {
        let mut json = String::new();
        match value {
            Some(value) => (self.write_string)(&mut json, value),
            None => json.push_str("null"),
        }
        self.raw(key, &json);
    }

    pub(super) fn end(mut self) -> String {
        self.out.push('}');
        self.out
    }
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
