//! `POST /api/btn-create-invoice/get/` (contract, payin.md section 1).

mod answers;
mod bad_bodies;
mod bad_values;
mod callback_json;
mod encodings;
mod idempotency;

use serde_json::{Value, json};

/// What the simplest client sends.
fn simplest() -> Value {
    json!({ "email": "customer@shop.example", "amount": "15.04", "devise": "USD" })
}

/// The simplest request with one parameter more, or another value.
fn with(name: &str, value: Value) -> Value {
    let mut parameters = simplest();
    parameters[name] = value;
    parameters
}

fn refused(code: u16, message: &str) -> String {
    format!(r#"{{"errorCode":{code},"errorMessage":"{message}"}}"#)
}
