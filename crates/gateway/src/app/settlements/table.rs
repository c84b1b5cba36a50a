//! A statement as a table: the same cells for people, CSV and PDF.

use domain::Units;

use super::statement::Statement;
use crate::app::App;
use crate::app::balances::SMALLEST;
use crate::store::settlements::ItemRow;
use crate::wire::time::written;

const HEAD: [&str; 13] = [
    "invoice", "charge", "currency", "gross", "fee", "deducted", "reserve", "settled", "rate", "source", "coins",
    "spread", "net",
];

/// What is said of an item, as the table's head names it.
pub type Cells = [String; HEAD.len()];

fn cells(row: &ItemRow, decimals: Option<u8>) -> Cells {
    let item = &row.item;
    let digits = domain::fiat::minor_digits(&item.currency).unwrap_or(2);
    let money = |units: Units| units.decimal(digits, digits);
    let coins = |units: Units| in_coins(units, decimals);
    [
        row.invoice_number.to_string(),
        item.charge.to_string(),
        item.currency.clone(),
        money(item.gross),
        money(item.fee),
        money(item.deducted),
        money(item.reserve),
        money(item.contribution),
        row.rate.price.clone(),
        format!("{}, {}", row.rate.source, written(row.rate.at.0)),
        coins(item.coins),
        coins(item.spread),
        coins(item.net()),
    ]
}

/// In smallest units, and saying so, where the coin is not configured any more: nobody knows how many of them make one.
fn in_coins(units: Units, decimals: Option<u8>) -> String {
    decimals.map_or_else(|| format!("{units}{SMALLEST}"), |decimals| units.decimal(decimals, 2))
}

fn decimals(app: &App, statement: &Statement) -> Option<u8> {
    app.asset(&statement.settlement.asset).map(|asset| asset.decimals)
}

pub fn rows(app: &App, statement: &Statement) -> Vec<Cells> {
    let decimals = decimals(app, statement);
    statement.items.iter().map(|item| cells(item, decimals)).collect()
}

/// What it comes to, in coins.
pub fn total(app: &App, statement: &Statement) -> String {
    in_coins(statement.settlement.units, decimals(app, statement))
}

/// Lines of equal columns, and what the settlement comes to.
pub fn lines(app: &App, statement: &Statement) -> Vec<String> {
    let row = &statement.settlement;
    let mut table = vec![HEAD.map(str::to_owned)];
    table.extend(rows(app, statement));
    let width = |column: usize| table.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut lines = vec![
        format!("Settlement {} of {}, {}", row.number, written(row.created_at.0), row.state.words()),
        String::new(),
    ];
    for cells in &table {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}"));
        lines.push(padded.collect::<Vec<_>>().join(" "));
    }
    lines.extend([
        String::new(),
        format!("total   {} {}", total(app, statement), row.asset),
        format!("wallet  {}", row.wallet),
        format!("hash    {}", row.tx_hash.as_deref().unwrap_or("-")),
    ]);
    lines
}

/// One record an item, and one for the total.
///
/// # Errors
/// Only as the writer does.
pub fn csv(app: &App, statement: &Statement) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let row = &statement.settlement;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let batch = ["settlement", "state", "coin", "wallet", "tx_hash"];
    writer.write_record(batch.iter().chain(&HEAD))?;
    let number = row.number.to_string();
    let about = [number.as_str(), row.state.name(), &row.asset, &row.wallet, row.tx_hash.as_deref().unwrap_or("")];
    for cells in rows(app, statement) {
        writer.write_record(about.into_iter().chain(cells.iter().map(String::as_str)))?;
    }
    let total = total(app, statement);
    let mut last = ["total", "", "", "", "", "", "", "", "", "", "", "", ""];
    last[HEAD.len() - 1] = &total;
    writer.write_record(about.into_iter().chain(last))?;
    writer.into_inner().map_err(|error| error.into_error().into())
}
