//! The built-in callback inbox: the seeded merchant's callback URL.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Time;
use serde_json::{Map, Value, json};

use super::Sandbox;
use super::controls::{Answer, answered};
use crate::store::sandbox::{ReceivedCallback, inbox, receive};
use crate::wire::signature::{Scheme, X_SIGNATURE, verify_x_signature};
use crate::wire::time::written;

pub const PATH: &str = "/sandbox/callbacks";

/// Takes a callback as a merchant would, and checks its signature as a merchant should.
pub async fn take(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let given = headers.get(X_SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let verified = verify_x_signature(Scheme::default(), sandbox.api_key.as_bytes(), &body, given);
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
            tracing::error!(%error, "A callback could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Everything received, oldest first.
pub async fn list(State(sandbox): State<Sandbox>) -> Answer {
    let callbacks: Vec<Value> = sandbox
        .app
        .store
        .read(inbox)
        .await?
        .into_iter()
        .map(|callback| {
            json!({
                "received_at": written(callback.received_at.0),
                "headers": serde_json::from_str::<Value>(&callback.headers).unwrap_or_default(),
                "raw_body": callback.raw_body,
                "verified": callback.verified,
            })
        })
        .collect();
    Ok(answered(&json!({ "callbacks": callbacks })))
}
