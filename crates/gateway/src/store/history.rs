//! A page of a merchant's invoices, by day and state, without counting or skipping rows one by one.

use domain::MerchantId;

use super::invoices::{InvoiceRow, read};
use super::tx::{StoreError, Tx, statements, values};

statements! {
    DAYS = "SELECT day, state, invoices FROM invoice_days
            WHERE merchant_id = $1 AND day >= $2 AND day <= $3 AND invoices > 0 ORDER BY day";
    /// Where a page begins within a day. Rows before it are skipped in the index, which has all that this asks for.
    START_ASC = "SELECT number FROM invoices WHERE merchant_id = $1 AND created_day = $2
                 AND state IN ($3, $4, $5, $6, $7, $8, $9, $10) ORDER BY number LIMIT 1 OFFSET $11";
    START_DESC = "SELECT number FROM invoices WHERE merchant_id = $1 AND created_day = $2
                  AND state IN ($3, $4, $5, $6, $7, $8, $9, $10) ORDER BY number DESC LIMIT 1 OFFSET $11";
    DAY_ASC = "SELECT * FROM invoices WHERE merchant_id = $1 AND created_day = $2
               AND state IN ($3, $4, $5, $6, $7, $8, $9, $10) AND number >= $11 ORDER BY number LIMIT $12";
    DAY_DESC = "SELECT * FROM invoices WHERE merchant_id = $1 AND created_day = $2
                AND state IN ($3, $4, $5, $6, $7, $8, $9, $10) AND number <= $11 ORDER BY number DESC LIMIT $12";
}

/// What to show. `states` are column values; all eight for every invoice.
#[derive(Debug, Clone)]
pub struct Filter {
    pub states: Vec<&'static str>,
    /// Days since 1970, inclusive.
    pub from_day: Option<i64>,
    pub to_day: Option<i64>,
    pub newest_first: bool,
    pub skip: i64,
    pub limit: i64,
}

/// The counters as they stand: (day, state, invoices), without empty ones.
pub fn counts(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<(i64, String, i64)>, StoreError> {
    tx.rows(DAYS, values![merchant.as_str(), i64::MIN, i64::MAX], |row| {
        Ok((row.int("day")?, row.text("state")?, row.int("invoices")?))
    })
}

/// The page, and how many invoices match in all.
pub fn page(tx: &Tx<'_>, merchant: &MerchantId, filter: &Filter) -> Result<(Vec<InvoiceRow>, i64), StoreError> {
    let (from, to) = (filter.from_day.unwrap_or(i64::MIN), filter.to_day.unwrap_or(i64::MAX));
    let mut days: Vec<(i64, i64)> = Vec::new();
    for (day, state, invoices) in tx.rows(DAYS, values![merchant.as_str(), from, to], |row| {
        Ok((row.int("day")?, row.text("state")?, row.int("invoices")?))
    })? {
        if !filter.states.contains(&state.as_str()) {
            continue;
        }
        match days.last_mut() {
            Some((last, sum)) if *last == day => *sum += invoices,
            _ => days.push((day, invoices)),
        }
    }
    let total = days.iter().map(|(_, invoices)| invoices).sum();
    if filter.newest_first {
        days.reverse();
    }
    let (mut skip, mut page) = (filter.skip, Vec::new());
    for (day, invoices) in days {
        if skip >= invoices {
            skip -= invoices;
            continue;
        }
        let left = filter.limit - i64::try_from(page.len()).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        let wanted = left.min(invoices - skip);
        let behind = invoices - skip - wanted;
        // from the end that is nearer
        match skip <= behind {
            true => page.extend(day_page(tx, merchant, filter, day, filter.newest_first, wanted, skip)?),
            false => page
                .extend(day_page(tx, merchant, filter, day, !filter.newest_first, wanted, behind)?.into_iter().rev()),
        }
        skip = 0;
    }
    Ok((page, total))
}

fn day_page(
    tx: &Tx<'_>,
    merchant: &MerchantId,
    filter: &Filter,
    day: i64,
    newest_first: bool,
    limit: i64,
    skip: i64,
) -> Result<Vec<InvoiceRow>, StoreError> {
    let (start, rows) = if newest_first { (START_DESC, DAY_DESC) } else { (START_ASC, DAY_ASC) };
    let state = |index: usize| filter.states.get(index).copied();
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(state);
    let merchant = merchant.as_str();
    let first = match skip {
        0 if newest_first => Some(i64::MAX),
        0 => Some(i64::MIN),
        skip => tx.row(start, values![merchant, day, a, b, c, d, e, f, g, h, skip], |row| row.int("number"))?,
    };
    let Some(first) = first else { return Ok(Vec::new()) };
    tx.rows(rows, values![merchant, day, a, b, c, d, e, f, g, h, first, limit], read)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::open;

    /// By the index of days, and rows before a page without being read.
    #[test]
    fn a_page_is_found_by_the_index_of_days() {
        let path = std::env::temp_dir().join(format!("lockgate-history-plan-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let connection = open::writer_connection(&path).unwrap();
        for (sql, begins) in [
            (START_ASC, "SEARCH invoices USING COVERING INDEX invoices_by_day (merchant_id=? AND created_day=?)"),
            (START_DESC, "SEARCH invoices USING COVERING INDEX invoices_by_day (merchant_id=? AND created_day=?)"),
            (DAY_ASC, "SEARCH invoices USING INDEX invoices_by_day (merchant_id=? AND created_day=? AND number>?)"),
            (DAY_DESC, "SEARCH invoices USING INDEX invoices_by_day (merchant_id=? AND created_day=? AND number<?)"),
        ] {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite)).unwrap();
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
            assert_eq!(steps, [begins], "{sql}");
        }
    }
}
