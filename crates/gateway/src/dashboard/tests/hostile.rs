//! Hostile words in each field of each form, and in each name that a query is read by: no page says them as they are, then or later.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use domain::access::Role;

use super::people::last_token;
use super::read_forms::{Field, Form, forms};
use super::words::files;
use super::{HOSTILE, Page, Session, Site, rows};
use crate::app::accounts::passwords;
use crate::dashboard::route::{Method, Needs, Route};

/// Short enough for what is kept short.
const SHORT: &str = "\"><script>alert(1)</script>";

/// Whoever may do everything: in his own browser, before the second step, and as one who is not signed in.
struct Walker {
    site: Site,
    own: Session,
    half: Session,
    stranger: Session,
    people: usize,
}

impl Walker {
    async fn new(name: &str) -> Walker {
        let site = Site::new(name).await;
        let stranger = site.stranger().await;
        let mut walker = Walker { site, stranger, own: Session::default(), half: Session::default(), people: 0 };
        walker.renew().await;
        walker
    }

    /// Somebody new: some forms end a session, look at another merchant, or take a right away.
    async fn renew(&mut self) {
        self.people += 1;
        let (site, email) = (&self.site, format!("boss-{}@shop.example", self.people));
        let boss = site.person(&email, None, true, &[(&site.shop, Role::Owner)]).await;
        self.own = site.session(&boss, Some(&site.shop), true).await;
        self.half = site.session(&boss, Some(&site.shop), false).await;
    }

    /// Whose browser asks for this path.
    fn who(&self, path: &str) -> &Session {
        match rows(|route| leads_to(route, path)).first() {
            Some(route) if route.needs == Needs::Public && path.starts_with("/login/code") => &self.half,
            Some(route) if route.needs == Needs::Public => &self.stranger,
            _ => &self.own,
        }
    }

    async fn get(&mut self, path: &str) -> Page {
        let page = self.site.get(path, self.who(path)).await;
        if !page.location().starts_with("/login") && page.status != 403 {
            return page;
        }
        self.renew().await;
        self.site.get(path, self.who(path)).await
    }

    async fn post(&self, action: &str, has_file: bool, fields: &[(&str, &str)]) -> Page {
        let (site, who) = (&self.site, self.who(action));
        if has_file {
            return site.upload(action, who, ("<script>alert(1)</script>.png", "text/html"), HOSTILE.as_bytes()).await;
        }
        site.post(action, who, fields).await
    }

    /// Sends a form, and looks at what it leads to.
    async fn send(&mut self, action: &str, has_file: bool, fields: &[(&str, &str)]) {
        let said = format!("{action} with {fields:?}");
        let mut page = self.post(action, has_file, fields).await;
        if page.status == 403 || page.location().starts_with("/login") {
            self.renew().await;
            page = self.post(action, has_file, fields).await;
        }
        harmless(&page, &said);
        assert_ne!(page.status, 403, "{said}");
        let there = page.location().to_owned();
        if !there.is_empty() {
            harmless(&self.get(&there).await, &format!("{there} after {said}"));
        }
        if action.ends_with("/stop") {
            // its own pages say why; then nothing new would begin
            harmless(&self.get("/client/").await, &format!("/client/ after {said}"));
            self.site.post(action, &self.own, &[("act", "resume")]).await;
        }
    }
}

/// Whether the row answers at this path.
fn leads_to(route: &Route, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let (of_row, of_path) = (route.path.split('/').collect::<Vec<_>>(), path.split('/').collect::<Vec<_>>());
    of_row.len() == of_path.len()
        && of_row.iter().zip(&of_path).all(|(row, path)| row == path || row.starts_with('{') && !path.is_empty())
}

fn harmless(page: &Page, said: &str) {
    assert!(page.status < 500, "{said}: {}", page.status);
    let there = page.location();
    assert!(there.is_empty() || there.starts_with('/') && !there[1..].starts_with(['/', '\\']), "{said}: to {there}");
    for (name, value) in &page.headers {
        assert!(!value.as_bytes().contains(&b'<'), "{said}: {name}");
    }
    let kind = page.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
    if kind.starts_with("text/html") {
        for raw in ["<script>", "<img src=x", "\"'>", "\"'&"] {
            assert!(!page.body.contains(raw), "{said}: {raw} in {}", page.body);
        }
    }
}

/// Names that stand in the source of pages as the argument of one of `calls`, in one part or in all.
fn names_in_source(part: &str, calls: &[&str]) -> BTreeSet<String> {
    let mut sources = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dashboard").join(part), &mut sources);
    let texts = sources.iter().filter(|(path, _)| !path.contains("/tests/")).map(|(_, text)| text);
    let names = texts.flat_map(|text| calls.iter().flat_map(move |call| text.split(*call).skip(1)));
    names.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).filter(|name| !name.contains(' ')).collect()
}

/// How pages read a query, in a function of their own too.
const QUERY: &[&str] = &[".query(\"", "said(\"", "one_of(\"", "place(\"", "day(\"", "given(\""];
const FORM: &[&str] = &["form.text(\"", "form.raw(\"", "form.secret(\"", "form.all(\"", "form.is_ticked(\""];

fn with(path: &str, pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' })
}

/// Pages that only a mail, or a search, leads to.
async fn led_to(walker: &Walker) -> Vec<String> {
    let Walker { site, own, stranger, .. } = walker;
    site.post("/client/team/invite", own, &[("email", "new@shop.example"), ("role", "support")]).await;
    let (email, password) = ("sign-up@shop.example", "a long enough password");
    let fields = [("email", email), ("company", HOSTILE), ("new-password", password), ("again", password)];
    site.post("/signup", stranger, &fields).await;
    let forgotten = "forgetful@shop.example";
    site.person(forgotten, Some(password), false, &[]).await;
    passwords::forgot(&site.app, forgotten).await.unwrap();
    vec![
        format!("/join?token={}", last_token(site, "new@shop.example").await),
        format!("/confirm?token={}", last_token(site, email).await),
        format!("/reset?token={}", last_token(site, forgotten).await),
        "/client/invoices?state=created".into(),
    ]
}

