//! Log lines, to standard error: `LOCKGATE_LOG` filters (`info` by default), `LOCKGATE_LOG_FORMAT=json` writes a JSON object a line.
//! A line written while a request is answered ends with, or begins with, its `trace_id`.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::filter::{EnvFilter, FilterExt, LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::{DefaultFields, Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::trace_id;
use super::traces::{self, Traces};

/// Starts logging, and tracing if there is a collector. In a program that logs already nothing changes.
pub fn start(collector: Option<traces::Collector>) -> Traces {
    let filter = EnvFilter::try_from_env("LOCKGATE_LOG").unwrap_or_else(|_| {
        EnvFilter::new("info,refinery_core=warn,refinery_core::traits::missing=off,opentelemetry_sdk=warn")
    });
    // spans are for the collector: who has none pays nothing for them
    let events =
        filter_fn(|metadata: &tracing::Metadata<'_>| metadata.is_event()).with_max_level_hint(LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // a log that is on a full disk must not take the gateway with it: complaining about it would go there too, and panic
    let lines = lines.log_internal_errors(false);
    let lines = if std::env::var("LOCKGATE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.event_format(JsonLines(Format::default().json())).fmt_fields(JsonFields::new()).boxed()
    } else {
        let to_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
        lines.with_target(false).with_ansi(to_terminal).fmt_fields(TextFields(DefaultFields::new())).boxed()
    };
    let (spans, traces) = traces::start(collector).unzip();
    let layers: Vec<traces::Boxed> = [lines.with_filter(filter.and(events)).boxed()].into_iter().chain(spans).collect();
    let _ = tracing_subscriber::registry().with(layers).try_init();
    traces.unwrap_or_default()
}

/// The fields of a line, and the request's id.
struct TextFields(DefaultFields);

impl<'writer> FormatFields<'writer> for TextFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        self.0.format_fields(writer.by_ref(), fields)?;
        match trace_id::current() {
            Some(id) => write!(writer, " trace_id={id}"),
            None => Ok(()),
        }
    }
}

/// JSON lines, with the request's id.
struct JsonLines(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(id) = trace_id::current() else { return self.0.format_event(context, writer, event) };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        match line.strip_prefix('{') {
            Some(rest) => write!(writer, "{{\"trace_id\":\"{id}\",{rest}"),
            None => writer.write_str(&line),
        }
    }
}
