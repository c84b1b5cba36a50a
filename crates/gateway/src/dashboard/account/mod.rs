//! The pages of people: signing up, in and out, and what they have of their own.

pub mod find;
mod join;
pub mod keys;
mod look;
mod mine;
mod passkey_sign_in;
mod passkeys;
mod passwords;
mod second_factor;
mod sign_in;
mod sign_up;

use super::ask::Ask;
use super::frame::Item;
use super::gate::LOG_IN;
use super::route::Method::{Get, Post};
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;
use crate::app::accounts::password::{MIN_CHARS, Weak, check};
use crate::app::accounts::sign_in::Refused;
use crate::checkout::text::Text;

pub const HOME: &str = "/account/";
/// The second step of a log-in.
const CODE: &str = "/login/code";

pub const NAV: &[Item] = &[Item { path: HOME, label: "nav-account", icon: "person", needs: None }];

pub fn routes() -> Vec<Route> {
    vec![
        Route::public(Get, LOG_IN, sign_in::page),
        Route::public(Post, LOG_IN, sign_in::post),
        Route::public(Get, CODE, sign_in::code_page),
        Route::public(Post, CODE, sign_in::code),
        Route::public(Post, "/login/passkey/challenge", passkey_sign_in::challenge),
        Route::public(Post, "/login/passkey", passkey_sign_in::post),
        Route::public(Post, "/login/code/passkey/challenge", passkey_sign_in::second_challenge),
        Route::public(Post, "/login/code/passkey", passkey_sign_in::second),
        Route::signed_in(Post, "/logout", sign_in::out),
        Route::public(Get, "/signup", sign_up::page),
        Route::public(Post, "/signup", sign_up::post),
        Route::public(Get, "/confirm", sign_up::confirm_page),
        Route::public(Post, "/confirm", sign_up::confirm_post),
        Route::public(Get, sign_up::AGAIN, sign_up::again_page),
        Route::public(Post, sign_up::AGAIN, sign_up::again),
        Route::public(Get, "/forgot", passwords::forgot_page),
        Route::public(Post, "/forgot", passwords::forgot),
        Route::public(Get, "/reset", passwords::reset_page),
        Route::public(Post, "/reset", passwords::reset_post),
        Route::public(Get, "/join", join::page),
        Route::public(Post, "/join", join::post),
        Route::signed_in(Get, HOME, mine::page),
        Route::signed_in(Post, "/account/look", look::at),
        Route::signed_in(Get, find::PATH, find::page),
        Route::signed_in(Get, keys::PATH, keys::page),
        Route::signed_in(Post, keys::PATH, keys::post),
        Route::signed_in(Get, "/account/password", passwords::change_page),
        Route::signed_in(Post, "/account/password", passwords::change_post),
        Route::signed_in(Get, "/account/second-factor", second_factor::page),
        Route::signed_in(Post, "/account/second-factor", second_factor::on),
        Route::signed_in(Post, "/account/second-factor/off", second_factor::off),
        Route::signed_in(Get, "/account/recovery-codes", second_factor::new_codes_page),
        Route::signed_in(Post, "/account/recovery-codes", second_factor::new_codes),
        Route::signed_in(Get, passkeys::PATH, passkeys::page),
        Route::signed_in(Post, "/account/passkeys/challenge", passkeys::challenge),
        Route::signed_in(Post, passkeys::PATH, passkeys::post),
        Route::signed_in(Get, "/account/passkeys/{id}/remove", passkeys::remove_page),
        Route::signed_in(Post, "/account/passkeys/{id}/remove", passkeys::remove_post),
        Route::signed_in(Post, "/account/sessions/end-others", mine::end_others),
        Route::signed_in(Post, "/account/sessions/{id}/end", mine::end_one),
    ]
}

/// Why a secret was not taken, in words; `wrong` is the key of the message that it is not right.
pub(super) fn refused(ask: &Ask, refused: &Refused, wrong: &str) -> Text {
    let w = ask.w();
    match refused {
        Refused::Wait(millis) => w.fill("login-wait", &[w.count("minutes", millis.div_euclid(60_000) + 1)]),
        Refused::Busy | Refused::Store(_) => w.text("unavailable-help"),
        Refused::Wrong | Refused::Unconfirmed => w.text(wrong),
    }
}

/// A new password that was typed twice, or what is wrong with it: of the first field, of the second.
fn new_password(ask: &Ask, email: &str) -> Result<(), (String, String)> {
    let (new, again) = (ask.form.raw("new-password"), ask.form.raw("again"));
    let w = ask.w();
    let chars = [w.count("chars", i64::try_from(MIN_CHARS).unwrap_or(i64::MAX))];
    match check(new, email) {
        Err(Weak::TooShort) => Err((w.fill("password-short", &chars).plain(), String::new())),
        Err(Weak::TooLong) => Err((w.text("password-long").plain(), String::new())),
        Err(Weak::TooPlain) => Err((w.text("password-plain").plain(), String::new())),
        Ok(()) if new != again => Err((String::new(), w.text("password-differs").plain())),
        Ok(()) => Ok(()),
    }
}

/// A path for each row that has an id in it.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    vec![("/account/sessions/{id}/end", mine::sample), ("/account/passkeys/{id}/remove", passkeys::sample)]
}
