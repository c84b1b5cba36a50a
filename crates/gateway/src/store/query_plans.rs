//! How SQLite finds what pages ask for: each statement by an index, none by reading a table through, none by sorting.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::sqlite::open;

/// The statements that pages of merchants run, by file.
const PAGES: &[(&str, &[(&str, &str)])] = &[
    ("attention", super::attention::STATEMENTS),
    ("invoice_pages", super::invoice_pages::STATEMENTS),
    ("ledger_pages", super::ledger_pages::STATEMENTS),
    ("payer_mails", super::payer_mails::STATEMENTS),
    ("payment_links", super::payment_links::STATEMENTS),
    ("storefronts", super::storefronts::STATEMENTS),
    ("search", super::search::STATEMENTS),
    ("volume", super::volume::STATEMENTS),
    // what an invoice's timeline reads besides
    ("attempts", super::attempts::STATEMENTS),
    ("charges", super::charges::STATEMENTS),
    ("coin_refunds", super::coin_refunds::STATEMENTS),
    ("deliveries", super::deliveries::STATEMENTS),
    ("disputes", super::disputes::STATEMENTS),
    ("events", super::events::STATEMENTS),
    ("flushes", super::flushes::STATEMENTS),
    ("invoices", super::invoices::STATEMENTS),
    ("payments", super::payments::STATEMENTS),
    ("settlements", super::settlements::STATEMENTS),
    ("transfers", super::transfers::STATEMENTS),
    ("chain_txs", super::chain_txs::STATEMENTS),
    ("audit_log", super::audit_log::STATEMENTS),
    ("ledger", super::ledger::STATEMENTS),
    // pay-outs
    ("funds", super::funds::STATEMENTS),
    ("payouts", super::payouts::STATEMENTS),
    ("payout_days", super::payout_days::STATEMENTS),
    ("saved_views", super::saved_views::STATEMENTS),
    ("provider_accounts", super::provider_accounts::STATEMENTS),
];

/// Of files that others use too: only these are run by pages.
const OF_OTHERS: &[(&str, &[&str])] = &[
    ("attempts", &["OF_INVOICE"]),
    ("charges", &["OF_INVOICE", "OF_SETTLEMENT", "PARKED_PAGE", "CLAIMED"]),
    ("coin_refunds", &["OF_INVOICE", "BY_ID", "UPDATE"]),
    ("deliveries", &["LIST", "ATTEMPTS"]),
    ("disputes", &["OF_CHARGE"]),
    ("events", &["OF"]),
    ("flushes", &["OF_ATTEMPT"]),
    ("invoices", &["BY_NUMBER", "LATEST_NUMBER"]),
    ("payer_mails", &["SINCE", "SINCE_ALL", "END", "AGAIN"]),
    ("payments", &["OF_INVOICE", "PARKED_PAGE"]),
    ("settlements", &["BEFORE", "BY_NUMBER", "ITEMS"]),
    ("transfers", &["OF_SUBJECT", "BY_ID", "BY_NONCE", "WANTED_OF"]),
    ("chain_txs", &["BY_HASH"]),
    ("audit_log", &["ABOUT", "ABOUT_OF"]),
    ("ledger", &["ACCOUNTS", "LAST", "BY_CAUSE"]),
    ("funds", &["BY_NUMBER", "BY_TX", "DAY_DESC"]),
    ("payouts", &["BY_NUMBER", "DAY_DESC", "AFTER"]),
    ("payout_days", &["DAYS"]),
    ("provider_accounts", &["OF_MERCHANT"]),
];

/// What is sorted is what belongs to one invoice, one charge, one merchant's accounts, or one transaction: a handful.
const SORTS: &[(&str, &str)] = &[
    ("attempts", "OF_INVOICE"),
    ("charges", "OF_INVOICE"),
    ("coin_refunds", "OF_INVOICE"),
    ("disputes", "OF_CHARGE"),
    ("provider_payouts", "OF_CHARGE"),
    ("flushes", "OF_ATTEMPT"),
    ("payments", "OF_INVOICE"),
    ("transfers", "OF_SUBJECT"),
    ("transfers", "BY_NONCE"),
    ("audit_log", "ABOUT"),
    ("audit_log", "ABOUT_OF"),
    // the counters of a day: three at most
    ("payout_days", "DAYS"),
    ("ledger", "ACCOUNTS"),
    ("settlements", "ITEMS"),
    // of what is parked, what came in the same instant
    ("charges", "PARKED_PAGE"),
    ("payments", "PARKED_PAGE"),
    // a person's merchants, a merchant's keys and wallets, a chain's transactions that are not final, the accounts that people entered
    ("memberships", "OF_USER"),
    ("merchants", "KEYS"),
    ("payout_senders", "OF_MERCHANT"),
    ("chain_txs", "OPEN"),
    ("provider_accounts", "LIST"),
    ("provider_accounts", "OF_MERCHANT"),
    // the invoices of one transaction, of one settlement
    ("search", "PAID_BY"),
    ("search", "SETTLED_IN"),
];

