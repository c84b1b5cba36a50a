//! The schema is the same on both databases, after all migrations: tables, columns, keys, constraints and indexes. A difference has its reason here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::Database;
use super::postgres::Address;
use super::testing;

/// The differences there are, and why each does no harm.
const DIFFERENCES: &[(&str, &str)] = &[
    ("only SQLite: refinery_schema_history.applied_on: varchar(255), may be null, default none", OF_THE_LIBRARY),
    ("only SQLite: refinery_schema_history.checksum: varchar(255), may be null, default none", OF_THE_LIBRARY),
    ("only SQLite: refinery_schema_history.name: varchar(255), may be null, default none", OF_THE_LIBRARY),
    ("only PostgreSQL: refinery_schema_history.applied_on: varchar, may be null, default none", OF_THE_LIBRARY),
    ("only PostgreSQL: refinery_schema_history.checksum: varchar, may be null, default none", OF_THE_LIBRARY),
    ("only PostgreSQL: refinery_schema_history.name: varchar, may be null, default none", OF_THE_LIBRARY),
];
const OF_THE_LIBRARY: &str =
    "the migration library makes and reads this table by itself; PostgreSQL gives no length with the type's name";

/// A schema as a set of sentences: what one database says and the other does not is a difference.
type Schema = BTreeSet<String>;

fn column(table: &str, name: &str, kind: &str, is_null_allowed: bool, default: Option<&str>) -> String {
    let null = if is_null_allowed { "may be null" } else { "not null" };
    let default = default.map_or("none".into(), plain);
    format!("{table}.{name}: {kind}, {null}, default {default}")
}

/// An expression without what each database adds to it in writing it down.
fn plain(expression: &str) -> String {
    let mut text = expression.replace("::text[]", "").replace("::text", "").replace("::bigint", "");
    while let Some(begins) = text.find("= ANY (ARRAY[") {
        let Some(length) = text[begins..].find("])") else { break };
        let list = text[begins + 13..begins + length].to_owned();
        text.replace_range(begins..begins + length + 2, &format!("IN ({list})"));
    }
    let words = text.replace("<>", "!=").replace(['(', ')'], " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",").to_lowercase()
}

fn text_lines(connection: &Connection, sql: &str, read: impl Fn(&rusqlite::Row<'_>) -> String) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| Ok(read(row))).unwrap().map(Result::unwrap).collect()
}

fn of_file(connection: &Connection) -> Schema {
    let mut schema = Schema::new();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    for table in text_lines(connection, tables, |row| row.get(0).unwrap()) {
        let kind = |declared: String| match declared.to_uppercase().as_str() {
            "TEXT" => "text".to_owned(),
            "BIGINT" => "int8".to_owned(),
            other => other.to_lowercase(),
        };
        let columns = format!("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}')");
        schema.extend(text_lines(connection, &columns, |row| {
            let (name, default): (String, Option<String>) = (row.get(0).unwrap(), row.get(3).unwrap());
            // SQLite takes null for a key unless the key forbids it too: no column of a key may be null on PostgreSQL
            let null = !row.get::<_, bool>(2).unwrap() && row.get::<_, i64>(4).unwrap() == 0;
            column(&table, &name, &kind(row.get(1).unwrap()), null, default.as_deref())
        }));
        let keys = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
        let key = text_lines(connection, &keys, |row| row.get(0).unwrap());
        schema.insert(format!("{table}: primary key ({})", key.join(", ")));
        let references = format!(
            "SELECT \"table\", group_concat(\"from\", ', '), group_concat(\"to\", ', ') \
             FROM (SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq) GROUP BY id"
        );
        schema.extend(text_lines(connection, &references, |row| {
            let (other, from, to): (String, String, Option<String>) =
                (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            format!("{table}: ({from}) refers to {other} ({})", to.unwrap_or_default())
        }));
        let made: String =
            connection.query_row("SELECT sql FROM sqlite_master WHERE name = ?1", [&table], |row| row.get(0)).unwrap();
        let checks = made.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        schema.insert(format!("{table}: {} checks", checks.filter(|word| word.eq_ignore_ascii_case("check")).count()));
        let indexes = format!("SELECT name || ' ' || \"unique\" || ' ' || origin FROM pragma_index_list('{table}')");
        for index in text_lines(connection, &indexes, |row| row.get(0).unwrap()) {
            let words: Vec<&str> = index.split(' ').collect();
            let (name, is_unique, origin) = (words[0], words[1] == "1", words[2]);
            if origin == "pk" {
                continue;
            }
            let parts = format!(
                "SELECT coalesce(name, '?') || CASE WHEN \"desc\" = 1 THEN ' desc' ELSE '' END \
                 FROM pragma_index_xinfo('{name}') WHERE key = 1 ORDER BY seqno"
            );
            let columns = text_lines(connection, &parts, |row| row.get(0).unwrap()).join(", ");
            if origin == "u" {
                schema.insert(format!("{table}: unique ({columns})"));
                continue;
            }
            let made: String = connection
                .query_row("SELECT sql FROM sqlite_master WHERE name = ?1", [name], |row| row.get(0))
                .unwrap();
            let only = made.split_once(" WHERE ").map(|(_, only)| plain(only));
            schema.insert(index_line(&table, name, &columns, is_unique, only));
        }
    }
    schema
}

fn index_line(table: &str, name: &str, columns: &str, is_unique: bool, only: Option<String>) -> String {
    let unique = if is_unique { "unique " } else { "" };
    format!("{table}: {unique}index {name} ({columns}) where {}", only.unwrap_or_else(|| "always".into()))
}

const COLUMNS: &str =
    "SELECT table_name::text, column_name::text, udt_name::text, is_nullable = 'YES', column_default::text
    FROM information_schema.columns WHERE table_schema = current_schema()";
const CONSTRAINTS: &str = "SELECT c.relname::text, k.contype::text, coalesce(f.relname::text, ''),
      ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n (attnum, at)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.attnum ORDER BY n.at),
      ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS n (attnum, at)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.attnum ORDER BY n.at)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid WHERE n.nspname = current_schema()";
const INDEXES: &str = "SELECT c.relname::text, x.relname::text, i.indisunique, pg_get_expr(i.indpred, i.indrelid),
      ARRAY(SELECT pg_get_indexdef(i.indexrelid, at, false) || CASE WHEN i.indoption[at - 1] & 1 = 1 THEN ' desc' ELSE '' END
            FROM generate_series(1, i.indnkeyatts) AS at ORDER BY at)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))";

