//! Invoice status among 1,000 invoices and among many.

use gateway::wire::paths::STATUS;

use crate::args::Options;
use crate::child;
use crate::driver::measure;
use crate::place::Place;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::stats::Row;
use crate::{Fail, bare, http, sandbox};

pub const FEW: i64 = 1_000;
const FOUND: &str = r#"{"errorCode":0,"invoice":"#;
/// Different requests, spread over all invoices.
const REQUESTS: i64 = 4_096;

pub async fn run(options: &Options) -> Result<(), Fail> {
    let seconds = options.seconds.unwrap_or(5);
    let mut report = Report::new("status", options);
    let mut found = Vec::new();
    for invoices in [FEW, options.invoices] {
        let place = Place::new(&options.data, "status")?;
        sandbox::prepare(&place, None, invoices).await?;
        let server = sandbox::start(&place)?;
        let requests = requests(&server, invoices);
        let answer = http::ask(server.address, requests[0].clone()).await?;
        let callers = http::callers(server.address, requests.clone(), options.connections, FOUND).await?;
        let row = measure(&format!("status, among {invoices} invoices"), callers, seconds).await?;
        let row = report.add(row.with_peak(server.process.peak_kib()?));
        server.process.stop()?;
        let read = report.add(raw_read(&place, "status", invoices, 0, seconds)?);
        found.push((row, read, requests, answer));
    }
    let [(few, ..), (many, read, requests, answer)] = &found[..] else { return Err("two sizes".into()) };
    let bare = report.add(bare::measure(options, requests.clone(), answer, seconds).await?);
    report.ratio("bare_axum", many, &bare);
    report.ratio("raw_read", many, read);
    report.ratio("among_1000", many, few);
    report.print()
}

fn requests(server: &Sandbox, invoices: i64) -> Vec<Vec<u8>> {
    // 7,919 is prime: the numbers jump about and reach everywhere
    let number = |request: i64| request * 7_919 % invoices + 1;
    (0..REQUESTS).map(|request| http::get(&format!("{STATUS}?id={}", number(request)), &server.api_key)).collect()
}

/// The store's part, by as many readers as there are processors.
pub fn raw_read(place: &Place, work: &str, invoices: i64, skip: i64, seconds: u64) -> Result<Row, Fail> {
    let (invoices, skip, seconds) = (invoices.to_string(), skip.to_string(), seconds.to_string());
    let readers = std::thread::available_parallelism().map_or(1, usize::from).to_string();
    let row: Row = child::run(&[
        "raw",
        "--work",
        work,
        "--data",
        place.text()?,
        "--connections",
        &readers,
        "--seconds",
        &seconds,
        "--invoices",
        &invoices,
        "--skip",
        &skip,
    ])?;
    Ok(row.called(&format!("  its read without HTTP, {readers} readers")))
}
