//! What waits to be done, for those who watch the gateway: since when each kind of work is due, and what is parked. Each is answered from a
//! partial index, of what is open.

use domain::Time;

use super::sql::Sql;
use super::tx::{StoreError, Tx, statements, values};

statements! {
    CALLBACKS = "SELECT min(due_at) AS since FROM deliveries WHERE state = 'due'";
    CHARGES = "SELECT min(due_at) AS since FROM charges WHERE due_at IS NOT NULL";
    /// To providers: refunds of charges, payments to cards.
    PROVIDER_TRANSFERS = "SELECT min(due_at) AS since FROM transfers WHERE due_at IS NOT NULL AND account_id IS NOT NULL
                          AND approval <> 'wanted'";
    CHAIN_TRANSFERS = "SELECT min(due_at) AS since FROM transfers WHERE state = 'reserved' AND chain IS NOT NULL
                       AND approval <> 'wanted' AND parked IS NULL";
    /// Flushes and transfers that are on their way over a chain: what is to be signed elsewhere waits for a person.
    CHAIN_TXS = "SELECT min(due_at) AS since FROM chain_txs WHERE state IN ('unsigned', 'pending', 'mined') AND state <> 'unsigned'";
    FUNDS = "SELECT min(due_at) AS since FROM funds WHERE due_at IS NOT NULL";
    REPORTED_REFUNDS = "SELECT min(changed_at) AS since FROM coin_refunds WHERE state = 'reported'";
    RESERVES = "SELECT min(release_at) AS since FROM reserves WHERE state = 'kept'";
    WALLET_CHANGES = "SELECT min(effective_at) AS since FROM wallet_changes WHERE state = 'waiting'";
    MAILS = "SELECT min(due_at) AS since FROM mails WHERE state = 'waiting'";
    /// Counted up to a limit: from there on only a person helps.
    PARKED_CALLBACKS = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM deliveries WHERE state = 'parked' LIMIT $1) AS found";
    PARKED_PAYMENTS = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM payments WHERE placement <> 'credited' LIMIT $1) AS found";
    PARKED_CHARGES = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM charges WHERE placement <> 'credited' LIMIT $1) AS found";
    PARKED_SURPLUSES = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM charges WHERE surplus <> surplus_given_back LIMIT $1) AS found";
    PARKED_TRANSFERS = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM transfers WHERE parked IS NOT NULL LIMIT $1) AS found";
    PARKED_LINES = "SELECT count(*) AS parked FROM (SELECT 1 AS one FROM provider_payout_lines WHERE state = 'parked' LIMIT $1) AS found";
}

/// Kinds of work that workers find by a time in a row.
const WORK: [(&str, Sql); 10] = [
    ("callbacks", CALLBACKS),
    ("charges", CHARGES),
    ("provider_transfers", PROVIDER_TRANSFERS),
    ("chain_transfers", CHAIN_TRANSFERS),
    ("chain_transactions", CHAIN_TXS),
    ("funds", FUNDS),
    ("reported_refunds", REPORTED_REFUNDS),
    ("reserves", RESERVES),
    ("wallet_changes", WALLET_CHANGES),
    ("mails", MAILS),
];

const PARKED: [(&str, &[Sql]); 5] = [
    ("callbacks", &[PARKED_CALLBACKS]),
    ("payments", &[PARKED_PAYMENTS]),
    ("charges", &[PARKED_CHARGES, PARKED_SURPLUSES]),
    ("transfers", &[PARKED_TRANSFERS]),
    ("provider_payout_lines", &[PARKED_LINES]),
];

/// The most that are counted of a kind.
const MOST: i64 = 1_000;

/// Since when the oldest of each kind of work is due, or when it will be.
pub fn oldest(tx: &Tx<'_>) -> Result<Vec<(&'static str, Option<Time>)>, StoreError> {
    let since = |sql: Sql| tx.row(sql, values![], |row| row.opt_int("since"));
    WORK.iter().map(|(work, sql)| Ok((*work, since(*sql)?.flatten().map(Time)))).collect()
}

/// How many wait for a person, of each kind; a thousand stands for more.
pub fn parked(tx: &Tx<'_>) -> Result<Vec<(&'static str, i64)>, StoreError> {
    let count = |sql: &Sql| Ok::<_, StoreError>(tx.row(*sql, values![MOST], |row| row.int("parked"))?.unwrap_or(0));
    let sum = |counts: &[Sql]| counts.iter().map(count).sum::<Result<i64, StoreError>>();
    PARKED.iter().map(|(what, counts)| Ok((*what, sum(counts)?.min(MOST)))).collect()
}

#[cfg(test)]
mod tests {
    /// Prometheus asks every few seconds: nothing may be read through for it.
    #[test]
    fn each_is_answered_from_an_index() {
        let path = std::env::temp_dir().join(format!("lockgate-due-{}.db", std::process::id()));
        let connection = crate::store::sqlite::open::writer_connection(&path).unwrap();
        for (name, sql) in super::STATEMENTS {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.replace("$1", "1000"))).unwrap();
            let steps = plan.query_map([], |row| row.get::<_, String>("detail")).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).filter(|step| !step.ends_with(" found")).collect();
            assert!(!steps.is_empty() && steps.iter().all(|step| step.contains(" INDEX ")), "{name}: {steps:?}");
        }
        drop(connection);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", path.display()));
        }
    }
}
