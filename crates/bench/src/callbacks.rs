//! Callbacks a second to a local server, with durable bookkeeping; and how soon one arrives.

use std::time::{Duration, Instant};

use gateway::wire::paths::CREATE;

use crate::args::Options;
use crate::child;
use crate::driver::Caller;
use crate::place::Place;
use crate::report::Report;
use crate::sink::{self, Sink};
use crate::stats::{Histogram, Row};
use crate::{Fail, http, sandbox};

pub async fn run(options: &Options) -> Result<(), Fail> {
    let mut report = Report::new("callbacks", options);
    let sink = sink::open().await?;
    let ours = report.add(part(options, "worker", &sink)?);
    if i64::try_from(*sink.taken.borrow())? != options.invoices {
        return Err(format!("{} callbacks arrived of {}", *sink.taken.borrow(), options.invoices).into());
    }
    let posting = report.add(part(options, "posting", &sink)?);
    let bookkeeping = report.add(part(options, "bookkeeping", &sink)?);
    report.add(one_at_a_time(options, sink).await?);
    report.ratio("bare_axum", &ours, &posting);
    report.ratio("raw_group_commit", &ours, &bookkeeping);
    report.print()
}

fn part(options: &Options, work: &str, sink: &Sink) -> Result<Row, Fail> {
    let place = Place::new(&options.data, work)?;
    let callbacks = options.invoices.to_string();
    child::run(&["deliver", "--work", work, "--data", place.text()?, "--sink", &sink.url, "--callbacks", &callbacks])
}

/// From the answer to "create invoice" to the callback's arrival, in a sandbox with nothing else to do.
async fn one_at_a_time(options: &Options, mut sink: Sink) -> Result<Row, Fail> {
    let place = Place::new(&options.data, "one-at-a-time")?;
    sandbox::prepare(&place, Some(sink.url.clone()), 0).await?;
    let server = sandbox::start(&place)?;
    let body = r#"{"email":"customer@example.com","amount":"15.04","devise":"USD"}"#;
    let request = http::post(CREATE, &server.api_key, body);
    let mut caller = http::callers(server.address, vec![request], 1, r#"{"errorCode":0"#).await?.remove(0);
    let (mut latencies, began) = (Histogram::default(), Instant::now());
    let measured = Duration::from_secs(options.seconds.unwrap_or(4));
    while began.elapsed() < measured {
        let before = *sink.taken.borrow_and_update();
        caller.call().await?;
        let answered = Instant::now();
        tokio::time::timeout(Duration::from_secs(10), sink.taken.wait_for(|taken| *taken > before)).await??;
        latencies.record(answered.elapsed());
    }
    let row = latencies.row("one at a time, from the answer to its arrival", began.elapsed());
    let row = row.with_peak(server.process.peak_kib()?);
    server.process.stop().map(|()| row)
}
