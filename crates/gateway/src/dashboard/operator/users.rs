//! `/operator/users`: everybody who signs in, by address.

use askama::Template;
use domain::UserId;

use crate::app::accounts::lower;
use crate::app::accounts::oversight::{Decision, OversightRefused, decide};
use crate::app::accounts::sessions::Person;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
#[cfg(test)]
use crate::dashboard::tests::Sample;
use crate::dashboard::viewer::Stamp;
use crate::store::{StoreError, Tx, memberships, users};

pub const PATH: &str = "/operator/users";
const ROWS: usize = 40;

struct Line {
    id: String,
    email: String,
    since: Stamp,
    is_confirmed: bool,
    has_second_factor: bool,
    is_operator: bool,
    disabled: Option<Stamp>,
    is_oneself: bool,
    merchants: Vec<(i64, String)>,
}

#[derive(Template)]
#[template(path = "dashboard/operator/users.html")]
struct Page {
    f: Frame,
    asked: String,
    lines: Vec<Line>,
    next: Option<String>,
    wrong: Option<Text>,
}

fn query(asked: &str, after: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", asked).append_pair("after", after);
    format!("{PATH}?{}", query.finish())
}

async fn compose(ask: &Ask, person: &Person, wrong: Option<Text>) -> Result<Page, Failed> {
    let (asked, after) = (lower(ask.query("q")), ask.query("after").to_owned());
    let limit = i64::try_from(ROWS).unwrap_or(i64::MAX).saturating_add(1);
    let (from, last) = (asked.clone(), after.clone());
    let read = |tx: &Tx<'_>| {
        let mut found = users::beginning_with(tx, &from, &last, limit)?;
        let more = found.len() > ROWS;
        found.truncate(ROWS);
        let found = found.into_iter().map(|listed| Ok((memberships::of_user(tx, &listed.user.id)?, listed)));
        Ok::<_, StoreError>((found.collect::<Result<Vec<_>, StoreError>>()?, more))
    };
    let (found, more) = ask.app().store.read(read).await?;
    let next = found.last().filter(|_| more).map(|(_, listed)| query(&asked, &listed.user.email));
    let lines = found.into_iter().map(|(merchants, listed)| Line {
        id: listed.user.id.to_string(),
        since: ask.viewer.time(listed.user.created_at),
        is_confirmed: listed.user.confirmed_at.is_some(),
        has_second_factor: listed.user.totp_secret.is_some(),
        is_operator: listed.user.is_operator,
        is_oneself: listed.user.id == person.user.id,
        disabled: listed.disabled_at.map(|at| ask.viewer.time(at)),
        email: listed.user.email,
        merchants: merchants.into_iter().map(|of| (of.number, of.name)).collect(),
    });
    let lines = lines.collect();
    Ok(Page { f: ask.frame(ask.w().text("nav-users").plain()), asked, lines, next, wrong })
}

pub async fn page(ask: Ask, person: Person) -> Answer {
    let page = compose(&ask, &person, None).await?;
    ask.show(&page)
}

pub async fn post(ask: Ask, person: Person) -> Answer {
    let id = UserId::parse(ask.id("id")).map_err(|_| Failed::NotFound)?;
    let (decision, said) = match ask.form.text("act") {
        "disable" => (Decision::Disable, "flash-user-disabled"),
        "enable" => (Decision::Enable, "flash-user-enabled"),
        "operator" => (Decision::MakeOperator, "flash-operator-added"),
        "no-operator" => (Decision::EndOperator, "flash-operator-ended"),
        _ => {
            let page = compose(&ask, &person, Some(ask.w().text("wrong-act"))).await?;
            return ask.show_again(&page);
        }
    };
    let (app, by) = (ask.app().clone(), person.user.clone());
    let wrong = match ask.app().store.write(move |tx: &Tx<'_>| decide(&app, tx, &by, &id, decision)).await {
        Ok(()) => return Ok(ask.go_saying(PATH, said)),
        Err(OversightRefused::Store(error)) => return Err(error.into()),
        Err(OversightRefused::NotThere) => return Err(Failed::NotFound),
        Err(OversightRefused::NotAllowed) => return Err(Failed::Forbidden),
        Err(OversightRefused::Oneself) => "wrong-oneself",
        Err(OversightRefused::NotReady) => "wrong-not-ready",
    };
    let page = compose(&ask, &person, Some(ask.w().text(wrong))).await?;
    ask.show_again(&page)
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    let sample: Sample = |app, _| {
        Box::pin(async move {
            let anybody = app.store.read(|tx| users::list(tx, "", 1)).await.unwrap().remove(0);
            format!("{PATH}/{}", anybody.id)
        })
    };
    vec![("/operator/users/{id}", sample)]
}
