//! The schema goes forward under nodes that run.

use std::path::PathBuf;

use futures_util::future::join_all;

use super::*;
use crate::store::testing::postgres;
use crate::store::{Database, Store, StoreError, merchants, settings};

/// Up to here the schema was changed while nothing ran.
const AT_REST: u32 = 17;

/// What takes something away or makes it anew all the same, and why no release that may still run minds: version, the statement's beginning,
/// the reason.
const EXCEPTIONS: &[(u32, &str, &str)] = &[
    (23, "DROP TABLE ", MADE_ANEW),
    (23, "ALTER TABLE INVOICES_23 RENAME", MADE_ANEW),
    (23, "ALTER TABLE EVENTS_23 RENAME", MADE_ANEW),
    (23, "ALTER TABLE DELIVERIES_23 RENAME", MADE_ANEW),
    (23, "ALTER TABLE DELIVERY_ATTEMPTS_23 RENAME", MADE_ANEW),
];
const MADE_ANEW: &str =
    "the same columns, keys and checks under the same names, within the transaction that drops the old table";

/// Statements, without comments, in capitals and single spaces.
fn statements(sql: &str) -> Vec<String> {
    let code: String = sql.lines().map(|line| line.split("--").next().unwrap_or("").to_owned() + " ").collect();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
    code.split(';').map(words).filter(|text| !text.is_empty()).collect()
}

/// Whether the release before can go on reading and writing after a statement; `made` are the tables of the same migration.
fn only_adds(statement: &str, made: &[String]) -> bool {
    let words: Vec<&str> = statement.split([' ', '(']).filter(|word| !["IF", "NOT", "EXISTS"].contains(word)).collect();
    let is_new = |table: &str| made.iter().any(|new| new == table);
    match words[..] {
        ["CREATE", "TABLE", ..] => true,
        ["CREATE", "INDEX", ..] => true,
        // what was allowed twice before may be written twice by a release that runs
        ["CREATE", "UNIQUE", "INDEX", _, "ON", table, ..] => is_new(table),
        ["ALTER", "TABLE", _, "ADD", "COLUMN", ..] => {
            // one column at a time: two would hide behind each other
            let alone = statement.matches("ADD COLUMN").count() == 1;
            let fills_itself = !statement.contains("NOT NULL") || statement.contains(" DEFAULT ");
            alone && fills_itself && !statement.contains("REFERENCES") && !statement.contains("UNIQUE")
        }
        ["INSERT", "INTO", table, ..] => is_new(table) || table == "SETTINGS",
        _ => false,
    }
}

#[test]
fn from_here_on_migrations_only_add() {
    for migration in runner().get_migrations().iter().filter(|migration| migration.version() as u32 > AT_REST) {
        let version = migration.version() as u32;
        let statements = statements(migration.sql().unwrap());
        let table = |text: &String| {
            text.strip_prefix("CREATE TABLE ").map(|rest| rest.split([' ', '(']).next().unwrap().to_owned())
        };
        let made: Vec<String> = statements.iter().filter_map(table).collect();
        for statement in &statements {
            let excused = EXCEPTIONS.iter().any(|(of, begins, _)| *of == version && statement.starts_with(begins));
            assert!(
                excused || only_adds(statement, &made),
                "V{version}: the release before may still run, and could not go on after this: {statement}"
            );
        }
    }
    for (version, ..) in EXCEPTIONS {
        assert!(known().contains(&i64::from(*version)), "an exception for V{version}, which is not there");
    }
}

#[test]
fn what_does_not_only_add_is_seen() {
    let made = ["NEW_ONES".to_owned()];
    for (statement, adds) in [
        ("CREATE TABLE x (a TEXT)", true),
        ("CREATE INDEX x_by_a ON x (a)", true),
        ("CREATE UNIQUE INDEX one ON invoices (email)", false),
        ("CREATE UNIQUE INDEX one ON new_ones (email)", true),
        ("ALTER TABLE nodes ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0", true),
        ("ALTER TABLE nodes ADD COLUMN note TEXT", true),
        ("ALTER TABLE nodes ADD COLUMN note TEXT NOT NULL", false),
        ("ALTER TABLE nodes ADD COLUMN a TEXT DEFAULT '', ADD COLUMN b TEXT NOT NULL", false),
        ("ALTER TABLE nodes DROP COLUMN seen_at", false),
        ("ALTER TABLE nodes RENAME TO processes", false),
        ("DROP TABLE nodes", false),
        ("DROP INDEX x_by_a", false),
        ("UPDATE invoices SET state = 'new word'", false),
        ("INSERT INTO new_ones (a) SELECT email FROM invoices", true),
        ("INSERT INTO invoices (a) VALUES (1)", false),
    ] {
        let seen = &statements(&format!("-- DROP nothing\n{statement};"))[0];
        assert_eq!(only_adds(seen, &made), adds, "{statement}");
    }
}

