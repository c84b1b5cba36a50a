//! Who is calling: API key, address list, rate limits.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::merchant::Merchant;
use domain::scope::Scope;

use super::Web;
use super::body::json;
use super::callers::Known;
use super::limits::TooMany;
use crate::secrets::ApiKey;
use crate::store::StoreError;
use crate::wire::errors::{AccessRefused, ContractError};
use crate::wire::params::error_body;
use crate::wire::paths::API_KEY_HEADER;

/// A merchant who may call, and from where.
#[derive(Debug, Clone)]
pub struct Caller {
    known: Arc<Known>,
    pub ip: IpAddr,
}

impl Caller {
    pub fn merchant(&self) -> &Arc<Merchant> {
        &self.known.merchant
    }

    /// The first characters of the key it came with, for people.
    pub fn key_hint(&self) -> &str {
        &self.known.key_hint
    }
}

/// Why a call goes no further. `E` is the endpoint's own list of codes.
#[derive(Debug)]
pub enum Stop<E> {
    Refused(E),
    TooMany(TooMany),
    Body(crate::wire::params::BodyError),
    Broken(StoreError),
    /// Something outside is not to be had now; the sentence says what.
    Unavailable(String),
}

impl<E> From<StoreError> for Stop<E> {
    fn from(error: StoreError) -> Self {
        Stop::Broken(error)
    }
}

impl<E> From<TooMany> for Stop<E> {
    fn from(refused: TooMany) -> Self {
        Stop::TooMany(refused)
    }
}

impl<E> From<crate::wire::params::BodyError> for Stop<E> {
    fn from(error: crate::wire::params::BodyError) -> Self {
        Stop::Body(error)
    }
}

impl<E: ContractError> IntoResponse for Stop<E> {
    fn into_response(self) -> Response {
        match self {
            Stop::Refused(refused) => json(StatusCode::OK, refused.answer()),
            Stop::TooMany(refused) => refused.into_response(),
            Stop::Body(error) => {
                json(StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::BAD_REQUEST), error.body())
            }
            Stop::Broken(error) => {
                error.log("A request failed in the store");
                let sentence = match error {
                    StoreError::Unclear(_) | StoreError::InPart(_) => {
                        "The gateway lost its database and does not know whether all of this was done. \
                         Look it up, or repeat it under its Idempotency-Key."
                    }
                    _ => "The gateway could not do this now. Nothing was changed.",
                };
                json(StatusCode::INTERNAL_SERVER_ERROR, error_body(sentence))
            }
            Stop::Unavailable(sentence) => json(StatusCode::SERVICE_UNAVAILABLE, error_body(&sentence)),
        }
    }
}

/// Lets a caller in, in the contract's order: 50001, 50007, 50010, 50006; and then 50018 when its key is for other calls. Each call says what it
/// needs; those that list what there is need nothing.
pub async fn enter<E: From<AccessRefused>>(
    web: &Web,
    peer: IpAddr,
    headers: &HeaderMap,
    needs: Option<Scope>,
) -> Result<Caller, Stop<E>> {
    let ip = web.client_ip(peer, headers);
    let refuse = |refused: AccessRefused| Stop::Refused(E::from(refused));
    // a caller with a key is counted by its key; guessing at keys is counted by address
    let stranger = |refused: AccessRefused| match web.limits.check_ip(ip) {
        Ok(()) => refuse(refused),
        Err(too_many) => Stop::TooMany(too_many),
    };
    let given = headers.get(API_KEY_HEADER).map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
    let given = given.filter(|key| !key.is_empty()).ok_or_else(|| stranger(AccessRefused::KeyRequired))?;
    let hash = ApiKey::from_given(&given).hash();
    let known = web.callers.find(&web.app, &hash).await?.ok_or_else(|| stranger(AccessRefused::KeyInvalid))?;
    web.limits.check_key(&hash.to_hex())?;
    if known.ips.is_empty() {
        return Err(refuse(AccessRefused::NoAddressLinked));
    }
    if !known.ips.contains(ip) {
        return Err(refuse(AccessRefused::WrongAddress));
    }
    if needs.is_some_and(|scope| !known.scopes.has(scope)) {
        return Err(refuse(AccessRefused::NotInScope));
    }
    Ok(Caller { known, ip })
}
