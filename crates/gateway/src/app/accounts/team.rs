//! A merchant's people: invited by mail, given roles, taken off. There is always an owner.

use domain::access::Role;
use domain::time::DAY;
use domain::{MerchantId, UserId};
use zeroize::Zeroizing;

use super::notices::{Notice, tell};
use super::sessions::Desk;
use super::sign_up::{Failed, new_user};
use super::{lower, new_token, password, token_hash};
use crate::app::acts::{Actor, record_for};
use crate::app::{App, SharedApp};
use crate::store::invitations::{self, InvitationRow};
use crate::store::{StoreError, Tx, memberships, merchants, users};

const JOIN_WITHIN: i64 = 7 * DAY;

/// Why a change is refused.
#[derive(Debug)]
pub enum Refused {
    /// He is no member, or the invitation is not there.
    NotThere,
    /// His role does not include this one.
    NotYours,
    /// Somebody must be the owner.
    LastOwner,
    AlreadyMember,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

fn may_appoint(tx: &Tx<'_>, desk: &Desk, role: Role) -> Result<bool, StoreError> {
    // as it is now: it may have been taken away meanwhile
    let own = memberships::role_of(tx, &desk.merchant.id, &desk.person.user.id)?;
    Ok(own.is_some_and(|own| own.may_appoint(role)))
}

fn note(app: &App, tx: &Tx<'_>, desk: &Desk, act: &str, detail: String) -> Result<(), StoreError> {
    let merchant = &desk.merchant.id;
    let about = format!("merchants {merchant}");
    record_for(app, tx, &Actor(desk.person.user.email.clone()), merchant, act, (about, detail))
}

pub async fn invite(app: &SharedApp, desk: &Desk, email: &str, role: Role) -> Result<(), Refused> {
    let (app_again, desk, email) = (app.clone(), desk.clone(), lower(email));
    app.store
        .write(move |tx| {
            let app = &*app_again;
            if !may_appoint(tx, &desk, role)? {
                return Err(Refused::NotYours);
            }
            let merchant = &desk.merchant;
            if let Some(user) = users::by_email(tx, &email)?
                && memberships::role_of(tx, &merchant.id, &user.id)?.is_some()
            {
                return Err(Refused::AlreadyMember);
            }
            let (token, now, by) = (new_token(app), app.now(), &desk.person.user.email);
            let row = InvitationRow {
                id: app.random.id("ivt", now.0),
                merchant_id: merchant.id.clone(),
                email: email.clone(),
                role,
                token_hash: token_hash(&token),
                invited_by: by.clone(),
                created_at: now,
                expires_at: now.plus(JOIN_WITHIN),
            };
            invitations::put(tx, &row)?;
            let link = format!("{}/join?token={token}", app.base_url);
            tell(app, tx, &email, &Notice::Invited { merchant: &merchant.name, by, link })?;
            Ok(note(app, tx, &desk, "team.invited", format!("{email} as {}", role.name()))?)
        })
        .await
}

pub async fn withdraw(app: &SharedApp, desk: &Desk, id: &str) -> Result<(), Refused> {
    let (app_again, desk, id) = (app.clone(), desk.clone(), id.to_owned());
    app.store
        .write(move |tx| {
            let all = invitations::of_merchant(tx, &desk.merchant.id)?;
            let row = all.into_iter().find(|row| row.id == id).ok_or(Refused::NotThere)?;
            if !may_appoint(tx, &desk, row.role)? {
                return Err(Refused::NotYours);
            }
            invitations::delete(tx, &desk.merchant.id, &id)?;
            Ok(note(&app_again, tx, &desk, "team.invitation_withdrawn", row.email)?)
        })
        .await
}

/// Gives a member another role, or with `None` takes him off.
pub async fn change(app: &SharedApp, desk: &Desk, member: &UserId, to: Option<Role>) -> Result<(), Refused> {
    let (app_again, desk, member) = (app.clone(), desk.clone(), member.clone());
    app.store
        .write(move |tx| {
            let (app, merchant) = (&*app_again, &desk.merchant);
            let members = memberships::of_merchant(tx, &merchant.id)?;
            let found = members.iter().find(|other| other.user_id == member).ok_or(Refused::NotThere)?;
            for role in [Some(found.role), to].into_iter().flatten() {
                if !may_appoint(tx, &desk, role)? {
                    return Err(Refused::NotYours);
                }
            }
            let owners = members.iter().filter(|other| other.role == Role::Owner).count();
            if found.role == Role::Owner && to != Some(Role::Owner) && owners == 1 {
                return Err(Refused::LastOwner);
            }
            match to {
                Some(role) => {
                    memberships::set_role(tx, &merchant.id, &member, role)?;
                    let detail = format!("{}: {} to {}", found.email, found.role.name(), role.name());
                    note(app, tx, &desk, "team.role_changed", detail)?;
                }
                None => {
                    memberships::delete(tx, &merchant.id, &member)?;
                    tell(app, tx, &found.email, &Notice::Removed { merchant: &merchant.name })?;
                    note(app, tx, &desk, "team.removed", found.email.clone())?;
                }
            }
            Ok(())
        })
        .await
}

/// An invitation as whoever was invited sees it.
#[derive(Debug, Clone)]
pub struct Invitation {
    pub row: InvitationRow,
    pub merchant: String,
    /// Whether the address has an account already.
    pub has_account: bool,
}

/// `None` when it is good no more.
pub async fn invitation(app: &App, token: &str) -> Result<Option<Invitation>, StoreError> {
    let (hash, now) = (token_hash(token), app.now());
    let read = |tx: &Tx<'_>| {
        let row = invitations::by_token(tx, &hash)?.filter(|row| now < row.expires_at);
        let Some(row) = row else { return Ok(None) };
        let merchant = merchants::existing(tx, &row.merchant_id)?.name;
        let has_account = users::by_email(tx, &row.email)?.is_some();
        Ok::<_, StoreError>(Some(Invitation { row, merchant, has_account }))
    };
    app.store.read(read).await
}

