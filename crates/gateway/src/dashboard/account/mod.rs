//! The pages of people: signing in and out, and what they have of their own.

mod look;
mod sign_in;

use super::frame::Item;
use super::gate::LOG_IN;
use super::route::Method::{Get, Post};
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;

pub const NAV: &[Item] = &[];

pub fn routes() -> Vec<Route> {
    vec![
        Route::public(Get, LOG_IN, sign_in::page),
        Route::public(Post, LOG_IN, sign_in::post),
        Route::signed_in(Post, "/logout", sign_in::out),
        Route::signed_in(Post, "/account/look", look::at),
    ]
}

/// A path for each row that has an id in it.
#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    Vec::new()
}
