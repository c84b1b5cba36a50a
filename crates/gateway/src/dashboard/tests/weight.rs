//! The heaviest a page can be with all that it loads, added up as a browser loads it: nothing kept from before, nothing packed.

use std::collections::BTreeSet;
use std::fmt::Write;

use domain::access::Role;
use domain::fiat::DEVISES;

use super::pages::WEIGHT;
use super::{Page, Site, merchant};
use crate::app::acts::Actor;
use crate::app::announcement::{self, Announcement};
use crate::checkout::messages::Lang;
use crate::dashboard::assets;
use crate::store::Tx;

/// Left for what the counts of trouble add, which are shown only where there is some: in Hindi, all of them are 1,206 bytes.
const SPARE: usize = 1_250;

/// The page, its style sheet and its scripts.
pub fn loaded(page: &Page) -> usize {
    let parts = assets::all().into_iter().filter(|asset| page.body.contains(&asset.path));
    page.body.len() + parts.map(|asset| asset.body.len()).sum::<usize>()
}

/// A quarter of a year, each day sold in each currency there is, in amounts that fill their place.
fn sold(site: &Site) {
    let (shop, today) = (site.shop.id.as_str(), site.app.now().day());
    let mut sql = String::from("BEGIN;");
    for day in today - 89..=today {
        for (state, count) in
            [("received", 98_765), ("settled", 87_654), ("withheld", 12), ("chargeback", 34), ("failed", 4_321)]
        {
            writeln!(sql, "INSERT INTO invoice_days VALUES ('{shop}', {day}, '{state}', {});", count + day % 7)
                .unwrap();
            for devise in DEVISES.iter().filter(|_| state != "failed") {
                let amount = 987_654_321_098 + day % 11;
                writeln!(sql, "INSERT INTO volume_days VALUES ('{shop}', {day}, '{devise}', '{state}', '{amount}');")
                    .unwrap();
            }
        }
    }
    rusqlite::Connection::open(site.path()).unwrap().execute_batch(&(sql + "COMMIT;")).unwrap();
}

/// The classes that a sheet says something about.
fn classes(sheet: &str) -> BTreeSet<&str> {
    let names = sheet.split('.').skip(1);
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    names.map(|rest| rest.split(ends).next().unwrap_or_default()).collect()
}

/// The page does without a sheet that only other pages need.
pub fn needs_no_parts(page: &Page, path: &str) {
    assert!(page.body.contains(&assets::STYLE.path) && !page.body.contains(&assets::PARTS.path), "{path}");
    let (base, parts) = (classes(assets::STYLE.body), classes(assets::PARTS.body));
    let used = page.body.split(" class=\"").skip(1).flat_map(|rest| rest.split('"').next().unwrap().split(' '));
    for class in used {
        assert!(base.contains(class) || !parts.contains(class), "{path}: .{class} is in parts.css alone");
    }
}

#[expect(clippy::print_stdout, reason = "docs/performance.md has the figure")]
#[tokio::test]
async fn a_merchants_heaviest_pages_are_light_enough() {
    let site = Site::new("weight").await;
    sold(&site);
    let mut roles = vec![(&site.shop, Role::Owner)];
    let others = [merchant(&site.app, &"Another of his shops ".repeat(3)).await, site.other.clone()];
    roles.extend(others.iter().map(|other| (other, Role::Owner)));
    let owner = site.person("somebody.with.a.long.address@shop.example", None, true, &roles).await;
    let session = site.session(&owner, Some(&site.shop), true).await;
    let words = "Payments by card are slower than usual today; nothing is lost. We tell you here when it is over.";
    let (app, now) = (site.app.clone(), site.app.now().0);
    let new = Announcement { text: words.into(), from: now, until: now + 1_000_000 };
    let put = move |tx: &Tx<'_>| announcement::set(&app, tx, Some(new), &Actor("test".into()));
    site.app.store.write(put).await.unwrap();
    let mut heaviest = (0, String::new());
    for lang in Lang::ALL {
        for path in ["/client/?days=7", "/client/?days=30", "/client/?days=90", "/client/profile", "/client/api"] {
            let path = format!("{path}{}lang={}", if path.contains('?') { '&' } else { '?' }, lang.code());
            let page = site.get(&path, &session).await;
            assert!(page.status == 200 && page.body.contains(words), "{path}: {}", page.status);
            assert!(page.body.contains(&format!("lang=\"{}\" dir", lang.code())));
            if !path.starts_with("/client/api") {
                needs_no_parts(&page, &path);
            }
            heaviest = heaviest.max((loaded(&page), path));
        }
    }
    println!("the heaviest: {heaviest:?}");
    assert!(heaviest.0 + SPARE < WEIGHT, "{heaviest:?}");
}
