//! Signing up: a person, his merchant without a wallet, and a mail. What the page answers does not tell whether there was an account.

use std::net::IpAddr;

use domain::access::Role;
use domain::merchant::Wallet;
use domain::time::DAY;
use domain::{Units, UserId};
use zeroize::Zeroizing;

use super::guesses::{count, count_mail, counters, forgive};
use super::notices::{Notice, tell};
use super::password::{self, Busy};
use super::sign_in::Refused;
use super::{lower, new_token, token_hash};
use crate::app::merchants::{NewMerchant, Office};
use crate::app::{App, SharedApp};
use crate::store::mail_tokens::{self, Purpose};
use crate::store::users::UserRow;
use crate::store::{StoreError, Tx, memberships, users};

const CONFIRM_WITHIN: i64 = 3 * DAY;
/// What a new merchant may ask for in one invoice, in cents; the operator changes it.
const LIMITS: (Units, Units) = (Units(100), Units(1_000_000));

#[derive(Debug, Clone)]
pub struct SignUp {
    pub email: String,
    pub company: String,
    pub password: Zeroizing<String>,
    /// The language of the page.
    pub locale: &'static str,
}

#[derive(Debug)]
pub enum Failed {
    Busy,
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Failed::Store(error)
    }
}

impl From<Busy> for Failed {
    fn from(_: Busy) -> Self {
        Failed::Busy
    }
}

/// A person as he is first kept.
pub fn new_user(app: &App, email: &str, password_hash: Option<String>) -> UserRow {
    let now = app.now();
    UserRow {
        id: UserId::new(app.random.ulid(now.0)),
        email: email.to_owned(),
        confirmed_at: None,
        password_hash,
        totp_secret: None,
        totp_step: None,
        is_operator: false,
        locale: None,
        created_at: now,
        version: 1,
    }
}

/// Makes the account, or tells the owner of the address that he has one. What was typed is looked at before.
///
/// # Errors
/// When it cannot be done now.
pub async fn sign_up(app: &SharedApp, new: SignUp) -> Result<(), Failed> {
    let hash = password::hash(&app.random, new.password).await?;
    let office = Office::of(app);
    let (app_again, email) = (app.clone(), lower(&new.email));
    let make = move |tx: &Tx<'_>| {
        let app = &*app_again;
        let user = UserRow { locale: Some(new.locale.to_owned()), ..new_user(app, &email, Some(hash)) };
        if !users::insert(tx, &user)? {
            return match users::by_email(tx, &email)? {
                Some(known) if known.confirmed_at.is_none() => ask_to_confirm(app, tx, &known),
                _ => tell(app, tx, &email, &Notice::AlreadyThere),
            };
        }
        let merchant = NewMerchant {
            name: new.company,
            email: email.clone(),
            wallet: Wallet::Missing,
            fee: app.default_fee,
            min_amount: LIMITS.0,
            max_amount: LIMITS.1,
            s2s: false,
            callback_url: None,
        };
        let merchant = office.found(tx, merchant)?;
        memberships::insert(tx, &merchant.id, &user.id, Role::Owner, app.now())?;
        ask_to_confirm(app, tx, &user)
    };
    Ok(app.store.write(make).await?)
}

fn ask_to_confirm(app: &App, tx: &Tx<'_>, user: &UserRow) -> Result<(), StoreError> {
    let token = new_token(app);
    mail_tokens::put(tx, &token_hash(&token), &user.id, Purpose::Confirm, app.now().plus(CONFIRM_WITHIN))?;
    tell(app, tx, &user.email, &Notice::Confirm { link: format!("{}/confirm?token={token}", app.base_url) })
}

/// Mails another link to who has not confirmed his address; nothing to anybody else. Whoever asks is answered before this is known.
pub async fn confirm_again(app: &SharedApp, email: &str) -> Result<(), StoreError> {
    let (worker, email) = (app.clone(), lower(email));
    let ask = move |tx: &Tx<'_>| match users::by_email(tx, &email)? {
        // without a password nothing can be confirmed: he was invited, and has a link of another kind
        Some(user) if user.confirmed_at.is_none() && user.password_hash.is_some() => ask_to_confirm(&worker, tx, &user),
        _ => Ok(()),
    };
    app.store.write(ask).await
}

/// Whose link it is; `None` when it is good no more.
pub async fn of_link(app: &App, token: &str) -> Result<Option<UserRow>, StoreError> {
    let (hash, now) = (token_hash(token), app.now());
    let read = |tx: &Tx<'_>| match mail_tokens::find(tx, &hash, Purpose::Confirm, now)? {
        Some(id) => users::by_id(tx, &id),
        None => Ok(None),
    };
    app.store.read(read).await
}

/// Confirms the address of a link. The password of the sign-up is asked for: else somebody could sign up with another's address, wait until its
/// owner follows the link, and have an account in his name. Answers the address; `None` when the link is good no more.
///
/// # Errors
/// As for a log-in.
pub async fn confirm(
    app: &SharedApp,
    token: &str,
    given: Zeroizing<String>,
    ip: IpAddr,
) -> Result<Option<String>, Refused> {
    let Some(user) = of_link(app, token).await? else { return Ok(None) };
    let (counters, now) = (counters(&user.email, ip, None), app.now());
    let counted = counters.clone();
    app.store.write(move |tx| count(tx, &counted, now)).await?.map_err(Refused::Wait)?;
    if !password::is_right(given, user.password_hash.clone()).await.map_err(|_| Refused::Busy)? {
        return Err(Refused::Wrong);
    }
    let hash = token_hash(token);
    let set = move |tx: &Tx<'_>| {
        let user = mail_tokens::take(tx, &hash, Purpose::Confirm, now)?;
        let Some(mut user) = user.map(|id| users::by_id(tx, &id)).transpose()?.flatten() else { return Ok(None) };
        user.confirmed_at = user.confirmed_at.or(Some(now));
        users::update(tx, &user)?;
        forgive(tx, &counters)?;
        Ok::<_, StoreError>(Some(user.email))
    };
    Ok(app.store.write(set).await?)
}

/// Counts a mail that is asked for.
///
/// # Errors
/// `Wait`, or the store's.
pub async fn may_mail(app: &App, email: &str, ip: IpAddr) -> Result<(), Refused> {
    let (email, now) = (lower(email), app.now());
    app.store.write(move |tx| count_mail(tx, &email, ip, now)).await?.map_err(Refused::Wait)
}

/// The language that somebody has chosen: of his mails too.
pub async fn speak(app: &App, user: &UserId, locale: &'static str) -> Result<(), StoreError> {
    let user = user.clone();
    app.store.write(move |tx| users::set_locale(tx, &user, locale)).await
}
