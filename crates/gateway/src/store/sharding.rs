//! How the schema is divided among the nodes of a distributed database (`docs/scale.md`), proven from the migrations and from every statement.

mod crossing;
mod key;

use std::collections::{BTreeMap, BTreeSet};

use crossing::CROSSING;
use key::{Kind, Reach, Reader};
use rusqlite::Connection;

use super::FILES;
use super::sqlite::open;

/// Small, read by every merchant's requests, the same on every node.
const REFERENCE: &[&str] = &[
    "api_keys",
    "ip_entries",
    "merchants",
    "payout_senders",
    "provider_accounts",
    "provider_routes",
    "settlement_terms",
    "wallet_changes",
];

/// What there is one of: counters, leases, chains and the wallets on them, people and what they did, mails; and a sandbox's own.
const ONE_NODE: &[&str] = &[
    "audit_log",
    "blocks",
    "chain_tx_bytes",
    "chain_txs",
    "counters",
    "invitations",
    "leases",
    "login_failures",
    "mail_tokens",
    "mails",
    "memberships",
    "nodes",
    "passkey_challenges",
    "passkeys",
    "recovery_codes",
    "sandbox_callbacks",
    "sandbox_chain",
    "sandbox_payments",
    "sandbox_tickets",
    "sessions",
    "settings",
    "treasury_moves",
    "treasury_wallets",
    "treasury_watched",
    "unsigned_txs",
    "users",
];

/// Keys of distributed tables that do not contain the merchant, and what takes their place where a node sees its own rows only.
const KEYS_OF_ALL: &[(&str, &str)] = &[
    (
        "coin_refunds_by_log",
        "one movement of coins proves one refund: a table of its own, (chain, tx_hash, log_index) to refund, on one node",
    ),
    ("coin_refunds_by_token", "32 random bytes do not come twice: an index that is not unique"),
    (
        "funds_by_tx",
        "a transaction is claimed once over all merchants: a table of its own, (chain, tx_hash) to fund, on one node",
    ),
];

/// What requests of merchants and payers run, and what records money: all within one merchant.
const HOT: &[(&str, &[&str])] = &[
    ("attempts", &["INSERT", "OF_INVOICE", "BY_ID"]),
    ("charges", &["INSERT", "UPDATE", "BY_ID", "OF_INVOICE"]),
    ("deliveries", &["INSERT", "LEASE", "DONE", "RELEASE", "INSERT_ATTEMPT", "INSERT_ANSWER", "LIST"]),
    ("events", &["INSERT", "OF", "LAST"]),
    ("flushes", &["INSERT", "UPDATE", "BY_KEY", "OF_ATTEMPT"]),
    ("group", &["COUNT_INVOICES"]),
    ("history", &["DAYS", "START_ASC", "START_DESC", "DAY_ASC", "DAY_DESC"]),
    ("idempotency", &["GET", "INSERT", "SET_ANSWER"]),
    ("invoices", &["INSERT", "BY_NUMBER", "UPDATE", "SET_CHOSEN", "SET_CUSTOMER_IP", "TOUCH"]),
    ("ledger", &["LAST", "BY_CAUSE", "INSERT_ENTRY", "INSERT_POSTING", "ACCOUNT", "PUT_ACCOUNT"]),
    ("payments", &["INSERT", "UPDATE", "BY_KEY", "OF_INVOICE"]),
    ("payouts", &["INSERT", "UPDATE", "BY_NUMBER", "DAY_ASC", "DAY_DESC"]),
    ("transfers", &["INSERT", "UPDATE", "LEASE", "BY_ID"]),
];

/// A table as the migrations leave it.
#[derive(Debug, Default)]
struct Shape {
    columns: BTreeSet<String>,
    /// Columns of the primary key and of every unique index, by name.
    keys: BTreeMap<String, Vec<String>>,
}

