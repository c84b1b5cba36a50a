//! Two people to sign in as: the merchant's owner, and an operator.

use domain::access::Role;
use domain::{MerchantId, Time, UserId};
use serde::Serialize;

use crate::app::accounts::password;
use crate::clock::Clock;
use crate::random::Random;
use crate::store::users::UserRow;
use crate::store::{Store, StoreError, Tx, memberships, settings, users};

/// What is typed at `/login`. There is nothing to protect in a sandbox.
#[derive(Debug, Clone, Serialize)]
pub struct Login {
    pub email: &'static str,
    pub password: &'static str,
}

pub const MERCHANT: Login = Login { email: "merchant@sandbox.example", password: "merchant-of-the-sandbox" };
pub const OPERATOR: Login = Login { email: super::seed::OPERATOR_EMAIL, password: "operator-of-the-sandbox" };

/// Set once they are made: whoever changes a password keeps it.
const MADE: &str = "sandbox_people";

pub async fn seed(store: &Store, clock: &Clock, random: &Random, merchant: &MerchantId) -> Result<(), StoreError> {
    if store.read(|tx| settings::get(tx, MADE)).await?.is_some() {
        return Ok(());
    }
    let now = Time(clock.now());
    let person = |login: &Login, is_operator| UserRow {
        id: UserId::new(random.ulid(now.0)),
        email: login.email.to_owned(),
        confirmed_at: Some(now),
        password_hash: password::hash_of_no_secret(random, login.password),
        totp_secret: None,
        totp_step: None,
        is_operator,
        locale: None,
        created_at: now,
        version: 1,
    };
    let (owner, operator, merchant) = (person(&MERCHANT, false), person(&OPERATOR, true), merchant.clone());
    let make = move |tx: &Tx<'_>| {
        users::insert(tx, &operator)?;
        if users::insert(tx, &owner)? {
            memberships::insert(tx, &merchant, &owner.id, Role::Owner, now)?;
        }
        settings::put(tx, MADE, "1")
    };
    store.write(make).await
}