/// The statements that pages of operators run, by file.
const OPERATORS: &[(&str, &[(&str, &str)])] = &[
    ("overviews", super::overviews::STATEMENTS),
    ("audit_log", super::audit_log::STATEMENTS),
    ("chain_txs", super::chain_txs::STATEMENTS),
    ("charges", super::charges::STATEMENTS),
    ("disputes", super::disputes::STATEMENTS),
    ("events", super::events::STATEMENTS),
    ("invoices", super::invoices::STATEMENTS),
    ("leases", super::leases::STATEMENTS),
    ("ledger", super::ledger::STATEMENTS),
    ("mails", super::mails::STATEMENTS),
    ("memberships", super::memberships::STATEMENTS),
    ("merchants", super::merchants::STATEMENTS),
    ("payout_senders", super::payout_senders::STATEMENTS),
    ("provider_accounts", super::provider_accounts::STATEMENTS),
    ("provider_events", super::provider_events::STATEMENTS),
    ("provider_payouts", super::provider_payouts::STATEMENTS),
    ("settings", super::settings::STATEMENTS),
    ("settlement_terms", super::settlement_terms::STATEMENTS),
    ("settlements", super::settlements::STATEMENTS),
    ("transfers", super::transfers::STATEMENTS),
    ("treasury_wallets", super::treasury_wallets::STATEMENTS),
    ("users", super::users::STATEMENTS),
    ("wallet_changes", super::wallet_changes::STATEMENTS),
];

/// Of files that others use too: only these are run by pages of operators.
const OF_OPERATORS: &[(&str, &[&str])] = &[
    ("audit_log", &["LAST", "AFTER", "OF_MERCHANT", "ABOUT"]),
    ("chain_txs", &["OPEN"]),
    ("charges", &["BY_ID", "FIND", "OF_INVOICE", "TO_SETTLE"]),
    ("disputes", &["OF_CHARGE"]),
    ("events", &["OF"]),
    ("invoices", &["BY_NUMBER"]),
    ("leases", &["LIST"]),
    ("ledger", &["ACCOUNT"]),
    ("mails", &["FAILED", "AGAIN"]),
    ("memberships", &["OF_USER"]),
    ("merchants", &["BY_ID", "BY_NUMBER", "KEYS", "IPS"]),
    ("payout_senders", &["OF_MERCHANT"]),
    ("provider_accounts", &["BY_ID", "LIST", "ROUTES", "ROUTES_TO"]),
    ("provider_events", &["LAST_OF"]),
    ("provider_payouts", &["BY_ID", "LINES_AFTER", "OF_CHARGE"]),
    ("settings", &["GET"]),
    ("settlement_terms", &["GET"]),
    ("settlements", &["BEFORE", "BY_NUMBER", "ITEMS"]),
    ("transfers", &["FIND", "OPEN", "PARKED", "WANTED", "OF_SUBJECT"]),
    ("treasury_wallets", &["OF_CHAIN"]),
    ("users", &["BEGINNING_WITH"]),
    ("wallet_changes", &["WAITING"]),
];

/// Reads of operators that go through a table, and why that does no harm.
const SCANS: &[(&str, &str, &str)] = &[
    ("overviews", "NEWEST_MERCHANTS", "from the end of the merchants, up to the limit"),
    ("overviews", "PARKED_PAYMENTS", "the partial index of what is parked, from its end"),
    ("overviews", "PARKED_CHARGES", "the partial index of what is parked, from its end"),
    ("overviews", "SURPLUSES", "the partial index of what was taken too often, from its end"),
    ("overviews", "WALLETS_TO_VALIDATE", "the partial index of what waits"),
    ("overviews", "WALLET_CHANGES", "the partial index of what waits"),
    (
        "overviews",
        "TREASURY_BOOKS",
        "the partial index of the treasury's accounts: one for each merchant that was paid in a coin",
    ),
    ("transfers", "OPEN", "the partial index of what is open, from its beginning"),
    ("transfers", "PARKED", "the partial index of what is parked, from its beginning"),
    ("transfers", "WANTED", "the partial index of what waits, from its beginning"),
    ("audit_log", "LAST", "the one at the end of its key"),
    ("leases", "LIST", "a row for each chain and each kind of work of one node"),
    ("provider_accounts", "LIST", "accounts at providers, which people enter by hand"),
];

/// Lists of operators without a limit, and why they end all the same.
const WITHOUT_LIMIT: &[(&str, &str)] = &[("TREASURY_BOOKS", "one row for each merchant that was paid in a coin")];

type Files = [(&'static str, &'static [(&'static str, &'static str)])];

