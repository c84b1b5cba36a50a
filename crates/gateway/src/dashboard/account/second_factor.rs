//! `/account/second-factor`: codes of an app beside the password. `/account/recovery-codes`: others for who has lost it.

use askama::Template;

use crate::app::accounts::passwords::prove;
use crate::app::accounts::second_factor::{Offer, is_guarded, offer, renew_codes, turn_off, turn_on};
use crate::app::accounts::sessions::Person;
use crate::app::accounts::sign_in::Refused;
use crate::checkout::qr;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::store::{StoreError, Tx, recovery_codes};

/// A picture of ours: black and white squares.
struct Svg(String);

impl std::fmt::Display for Svg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Svg {}

#[derive(Template)]
#[template(path = "dashboard/account/second_factor.html")]
struct Page {
    f: Frame,
    is_on: bool,
    offer: Offer,
    picture: Svg,
    wrong: String,
}

#[derive(Template)]
#[template(path = "dashboard/account/recovery_codes.html")]
struct CodesPage {
    f: Frame,
    codes: Vec<String>,
}

#[derive(Template)]
#[template(path = "dashboard/account/recovery_new.html")]
struct NewCodesPage {
    f: Frame,
    is_guarded: bool,
    left: i64,
    wrong: String,
}

fn form(ask: &Ask, person: &Person, wrong: String) -> Result<Page, Failed> {
    let w = ask.w();
    let offer = offer(ask.app(), person)?;
    let picture = qr::svg(&offer.link, &w.text("factor-scan").plain());
    Ok(Page {
        f: ask.frame(w.text("factor-title").plain()).under(w.text("nav-account").plain(), super::HOME),
        is_on: person.user.totp_secret.is_some(),
        picture: Svg(picture.unwrap_or_default()),
        offer,
        wrong,
    })
}

/// The codes, which are shown this once.
fn shown(ask: &Ask, codes: Vec<String>) -> Answer {
    let w = ask.w();
    let f = ask.frame(w.text("recovery-title").plain()).under(w.text("nav-account").plain(), super::HOME);
    ask.show(&CodesPage { f, codes })
}

pub async fn page(ask: Ask, person: Person) -> Answer {
    ask.show(&form(&ask, &person, String::new())?)
}

pub async fn on(ask: Ask, person: Person) -> Answer {
    match turn_on(ask.app(), &person, ask.form.text("secret"), ask.form.text("code")).await? {
        Some(codes) => shown(&ask, codes),
        // the same secret again would have to be trusted to the page: it is scanned anew
        None => ask.show_again(&form(&ask, &person, ask.w().text("factor-wrong").plain())?),
    }
}

pub async fn off(ask: Ask, person: Person) -> Answer {
    match prove(ask.app(), &person, ask.form.secret("password")).await {
        Ok(()) => {
            turn_off(ask.app(), &person).await?;
            Ok(ask.go_saying(super::HOME, "flash-factor-off"))
        }
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => {
            let wrong = super::refused(&ask, &refused, "password-wrong").plain();
            ask.show_again(&form(&ask, &person, wrong)?)
        }
    }
}

async fn new_codes_form(ask: &Ask, person: &Person, wrong: String) -> Result<NewCodesPage, Failed> {
    let id = &person.user.id;
    let read = |tx: &Tx<'_>| Ok::<_, StoreError>((is_guarded(tx, id)?, recovery_codes::count(tx, id)?));
    let (is_guarded, left) = ask.app().store.read(read).await?;
    let w = ask.w();
    let f = ask.frame(w.text("recovery-new").plain()).under(w.text("nav-account").plain(), super::HOME);
    Ok(NewCodesPage { f, is_guarded, left, wrong })
}

pub async fn new_codes_page(ask: Ask, person: Person) -> Answer {
    let page = new_codes_form(&ask, &person, String::new()).await?;
    ask.show(&page)
}

/// With the password: who found a browser open does not end the owner's codes and take his own.
pub async fn new_codes(ask: Ask, person: Person) -> Answer {
    let wrong = match prove(ask.app(), &person, ask.form.secret("password")).await {
        Ok(()) => match renew_codes(ask.app(), &person).await? {
            Some(codes) => return shown(&ask, codes),
            None => String::new(),
        },
        Err(Refused::Store(error)) => return Err(error.into()),
        Err(refused) => super::refused(&ask, &refused, "password-wrong").plain(),
    };
    let page = new_codes_form(&ask, &person, wrong).await?;
    ask.show_again(&page)
}