/// The databases there are, new ones, and how to change them behind the program's back.
fn both(name: &str) -> Vec<Database> {
    let dir: PathBuf = std::env::temp_dir().join(format!("lockgate-migrations-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let server = postgres::fresh().map(|url| (Database::at(&url).unwrap(), url));
    let mut all = vec![Database::File(dir.join("lockgate.db"))];
    if let Some((database, url)) = server {
        std::fs::write(dir.join("url"), url).unwrap();
        all.push(database);
    }
    all
}

fn change(database: &Database, name: &str, sql: &str) {
    match database {
        Database::File(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        Database::Server(_) => {
            let dir = std::env::temp_dir().join(format!("lockgate-migrations-{}-{name}", std::process::id()));
            let url = std::fs::read_to_string(dir.join("url")).unwrap();
            let said =
                std::process::Command::new("psql").args([&url, "-v", "ON_ERROR_STOP=1", "-qc", sql]).output().unwrap();
            assert!(said.status.success(), "{said:?}");
        }
    }
}

/// What the next release might add, and how its runner notes that.
fn next_release(version: i64, more: &str) -> String {
    format!(
        "ALTER TABLE merchants ADD COLUMN of_the_next_release TEXT NOT NULL DEFAULT 'x';
         ALTER TABLE settings ADD COLUMN of_the_next_release BIGINT;
         CREATE TABLE of_the_next_release (id TEXT PRIMARY KEY); {more}
         INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES ({version}, 'later', '2030-01-01T00:00:00Z', '1');"
    )
}

/// Several readers at once, so that there are several connections with statements from now. Each needs a thread: they wait for each other.
async fn several_read(store: &Store) {
    let together = std::sync::Arc::new(std::sync::Barrier::new(6));
    let reads = (0..6).map(|_| {
        let (store, together) = (store.clone(), together.clone());
        tokio::spawn(async move {
            let read = store.read(|tx| {
                together.wait();
                merchants::list(tx)
            });
            read.await.map_err(|error: StoreError| error.to_string())
        })
    });
    for read in join_all(reads).await {
        assert_eq!(read.unwrap(), Ok(Vec::new()));
    }
}

async fn works(store: &Store, n: i64) {
    assert_eq!(store.read(merchants::list).await.map_err(|error: StoreError| error.to_string()), Ok(Vec::new()));
    let writes = (0..20).map(|m| async move {
        let write = store.write(move |tx| {
            let _: Vec<_> = merchants::list(tx)?;
            settings::put(tx, &format!("n{n}-{m}"), "there")
        });
        write.await.map_err(|error: StoreError| error.to_string())
    });
    for written in join_all(writes).await {
        assert_eq!(written, Ok(()));
    }
    let found = store.read(|tx| settings::get(tx, &format!("n{n}-19"))).await;
    assert_eq!(found.map_err(|error: StoreError| error.to_string()), Ok(Some("there".into())));
}

/// A node of this release goes on while the next one's migration is applied under it, and another of this release starts after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn this_release_goes_on_under_the_next_ones_schema() {
    for database in both("under") {
        let store = Store::open(&database).unwrap();
        works(&store, 1).await;
        several_read(&store).await;
        change(&database, "under", &next_release(newest() + 1, ""));
        works(&store, 2).await;
        let second = Store::open(&database).unwrap();
        works(&second, 3).await;
        works(&store, 4).await;
        assert_eq!(database.migrate().unwrap(), newest() + 1);
    }
}

/// A release that cannot work with what was taken away says so, instead of finding out.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_took_something_away_is_refused() {
    for database in both("floor") {
        drop(Store::open(&database).unwrap());
        let (may, may_not) = (newest(), newest() + 1);
        let floor = |floor| format!("INSERT INTO settings (name, value) VALUES ('schema_floor', '{floor}');");
        change(&database, "floor", &next_release(newest() + 1, &floor(may)));
        drop(Store::open(&database).unwrap());
        change(&database, "floor", &format!("UPDATE settings SET value = '{may_not}' WHERE name = 'schema_floor'"));
        let refused = Store::open(&database).unwrap_err().to_string();
        assert!(refused.contains(&format!("needs a release that knows {may_not}")), "{refused}");
        // a hole in the history is a fault, not a later release
        change(
            &database,
            "floor",
            "DELETE FROM settings WHERE name = 'schema_floor'; DELETE FROM refinery_schema_history WHERE version = 5",
        );
        let refused = Store::open(&database).unwrap_err().to_string();
        assert!(refused.contains("lacks 5") || refused.contains("migration failed"), "{refused}");
    }
}
