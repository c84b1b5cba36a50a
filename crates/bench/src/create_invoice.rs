//! Durable invoices a second: over HTTP, beside a bare server and beside the store.

use gateway::wire::paths::CREATE;

use crate::args::Options;
use crate::child;
use crate::driver::measure;
use crate::place::Place;
use crate::report::Report;
use crate::stats::Row;
use crate::{Fail, bare, http, sandbox, sink};

pub const BODY: &str = r#"{"email":"customer@example.com","amount":"15.04","devise":"USD"}"#;
pub const CREATED: &str = r#"{"errorCode":0,"redirectUrl":"#;

pub async fn run(options: &Options) -> Result<(), Fail> {
    let seconds = options.seconds.unwrap_or(4);
    let mut report = Report::new("create-invoice", options);

    let place = Place::new(&options.data, "create")?;
    sandbox::prepare(&place, None, 0).await?;
    let server = sandbox::start(&place)?;
    report.figure("cold start in ms, to the first request it can take", millis(server.process.ready_after));
    report.figure("resident memory before the first request, KiB", server.process.resident_kib()?);
    let request = http::post(CREATE, &server.api_key, BODY);
    let answer = http::ask(server.address, request.clone()).await?;
    let callers = http::callers(server.address, vec![request.clone()], options.connections, CREATED).await?;
    let row = measure("create-invoice, durable", callers, seconds).await?;
    let ours = report.add(row.with_peak(server.process.peak_kib()?));
    server.process.stop()?;

    report.add(with_callbacks(options, seconds).await?);
    let on_server = match &options.postgres {
        Some(address) => on_postgres(options, address, seconds).await?,
        None => Vec::new(),
    };
    on_server.iter().for_each(|row| drop(report.add(row.clone())));
    let bare = report.add(bare::measure(options, vec![request], &answer, seconds).await?);
    let use_case = report.add(without_http(options, "use-case", options.connections, seconds)?);
    let rows = report.add(without_http(options, "rows", options.connections, seconds)?);
    let single = without_http(options, "rows", 1, seconds)?;
    report.add(single.called("the same rows, a single caller: a commit each"));

    report.ratio("bare_axum", &ours, &bare);
    report.ratio("use_case_without_http", &ours, &use_case);
    report.ratio("raw_group_commit", &ours, &rows);
    if let [one, two] = &on_server[..] {
        report.ratio("postgres_to_sqlite", one, &ours);
        report.ratio("two_nodes_to_one", two, one);
    }
    report.print()
}

/// The same on a PostgreSQL server: with one node, and with two that share the connections.
async fn on_postgres(options: &Options, address: &str, seconds: u64) -> Result<Vec<Row>, Fail> {
    let place = Place::on(address, &options.data, "create-postgres")?;
    sandbox::prepare(&place, None, 0).await?;
    let one = sandbox::start(&place)?;
    let requests = vec![http::post(CREATE, &one.api_key, BODY)];
    let callers = http::callers(one.address, requests.clone(), options.connections, CREATED).await?;
    let row = measure("create-invoice, durable, PostgreSQL", callers, seconds).await?;
    let first = row.with_peak(one.process.peak_kib()?);

    let beside = place.beside("create-postgres-2")?;
    let two = sandbox::start(&beside)?;
    let mut callers = http::callers(one.address, requests.clone(), options.connections / 2, CREATED).await?;
    callers.extend(http::callers(two.address, requests, options.connections / 2, CREATED).await?);
    let second = measure("the same, two nodes", callers, seconds).await?;
    two.process.stop()?;
    one.process.stop()?;
    Ok(vec![first, second])
}

pub fn millis(took: std::time::Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// The same while every invoice's first callback is sent to a server of the merchant's.
async fn with_callbacks(options: &Options, seconds: u64) -> Result<Row, Fail> {
    let place = Place::new(&options.data, "create-callbacks")?;
    let sink = sink::open().await?;
    sandbox::prepare(&place, Some(sink.url.clone()), 0).await?;
    let server = sandbox::start(&place)?;
    let request = http::post(CREATE, &server.api_key, BODY);
    let callers = http::callers(server.address, vec![request], options.connections, CREATED).await?;
    let row = measure("the same, callbacks sent meanwhile", callers, seconds).await?;
    let row = row.with_peak(server.process.peak_kib()?);
    server.process.stop().map(|()| row)
}

fn without_http(options: &Options, work: &str, connections: usize, seconds: u64) -> Result<Row, Fail> {
    let place = Place::new(&options.data, work)?;
    let (connections, seconds) = (connections.to_string(), seconds.to_string());
    child::run(&["raw", "--work", work, "--data", place.text()?, "--connections", &connections, "--seconds", &seconds])
}
