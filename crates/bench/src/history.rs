//! Invoice history: the first page, a deep one, and filtered ones, among 1,000 invoices and among many.

use gateway::clock::Clock;
use gateway::wire::paths::HISTORY;
use gateway::wire::time::written_day;

use crate::args::Options;
use crate::driver::measure;
use crate::place::Place;
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::stats::Row;
use crate::status::{FEW, raw_read};
use crate::{Fail, bare, http, preload, sandbox};

const FOUND: &str = r#"{"errorCode":0,"status":"#;
const ROWS: i64 = 50;

pub async fn run(options: &Options) -> Result<(), Fail> {
    let seconds = options.seconds.unwrap_or(2);
    let mut report = Report::new("history", options);
    let mut found = Vec::new();
    for invoices in [FEW, options.invoices] {
        let place = Place::new(&options.data, "history")?;
        sandbox::prepare(&place, None, invoices).await?;
        let server = sandbox::start(&place)?;
        let page = async |name: &str, query: String| {
            page(options, &server, &format!("{name}, of {invoices}"), &query, seconds).await
        };
        let (first, answer) = page("first page", "order=DESC".into()).await?;
        let first = report.add(first);
        let deep = invoices * 9 / 10 / ROWS + 1;
        let deeper = report.add(page("page at nine tenths", format!("order=DESC&page={deep}")).await?.0);
        report.add(page("PAID of 30 days", days("PAID", 1)?).await?.0);
        // of 1,000 invoices there is no second page
        let second = if invoices > FEW { 2 } else { 1 };
        report.add(page("UNPAID of 30 days, a page on", days("UNPAID", second)?).await?.0);
        let request = http::get(&format!("{}?order=DESC", HISTORY[0]), &server.api_key);
        server.process.stop()?;
        let read = report.add(raw_read(&place, "history", invoices, 0, seconds)?);
        found.push((first, deeper, read, request, answer));
    }
    let [(few, ..), (first, deeper, read, request, answer)] = &found[..] else { return Err("two sizes".into()) };
    let bare = report.add(bare::measure(options, vec![request.clone()], answer, seconds).await?);
    report.ratio("bare_axum", first, &bare);
    report.ratio("raw_read", first, read);
    report.ratio("among_1000", first, few);
    report.ratio("first_page_of_a_deep_one", deeper, first);
    report.print()
}

/// A filter on thirty days half a year ago.
fn days(status: &str, page: u32) -> Result<String, Fail> {
    let today = i32::try_from(domain::Time(Clock::system().now()).day())?;
    let middle = today - i32::try_from(preload::DAYS / 2)?;
    let day = |day| written_day(day).ok_or("a day that cannot be written");
    Ok(format!("status={status}&order=DESC&page={page}&from={}&to={}", day(middle - 29)?, day(middle)?))
}

async fn page(
    options: &Options,
    server: &Sandbox,
    name: &str,
    query: &str,
    seconds: u64,
) -> Result<(Row, String), Fail> {
    let request = http::get(&format!("{}?{query}", HISTORY[0]), &server.api_key);
    let answer = http::ask(server.address, request.clone()).await?;
    if answer.contains(r#""list":[]"#) {
        return Err(format!("{name}: an empty page measures nothing").into());
    }
    let callers = http::callers(server.address, vec![request], options.connections, FOUND).await?;
    let row = measure(name, callers, seconds).await?;
    Ok((row.with_peak(server.process.peak_kib()?), answer))
}
