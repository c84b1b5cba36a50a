//! Events, deliveries and their attempts on PostgreSQL by the month in which the invoice that they are about was made.
//!
//! An invoice's number is part of each primary key and of each statement, and counts up over all merchants; so a month is a range of numbers,
//! whose end is known when it is over. The newest range has no end: nothing is ever without a partition. Partitions live in a schema beside
//! the tables', so that whoever looks at the tables (migrations, `lockgate copy`) sees the same as on any other database.

use tokio_postgres::Client;

use super::connect::Address;
use crate::store::error::StoreError;

const TABLES: [&str; 3] = ["events", "deliveries", "delivery_attempts"];

/// As long as these are held nobody migrates, and nobody writes.
const LOCKS: &str = "SELECT pg_advisory_xact_lock(7010893400); SELECT pg_advisory_xact_lock(7010893401);
                     LOCK TABLE events, deliveries, delivery_attempts IN ACCESS EXCLUSIVE MODE";

/// How often it is tried when readers hold the tables.
const TRIES: u32 = 5;

/// Makes the tables partitioned if they are not, begins a partition for `month` (`2026_11`) if the newest is of another month, and drops
/// those of past months that are empty. Answers what was done, in words.
///
/// # Errors
/// When the database refuses; then nothing was changed.
pub fn keep(address: &Address, month: &str) -> Result<Vec<String>, StoreError> {
    let month = month.to_owned();
    address.with(|client| async move {
        let mut tries = 0;
        loop {
            tries += 1;
            match in_transaction(&client, &month).await {
                Ok(done) => return Ok(done),
                Err(error) if tries == TRIES => return Err(error),
                Err(error) => tracing::info!(%error, "Partitions are looked after again"),
            }
            client.batch_execute("ROLLBACK").await?;
        }
    })
}

async fn in_transaction(client: &Client, month: &str) -> Result<Vec<String>, StoreError> {
    client.batch_execute(&format!("SET statement_timeout = 0; BEGIN; {LOCKS}")).await?;
    let schema: String = client.query_one("SELECT quote_ident(current_schema())", &[]).await?.try_get(0)?;
    let parts: String =
        client.query_one("SELECT quote_ident(current_schema() || '_partitions')", &[]).await?.try_get(0)?;
    let mut done = Vec::new();
    let partitioned = "SELECT relkind = 'p' FROM pg_class WHERE oid = 'events'::regclass";
    let is_partitioned: bool = client.query_one(partitioned, &[]).await?.try_get(0)?;
    // all numbers so far are below it
    let mut next = 1;
    for table in TABLES {
        let newest = format!("SELECT coalesce(max(number), 0) FROM {table} WHERE subject = 'invoice'");
        next = next.max(client.query_one(&newest, &[]).await?.try_get::<_, i64>(0)? + 1);
    }
    if !is_partitioned {
        client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {parts}")).await?;
        for table in TABLES {
            convert(client, &schema, &parts, table, month, next).await?;
        }
        done.push(format!("{} are partitioned; a partition for {month} begins with invoice {next}", TABLES.join(", ")));
    } else if let Some(newest) = months(client, &parts).await?.pop()
        && newest.as_str() < month
    {
        for table in TABLES {
            split(client, &parts, table, &newest, month, next).await?;
        }
        done.push(format!("a partition for {month} begins with invoice {next}"));
    }
    for (suffix, is_open) in ranges(client, &parts).await? {
        if is_open || !is_empty(client, &parts, &suffix).await? {
            continue;
        }
        for table in TABLES {
            client.batch_execute(&format!("DROP TABLE {parts}.{table}_{suffix}")).await?;
        }
        done.push(format!("the empty partitions {suffix} are dropped"));
    }
    client.batch_execute("COMMIT").await?;
    Ok(done)
}

