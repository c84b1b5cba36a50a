//! How SQLite finds what pages ask for: each statement by an index, none by reading a table through, none by sorting.

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
];

/// Of files that others use too: only these are run by pages.
const OF_OTHERS: &[(&str, &[&str])] = &[
    ("attempts", &["OF_INVOICE"]),
    ("charges", &["OF_INVOICE"]),
    ("coin_refunds", &["OF_INVOICE"]),
    ("deliveries", &["LIST", "ATTEMPTS"]),
    ("disputes", &["OF_CHARGE"]),
    ("events", &["OF"]),
    ("flushes", &["OF_ATTEMPT"]),
    ("invoices", &["BY_NUMBER", "LATEST_NUMBER"]),
    ("payer_mails", &["SINCE", "SINCE_ALL", "END"]),
    ("payments", &["OF_INVOICE"]),
    ("settlements", &["BEFORE", "BY_NUMBER", "ITEMS"]),
    ("transfers", &["OF_SUBJECT", "BY_ID", "BY_NONCE", "WANTED_OF"]),
    ("chain_txs", &["BY_HASH"]),
    ("audit_log", &["ABOUT", "ABOUT_OF"]),
    ("ledger", &["ACCOUNTS", "LAST", "BY_CAUSE"]),
    ("funds", &["BY_NUMBER", "BY_TX", "DAY_DESC"]),
    ("payouts", &["BY_NUMBER", "DAY_DESC", "AFTER"]),
    ("payout_days", &["DAYS"]),
];

/// What is sorted is what belongs to one invoice, one charge, one merchant's accounts, or one transaction: a handful.
const SORTS: &[(&str, &str)] = &[
    ("attempts", "OF_INVOICE"),
    ("charges", "OF_INVOICE"),
    ("coin_refunds", "OF_INVOICE"),
    ("disputes", "OF_CHARGE"),
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
    // the invoices of one transaction, of one settlement
    ("search", "PAID_BY"),
    ("search", "SETTLED_IN"),
];

#[test]
fn no_page_reads_a_table_through() {
    let path = std::env::temp_dir().join(format!("lockgate-page-plans-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let connection = open::writer_connection(&path).unwrap();
    let mut faults = Vec::new();
    for (file, statements) in PAGES {
        let only = OF_OTHERS.iter().find(|(other, _)| other == file).map(|(_, names)| *names);
        if let Some(names) = only {
            for name in names {
                assert!(statements.iter().any(|(known, _)| known == name), "there is no {file}::{name}");
            }
        }
        for (name, sql) in *statements {
            if only.is_some_and(|names| !names.contains(name)) || sql.starts_with("INSERT") {
                continue;
            }
            let sql = format!("EXPLAIN QUERY PLAN {}", sql.replace('$', "?"));
            let mut plan = connection.prepare(&sql).unwrap();
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
            for step in steps {
                // a bounded list made just before
                let scans = step.starts_with("SCAN") && step != "SCAN few";
                let sorts = step.contains("TEMP B-TREE") && !SORTS.contains(&(*file, *name));
                if scans || sorts {
                    faults.push(format!("{file}::{name}: {step}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
