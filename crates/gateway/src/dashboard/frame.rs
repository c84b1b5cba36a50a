//! What is around every page: navigation, who is signed in, where one is, what is to be said once.

use domain::access::{Access, Permission};

use super::account::keys;
use super::ask::Ask;
use super::assets::{self, Asset};
use super::viewer::Viewer;
use super::words::Words;
use super::{account, client, cookies, operator, switch};
use crate::checkout::messages::Lang;

/// A line of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    pub path: &'static str,
    /// A message's key.
    pub label: &'static str,
    /// A name of `templates/dashboard/icon.html`.
    pub icon: &'static str,
    /// Of the merchant's pages: shown to who may.
    pub needs: Option<Permission>,
}

#[derive(Debug, Clone)]
pub struct Link {
    pub label: String,
    pub path: String,
}

/// A line of the navigation as it is drawn.
#[derive(Debug, Clone)]
pub struct Entry {
    pub label: String,
    pub path: &'static str,
    pub icon: &'static str,
    pub is_here: bool,
    /// What is typed after `g` to come here.
    pub go: Option<char>,
}

/// The merchant that is looked at.
#[derive(Debug, Clone)]
pub struct Place {
    pub name: String,
    pub number: i64,
    /// Looked at by an operator.
    pub is_support: bool,
}

#[derive(Debug, Clone)]
pub struct Frame {
    pub w: Words,
    pub lang: Lang,
    pub viewer: Viewer,
    pub title: String,
    pub sandbox: bool,
    /// Its controls are open to everybody: there are pages of them.
    pub is_open_sandbox: bool,
    /// The way from a live gateway to its sandbox, or back.
    pub switch: Option<String>,
    pub csrf: String,
    pub nav: Vec<Entry>,
    pub crumbs: Vec<Link>,
    /// A message's key, and whether it is bad news.
    pub flash: Option<(String, bool)>,
    /// A line of the operator's, as he typed it.
    pub announcement: Option<String>,
    /// Why the operator has stopped the merchant that is looked at.
    pub stopped: Option<String>,
    pub email: Option<String>,
    pub is_operator: bool,
    pub place: Option<Place>,
    /// Other merchants of the person's: number and name.
    pub others: Vec<(i64, String)>,
    /// Needs the window's width also where nobody is signed in.
    pub is_wide: bool,
    /// The operator's pages, or a merchant's.
    pub is_operators: bool,
    pub styles: Vec<&'static Asset>,
    pub scripts: Vec<&'static Asset>,
    /// For pages that ask for parts of themselves; the palette loads it when it is opened.
    pub htmx: &'static Asset,
    /// Whether single keys lead to pages.
    pub keys: bool,
    pub languages: Vec<(Lang, String)>,
}

impl Frame {
    pub(super) fn new(ask: &Ask, title: String) -> Frame {
        let (w, person, desk) = (ask.w(), ask.person(), ask.desk.as_ref());
        let is_operator = person.is_some_and(|person| person.user.is_operator);
        let is_operators = is_operator && (ask.path.starts_with("/operator") || desk.is_none());
        let items = match (person, desk) {
            (None, _) => &[][..],
            (Some(_), Some(_)) if !is_operators => client::NAV,
            (Some(_), _) if is_operators => operator::NAV,
            (Some(_), _) => &[][..],
        };
        let joined = ask.app().joined_to().is_some();
        let may = |item: &&Item| {
            is_here(joined, item) && item.needs.is_none_or(|needs| desk.is_some_and(|desk| desk.access.may(needs)))
        };
        // of items that fit, the longest path is where one is; home is where one is at home only
        let is_home = |item: &Item| [client::HOME, operator::HOME].contains(&item.path);
        let fits = |item: &Item| {
            let below = || ask.path.starts_with(&format!("{}/", item.path.trim_end_matches('/')));
            ask.path == item.path || !is_home(item) && below()
        };
        let of_sandbox = (ask.app().sandbox && desk.is_some() && !is_operators).then_some(client::SANDBOX);
        let here = items.iter().chain(&of_sandbox).filter(|item| fits(item)).map(|item| item.path.len()).max();
        let mut nav: Vec<Entry> = items.iter().filter(may).map(|item| entry(w, item, here, &fits)).collect();
        nav.extend(of_sandbox.iter().map(|item| entry(w, item, here, &fits)));
        if person.is_some() {
            nav.extend(account::NAV.iter().filter(may).map(|item| entry(w, item, Some(item.path.len()), &fits)));
        }
        let flash = ask.flash.as_deref().filter(|key| key.starts_with("flash-") && w.has(key));
        let place = desk.filter(|_| !is_operators).map(|desk| Place {
            name: desk.merchant.name.clone(),
            number: desk.merchant.number,
            is_support: desk.access == Access::SupportView,
        });
        let here = place.as_ref().map(|place| place.number);
        let others = person.iter().flat_map(|person| &person.merchants).filter(|of| Some(of.number) != here);
        Frame {
            others: others.map(|of| (of.number, of.name.clone())).collect(),
            w,
            lang: w.lang,
            viewer: ask.viewer.clone(),
            title,
            sandbox: ask.app().sandbox,
            is_open_sandbox: ask.app().is_open_sandbox(),
            switch: switch::way(ask, !is_operators),
            csrf: ask.csrf.clone(),
            nav,
            crumbs: Vec::new(),
            flash: flash.map(|key| (key.to_owned(), key.starts_with("flash-bad-"))),
            announcement: ask.announcement.clone(),
            stopped: desk
                .filter(|_| !is_operators)
                .and_then(|desk| Some(desk.merchant.stopped.as_ref()?.reason.clone())),
            email: person.map(|person| person.user.email.clone()),
            is_operator,
            place,
            is_wide: false,
            is_operators,
            styles: vec![&assets::STYLE, &assets::PARTS],
            scripts: match person {
                Some(_) => vec![&assets::SCRIPT, &assets::PALETTE],
                None => vec![&assets::SCRIPT],
            },
            htmx: &assets::HTMX,
            keys: cookies::get(ask.app(), &ask.headers, cookies::KEYS) != Some("off"),
            languages: Lang::ALL.map(|lang| (lang, language_link(ask, lang))).into(),
        }
    }

    /// Without the parts that only other pages are made of: the heaviest pages are light all the same.
    #[must_use]
    pub fn light(mut self) -> Frame {
        self.styles = vec![&assets::STYLE];
        self
    }

    /// A page that this one lies under; from the outermost on.
    #[must_use]
    pub fn under(mut self, label: impl Into<String>, path: impl Into<String>) -> Frame {
        self.crumbs.push(Link { label: label.into(), path: path.into() });
        self
    }
}

/// Whether a sandbox has this page itself: of one that is joined to a live gateway, people and teams are there.
pub fn is_here(joined: bool, item: &Item) -> bool {
    !joined || switch::page_at_live(item.path).is_none()
}

fn entry(w: Words, item: &Item, here: Option<usize>, fits: &dyn Fn(&Item) -> bool) -> Entry {
    let is_here = fits(item) && here == Some(item.path.len());
    Entry { label: w.text(item.label).plain(), path: item.path, icon: item.icon, is_here, go: keys::go(item.path) }
}

/// The same page in another language.
fn language_link(ask: &Ask, lang: Lang) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    // a link's secret is not repeated
    let rest = ask.query.iter().filter(|(name, _)| !["lang", "token", "next", "ticket"].contains(&name.as_str()));
    query.extend_pairs(rest).append_pair("lang", lang.code());
    format!("?{}", query.finish())
}
