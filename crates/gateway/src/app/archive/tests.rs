//! Two runs at once, rows that change meanwhile, and a file that is of another database.

use std::path::PathBuf;

use domain::merchant::{Merchant, Wallet};

use super::*;
use crate::app::SharedApp;
use crate::app::audit::{audit, check_files};
use crate::app::invoices::{create, expire_due};
use crate::app::testing::{app, new_invoice};
use crate::store::events::{self, EventRow};
use crate::wire::create::Devise;

/// So many invoices that nobody paid, all expired.
async fn shop(name: &str, count: usize) -> (SharedApp, Merchant) {
    let (app, merchant) = app(name, Wallet::Missing).await;
    for _ in 0..count {
        let new = new_invoice("a@example.com", 1_000, Devise::Usd);
        create(&app, std::sync::Arc::new(merchant.clone()), new).await.unwrap();
    }
    app.clock.advance(15 * 86_400_000);
    while expire_due(&app).await.unwrap() > 0 {}
    (app, merchant)
}

fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("lockgate-{name}-{}.archive", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

async fn run(app: &SharedApp, path: &Path) -> Result<Moved, StoreError> {
    let now = app.now();
    archive(&app.store, path, &app.random.id("arc_", now.0), now.plus(1), now, &Actor("test".into())).await
}

async fn proven(app: &SharedApp, paths: &[&Path]) -> usize {
    let files: Vec<File> = paths.iter().map(|path| File::look_at(path).unwrap()).collect();
    let named: Vec<&File> = files.iter().collect();
    let prove = |tx: &Tx<'_>| {
        let mut report = audit(tx)?;
        let looked = check_files(tx, &named, &mut report)?;
        Ok::<_, StoreError>((report.findings, looked))
    };
    let (findings, looked) = app.store.read(prove).await.unwrap();
    assert_eq!((findings, looked.elsewhere), (Vec::new(), 0));
    usize::try_from(looked.events).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_share_what_there_is() {
    let (app, _) = shop("archive-two", 350).await;
    let (one, other) = (scratch("archive-one"), scratch("archive-other"));
    let (first, second) = futures_util::future::join(run(&app, &one), run(&app, &other)).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    // a step that both had read is left by one of them to the next run
    let last = run(&app, &one).await.unwrap();
    assert_eq!(first.items + second.items + last.items, 350);
    assert_eq!(proven(&app, &[&one, &other]).await, 700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_written_by_one() {
    let (app, _) = shop("archive-locked", 1).await;
    let path = scratch("archive-locked");
    let held = File::open_or_make(&path, "arc_1", app.now()).unwrap();
    assert!(run(&app, &path).await.unwrap_err().to_string().contains("is being written to"));
    drop(held);
    assert_eq!(run(&app, &path).await.unwrap().items, 1);
}

/// What an interrupted run leaves: in the file, and still in the database.
async fn begun(app: &SharedApp, merchant: &Merchant, path: &Path) -> i64 {
    let file = File::open_or_make(path, "arc_1", app.now()).unwrap();
    let items = app.store.read(|tx| {
        let found = archive::with_events(tx, &merchant.id, Subject::Invoice, 0, 100)?;
        let item = |(number, _): &(i64, Time)| archive::item(tx, &merchant.id, About::invoice(*number));
        found.iter().map(item).collect::<Result<Vec<_>, _>>()
    });
    let items = items.await.unwrap();
    let segment = Segment::of(&merchant.id, Subject::Invoice, &items).unwrap();
    file.add(&segment, &items, &(0, String::new())).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_stays() {
    let (app, merchant) = shop("archive-changed", 3).await;
    let path = scratch("archive-changed");
    begun(&app, &merchant, &path).await;
    let event = EventRow {
        merchant_id: merchant.id.clone(),
        about: About::invoice(2),
        seq: 3,
        id: domain::EventId::new(app.random.ulid(0)),
        status: "invoice:created".into(),
        body: "{}".into(),
        at: app.now(),
    };
    app.store.write(move |tx| events::insert(tx, &event)).await.unwrap();
    // the step is forgotten; the two that are as they were leave, and the one that is not as it should be stays
    let moved = run(&app, &path).await.unwrap();
    assert_eq!((moved.items, moved.finished), (2, 0));
    let numbers =
        File::look_at(&path).unwrap().segment(1).unwrap().1.iter().map(|item| item.number).collect::<Vec<_>>();
    assert_eq!(numbers, [1, 3]);
    let there = app.store.read(|tx| events::of(tx, &merchant.id, About::invoice(2))).await.unwrap();
    assert_eq!(there.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_copy_is_never_forgotten() {
    let (app, merchant) = shop("archive-only", 3).await;
    let path = scratch("archive-only");
    begun(&app, &merchant, &path).await;
    // a database of the same merchant that knows nothing of these invoices: as after a restore of an old backup
    let (other, _) = shop("archive-restored", 0).await;
    let refused = run(&other, &path).await.unwrap_err().to_string();
    assert!(refused.contains("none is known to have left"), "{refused}");
    assert_eq!(File::look_at(&path).unwrap().segment(1).unwrap().1.len(), 3);
}
