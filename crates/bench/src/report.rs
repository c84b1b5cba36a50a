//! What a run found, as a table or as one JSON object.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Fail;
use crate::args::Options;
use crate::stats::{Row, ratio};

#[derive(Debug, Serialize)]
pub struct Report {
    bench: &'static str,
    processors: usize,
    options: Options,
    pub rows: Vec<Row>,
    /// How many times the second is in the first.
    pub ratios: Map<String, Value>,
    /// Other figures, by name.
    pub figures: Map<String, Value>,
}

impl Report {
    pub fn new(bench: &'static str, options: &Options) -> Report {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let options = options.clone();
        Report { bench, processors, options, rows: Vec::new(), ratios: Map::new(), figures: Map::new() }
    }

    /// Adds a line, telling that it is there: a run takes a while.
    pub fn add(&mut self, row: Row) -> Row {
        self.rows.push(row.clone());
        row
    }

    pub fn ratio(&mut self, name: &str, ours: &Row, base: &Row) {
        self.ratios.insert(name.to_owned(), ratio(ours, base).into());
    }

    pub fn figure(&mut self, name: &str, value: impl Into<Value>) {
        self.figures.insert(name.to_owned(), value.into());
    }

    pub fn print(&self) -> Result<(), Fail> {
        if self.options.json {
            println!("{}", serde_json::to_string(self)?);
            return Ok(());
        }
        println!("{} ({} processors, driver and server share them)\n", self.bench, self.processors);
        println!("{:<52} {:>9} {:>10} {:>10} {:>10}", "", "per s", "p50", "p99", "peak");
        for row in &self.rows {
            let (p50, p99) = (row.p50_ns.map(time), row.p99_ns.map(time));
            let peak = row.peak_kib.map(|kib| format!("{} MiB", kib.div_ceil(1024)));
            let [p50, p99, peak] = [p50, p99, peak].map(|cell| cell.unwrap_or_default());
            println!("{:<52} {:>9} {p50:>10} {p99:>10} {peak:>10}", row.name, row.per_second);
        }
        println!();
        for (name, value) in self.ratios.iter() {
            println!("ratio to {name}: {value}");
        }
        for (name, value) in self.figures.iter() {
            println!("{name}: {value}");
        }
        Ok(())
    }
}

/// Three digits or more, in the unit that fits.
fn time(ns: u64) -> String {
    match ns {
        0..1_000_000 => format!("{}.{} µs", ns / 1_000, ns % 1_000 / 100),
        1_000_000..10_000_000 => format!("{}.{:02} ms", ns / 1_000_000, ns % 1_000_000 / 10_000),
        _ => format!("{}.{} ms", ns / 1_000_000, ns % 1_000_000 / 100_000),
    }
}