/// Each form once: what differs in its address only is the same form.
async fn every_form(walker: &mut Walker, gets: &[Arc<Route>]) -> Vec<(String, Form)> {
    let mut paths = led_to(walker).await;
    for route in gets {
        paths.push(walker.site.sample(route, &walker.site.shop).await);
    }
    let (mut seen, mut found, mut at) = (BTreeSet::new(), Vec::new(), 0);
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        let page = walker.get(&path).await;
        let is_html = page.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let here = path.split('?').next().unwrap_or_default();
        for form in if is_html { forms(&page.body, here) } else { Vec::new() } {
            let method = if form.is_post { Method::Post } else { Method::Get };
            let row = rows(|route| route.method == method && leads_to(route, &form.action)).pop();
            let row = row.unwrap_or_else(|| panic!("a form of {path} leads to {}, which is no row", form.action));
            let names: Vec<_> = form.fields.iter().map(|field| field.name.clone()).collect();
            if seen.insert((row.path, names, form.buttons.clone())) {
                if !form.is_post {
                    paths.push(with(&form.action, form.fields.iter().map(|of| (of.name.clone(), of.value.clone()))));
                }
                found.push((path.clone(), form));
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_typed_into_any_form_is_shown_escaped() {
    let mut walker = Walker::new("hostile-forms").await;
    let gets = rows(|route| route.method == Method::Get);
    let all = every_form(&mut walker, &gets).await;
    let posts: Vec<_> = all.iter().filter(|(_, form)| form.is_post).collect();
    assert!(posts.len() > 30, "{}", posts.len());
    let mut names = names_in_source("", FORM);
    for (path, form) in &posts {
        assert!(form.fields.iter().any(|field| field.name == "csrf"), "a form of {path} has no token: {form:?}");
        let fields: Vec<_> = form.fields.iter().filter(|field| field.name != "csrf").collect();
        names.extend(fields.iter().map(|field| field.name.clone()));
        let buttons: Vec<Option<&(String, String)>> =
            if form.buttons.is_empty() { vec![None] } else { form.buttons.iter().map(Some).collect() };
        for button in buttons {
            let button = button.map(|(name, value)| (name.as_str(), value.as_str()));
            let filled = |evil: &'static str, is_evil: &dyn Fn(&Field) -> bool| {
                let pairs =
                    fields.iter().map(|field| (&*field.name, if is_evil(field) { evil } else { &*field.value }));
                pairs.chain(button).collect::<Vec<_>>()
            };
            for evil in [HOSTILE, SHORT] {
                let all = filled(evil, &|field| field.is_typed);
                walker.send(&form.action, form.has_file, &all).await;
            }
            // and each field alone: one that is refused would hide the others
            for one in &fields {
                let alone = filled(SHORT, &|field| field.name == one.name);
                walker.send(&form.action, form.has_file, &alone).await;
            }
        }
    }
    // every row, with all that any form has: also where no page shows a form now
    assert!(names.len() > 40, "{names:?}");
    let blunt: Vec<_> = names.iter().filter(|name| *name != "csrf").map(|name| (name.as_str(), HOSTILE)).collect();
    for route in rows(|route| route.method == Method::Post) {
        let path = walker.site.sample(&route, &walker.site.shop).await;
        walker.send(&path, false, &blunt).await;
    }
    // and what was kept, wherever it is shown
    for route in gets {
        let path = walker.site.sample(&route, &walker.site.shop).await;
        harmless(&walker.get(&path).await, &format!("{path} at the end"));
    }
}

#[tokio::test]
async fn what_stands_in_any_query_is_shown_escaped_and_leads_nowhere_else() {
    let mut walker = Walker::new("hostile-queries").await;
    let gets = rows(|route| route.method == Method::Get);
    let found = every_form(&mut walker, &gets).await;
    for route in gets {
        let part = route.path.split('/').nth(1).unwrap_or_default();
        let part = if ["client", "operator", "docs"].contains(&part) { part } else { "account" };
        let mut names = names_in_source(part, QUERY);
        let own = found.iter().filter(|(_, form)| !form.is_post && leads_to(&route, &form.action));
        names.extend(own.flat_map(|(_, form)| form.fields.iter().map(|field| field.name.clone())));
        names.extend(["lang".to_owned(), "next".to_owned()]);
        let known = if part == "account" { "token" } else { "q" };
        assert!(names.contains(known), "{part}: {names:?}");
        let path = walker.site.sample(&route, &walker.site.shop).await;
        for evil in [HOSTILE, "//evil.example/<script>", "javascript:alert(1)//<script>"] {
            // of a file only the headers are looked at
            let each = names.iter().map(|name| vec![name]).filter(|_| !route.path.contains('.'));
            let each = each.chain([names.iter().collect()]);
            for names in each.filter(|names| evil == HOSTILE || names.iter().any(|name| *name == "next")) {
                let asked = with(&path, names.iter().map(|name| ((*name).clone(), evil.to_owned())));
                let page = walker.get(&asked).await;
                harmless(&page, &asked);
                for way in ["href=\"//evil", "href=\"javascript:", "action=\"//evil", "action=\"javascript:"] {
                    assert!(!page.body.contains(way), "{asked}: {way}");
                }
                assert!(!page.body.contains("name=\"next\" value=\"/"), "{asked} is led away");
            }
        }
    }
}