fn schema() -> BTreeMap<String, Shape> {
    let (process, thread) = (std::process::id(), std::thread::current().id());
    let path = std::env::temp_dir().join(format!("lockgate-sharding-{process}-{thread:?}.db"));
    let _ = std::fs::remove_file(&path);
    let connection = open::writer_connection(&path).unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'refinery_schema_history'";
    let shape = |table: &String| {
        let columns = texts(&connection, "SELECT name FROM pragma_table_info(?1)", table).into_iter().collect();
        let keys = texts(&connection, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1", table);
        let key = |name: &String| texts(&connection, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", name);
        let mut keys: BTreeMap<_, _> = keys.iter().map(|name| (name.clone(), key(name))).collect();
        let primary = texts(&connection, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk", table);
        keys.insert(format!("{table}'s primary key"), primary);
        Shape { columns, keys }
    };
    let tables = texts(&connection, &format!("{names} AND ?1 = ''"), "");
    tables.iter().map(|table| (table.clone(), shape(table))).collect()
}

fn texts(connection: &Connection, sql: &str, value: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([value], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn kind(table: &str) -> Kind {
    match table {
        table if REFERENCE.contains(&table) => Kind::Reference,
        table if ONE_NODE.contains(&table) => Kind::OneNode,
        _ => Kind::Distributed,
    }
}

fn distributed(schema: &BTreeMap<String, Shape>) -> Vec<&str> {
    schema.keys().map(String::as_str).filter(|table| kind(table) == Kind::Distributed).collect()
}

#[test]
fn every_statement_stays_within_one_merchant_or_says_why_not() {
    let schema = schema();
    let shape = |table: &str| schema.get(table).unwrap_or_else(|| panic!("there is no table {table}"));
    let reader = Reader { kind: &kind, has_key: &|table| shape(table).columns.contains("merchant_id") };
    let mut crossing = Vec::new();
    let mut hot: BTreeSet<(&str, &str)> =
        HOT.iter().flat_map(|(file, names)| names.iter().map(move |name| (*file, *name))).collect();
    for (file, statements) in FILES {
        for (name, sql) in *statements {
            let reach = reader.reach(sql);
            if hot.remove(&(*file, *name)) {
                assert_eq!(reach, Reach::OneMerchant, "{file}::{name} is on the hot path");
            }
            if matches!(reach, Reach::EachMerchant | Reach::Across) {
                crossing.push((*file, *name, reach));
            }
        }
    }
    assert!(hot.is_empty(), "there are no statements {hot:?}");
    let listed: Vec<_> =
        CROSSING.iter().flat_map(|(_, reach, list)| list.iter().map(|at| (at.0, at.1, *reach))).collect();
    let unlisted: Vec<_> = crossing.iter().filter(|at| !listed.contains(at)).collect();
    let needless: Vec<_> = listed.iter().filter(|at| !crossing.contains(at)).collect();
    assert!(
        unlisted.is_empty() && needless.is_empty(),
        "not listed: {unlisted:#?}\nlisted without need: {needless:#?}"
    );
    assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len(), "listed twice");
}

#[test]
fn every_key_of_a_distributed_table_contains_the_merchant() {
    let schema = schema();
    for table in REFERENCE.iter().chain(ONE_NODE) {
        assert!(schema.contains_key(*table), "there is no table {table}");
    }
    let mut without = Vec::new();
    for table in distributed(&schema) {
        let keys = &schema[table].keys;
        without.extend(keys.iter().filter(|(_, columns)| !columns.iter().any(|column| column == "merchant_id")));
    }
    let without: Vec<&str> = without.into_iter().map(|(name, _)| name.as_str()).collect();
    let mut listed: Vec<&str> = KEYS_OF_ALL.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(without.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>(), listed);
}

/// What `docs/scale.md` tells operators to run names each table once, in the part that it belongs to.
#[test]
fn the_operators_statements_name_every_table() {
    let schema = schema();
    let text =
        |name: &str| std::fs::read_to_string(format!("{}/../../ops/sql/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let named = |text: &str, before: &str, after: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix(before)?.split_once(after));
        let mut tables: Vec<String> = lines.map(|(table, _)| table.to_owned()).collect();
        tables.sort();
        tables
    };
    let citus = text("citus.sql");
    assert_eq!(named(&citus, "SELECT create_distributed_table('", "', 'merchant_id'"), distributed(&schema));
    assert_eq!(named(&citus, "SELECT create_reference_table('", "');"), REFERENCE);
    assert_eq!(named(&citus, "SELECT citus_add_local_table_to_metadata('", "');"), ONE_NODE);
    let cockroach = text("cockroach.sql");
    assert_eq!(named(&cockroach, "ALTER TABLE ", " SET LOCALITY GLOBAL;"), REFERENCE);
    let mut by_table: Vec<&str> = distributed(&schema);
    by_table.extend(ONE_NODE);
    by_table.sort_unstable();
    assert_eq!(named(&cockroach, "ALTER TABLE ", " SET LOCALITY REGIONAL BY TABLE"), by_table);
    // a key that cannot be kept is dropped by name, and only such
    let mut dropped: Vec<&str> = KEYS_OF_ALL.iter().map(|(name, _)| *name).collect();
    dropped.sort_unstable();
    assert_eq!(named(&citus, "DROP INDEX ", ";"), dropped);
    for line in citus.lines().chain(cockroach.lines()).filter(|line| !line.is_empty()) {
        let known = [
            "--",
            "SELECT create_",
            "SELECT citus_add_local_table_to_metadata",
            "DROP INDEX ",
            "CREATE INDEX ",
            "ALTER TABLE ",
        ];
        assert!(known.iter().any(|known| line.starts_with(known)), "{line}");
    }
}

/// The proof above proves something: what must be seen is seen.
#[test]
fn a_statement_without_the_key_is_seen() {
    let reader = Reader { kind: &kind, has_key: &|table| table != "treasury_moves" };
    let cases = [
        ("SELECT * FROM invoices WHERE merchant_id = $1 AND number = $2", Reach::OneMerchant),
        ("SELECT * FROM invoices WHERE number = $1", Reach::EachMerchant),
        ("SELECT * FROM invoices WHERE merchant_id = $1 OR number = $2", Reach::EachMerchant),
        ("SELECT * FROM invoices WHERE merchant_id > $1", Reach::EachMerchant),
        ("SELECT * FROM invoices WHERE number = 1 AND (merchant_id = $1 AND state = 'opened')", Reach::OneMerchant),
        (
            "SELECT * FROM events e JOIN deliveries d ON d.merchant_id = e.merchant_id WHERE d.merchant_id = $1",
            Reach::OneMerchant,
        ),
        ("SELECT * FROM events e JOIN deliveries d ON d.merchant_id = e.merchant_id", Reach::EachMerchant),
        ("SELECT * FROM events e JOIN deliveries d ON d.number = e.number WHERE d.merchant_id = $1", Reach::Across),
        (
            "SELECT * FROM events e WHERE e.merchant_id = $1 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = e.seq)",
            Reach::Across,
        ),
        (
            "SELECT * FROM events WHERE merchant_id = $1 AND seq = (SELECT max(seq) FROM deliveries WHERE merchant_id = $2)",
            Reach::Across,
        ),
        (
            "SELECT * FROM funds f WHERE f.merchant_id = $1 AND EXISTS (SELECT 1 FROM treasury_moves m WHERE m.tx_hash = f.tx_hash)",
            Reach::Across,
        ),
        ("SELECT seq FROM events WHERE merchant_id = $1 UNION SELECT seq FROM deliveries", Reach::Across),
        ("SELECT value FROM counters WHERE name = $1", Reach::None),
        ("INSERT INTO events (merchant_id, seq) VALUES ($1, $2)", Reach::OneMerchant),
        ("INSERT INTO events (seq, merchant_id) VALUES ($1, 'one')", Reach::EachMerchant),
        ("INSERT INTO events (seq) VALUES ($1)", Reach::EachMerchant),
        ("INSERT INTO events (merchant_id, seq) SELECT $1, max(seq) FROM events WHERE merchant_id = $2", Reach::Across),
        ("UPDATE events SET merchant_id = $1 WHERE seq = $2", Reach::EachMerchant),
        ("DELETE FROM events WHERE merchant_id = $1", Reach::OneMerchant),
        ("DELETE FROM events WHERE seq = $1", Reach::EachMerchant),
    ];
    for (sql, reach) in cases {
        assert_eq!(reader.reach(sql), reach, "{sql}");
    }
}
