//! A browser that has signed in to an account carries a mark for a long time: its guesses are counted by themselves (`guesses`), and its owner
//! is not written to about a new device.

use domain::UserId;

use super::{App, mac, same};

const PURPOSE: &str = "known browser";

/// A mark for a browser that has just signed in.
pub fn mark(app: &App, user: &UserId) -> String {
    let id = hex::encode(app.random.token_bytes::<12>());
    let mac = mac(app, PURPOSE, &format!("{user} {id}"));
    format!("{id}.{mac}")
}

/// The browser's own name, if its mark is one for this account.
pub fn recognise<'m>(app: &App, user: &UserId, given: &'m str) -> Option<&'m str> {
    let (id, given) = given.split_once('.')?;
    same(&mac(app, PURPOSE, &format!("{user} {id}")), given).then_some(id)
}
