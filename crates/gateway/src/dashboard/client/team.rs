//! `/client/team`: a merchant's people.

use askama::Template;
use domain::UserId;
use domain::access::{Permission, Role};

use super::{TEAM, role_key};
use crate::app::accounts::sessions::Desk;
use crate::app::accounts::team::{self, Refused, people};
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::viewer::Stamp;
use crate::wire::email;

struct Member {
    id: String,
    email: String,
    /// The message with the role's name.
    role: &'static str,
    /// Whether who looks may give him another role, or take him off.
    may: bool,
    since: Stamp,
    has_second_factor: bool,
    is_self: bool,
}

struct Invited {
    id: String,
    email: String,
    role: &'static str,
    until: Stamp,
}

#[derive(Template)]
#[template(path = "dashboard/client/team.html")]
struct Page {
    f: Frame,
    may: bool,
    members: Vec<Member>,
    invited: Vec<Invited>,
    /// The roles that who looks may give: as forms say them, and the messages.
    roles: Vec<(&'static str, &'static str)>,
    email: String,
    wrong: String,
}

async fn form(ask: &Ask, desk: &Desk, wrong: String) -> Result<Page, Failed> {
    let (members, invited) = people(ask.app(), &desk.merchant.id).await?;
    let viewer = &ask.viewer;
    let own = desk.person.merchants.iter().find(|of| of.merchant_id == desk.merchant.id).map(|of| of.role);
    let members = members.into_iter().map(|member| Member {
        is_self: member.user_id == desk.person.user.id,
        id: member.user_id.to_string(),
        email: member.email,
        role: role_key(member.role),
        may: own.is_some_and(|own| own.may_appoint(member.role)),
        since: viewer.time(member.since),
        has_second_factor: member.has_second_factor,
    });
    let invited = invited.into_iter().map(|row| Invited {
        role: role_key(row.role),
        until: viewer.time(row.expires_at),
        id: row.id,
        email: row.email,
    });
    Ok(Page {
        f: ask.frame(ask.w().text("nav-team").plain()),
        may: desk.access.may(Permission::ManageTeam),
        members: members.collect(),
        invited: invited.collect(),
        roles: Role::ALL
            .into_iter()
            .filter(|role| own.is_some_and(|own| own.may_appoint(*role)))
            .map(|role| (role.name(), role_key(role)))
            .collect(),
        email: ask.form.text("email").to_owned(),
        wrong,
    })
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    ask.show(&form(&ask, &desk, String::new()).await?)
}

/// What came of a change: another page, or this one with what was wrong.
async fn done(ask: &Ask, desk: &Desk, result: Result<(), Refused>, key: &str) -> Answer {
    let wrong = match result {
        Ok(()) => return Ok(ask.go_saying(TEAM, key)),
        Err(Refused::NotThere) => return Err(Failed::NotFound),
        Err(Refused::NotYours) => return Err(Failed::Forbidden),
        Err(Refused::Store(error)) => return Err(error.into()),
        Err(Refused::LastOwner) => ask.w().text("team-last-owner"),
        Err(Refused::AlreadyMember) => ask.w().text("team-already"),
    };
    ask.show_again(&form(ask, desk, wrong.plain()).await?)
}

pub async fn invite(ask: Ask, desk: Desk) -> Answer {
    let (address, role) = (ask.form.text("email"), Role::parse(ask.form.text("role")));
    let (true, Some(role)) = (email::is_valid(address), role) else {
        let wrong = ask.w().text("email-wrong").plain();
        return ask.show_again(&form(&ask, &desk, wrong).await?);
    };
    let result = team::invite(ask.app(), &desk, address, role).await;
    done(&ask, &desk, result, "flash-invited").await
}

fn member(ask: &Ask) -> Result<UserId, Failed> {
    UserId::parse(ask.id("user")).map_err(|_| Failed::NotFound)
}

pub async fn change(ask: Ask, desk: Desk) -> Answer {
    let member = member(&ask)?;
    let result = match Role::parse(ask.form.text("role")) {
        Some(role) => team::change(ask.app(), &desk, &member, Some(role)).await,
        None => Err(Refused::NotThere),
    };
    done(&ask, &desk, result, "flash-role-changed").await
}

pub async fn remove(ask: Ask, desk: Desk) -> Answer {
    let result = team::change(ask.app(), &desk, &member(&ask)?, None).await;
    done(&ask, &desk, result, "flash-removed").await
}

pub async fn withdraw(ask: Ask, desk: Desk) -> Answer {
    let result = team::withdraw(ask.app(), &desk, ask.id("id")).await;
    done(&ask, &desk, result, "flash-withdrawn").await
}

#[cfg(test)]
pub mod samples {
    use std::pin::Pin;

    use domain::access::Role;
    use domain::merchant::Merchant;

    use crate::app::SharedApp;
    use crate::app::accounts::sign_up::new_user;
    use crate::store::invitations::{self, InvitationRow};
    use crate::store::{StoreError, Tx, memberships, users};

    type Path = Pin<Box<dyn Future<Output = String> + Send>>;

    async fn path(app: SharedApp, merchant: Merchant, rest: &'static str) -> String {
        let made = app.clone();
        let make = move |tx: &Tx<'_>| {
            let email = format!("{}@sample.example", made.random.id("a", 0).to_lowercase());
            let user = new_user(&made, &email, None);
            users::insert(tx, &user)?;
            memberships::insert(tx, &merchant.id, &user.id, Role::Support, made.now())?;
            Ok::<_, StoreError>(format!("/client/team/members/{}{rest}", user.id))
        };
        app.store.write(make).await.unwrap()
    }

    pub fn member(app: SharedApp, merchant: Merchant) -> Path {
        Box::pin(path(app, merchant, ""))
    }

    pub fn member_to_remove(app: SharedApp, merchant: Merchant) -> Path {
        Box::pin(path(app, merchant, "/remove"))
    }

    pub fn invitation(app: SharedApp, merchant: Merchant) -> Path {
        Box::pin(async move {
            let row = InvitationRow {
                id: app.random.id("ivt", 0),
                merchant_id: merchant.id,
                email: format!("{}@sample.example", app.random.id("a", 0).to_lowercase()),
                role: Role::ReadOnly,
                token_hash: app.random.id("hash", 0),
                invited_by: crate::dashboard::tests::HOSTILE.into(),
                created_at: app.now(),
                expires_at: app.now().plus(1_000),
            };
            let path = format!("/client/team/invitations/{}/withdraw", row.id);
            app.store
                .write(move |tx| invitations::put(tx, &row))
                .await
                .unwrap_or_else(|error: StoreError| panic!("{error}"));
            path
        })
    }
}
