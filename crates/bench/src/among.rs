//! Starting, and creating invoices, with many of them in place, beside a database that is nearly empty.

use std::time::{Duration, Instant};

use gateway::wire::paths::CREATE;

use crate::args::Options;
use crate::create_invoice::{BODY, CREATED, millis};
use crate::driver::measure;
use crate::place::Place;
use crate::report::Report;
use crate::sandbox::{self, Sandbox};
use crate::{Fail, http};

pub async fn run(options: &Options) -> Result<(), Fail> {
    let seconds = options.seconds.unwrap_or(4);
    let mut report = Report::new("among", options);
    let mut servers = Vec::new();
    for invoices in [0, options.invoices] {
        let place = Place::new(&options.data, &format!("among-{invoices}"))?;
        sandbox::prepare(&place, None, invoices).await?;
        let (server, took) = answering(&place).await?;
        report.figure(&format!("cold start in ms to the first answer, among {invoices}"), millis(took));
        servers.push((invoices, place, server));
    }
    // in turns, so that what else the machine does touches both
    let mut rows = Vec::new();
    for turn in 1..=2 {
        for (invoices, _, server) in &servers {
            let request = http::post(CREATE, &server.api_key, BODY);
            let callers = http::callers(server.address, vec![request], options.connections, CREATED).await?;
            let row = measure(&format!("create-invoice, among {invoices}, turn {turn}"), callers, seconds).await?;
            rows.push(report.add(row.with_peak(server.process.peak_kib()?)));
        }
    }
    let [empty, many, empty_again, many_again] = &rows[..] else { return Err("two turns of two".into()) };
    report.ratio("among_many_to_empty", many, empty);
    report.ratio("among_many_to_empty_again", many_again, empty_again);
    for (_, _, server) in servers {
        server.process.stop()?;
    }
    report.print()
}

/// Starts it and asks once, from the process's start to its answer.
async fn answering(place: &Place) -> Result<(Sandbox, Duration), Fail> {
    let began = Instant::now();
    let server = sandbox::start(place)?;
    http::ask(server.address, http::post(CREATE, &server.api_key, BODY)).await?;
    Ok((server, began.elapsed()))
}
