//! A node for tests: one thread that answers HTTP on loopback as it is told.

use super::RpcClient;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use url::Url;

pub(crate) enum Reply {
    Result(Value),
    Error(i64, &'static str),
    /// Status and body.
    Http(u16, String),
    /// Closes the connection without a word.
    HangUp,
    /// Keeps the caller waiting.
    Silence,
}

pub(crate) struct FakeNode {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl FakeNode {
    pub(crate) fn start(mut answer: impl FnMut(&str, &Value) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        std::thread::spawn(move || {
            let mut waiting = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                waiting.extend(serve(stream.unwrap(), &mut answer));
            }
        });
        Self { address, stop }
    }

    pub(crate) fn url(&self) -> Url {
        Url::parse(&format!("http://user:pass-key@{}/v3/path-key?q=query-key", self.address)).unwrap()
    }

    pub(crate) fn client(&self) -> RpcClient {
        client(vec![self.url()])
    }
}

pub(crate) fn client(urls: Vec<Url>) -> RpcClient {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    RpcClient::new(urls, http, Duration::from_millis(1_000))
}

impl Drop for FakeNode {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

/// Returns the connection when it is to stay open.
fn serve(mut stream: TcpStream, answer: &mut impl FnMut(&str, &Value) -> Reply) -> Option<TcpStream> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request: Value = serde_json::from_slice(&body).ok()?;
    let id = &request["id"];
    let (status, body) = match answer(request["method"].as_str()?, &request["params"]) {
        Reply::Result(result) => (200, json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()),
        Reply::Error(code, message) => {
            (200, json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }).to_string())
        }
        Reply::Http(status, body) => (status, body),
        Reply::HangUp => return None,
        Reply::Silence => return Some(stream),
    };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    None
}
