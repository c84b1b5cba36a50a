//! Filters kept under a name: saved beside the list, and removed there.

use super::LIST;
use super::filter::Asked;
use crate::app::accounts::sessions::Desk;
use crate::app::saved_views::{SaveRefused, save as save_view};
use crate::dashboard::ask::Ask;
use crate::dashboard::pages::Answer;
use crate::store::Tx;
use crate::store::saved_views::{self, ViewRow};

/// A view as the list shows it.
pub struct View {
    pub name: String,
    pub path: String,
    pub is_here: bool,
}

pub fn shown(rows: Vec<ViewRow>, asked: &Asked) -> Vec<View> {
    let here = asked.query();
    let view =
        |row: ViewRow| View { path: format!("{LIST}?{}", row.query), is_here: row.query == here, name: row.name };
    rows.into_iter().map(view).collect()
}

pub async fn save(ask: Ask, desk: Desk) -> Answer {
    let (asked, name) = (Asked::sent(&ask), ask.form.text("name").to_owned());
    let view = ViewRow { name, query: asked.query() };
    let (worker, merchant, user) = (ask.app().clone(), desk.merchant.id.clone(), desk.person.user.id.clone());
    let saved = ask.app().store.write(move |tx: &Tx<'_>| save_view(&worker, tx, &merchant, &user, &view)).await;
    let said = match saved {
        Ok(()) => "flash-view-saved",
        Err(SaveRefused::Store(error)) => return Err(error.into()),
        Err(SaveRefused::Name) => "flash-bad-view-name",
        Err(SaveRefused::Nothing) => "flash-bad-view-nothing",
        Err(SaveRefused::TooMany) => "flash-bad-view-many",
    };
    Ok(ask.go_saying(&asked.link(LIST, None), said))
}

pub async fn remove(ask: Ask, desk: Desk) -> Answer {
    let (name, merchant, user) =
        (ask.form.text("name").to_owned(), desk.merchant.id.clone(), desk.person.user.id.clone());
    let remove = move |tx: &Tx<'_>| saved_views::remove(tx, &merchant, &user, &name);
    let removed = ask.app().store.write(remove).await?;
    Ok(if removed { ask.go_saying(LIST, "flash-view-removed") } else { ask.go(LIST) })
}
