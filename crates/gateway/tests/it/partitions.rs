//! Events and callbacks divided by month on PostgreSQL, under a gateway that runs.

use std::process::Command;

use gateway::store::Database;
use gateway::store::postgres::partitions::keep;

use crate::harness::{PAID, Pay, Sandbox, postgres};

const DAY: u64 = 86_400;

fn sql(database: &str, command: &str) -> Vec<String> {
    let output = Command::new("psql").args([database, "-qAtc", command]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn lockgate(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lockgate")).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

async fn sale(sandbox: &Sandbox) -> i64 {
    let (id, _) = sandbox.client.sell("15.04", "USDT_polygon").await;
    sandbox.client.pay(id, Pay { outcome: "paid", ..Pay::default() }).await;
    sandbox.client.status_becomes(id, PAID).await;
    sandbox.client.told(id, 4).await;
    id
}

#[tokio::test]
async fn over_the_ends_of_months_and_emptied_ones_are_dropped() {
    let Some(server) = postgres::fresh() else { return };
    let mut sandbox = Sandbox::start_on_server(&server).await;
    let numbers = |suffix: &str| {
        let tables = ["events", "deliveries", "delivery_attempts"];
        let found = tables.map(|table| {
            sql(&server, &format!("SELECT DISTINCT number FROM public_partitions.{table}_{suffix} ORDER BY number"))
        });
        let [events, deliveries, attempts] = &found;
        assert!(events == deliveries && events == attempts, "{suffix}: {found:?}");
        events.iter().map(|number| number.parse().unwrap()).collect::<Vec<i64>>()
    };
    let ranges = || {
        sql(&server, "SELECT substr(relname, 8) FROM pg_class WHERE relnamespace = 'public_partitions'::regnamespace AND relkind = 'r'
                      AND relname LIKE 'events%' ORDER BY relname")
    };
    let first = sale(&sandbox).await;
    // the gateway runs on, with the statements that it has prepared
    let said = sandbox.said(&["partition"]);
    assert!(said.contains(&format!("begins with invoice {}", first + 1)), "{said}");
    assert!(sandbox.said(&["partition"]).contains("nothing to do"));
    let second = sale(&sandbox).await;
    let (month, before) = (ranges()[0].clone(), ranges()[1].clone());
    assert_eq!((numbers(&before), numbers(&month)), (vec![first], vec![second]), "{:?}", ranges());

    sandbox.client.advance(32 * DAY).await;
    sandbox.said(&["partition"]);
    let third = sale(&sandbox).await;
    let next = ranges()[1].clone();
    assert!(next > month && !next.starts_with("before"), "{:?}", ranges());
    assert_eq!((numbers(&month), numbers(&next)), (vec![second], vec![third]));
    sandbox.audit();

    // the first two months are emptied; the third is, too, but something is still to come there
    sandbox.client.advance(369 * DAY).await;
    let file = sandbox.dir.join("old.archive").display().to_string();
    sandbox.said(&["archive", "--before", "2090-01-01", "--to", &file]);
    let said = sandbox.said(&["partition"]);
    assert!(
        said.contains(&format!("{before} are dropped")) && said.contains(&format!("{month} are dropped")),
        "{said}"
    );
    assert!(!ranges().contains(&before) && !ranges().contains(&month) && ranges().contains(&next), "{:?}", ranges());
    assert_eq!(numbers(&next), [third]);
    let fourth = sale(&sandbox).await;
    sandbox.audit();
    sandbox.said(&["audit", "--archive", &file]);
    for (id, callbacks) in [(first, 0), (second, 0), (third, 4), (fourth, 4)] {
        assert_eq!(sandbox.client.status(id).await, PAID);
        assert_eq!(sandbox.database().deliveries(id).await.len(), callbacks, "{id}");
    }
    sandbox.kill9();

    // who copies it sees tables like any others
    let copy = sandbox.dir.join("copy");
    std::fs::create_dir_all(&copy).unwrap();
    let there = format!("sqlite:{}", copy.join("lockgate.db").display());
    assert!(lockgate(&["copy", "--from", &server, "--to", &there]).contains("4  invoices"));
    lockgate(&["audit", "--data", copy.to_str().unwrap(), "--archive", &file]);
    // and a partitioned one takes a copy
    let other = postgres::fresh().unwrap();
    let database = Database::at(&other).unwrap();
    database.migrate().unwrap();
    let Database::Server(address) = &database else { panic!("{}", database.name()) };
    keep(address, "2026_11").unwrap();
    lockgate(&["copy", "--from", &there, "--to", &other]);
    assert_eq!(sql(&other, "SELECT count(*) FROM events"), sql(&server, "SELECT count(*) FROM events"));
}
