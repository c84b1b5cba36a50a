//! Codes of an app (TOTP, RFC 6238), each good once, and recovery codes for who has lost it.

use std::fmt::Write;

use domain::{Time, UserId};
use totp_rs::{Algorithm, Secret, TOTP};
use zeroize::Zeroizing;

use super::guesses::{count, counters, forgive};
use super::notices::{Notice, tell};
use super::sessions::{Browser, Person, begin};
use super::sign_in::Refused;
use super::{known_browser, mac};
use crate::app::acts::record_own;
use crate::app::{App, SharedApp};
use crate::store::{StoreError, Tx, passkeys, recovery_codes, sessions, users};

const STEP: i64 = 30;
const DIGITS: usize = 6;
const RECOVERY_CODES: usize = 10;

/// A new secret, before its first code was given: sealed to the person, and as his app reads it.
#[derive(Clone)]
pub struct Offer {
    pub sealed: String,
    /// In base 32, to be typed.
    pub text: String,
    pub link: String,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer(…)")
    }
}

fn row(person: &Person) -> String {
    format!("{} totp", person.user.id)
}

/// A secret to be scanned.
pub fn offer(app: &App, person: &Person) -> Result<Offer, StoreError> {
    let secret = Zeroizing::new(app.random.token_bytes::<20>());
    let sealed = app.master_key.seal(&app.random, &row(person), secret.as_ref());
    let text = Secret::Raw(secret.to_vec()).to_encoded().to_string();
    let email = form_urlencoded::byte_serialize(person.user.email.as_bytes()).collect::<String>();
    Ok(Offer {
        sealed: sealed.map_err(|error| StoreError::Unusable(error.to_string()))?,
        link: format!("otpauth://totp/Lockgate:{email}?secret={text}&issuer=Lockgate"),
        text,
    })
}

/// The step whose code this is, among those around now that come after `last`.
fn step_of(secret: &[u8], code: &str, last: Option<i64>, now: Time) -> Option<i64> {
    let totp = TOTP::new(Algorithm::SHA1, DIGITS, 0, u64::try_from(STEP).ok()?, secret.to_vec()).ok()?;
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let here = now.seconds().div_euclid(STEP);
    let mut found = None;
    for step in [here - 1, here, here + 1] {
        let Ok(seconds) = u64::try_from(step * STEP) else { continue };
        let expected = totp.generate(seconds);
        if super::same(&expected, &code) && last.is_none_or(|last| step > last) {
            found = found.or(Some(step));
        }
    }
    found
}

fn open(app: &App, person: &Person, sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    app.master_key.open(&row(person), sealed).ok()
}

/// Turns it on with the first code; answers the recovery codes, which are shown this once. `None` when the code is not right.
pub async fn turn_on(
    app: &SharedApp,
    person: &Person,
    sealed: &str,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let step = open(app, person, sealed).and_then(|secret| step_of(&secret, code, None, app.now()));
    let (Some(step), None) = (step, &person.user.totp_secret) else { return Ok(None) };
    let (app_again, mut user, codes) = (app.clone(), person.user.clone(), new_codes(app));
    (user.totp_secret, user.totp_step) = (Some(sealed.to_owned()), Some(step));
    let (hashes, keep) =
        (codes.iter().map(|code| code_hash(app, code)).collect::<Vec<_>>(), person.session.token_hash.clone());
    app.store
        .write(move |tx| {
            users::update(tx, &user)?;
            recovery_codes::replace(tx, &user.id, &hashes)?;
            sessions::end_others(tx, &user.id, &keep)?;
            record_own(&app_again, tx, &user, "second_factor.on", String::new())?;
            tell(&app_again, tx, &user.email, &Notice::SecondFactorOn)
        })
        .await?;
    Ok(Some(codes))
}

/// Turns it off; who asks has proven his password before.
pub async fn turn_off(app: &SharedApp, person: &Person) -> Result<(), StoreError> {
    let (app_again, mut user) = (app.clone(), person.user.clone());
    (user.totp_secret, user.totp_step) = (None, None);
    app.store
        .write(move |tx| {
            users::update(tx, &user)?;
            record_own(&app_again, tx, &user, "second_factor.off", String::new())?;
            // passkeys are a second step too, and their owner keeps his recovery codes
            if !passkeys::of_user(tx, &user.id)?.is_empty() {
                return tell(&app_again, tx, &user.email, &Notice::CodesOff);
            }
            recovery_codes::replace(tx, &user.id, &[])?;
            tell(&app_again, tx, &user.email, &Notice::SecondFactorOff)
        })
        .await
}

