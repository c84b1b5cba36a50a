//! Signing in with an address and a password. The answer, and the time it takes, are the same whether or not there is such an account.

use zeroize::Zeroizing;

use super::guesses::{count, counters, forgive};
use super::notices::{Notice, tell};
use super::sessions::{Browser, begin};
use super::{known_browser, lower, password};
use crate::app::SharedApp;
use crate::store::{StoreError, Tx, passkeys, users};

/// What somebody typed, and where.
#[derive(Debug, Clone)]
pub struct Typed {
    pub email: String,
    pub password: Zeroizing<String>,
    pub browser: Browser,
    /// The mark of a browser that has signed in before, as it came.
    pub mark: Option<String>,
}

/// Signed in, or half way.
#[derive(Debug, Clone)]
pub struct Entered {
    /// For the session's cookie: a new one each time, so that nobody can have put it there before.
    pub token: String,
    /// For the browser to be known by; not before the second factor was given.
    pub mark: Option<String>,
    /// False when a second factor is asked for next.
    pub is_complete: bool,
    pub is_operator: bool,
}

#[derive(Debug)]
pub enum Refused {
    /// No such account, or another password.
    Wrong,
    /// Too many guesses: so many milliseconds.
    Wait(i64),
    /// The password is right, but nobody has shown yet that the address is his.
    Unconfirmed,
    Busy,
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// Signs somebody in.
///
/// # Errors
/// In words that the page has.
pub async fn sign_in(app: &SharedApp, typed: Typed) -> Result<Entered, Refused> {
    let Typed { email, password, browser, mark } = typed;
    let email = lower(&email);
    let asked = email.clone();
    let read = |tx: &Tx<'_>| {
        let Some(user) = users::by_email(tx, &asked)? else { return Ok::<_, StoreError>((None, false)) };
        let has_passkeys = !passkeys::of_user(tx, &user.id)?.is_empty();
        Ok((Some(user), has_passkeys))
    };
    let (user, has_passkeys) = app.store.read(read).await?;
    let known = user.as_ref().zip(mark.as_deref());
    let known = known.and_then(|(user, mark)| known_browser::recognise(app, &user.id, mark)).map(ToOwned::to_owned);
    let counters = counters(&email, browser.ip, known.as_deref());
    let (counted, now) = (counters.clone(), app.now());
    let may = app.store.write(move |tx| count(tx, &counted, now)).await?;
    may.map_err(Refused::Wait)?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let is_right = password::is_right(password, hash).await.map_err(|_| Refused::Busy)?;
    let Some(user) = user.filter(|_| is_right) else { return Err(Refused::Wrong) };
    if user.confirmed_at.is_none() {
        return Err(Refused::Unconfirmed);
    }
    let is_complete = user.totp_secret.is_none() && !has_passkeys;
    let (of_write, id, is_operator) = (app.clone(), user.id.clone(), user.is_operator);
    let enter = move |tx: &Tx<'_>| {
        // the password may have been changed while it was looked at; who was disabled is answered like a stranger
        if users::enabled(tx, &user.id)?.is_none_or(|now| now.password_hash != user.password_hash) {
            return Err(Refused::Wrong);
        }
        forgive(tx, &counters)?;
        if is_complete && known.is_none() {
            let notice = Notice::NewBrowser { ip: browser.ip.to_string(), agent: browser.user_agent.clone() };
            tell(&of_write, tx, &user.email, &notice)?;
        }
        Ok(begin(&of_write, tx, &user, &browser, is_complete)?)
    };
    let token = app.store.write(enter).await?;
    Ok(Entered { token, mark: is_complete.then(|| known_browser::mark(app, &id)), is_complete, is_operator })
}