/// Joins: the person of the invitation's address who is signed in, or with a first password (and the language of the page) whoever has read the mail and has no account.
/// False when it is good no more.
///
/// # Errors
/// When it cannot be done now.
pub async fn join(
    app: &SharedApp,
    token: &str,
    signed_in: Option<&UserId>,
    first: Option<(Zeroizing<String>, &'static str)>,
) -> Result<bool, Failed> {
    let locale = first.as_ref().map(|(_, locale)| (*locale).to_owned());
    let hash = match first {
        Some((new, _)) => Some(password::hash(&app.random, new).await?),
        None => None,
    };
    let (app_again, token_hash, signed_in) = (app.clone(), token_hash(token), signed_in.cloned());
    let write = move |tx: &Tx<'_>| {
        let (app, now) = (&*app_again, app_again.now());
        let row = invitations::by_token(tx, &token_hash)?.filter(|row| now < row.expires_at);
        let Some(row) = row else { return Ok(false) };
        let known = users::by_email(tx, &row.email)?;
        let id = match (known, signed_in, hash) {
            (Some(user), Some(own), _) if user.id == own => own,
            (None, _, Some(hash)) => {
                let mut user = new_user(app, &row.email, Some(hash));
                // the mail was read
                user.confirmed_at = Some(now);
                user.locale = locale;
                users::insert(tx, &user)?;
                user.id
            }
            _ => return Ok(false),
        };
        memberships::insert(tx, &row.merchant_id, &id, row.role, now)?;
        invitations::delete(tx, &row.merchant_id, &row.id)?;
        joined(app, tx, &row)?;
        Ok::<_, StoreError>(true)
    };
    Ok(app.store.write(write).await?)
}

fn joined(app: &App, tx: &Tx<'_>, row: &InvitationRow) -> Result<(), StoreError> {
    let merchant = merchants::existing(tx, &row.merchant_id)?;
    for member in memberships::of_merchant(tx, &row.merchant_id)? {
        if member.role == Role::Owner && member.email != row.email {
            tell(app, tx, &member.email, &Notice::Joined { merchant: &merchant.name, who: &row.email })?;
        }
    }
    let about = format!("merchants {}", row.merchant_id);
    let detail = format!("{} as {}", row.email, row.role.name());
    record_for(app, tx, &Actor(row.email.clone()), &row.merchant_id, "team.joined", (about, detail))
}

/// Who is at a merchant's, and who is invited.
pub async fn people(
    app: &App,
    merchant: &MerchantId,
) -> Result<(Vec<memberships::Member>, Vec<InvitationRow>), StoreError> {
    let now = app.now();
    let read = |tx: &Tx<'_>| {
        let invited = invitations::of_merchant(tx, merchant)?.into_iter().filter(|row| now < row.expires_at);
        Ok::<_, StoreError>((memberships::of_merchant(tx, merchant)?, invited.collect()))
    };
    app.store.read(read).await
}