/// Makes the recovery codes anew: those before are worth nothing from now on. Who asks has proven his password before. `None` where nothing
/// but the password guards the account, so that there is nothing to recover.
pub async fn renew_codes(app: &SharedApp, person: &Person) -> Result<Option<Vec<String>>, StoreError> {
    let (worker, user, codes) = (app.clone(), person.user.clone(), new_codes(app));
    let hashes: Vec<String> = codes.iter().map(|code| code_hash(app, code)).collect();
    let renew = move |tx: &Tx<'_>| {
        if !is_guarded(tx, &user.id)? {
            return Ok(false);
        }
        recovery_codes::replace(tx, &user.id, &hashes)?;
        record_own(&worker, tx, &user, "recovery_codes.renew", String::new())?;
        tell(&worker, tx, &user.email, &Notice::RecoveryCodes)?;
        Ok::<_, StoreError>(true)
    };
    Ok(app.store.write(renew).await?.then_some(codes))
}

/// Whether more than the password is asked for when somebody signs in.
pub fn is_guarded(tx: &Tx<'_>, user: &UserId) -> Result<bool, StoreError> {
    let has_codes = users::by_id(tx, user)?.is_some_and(|user| user.totp_secret.is_some());
    Ok(has_codes || !passkeys::of_user(tx, user)?.is_empty())
}

pub(super) fn new_codes(app: &App) -> Vec<String> {
    let code = |_| {
        let mut text = String::new();
        for (at, byte) in app.random.token_bytes::<10>().into_iter().enumerate() {
            // Crockford's 32 letters, which nobody mistakes for another: each has 5 of a byte's bits
            let letter = b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from(byte & 31)];
            let dash = if at == 5 { "-" } else { "" };
            let _ = write!(text, "{dash}{}", char::from(letter));
        }
        text
    };
    (0..RECOVERY_CODES).map(code).collect()
}

/// A code has 50 bits: few enough to be tried all by who has the database, so the hash has a key that is not in it.
pub(super) fn code_hash(app: &App, code: &str) -> String {
    mac(app, "recovery code", code)
}

/// The second step of a log-in: a code of the app or a recovery code makes the half session a whole one, under a new token.
///
/// # Errors
/// As for a password.
pub async fn complete(
    app: &SharedApp,
    half: &Person,
    code: &str,
    browser: Browser,
) -> Result<(String, String), Refused> {
    let counters = counters(&row(half), browser.ip, None);
    let (counted, now) = (counters.clone(), app.now());
    app.store.write(move |tx| count(tx, &counted, now)).await?.map_err(Refused::Wait)?;
    let (app_again, half, code) = (app.clone(), half.clone(), code.trim().to_lowercase());
    let enter = move |tx: &Tx<'_>| {
        let app = &*app_again;
        // as it is now: a code given in two places is taken once
        let Some(mut user) = users::by_id(tx, &half.user.id)? else { return Err(Refused::Wrong) };
        let secret = user.totp_secret.as_deref().and_then(|sealed| open(app, &half, sealed));
        let step = secret.and_then(|secret| step_of(&secret, &code, user.totp_step, app.now()));
        if step.is_some() {
            user.totp_step = step;
            users::update(tx, &user)?;
        } else if recovery_codes::take(tx, &user.id, &code_hash(app, &code))? {
            record_own(app, tx, &user, "recovery_code.use", String::new())?;
        } else {
            return Err(Refused::Wrong);
        }
        forgive(tx, &counters)?;
        sessions::end(tx, &half.session.token_hash)?;
        let notice = Notice::NewBrowser { ip: browser.ip.to_string(), agent: browser.user_agent.clone() };
        tell(app, tx, &user.email, &notice)?;
        Ok((begin(app, tx, &user, &browser, true)?, known_browser::mark(app, &user.id)))
    };
    app.store.write(enter).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_a_step_around_now() {
        // RFC 6238, appendix B, for SHA-1, its last six digits
        let secret = b"12345678901234567890";
        let at = |seconds: i64| Time(seconds * 1_000);
        assert_eq!(step_of(secret, "287082", None, at(59)), Some(1));
        assert_eq!(step_of(secret, "287 082", None, at(61)), Some(1), "the step before");
        assert_eq!(step_of(secret, "287082", None, at(29)), Some(1), "the step after");
        assert_eq!(step_of(secret, "287082", None, at(120)), None, "too late");
        assert_eq!(step_of(secret, "287082", Some(1), at(59)), None, "used");
        assert_eq!(step_of(secret, "287083", None, at(59)), None);
        assert_eq!(step_of(secret, "", None, at(59)), None);
        assert_eq!(step_of(secret, "081804", None, at(1_111_111_109)), Some(37_037_036));
    }
}
