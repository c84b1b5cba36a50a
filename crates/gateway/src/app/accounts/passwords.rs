//! A forgotten password, and another one: whoever has read the mail, or knows the one before.

use domain::time::{DAY, HOUR};
use zeroize::Zeroizing;

use super::guesses::{count, counters, forgive};
use super::notices::{Notice, tell};
use super::password;
use super::sessions::Person;
use super::sign_in::Refused;
use super::{known_browser, lower, new_token, token_hash};
use crate::app::acts::record_own;
use crate::app::{App, SharedApp};
use crate::store::mail_tokens::{self, Purpose};
use crate::store::users::UserRow;
use crate::store::{StoreError, Tx, sessions, users};

const RESET_WITHIN: i64 = HOUR;
/// A person whom somebody at the command line has made.
const FIRST_WITHIN: i64 = DAY;

/// Mails a link, if there is such an account. Whoever asks is answered before this is known.
pub async fn forgot(app: &SharedApp, email: &str) -> Result<(), StoreError> {
    let (app_again, email) = (app.clone(), lower(email));
    app.store
        .write(move |tx| {
            let Some(user) = users::by_email(tx, &email)? else { return Ok(()) };
            let link = link(&app_again, tx, &user, RESET_WITHIN)?;
            tell(&app_again, tx, &email, &Notice::Reset { link })
        })
        .await
}

fn link(app: &App, tx: &Tx<'_>, user: &UserRow, within: i64) -> Result<String, StoreError> {
    let token = new_token(app);
    mail_tokens::put(tx, &token_hash(&token), &user.id, Purpose::Reset, app.now().plus(within))?;
    Ok(format!("{}/reset?token={token}", app.base_url))
}

/// Makes an operator, or makes one of somebody who is there; answers the link with which he chooses his password.
pub async fn add_operator(app: &SharedApp, email: &str) -> Result<String, StoreError> {
    let (app_again, email) = (app.clone(), lower(email));
    app.store
        .write(move |tx| {
            let user = operator(&app_again, tx, &email)?;
            link(&app_again, tx, &user, FIRST_WITHIN)
        })
        .await
}

/// The same where nobody has a password: a live gateway says who comes.
pub async fn add_operator_without_password(app: &SharedApp, email: &str) -> Result<(), StoreError> {
    let (app_again, email) = (app.clone(), lower(email));
    app.store.write(move |tx| operator(&app_again, tx, &email).map(|_| ())).await
}

fn operator(app: &App, tx: &Tx<'_>, email: &str) -> Result<UserRow, StoreError> {
    users::insert(tx, &super::sign_up::new_user(app, email, None))?;
    let missing = || StoreError::Inconsistent("a person who was just made is not there".into());
    let mut user = users::by_email(tx, email)?.ok_or_else(missing)?;
    user.is_operator = true;
    users::update(tx, &user)?;
    Ok(user)
}

/// Whose link it is; `None` when it is good no more.
pub async fn of_link(app: &App, token: &str) -> Result<Option<UserRow>, StoreError> {
    let (hash, now) = (token_hash(token), app.now());
    let read = |tx: &Tx<'_>| match mail_tokens::find(tx, &hash, Purpose::Reset, now)? {
        Some(id) => users::by_id(tx, &id),
        None => Ok(None),
    };
    app.store.read(read).await
}

/// Chooses a password with a link; all sessions end. Answers a mark for the browser: its owner has shown that he reads the mails, so that
/// nobody who guesses elsewhere keeps him out. `None` when the link is good no more.
///
/// # Errors
/// `Busy`, or the store's.
pub async fn reset(app: &SharedApp, token: &str, new: Zeroizing<String>) -> Result<Option<String>, Refused> {
    let new = password::hash(&app.random, new).await.map_err(|_| Refused::Busy)?;
    let (app_again, hash) = (app.clone(), token_hash(token));
    let set = move |tx: &Tx<'_>| {
        let app = &*app_again;
        let Some(id) = mail_tokens::take(tx, &hash, Purpose::Reset, app.now())? else { return Ok(None) };
        let Some(mut user) = users::by_id(tx, &id)? else { return Ok(None) };
        user.confirmed_at = user.confirmed_at.or(Some(app.now()));
        user.password_hash = Some(new);
        users::update(tx, &user)?;
        sessions::end_others(tx, &id, "")?;
        record_own(app, tx, &user, "password.reset", String::new())?;
        tell(app, tx, &user.email, &Notice::PasswordChanged)?;
        Ok::<_, StoreError>(Some(known_browser::mark(app, &id)))
    };
    Ok(app.store.write(set).await?)
}

/// Whether it is the person's password. Guesses in an open session count for the session.
///
/// # Errors
/// `Wrong`, `Wait`, `Busy`, or the store's.
pub async fn prove(app: &SharedApp, person: &Person, given: Zeroizing<String>) -> Result<(), Refused> {
    let counters = counters(person.user.id.as_str(), [0, 0, 0, 0].into(), Some(&person.session.id));
    let (counted, now) = (counters.clone(), app.now());
    app.store.write(move |tx| count(tx, &counted, now)).await?.map_err(Refused::Wait)?;
    if !password::is_right(given, person.user.password_hash.clone()).await.map_err(|_| Refused::Busy)? {
        return Err(Refused::Wrong);
    }
    Ok(app.store.write(move |tx| forgive(tx, &counters)).await?)
}

/// Another password, by who knows the one before; all his other sessions end.
///
/// # Errors
/// As [`prove`].
pub async fn change(
    app: &SharedApp,
    person: &Person,
    old: Zeroizing<String>,
    new: Zeroizing<String>,
) -> Result<(), Refused> {
    prove(app, person, old).await?;
    let new = password::hash(&app.random, new).await.map_err(|_| Refused::Busy)?;
    let (app_again, mut user, keep) = (app.clone(), person.user.clone(), person.session.token_hash.clone());
    user.password_hash = Some(new);
    let set = move |tx: &Tx<'_>| {
        users::update(tx, &user)?;
        sessions::end_others(tx, &user.id, &keep)?;
        mail_tokens::forget(tx, &user.id, Purpose::Reset)?;
        record_own(&app_again, tx, &user, "password.change", String::new())?;
        tell(&app_again, tx, &user.email, &Notice::PasswordChanged)
    };
    Ok(app.store.write(set).await?)
}
