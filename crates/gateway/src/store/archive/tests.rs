//! An archive's columns are the schema's: none is left behind.

use super::*;
use crate::store::copy;
use crate::store::{Database, testing};

#[test]
fn every_column_is_moved() {
    let path = std::env::temp_dir().join(format!("lockgate-archive-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let server = testing::postgres::fresh().map(|url| Database::at(&url).unwrap());
    for database in std::iter::once(Database::File(path)).chain(server) {
        database.migrate().unwrap();
        let schema = copy::tables(&database).unwrap();
        for table in &TABLES {
            let columns: Vec<_> = table.columns.iter().map(|(name, is_text)| ((*name).to_owned(), *is_text)).collect();
            let there = schema.iter().find(|there| there.name == table.name).unwrap();
            assert_eq!(there.columns, columns, "{}", table.name);
        }
    }
}
