//! Which merchant is looked at: one's own, or for an operator any.

use axum::response::Response;

use crate::app::accounts::sessions::{Person, look_at, look_away};
use crate::dashboard::ask::Ask;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::{client, operator};

/// `merchant`: its number; without one, none is looked at any more.
pub async fn at(ask: Ask, person: Person) -> Answer {
    let wanted = ask.form.text("merchant");
    if wanted.is_empty() {
        look_away(ask.app(), &person).await?;
        return Ok(ask.go(home(&person)));
    }
    let number = wanted.parse().map_err(|_| Failed::NotFound)?;
    let found: bool = look_at(ask.app(), &person, number).await?;
    let there: Response = ask.go(client::HOME);
    if found { Ok(there) } else { Err(Failed::NotFound) }
}

/// Where somebody begins.
pub fn home(person: &Person) -> &'static str {
    if person.user.is_operator && person.merchants.is_empty() { operator::HOME } else { client::HOME }
}