/// An empty database of this test's.
fn database(name: &str) -> Connection {
    let path = std::env::temp_dir().join(format!("lockgate-{name}-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&path);
    open::writer_connection(&path).unwrap()
}

/// The plan of a statement as SQLite numbers its parameters.
fn steps(connection: &Connection, sql: &str) -> Vec<String> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<_, _>>().unwrap()
}

/// What of these statements reads a table through, though nobody has said why it may. They are what was asked, wherever it stands.
pub fn read_through(name: &str, asked: &BTreeSet<&'static str>) -> Vec<(String, String)> {
    let connection = database(name);
    let mut found = Vec::new();
    for sql in asked.iter().filter(|sql| sql.starts_with("SELECT") || sql.starts_with("WITH")) {
        let mut all =
            super::FILES.iter().flat_map(|(file, of)| of.iter().map(move |(name, text)| (*file, *name, *text)));
        let known = all.find(|(_, _, text)| text.replace('$', "?") == **sql);
        let is_excused = known.is_some_and(|(file, name, _)| {
            // what waits is counted in partial indexes, which its own test looks at
            file == "due" || SCANS.iter().any(|(of, excused, _)| (*of, *excused) == (file, name))
        });
        let named = known.map_or_else(|| (*sql).to_owned(), |(file, name, _)| format!("{file}::{name}"));
        let scans = steps(&connection, sql).into_iter().filter(|step| step.starts_with("SCAN") && step != "SCAN few");
        found.extend(scans.filter(|_| !is_excused).map(|step| (named.clone(), step)));
    }
    found
}

/// Each step of each statement's plan: file, statement, step.
fn plans(name: &str, files: &Files, of_others: &[(&str, &[&str])]) -> Vec<(&'static str, &'static str, String)> {
    let connection = database(name);
    let mut found = Vec::new();
    for (file, statements) in files {
        let only = of_others.iter().find(|(other, _)| other == file).map(|(_, names)| *names);
        for name in only.unwrap_or_default() {
            assert!(statements.iter().any(|(known, _)| known == name), "there is no {file}::{name}");
        }
        for (name, sql) in *statements {
            if only.is_some_and(|names| !names.contains(name)) || sql.starts_with("INSERT") {
                continue;
            }
            let steps = steps(&connection, &sql.replace('$', "?"));
            found.extend(steps.into_iter().map(|step| (*file, *name, step)));
        }
    }
    found
}

#[test]
fn no_page_reads_a_table_through() {
    let faults = plans("page-plans", PAGES, OF_OTHERS).into_iter().filter(|(file, name, step)| {
        // a bounded list made just before
        let scans = step.starts_with("SCAN") && step != "SCAN few";
        scans || (step.contains("TEMP B-TREE") && !SORTS.contains(&(*file, *name)))
    });
    assert_eq!(faults.collect::<Vec<_>>(), []);
}

/// What needs somebody is a handful among all: found by an index that holds nothing else.
#[test]
fn what_needs_a_merchant_is_found_by_its_own_index() {
    let plans = plans("attention-plans", PAGES, OF_OTHERS);
    for (file, name, index) in [
        ("attention", "PAYMENTS", "payments_parked"),
        ("attention", "CHARGES", "charges_parked"),
        ("attention", "CLAIMED", "charges_claimed"),
        ("attention", "FAILING", "deliveries_failing"),
        ("attention", "GIVEN_UP", "deliveries_parked"),
        ("payments", "PARKED_PAGE", "payments_parked"),
        ("charges", "PARKED_PAGE", "charges_parked"),
        ("charges", "CLAIMED", "charges_claimed"),
    ] {
        let found = plans.iter().any(|(of, known, step)| {
            (*of, *known) == (file, name)
                && step.starts_with("SEARCH")
                && step.contains(&format!("INDEX {index} (merchant_id=?"))
        });
        assert!(found, "{file}::{name} is not found by {index}");
    }
}

#[test]
fn no_page_of_an_operators_reads_a_large_table_through_or_sorts_one() {
    let plans = plans("operator-plans", OPERATORS, OF_OPERATORS);
    let is_excused = |file: &str, name: &str| SCANS.iter().any(|(of, known, _)| (*of, *known) == (file, name));
    let faults = plans.iter().filter(|(file, name, step)| {
        let scans = step.starts_with("SCAN") && !is_excused(file, name);
        // an index that is read from one end stands in for a sort
        let whole = step.starts_with("SCAN") && !step.contains("INDEX") && ["transfers", "charges"].contains(file);
        scans || whole || (step.contains("TEMP B-TREE") && !SORTS.contains(&(*file, *name)))
    });
    assert_eq!(faults.collect::<Vec<_>>(), Vec::<&(&str, &str, String)>::new());
    for (file, name, why) in SCANS {
        let scans = plans.iter().any(|(of, known, step)| (of, known) == (file, name) && step.starts_with("SCAN"));
        assert!(scans, "{file}::{name} is excused ({why}), and reads nothing through");
    }
}

#[test]
fn lists_of_operators_end() {
    for (name, sql) in super::overviews::STATEMENTS {
        let excused = WITHOUT_LIMIT.iter().any(|(known, _)| known == name);
        assert_eq!(sql.contains(" LIMIT $"), !excused, "{name}");
    }
}
