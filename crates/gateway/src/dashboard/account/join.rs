//! `/join`: an invitation to a merchant's team.

use askama::Template;

use super::sign_up::link_is_over;
use crate::app::accounts::sign_up::Failed as SignUpFailed;
use crate::app::accounts::team::{Invitation, invitation, join};
use crate::dashboard::ask::Ask;
use crate::dashboard::client;
use crate::dashboard::frame::Frame;
use crate::dashboard::gate::LOG_IN;
use crate::dashboard::pages::{Answer, Failed};

#[derive(Template)]
#[template(path = "dashboard/account/join.html")]
struct Page {
    f: Frame,
    token: String,
    merchant: String,
    role: &'static str,
    email: String,
    /// Signed in as the one who is invited.
    is_his: bool,
    /// Has to sign in first.
    log_in: Option<String>,
    wrong: String,
    again_wrong: String,
}

fn form(ask: &Ask, token: &str, invitation: Invitation, (wrong, again_wrong): (String, String)) -> Page {
    let is_his = ask.person().is_some_and(|person| person.user.email == invitation.row.email);
    let next = format!("/join?token={token}");
    let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
    Page {
        f: ask.frame(ask.w().text("join-title").plain()),
        token: token.to_owned(),
        merchant: invitation.merchant,
        role: client::role_key(invitation.row.role),
        email: invitation.row.email,
        log_in: (invitation.has_account && !is_his).then(|| format!("{LOG_IN}?{next}")),
        is_his,
        wrong,
        again_wrong,
    }
}

pub async fn page(ask: Ask) -> Answer {
    let token = ask.query("token");
    match invitation(ask.app(), token).await? {
        Some(invitation) => ask.show(&form(&ask, token, invitation, Default::default())),
        None => link_is_over(&ask),
    }
}

pub async fn post(ask: Ask) -> Answer {
    let token = ask.form.text("token");
    let Some(invitation) = invitation(ask.app(), token).await? else { return link_is_over(&ask) };
    let own = ask.person().filter(|person| person.user.email == invitation.row.email);
    if own.is_none()
        && let Err(wrong) = super::new_password(&ask, &invitation.row.email)
    {
        return ask.show_again(&form(&ask, token, invitation, wrong));
    }
    let first = own.is_none().then(|| (ask.form.secret("new-password"), ask.w().lang.code()));
    match join(ask.app(), token, own.map(|person| &person.user.id), first).await {
        Ok(true) if own.is_some() => Ok(ask.go_saying(client::HOME, "flash-joined")),
        Ok(true) => Ok(ask.go_saying(LOG_IN, "flash-joined")),
        Ok(false) => link_is_over(&ask),
        Err(SignUpFailed::Busy) => Err(Failed::Unavailable),
        Err(SignUpFailed::Store(error)) => Err(error.into()),
    }
}