async fn of_server(client: tokio_postgres::Client) -> Schema {
    let mut schema = Schema::new();
    let mut checks: BTreeMap<String, usize> = BTreeMap::new();
    for row in client.query(COLUMNS, &[]).await.unwrap() {
        let (table, default): (String, Option<String>) = (row.get(0), row.get(4));
        checks.entry(table.clone()).or_default();
        schema.insert(column(&table, row.get(1), row.get(2), row.get(3), default.as_deref()));
    }
    for row in client.query(CONSTRAINTS, &[]).await.unwrap() {
        let (table, kind, other): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let (columns, to): (Vec<String>, Vec<String>) = (row.get(3), row.get(4));
        let columns = columns.join(", ");
        match kind.as_str() {
            "p" => drop(schema.insert(format!("{table}: primary key ({columns})"))),
            "u" => drop(schema.insert(format!("{table}: unique ({columns})"))),
            "f" => drop(schema.insert(format!("{table}: ({columns}) refers to {other} ({})", to.join(", ")))),
            "c" => *checks.entry(table).or_default() += 1,
            // PostgreSQL 18 writes `not null` down as a constraint too
            "n" => {}
            other => panic!("{table} has a constraint of the kind {other}"),
        }
    }
    schema.extend(checks.iter().map(|(table, count)| format!("{table}: {count} checks")));
    for row in client.query(INDEXES, &[]).await.unwrap() {
        let (table, name, only): (String, String, Option<String>) = (row.get(0), row.get(1), row.get(3));
        let columns: Vec<String> = row.get(4);
        schema.insert(index_line(&table, &name, &columns.join(", "), row.get(2), only.as_deref().map(plain)));
    }
    schema
}

#[test]
fn both_databases_have_the_same_schema() {
    let Some(url) = testing::postgres::fresh() else { return };
    let server = Address::parse(&url).unwrap();
    let dir = std::env::temp_dir().join(format!("lockgate-parity-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("lockgate.db");
    for database in [Database::File(path.clone()), Database::Server(server.clone())] {
        database.migrate().unwrap();
    }
    let file = of_file(&Connection::open(path).unwrap());
    let server = server.with(|client| async { Ok(of_server(client).await) }).unwrap();
    assert!(file.len() > 300, "{} lines are not all of it", file.len());
    let marked =
        |which: &str, lines: BTreeSet<&String>| lines.iter().map(|line| format!("{which}: {line}")).collect::<Vec<_>>();
    let found = [
        marked("only SQLite", file.difference(&server).collect()),
        marked("only PostgreSQL", server.difference(&file).collect()),
    ];
    let expected: Vec<&str> = DIFFERENCES.iter().map(|(what, _)| *what).collect();
    assert_eq!(
        found.concat(),
        expected,
        "each difference needs its reason in this test, and nothing else stands there"
    );
    std::fs::remove_dir_all(dir).unwrap();
}
