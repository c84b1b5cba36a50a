//! `/account/find`: where somebody may go, by what is typed: pages, acts, and invoices of the merchant that is looked at. A form with links; where
//! there is script, `assets/palette.js` shows its list in a dialog on every page.

use askama::Template;
use domain::access::Permission;

use crate::app::accounts::sessions::Person;
use crate::app::search;
use crate::checkout::messages::Lang;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::client::money::{badge, minor};
use crate::dashboard::frame::{Frame, Item, is_here};
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::words::Words;
use crate::dashboard::{client, docs, operator};
use crate::store::overviews::{self, Listed};

pub const PATH: &str = "/account/find";
/// Invoices that are shown; the list has the rest.
const FEW: usize = 6;
const MERCHANTS: i64 = 6;
const LONGEST: usize = 200;

/// What may be done on a page.
pub const ACTS: &[Item] = &[
    Item { path: "/client/invoices/new", label: "inv-new", icon: "add", needs: Some(Permission::CreateInvoices) },
    Item { path: "/client/links", label: "find-new-link", icon: "link", needs: Some(Permission::CreateInvoices) },
    Item { path: "/client/api", label: "find-new-key", icon: "key", needs: Some(Permission::ManageApi) },
    Item { path: client::UPI, label: "upi-list", icon: "invoice", needs: Some(Permission::ConfirmUpi) },
    Item { path: client::PARKED, label: "parked-own", icon: "invoice", needs: Some(Permission::Refund) },
    Item {
        path: "/client/callbacks",
        label: "find-test-callback",
        icon: "callback",
        needs: Some(Permission::ManageCallbacks),
    },
    Item { path: "/client/profile", label: "find-wallet", icon: "shop", needs: Some(Permission::ManageProfile) },
    Item { path: "/client/team", label: "find-invite", icon: "team", needs: Some(Permission::ManageTeam) },
];

/// Of everybody's own.
pub const OWN_ACTS: &[Item] = &[
    Item { path: "/account/password", label: "reset-title", icon: "lock", needs: None },
    Item { path: "/account/second-factor", label: "factor-title", icon: "lock", needs: None },
    Item { path: docs::PATH, label: "docs-title", icon: "key", needs: None },
    Item { path: super::keys::PATH, label: "shortcuts-title", icon: "settings", needs: None },
];

/// A place to go to.
struct Place {
    label: String,
    detail: String,
    path: String,
    icon: &'static str,
}

struct Group {
    title: Text,
    places: Vec<Place>,
}

#[derive(Template)]
#[template(path = "dashboard/account/find.html")]
struct Page {
    f: Frame,
    q: String,
    groups: Vec<Group>,
}

/// What the palette shows.
#[derive(Template)]
#[template(path = "dashboard/account/found.html")]
struct List {
    w: Words,
    groups: Vec<Group>,
    count: Text,
}

pub async fn page(ask: Ask, person: Person) -> Answer {
    let (w, q) = (ask.w(), ask.query("q").chars().take(LONGEST).collect::<String>());
    let mut groups = vec![invoices(&ask, &q).await?];
    let desk = ask.desk.as_ref();
    let joined = ask.app().joined_to().is_some();
    let may = |item: &&Item| {
        is_here(joined, item) && item.needs.is_none_or(|needs| desk.is_some_and(|desk| desk.access.may(needs)))
    };
    let of_merchant = if desk.is_some() { client::NAV } else { &[] };
    let group = |title: &str, items: &mut dyn Iterator<Item = &'static Item>| {
        let places = items.filter(may).filter(|item| is_meant(w, item, &q)).map(|item| place(w, item)).collect();
        Group { title: w.text(title), places }
    };
    let of_sandbox = if ask.app().sandbox && desk.is_some() { &[client::SANDBOX][..] } else { &[] };
    groups.push(group("nav-label", &mut of_merchant.iter().chain(of_sandbox).chain(super::NAV)));
    if person.user.is_operator {
        groups.push(group("find-operators", &mut operator::NAV.iter()));
        groups.push(merchants(&ask, &q).await?);
    }
    groups.push(group("find-acts", &mut ACTS.iter().filter(|_| desk.is_some()).chain(OWN_ACTS)));
    groups.retain(|group| !group.places.is_empty());
    if ask.is_partial() {
        let found = groups.iter().map(|group| group.places.len()).sum();
        return ask.show(&List { w, groups, count: w.fill("find-count", &[w.count("count", client::count(found))]) });
    }
    ask.show(&Page { f: ask.frame(w.text("find-title").plain()), q, groups })
}

fn place(w: Words, item: &Item) -> Place {
    Place { label: w.text(item.label).plain(), detail: String::new(), path: item.path.to_owned(), icon: item.icon }
}

/// Whether each word typed stands in its name, in the viewer's language or in English.
fn is_meant(w: Words, item: &Item, q: &str) -> bool {
    let english = Words { lang: Lang::En }.text(item.label).plain();
    let names = format!("{} {english}", w.text(item.label).plain()).to_lowercase();
    q.to_lowercase().split_whitespace().all(|word| names.contains(word))
}

/// The merchants whose name or address holds what was typed.
async fn merchants(ask: &Ask, q: &str) -> Result<Group, Failed> {
    let mut group = Group { title: ask.w().text("nav-merchants"), places: Vec::new() };
    if !q.trim().is_empty() {
        let found = ask.app().store.read(|tx| overviews::merchants(tx, q.trim(), 0, MERCHANTS)).await?;
        group.places.extend(found.into_iter().map(|Listed { merchant, .. }| Place {
            label: merchant.name,
            detail: merchant.email,
            path: format!("{}/{}", operator::MERCHANTS, merchant.number),
            icon: "shop",
        }));
    }
    Ok(group)
}

/// The invoices that what was typed is an id, address, amount or hash of, and the way to their list.
async fn invoices(ask: &Ask, q: &str) -> Result<Group, Failed> {
    let w = ask.w();
    let mut group = Group { title: w.text("nav-invoices"), places: Vec::new() };
    let Some(desk) = ask.desk.as_ref().filter(|desk| desk.access.may(Permission::ViewInvoices)) else {
        return Ok(group);
    };
    let wanted = search::wanted(q);
    if q.is_empty() || wanted == search::Wanted::default() {
        return Ok(group);
    }
    let (app, merchant) = (ask.app(), &desk.merchant.id);
    let found = app.store.read(|tx| search::find(app, tx, merchant, &wanted, None, FEW)).await?;
    group.places.extend(found.rows.into_iter().map(|row| Place {
        label: w.fill("inv-title", &[w.ltr("number", row.invoice.number)]).plain(),
        detail: format!(
            "{} · {} · {}",
            minor(row.invoice.amount, &row.invoice.devise),
            badge(w, row.invoice.state).label.plain(),
            row.email
        ),
        path: client::invoice_path(row.invoice.number),
        icon: "invoice",
    }));
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    group.places.push(Place {
        label: w.fill("find-all", &[w.name("words", q)]).plain(),
        detail: String::new(),
        path: format!("{}?{query}", client::INVOICES),
        icon: "search",
    });
    Ok(group)
}
