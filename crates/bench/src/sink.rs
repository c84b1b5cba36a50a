//! A merchant's server that takes every callback and counts them.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Fail;

#[derive(Debug)]
pub struct Sink {
    pub url: String,
    /// Callbacks taken so far.
    pub taken: watch::Receiver<u64>,
}

/// Serves in this process until it ends.
pub async fn open() -> Result<Sink, Fail> {
    let (count, taken) = watch::channel(0);
    let count = Arc::new(count);
    let take = move |headers: HeaderMap, body: Bytes| {
        let count = count.clone();
        async move {
            if body.is_empty() || !headers.contains_key("x-signature") {
                return StatusCode::BAD_REQUEST;
            }
            count.send_modify(|count| *count += 1);
            StatusCode::OK
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/callbacks", listener.local_addr()?);
    let router = Router::new().route("/callbacks", post(take));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Sink { url, taken })
}
