//! The store against a real database file.

use std::path::PathBuf;

use super::sqlite::open;
use super::{Database, FILES, Store, StoreError, settings, testing};

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("lockgate-store-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir.join("lockgate.db")
}

/// The databases there are: a file, and PostgreSQL.
fn both(name: &str) -> Vec<Store> {
    let server = testing::postgres::fresh().map(|url| Database::at(&url).unwrap());
    std::iter::once(Database::File(scratch(name))).chain(server).map(|place| Store::open(&place).unwrap()).collect()
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for store in both("prepare") {
        let refused = store
            .read(|tx| {
                let all = FILES.iter().flat_map(|(file, list)| list.iter().map(move |(name, sql)| (file, name, *sql)));
                let refused =
                    all.filter_map(|(file, name, sql)| Some((file, name, tx.prepare(sql).err()?.to_string())));
                Ok::<_, StoreError>(refused.collect::<Vec<_>>())
            })
            .await;
        assert_eq!(refused.unwrap(), []);
    }
}

#[tokio::test]
async fn no_query_is_compiled_again_for_other_values() {
    let path = scratch("compiled-once");
    let _store = Store::open(&Database::File(path.clone())).unwrap();
    for connection in [open::reader_connection(&path).unwrap(), open::writer_connection(&path).unwrap()] {
        for (file, statements) in FILES {
            for (name, sql) in statements.iter().filter(|(_, sql)| sql.starts_with("SELECT")) {
                let mut statement = connection.prepare(&sql.replace('$', "?")).unwrap();
                for value in 1..=3 {
                    (1..=statement.parameter_count())
                        .for_each(|place| statement.raw_bind_parameter(place, value).unwrap());
                    let mut rows = statement.raw_query();
                    while rows.next().unwrap().is_some() {}
                }
                assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0, "{file}::{name}");
            }
        }
    }
}

#[test]
fn every_file_with_statements_is_in_the_list() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store");
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let declares = text.contains("\nstatements! {");
        assert_eq!(FILES.iter().any(|(file, _)| *file == name), declares, "{name}");
    }
}

#[tokio::test]
async fn a_failed_write_leaves_nothing_and_spares_its_neighbours() {
    for store in both("savepoint") {
        fifty_writes(&store).await;
    }
}

async fn fifty_writes(store: &Store) {
    let writes = (0..50).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            store
                .write(move |tx| {
                    settings::put(tx, &format!("n{n}"), "x")?;
                    match n % 3 {
                        1 => Err(StoreError::Inconsistent("refused".into())),
                        2 => panic!("a closure that panics"),
                        _ => Ok(()),
                    }
                })
                .await
        })
    });
    for (n, write) in writes.collect::<Vec<_>>().into_iter().enumerate() {
        let result = write.await.unwrap();
        match n % 3 {
            0 => result.unwrap(),
            1 => assert!(matches!(result, Err(StoreError::Inconsistent(_)))),
            _ => assert!(matches!(result, Err(StoreError::Panicked))),
        }
        let found = store.read(|tx| settings::get(tx, &format!("n{n}"))).await.unwrap();
        assert_eq!(found.is_some(), n % 3 == 0, "{n}");
    }
}

#[tokio::test]
async fn a_backup_is_a_usable_database_and_a_damaged_one_is_refused() {
    let path = scratch("backup");
    let place = Database::File(path.clone());
    let store = Store::open(&place).unwrap();
    store.write(|tx| settings::put(tx, "kept", "yes")).await.unwrap();
    let copy = path.with_file_name("copy.db");
    place.backup(&copy).unwrap();
    assert!(place.backup(&copy).unwrap_err().to_string().contains("never overwrites"));
    let restored = Store::open(&Database::File(copy.clone())).unwrap();
    assert_eq!(restored.read(|tx| settings::get(tx, "kept")).await.unwrap().as_deref(), Some("yes"));

    for (name, damage) in [("header.db", 0..64), ("page.db", 4096..12_288)] {
        let broken = path.with_file_name(name);
        let mut bytes = std::fs::read(&copy).unwrap();
        bytes[damage].fill(0xA5);
        std::fs::write(&broken, bytes).unwrap();
        let error = Store::open(&Database::File(broken)).unwrap_err().to_string();
        assert!(error.contains("is damaged") && error.contains("restore a backup"), "{name}: {error}");
    }
}

/// What a write reads must be from after it has got the writers' lock, whatever whoever set up the database thought best.
#[tokio::test]
async fn a_write_sees_what_is_committed_whatever_the_database_is_set_to() {
    fn level(tx: &super::Tx<'_>) -> Result<Option<String>, StoreError> {
        let level = "SELECT current_setting('transaction_isolation') AS level";
        tx.row(level, super::tx::values![], |row| row.text("level"))
    }
    let Some(url) = testing::postgres::fresh() else { return };
    let set = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = %L',
               current_database(), 'repeatable read'); END $$";
    let said = std::process::Command::new("psql").args([&url, "-v", "ON_ERROR_STOP=1", "-qc", set]).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let store = Store::open(&Database::at(&url).unwrap()).unwrap();
    assert_eq!(store.write(level).await.unwrap().as_deref(), Some("read committed"));
    assert_eq!(
        store.read(level).await.unwrap().as_deref(),
        Some("repeatable read"),
        "one view for all of its questions"
    );
    // what asks after a lost commit, looks after partitions or migrates names no level
    let session = super::postgres::Address::parse(&url).unwrap().session().unwrap();
    session.run("BEGIN").unwrap();
    assert_eq!(level(&super::Tx::postgres(&session)).unwrap().as_deref(), Some("read committed"));
}

#[tokio::test]
async fn numbers_count_from_one_without_repeats() {
    for store in both("numbers") {
        for expected in 1..=3 {
            let number = store.write(|tx| settings::next_number(tx, "invoice")).await.unwrap();
            assert_eq!(number, expected);
        }
    }
}

/// Writes that fail after they took a number and changed a row, among others that stand: they leave neither a row nor a gap.
#[tokio::test]
async fn a_write_that_fails_halfway_leaves_no_gap() {
    for store in both("gaps") {
        let one = |n: i64| {
            let store = store.clone();
            async move {
                let name = format!("halfway {n}");
                let write = move |tx: &super::Tx<'_>| {
                    let number = settings::next_number(tx, "gap")?;
                    settings::put(tx, &name, "there")?;
                    if n % 3 == 0 { Err(StoreError::Inconsistent("no".into())) } else { Ok(number) }
                };
                store.write(write).await.ok()
            }
        };
        let mut numbers: Vec<i64> =
            futures_util::future::join_all((0..60).map(one)).await.into_iter().flatten().collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
        let kept = store.read(|tx| {
            let there = |n| Ok::<_, StoreError>(settings::get(tx, &format!("halfway {n}"))?.is_some());
            Ok::<_, StoreError>((settings::last_number(tx, "gap")?, (0..60).map(there).collect::<Result<Vec<_>, _>>()?))
        });
        let (last, there) = kept.await.unwrap();
        assert_eq!((last, there.iter().filter(|there| **there).count()), (40, 40));
        assert!(there.iter().enumerate().all(|(n, there)| *there == (n % 3 != 0)));
    }
}
