//! Spans, as a collector gets them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Kind;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::Method;

use crate::harness::*;

/// A collector that keeps what it is sent.
struct Collector {
    url: String,
    batches: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    async fn start() -> Collector {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let batches = Arc::new(Mutex::new(Vec::new()));
        let kept = batches.clone();
        let take = move |body: Bytes| async move { kept.lock().unwrap().push(body) };
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Collector { url, batches }
    }

    fn raw(&self) -> Vec<u8> {
        self.batches.lock().unwrap().concat()
    }

    fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        let batches = self.batches.lock().unwrap().clone();
        batches.into_iter().map(|batch| ExportTraceServiceRequest::decode(batch).unwrap()).collect()
    }

    fn spans(&self) -> Vec<Span> {
        let scopes = self.requests().into_iter().flat_map(|request| request.resource_spans);
        scopes.flat_map(|of| of.scope_spans).flat_map(|scope| scope.spans).collect()
    }
}

fn attribute(span: &Span, key: &str) -> String {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|found| found.value.clone()?.value) {
        Some(Kind::StringValue(text)) => text,
        Some(Kind::IntValue(number)) => number.to_string(),
        other => panic!("{key} of {}: {other:?}", span.name),
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

#[tokio::test]
async fn a_request_is_one_tree_without_secrets_and_its_log_lines_name_it() {
    let collector = Collector::start().await;
    let sandbox = Sandbox::start_with(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
        ("LOCKGATE_LOG", "gateway=debug"),
        ("LOCKGATE_LOG_FORMAT", "json"),
    ])
    .await;
    let client = &sandbox.client;
    let receiver = Receiver::start(|_| Reply::Status(200)).await;
    sandbox.said(&["merchant", "callback", "set", "1", &receiver.url]);

    let sale = card_sale(APPROVED);
    let request = client.request(Method::POST, "/api/btn-create-invoice/get/");
    let request = request.header("traceparent", format!("00-{TRACE}-{PARENT}-01"));
    let request = request.header("Content-Type", "application/json").body(sale.to_string());
    assert_eq!(client.send(request).await.ok()["errorCode"], 0);
    let (_, token) = client.hosted_over("5").await;
    let told = receiver.wait_for(5).await;
    // what is left is sent before the process ends
    assert!(sandbox.sigterm().await.success());

    let (trace, spans) = (hex::decode(TRACE).unwrap(), collector.spans());
    let ours: Vec<&Span> = spans.iter().filter(|span| span.trace_id == trace).collect();
    let by_id: BTreeMap<&[u8], &Span> = ours.iter().map(|span| (span.span_id.as_slice(), *span)).collect();
    let root = ours.iter().find(|span| span.parent_span_id == hex::decode(PARENT).unwrap());
    let root = root.unwrap_or_else(|| panic!("no span below the caller's: {spans:#?}"));
    assert_eq!(root.name, "POST /api/btn-create-invoice/get/");
    assert_eq!(attribute(root, "http.response.status_code"), "200");
    // every other span hangs below the request's
    for span in &ours {
        let mut at = *span;
        while at.span_id != root.span_id {
            at = by_id.get(at.parent_span_id.as_slice()).unwrap_or_else(|| panic!("an orphan: {at:#?}"));
        }
    }
    let below = |name: &str| ours.iter().filter(|span| span.name == name).copied().collect::<Vec<_>>();
    let create = |span: &&Span| attribute(span, "use_case") == "app::invoices::create";
    let commit = below("commit").into_iter().find(create).expect("a wait for the commit");
    let decision = below("decision").into_iter().find(create).expect("a decision");
    assert_eq!(decision.parent_span_id, commit.span_id);
    let calls = below("provider call");
    assert!(calls.iter().any(|call| attribute(call, "provider") == "sandbox_card"), "{ours:#?}");
    for name in ["callback", "rpc call"] {
        assert!(spans.iter().any(|span| span.name == name), "no {name} in {spans:#?}");
    }

    // nobody's secrets, and nobody's name
    let log = std::fs::read_to_string(sandbox.dir.join("log")).unwrap();
    let (raw, names) = (collector.raw(), ["email", "card_number", "name", "phone", "address1", "date_of_birth"]);
    let mut secrets: Vec<&str> = names.iter().map(|name| sale[*name].as_str().unwrap()).collect();
    secrets.extend([client.key.as_str(), &token, &receiver.url]);
    for secret in secrets {
        let found = raw.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in a span");
        assert!(secret == receiver.url || !log.contains(secret), "{secret} is in the log");
    }

    // the merchant is not told of our traces
    for callback in &told {
        assert!(!callback.headers.contains_key("traceparent") && !callback.headers.contains_key("tracestate"));
    }

    // a log line about a request has its trace's id; of a request without one it has a new one, which is its trace's too
    let lines: Vec<serde_json::Value> = log.lines().map(json).collect();
    let answered = |path: &str| {
        let line = lines.iter().find(|line| line["fields"]["path"] == path);
        line.unwrap_or_else(|| panic!("{path} in {log}"))["trace_id"].as_str().unwrap().to_owned()
    };
    assert_eq!(answered("/api/btn-create-invoice/get/"), TRACE);
    // also when another task or thread wrote it
    for message in ["Asked a provider", "A charge has changed"] {
        let line = lines.iter().find(|line| line["fields"]["message"] == message);
        assert_eq!(line.unwrap_or_else(|| panic!("{message} in {log}"))["trace_id"], TRACE, "{message}");
    }
    let page = hex::decode(answered("/widget/sale/create/")).unwrap();
    let page = spans.iter().find(|span| span.trace_id == page && span.name.starts_with("GET /widget"));
    assert!(page.is_some_and(|span| span.parent_span_id.is_empty()), "{page:?}");
}
