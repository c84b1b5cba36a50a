//! The built-in callback inbox: the seeded merchant's callback URL.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Time;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Sandbox;
use super::controls::{Answer, Refused, answered};
use crate::store::sandbox::{ReceivedCallback, inbox, receive};
use crate::wire::signature::{Scheme, X_SIGNATURE, verify_x_signature};
use crate::wire::time::written;

pub const PATH: &str = "/sandbox/callbacks";

/// Takes a callback as a merchant would, and checks its signature as a merchant should.
pub async fn take(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let given = headers.get(X_SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = sandbox.file.as_ref().map_or("", |file| &file.api_key);
    let verified = verify_x_signature(Scheme::default(), key.as_bytes(), &body, given);
    let named = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    let headers: Map<String, Value> = headers.iter().map(named).collect();
    let callback = ReceivedCallback {
        received_at: Time(sandbox.app.clock.now()),
        headers: Value::Object(headers).to_string(),
        raw_body: String::from_utf8_lossy(&body).into_owned(),
        verified,
    };
    match sandbox.app.store.write(move |tx| receive(tx, &callback)).await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => {
            error.log("A callback could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(Debug, Deserialize)]
pub struct Which {
    /// At most so many, the newest; all by default.
    newest: Option<u32>,
}

/// What was received, oldest first.
pub async fn list(State(sandbox): State<Sandbox>, which: Result<Query<Which>, QueryRejection>) -> Answer {
    let Query(which) = which.map_err(|error| Refused::Bad(format!("{}.", error.body_text())))?;
    let newest = which.newest.unwrap_or(u32::MAX);
    let callbacks: Vec<Value> = sandbox
        .app
        .store
        .read(move |tx| inbox(tx, newest))
        .await?
        .into_iter()
        .map(|(seq, callback)| {
            json!({
                "seq": seq,
                "received_at": written(callback.received_at.0),
                "headers": serde_json::from_str::<Value>(&callback.headers).unwrap_or_default(),
                "raw_body": callback.raw_body,
                "verified": callback.verified,
            })
        })
        .collect();
    Ok(answered(&json!({ "callbacks": callbacks })))
}