/// The table's rows become the first partition as they lie; what is not about invoices goes to partitions of its own.
async fn convert(
    client: &Client,
    schema: &str,
    parts: &str,
    table: &str,
    month: &str,
    next: i64,
) -> Result<(), StoreError> {
    let keys = "SELECT 'ALTER TABLE ' || $1::text || ' ADD CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u')";
    let indexes = "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = $1::text::regclass
                   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)";
    let mut again: Vec<String> = Vec::new();
    for question in [keys, indexes] {
        for row in client.query(question, &[&table]).await? {
            again.push(row.try_get(0)?);
        }
    }
    let old = format!("{parts}.{table}_before_{month}");
    let steps = [
        format!("ALTER TABLE {schema}.{table} SET SCHEMA {parts}"),
        format!("ALTER TABLE {parts}.{table} RENAME TO {table}_before_{month}"),
        format!(
            "CREATE TABLE {schema}.{table} (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (subject, number)"
        ),
        again.join("; "),
        format!(
            "CREATE TABLE {parts}.{table}_funds PARTITION OF {schema}.{table}
             FOR VALUES FROM (MINVALUE, MINVALUE) TO ('invoice', MINVALUE)"
        ),
        format!(
            "CREATE TABLE {parts}.{table}_payments PARTITION OF {schema}.{table}
             FOR VALUES FROM ('invoice', MAXVALUE) TO (MAXVALUE, MAXVALUE)"
        ),
        // what comes late about invoices whose partition is gone
        format!("CREATE TABLE {parts}.{table}_rest PARTITION OF {schema}.{table} DEFAULT"),
        format!(
            "WITH others AS (DELETE FROM {old} WHERE subject <> 'invoice' RETURNING *)
             INSERT INTO {schema}.{table} SELECT * FROM others"
        ),
        format!(
            "ALTER TABLE {schema}.{table} ATTACH PARTITION {old} FOR VALUES FROM ('invoice', MINVALUE) TO ('invoice', {next})"
        ),
        format!(
            "CREATE TABLE {parts}.{table}_{month} PARTITION OF {schema}.{table}
             FOR VALUES FROM ('invoice', {next}) TO ('invoice', MAXVALUE)"
        ),
    ];
    for step in steps {
        client.batch_execute(&step).await?;
    }
    Ok(())
}

/// Ends the newest partition before `next` and begins another there; if it has nothing yet, it becomes the other.
async fn split(
    client: &Client,
    parts: &str,
    table: &str,
    newest: &str,
    month: &str,
    next: i64,
) -> Result<(), StoreError> {
    const OPEN: &str = ", MAXVALUE)";
    let name = format!("{parts}.{table}_{newest}");
    let bound = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = $1::text::regclass";
    let bound: String = client.query_one(bound, &[&name]).await?.try_get(0)?;
    let unclear = || StoreError::Inconsistent(format!("{name} is not the newest partition: {bound}"));
    let from = bound.split("('invoice', '").nth(1).and_then(|rest| rest.split('\'').next());
    let from: i64 = from.and_then(|number| number.parse().ok()).ok_or_else(unclear)?;
    let ended = bound.strip_suffix(OPEN).map(|bound| format!("{bound}, {next})")).ok_or_else(unclear)?;
    if from >= next {
        client.batch_execute(&format!("ALTER TABLE {name} RENAME TO {table}_{month}")).await?;
        return Ok(());
    }
    client
        .batch_execute(&format!(
            "ALTER TABLE {table} DETACH PARTITION {name};
             ALTER TABLE {table} ATTACH PARTITION {name} {ended};
             CREATE TABLE {parts}.{table}_{month} PARTITION OF {table}
               FOR VALUES FROM ('invoice', {next}) TO ('invoice', MAXVALUE)"
        ))
        .await?;
    Ok(())
}

/// The partitions of invoices: what follows the table's name, and whether it is the newest.
async fn ranges(client: &Client, parts: &str) -> Result<Vec<(String, bool)>, StoreError> {
    let all = "SELECT substr(relname, 8)::text, pg_get_expr(relpartbound, c.oid) LIKE '%TO (''invoice'', MAXVALUE)'
               FROM pg_class c WHERE relnamespace = $1::text::regnamespace AND relispartition AND relkind = 'r'
               AND relname ~ '^events_(before_)?[0-9]{4}_[0-9]{2}$' ORDER BY relname";
    let rows = client.query(all, &[&parts]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// The months that there are partitions of, oldest first.
async fn months(client: &Client, parts: &str) -> Result<Vec<String>, StoreError> {
    let all = ranges(client, parts).await?.into_iter().map(|(suffix, _)| suffix);
    Ok(all.filter(|suffix| !suffix.starts_with("before_")).collect())
}

async fn is_empty(client: &Client, parts: &str, suffix: &str) -> Result<bool, StoreError> {
    for table in TABLES {
        let any = format!("SELECT EXISTS (SELECT 1 FROM {parts}.{table}_{suffix})");
        if client.query_one(&any, &[]).await?.try_get(0)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
