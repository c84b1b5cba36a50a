//! A bare HTTP server: what the driver and the HTTP library can do on this machine when nothing is done at all.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use tokio::net::TcpListener;

use crate::args::{Bare, Options};
use crate::stats::Row;
use crate::{Fail, child, driver, http};

/// The part: reads each request whole and answers the same.
pub async fn serve(part: &Bare) -> Result<(), Fail> {
    let answer = Bytes::from(part.answer.clone());
    let json = [(header::CONTENT_TYPE, "application/json")];
    let router = Router::new().fallback(move |_request: Bytes| {
        let answer = answer.clone();
        async move { (json, answer) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    child::tell(&listener.local_addr()?)?;
    let stop = child::stopped_by_parent();
    Ok(axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await?)
}

/// The same requests, answered with the real answer's bytes.
pub async fn measure(options: &Options, requests: Vec<Vec<u8>>, answer: &str, seconds: u64) -> Result<Row, Fail> {
    let server = child::start(&["serve-bare", "--answer", answer])?;
    let address: SocketAddr = serde_json::from_str(&server.told)?;
    let callers = http::callers(address, requests, options.connections, "{").await?;
    let row = driver::measure("a bare axum server, same answer", callers, seconds).await?;
    let row = row.with_peak(server.peak_kib()?);
    server.stop().map(|()| row)
}
