//! Spans to an OpenTelemetry collector, by OTLP over HTTP. Off unless a collector is named. Then a request is a span, with what it decided,
//! the commit it waited for, and whom it asked below it. Log lines are not sent, so that what they say stays here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Request, Response};
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanId, TraceContextExt, TracerProvider};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::Registry;

use super::trace_id;

/// The standard variables, for who does not name a collector in the configuration.
const ENDPOINT_ENV: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT_ENV: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PATH: &str = "/v1/traces";
/// For one batch of spans to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

static ARE_ON: AtomicBool = AtomicBool::new(false);

/// Where spans go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// The whole URL that batches are posted to.
    url: String,
}

impl Collector {
    /// A collector by its base URL.
    pub fn at(base: &str) -> Collector {
        Collector { url: format!("{}{PATH}", base.trim_end_matches('/')) }
    }

    /// The one that the environment names by the standard variables.
    pub fn of_environment(env: &dyn Fn(&str) -> Option<String>) -> Option<Collector> {
        let named = |name| env(name).filter(|url| !url.is_empty());
        let whole = named(TRACES_ENDPOINT_ENV).map(|url| Collector { url });
        whole.or_else(|| named(ENDPOINT_ENV).map(|base| Collector::at(&base)))
    }
}

/// Spans that are not sent yet.
#[derive(Debug, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sends what is left.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("The last spans did not reach the collector");
        }
    }
}

pub(super) type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

pub(super) fn start(collector: Option<Collector>) -> Option<(Boxed, Traces)> {
    let collector = collector?;
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    let http = crate::net::plain::client().ok()?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Http { http, runtime })
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(collector.url)
        .with_timeout(PATIENCE)
        .build()
        .ok()?;
    let resource = Resource::builder();
    let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => resource,
        None => resource.with_service_name("lockgate"),
    };
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_id_generator(Ids(RandomIdGenerator::default()))
        .with_resource(resource.build())
        .build();
    let ours = |target: &str| target.starts_with("gateway") || target.starts_with("rails");
    let spans = filter_fn(move |metadata| metadata.is_span() && ours(metadata.target()));
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("lockgate"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(spans.with_max_level_hint(LevelFilter::INFO));
    ARE_ON.store(true, Ordering::Relaxed);
    Some((layer.boxed(), Traces(Some(provider))))
}

/// Whether anybody takes spans.
pub fn are_on() -> bool {
    ARE_ON.load(Ordering::Relaxed)
}

/// The span around a request, below the caller's if he names it. Nothing of the path is in it but the route's pattern.
pub fn request_span(method: &str, route: &str, headers: &HeaderMap) -> Span {
    if !are_on() {
        return Span::none();
    }
    let span = tracing::info_span!(
        "request",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    let caller = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    if caller.span().span_context().is_valid() {
        // fails only if there is no layer to take it
        let _ = span.set_parent(caller);
    }
    span
}

/// The span that work done elsewhere belongs to; nothing if nobody takes spans.
pub fn current_span() -> Span {
    if are_on() { Span::current() } else { Span::none() }
}

/// A closure's type as the name of the use case that wrote it: `app::invoices::create`.
pub fn use_case<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split("::{{closure}}").next().unwrap_or(name);
    let name = name.split('<').next().unwrap_or(name);
    name.strip_prefix("gateway::").unwrap_or(name)
}

/// A trace has the id that the log lines of its request have.
#[derive(Debug)]
struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> opentelemetry::TraceId {
        trace_id::current().map_or_else(|| self.0.new_trace_id(), |id| id.0.into())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}

/// Our HTTP client for the exporter, which has a thread of its own outside of the runtime.
#[derive(Debug)]
struct Http {
    http: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

#[async_trait::async_trait]
impl HttpClient for Http {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), reqwest::Request::try_from(request)?);
        let call = async move {
            let answer = http.execute(request).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        };
        let (status, headers, body) =
            self.runtime.spawn(async { tokio::time::timeout(PATIENCE, call).await }).await???;
        let mut response = Response::builder().status(status).body(body)?;
        *response.headers_mut() = headers;
        Ok(response)
    }
}
