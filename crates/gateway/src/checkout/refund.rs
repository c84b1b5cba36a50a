//! `/refund/{token}`: the payer says where coins are to go. The token is all that is needed and all that counts: there is no session that
//! another site could use. Looking changes nothing; only the second step's button does, once.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::coin_refund::State as RefundState;
use domain::merchant::Merchant;
use serde::Deserialize;

use super::brand::{Brand, Shop};
use super::headers::page_headers;
use super::label::Label;
use super::messages::Lang;
use super::render::refund::{gone, render};
use super::routes::{broken, language, language_of, plain, with_headers};
use super::view::{Amount, PlainPage};
use crate::api::Web;
use crate::api::body::{bytes, params};
use crate::app::App;
use crate::app::coin_refunds::PAGE_PATH;
use crate::app::coin_refunds::address::BadAddress;
use crate::app::coin_refunds::confirm::{NotConfirmed, by_link, confirm, look, whose};
use crate::store::coin_refunds::CoinRefundRow;
use crate::store::storefronts::{self, Storefront};
use crate::store::{StoreError, Tx, merchants};
use crate::wire::field::{Field, field};

/// Longer than any address, so that a wrong one can be shown as it was typed.
const TYPED_CHARS: usize = 100;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct RefundPage {
    pub token: String,
    pub sandbox: bool,
    pub merchant: Label,
    pub brand: Brand,
    /// The invoice's.
    pub number: u64,
    pub amount: Amount,
    pub network: Label,
    pub step: Step,
}

#[derive(Debug, Clone)]
pub enum Step {
    /// The payer enters an address; what he typed before, and what was wrong with it.
    Enter {
        typed: String,
        wrong: Option<Wrong>,
    },
    /// He looks at it once more.
    Sure {
        address: String,
    },
    /// It is settled where the coins go; they are on their way, or the merchant is to send them.
    Confirmed {
        address: String,
    },
    Done {
        address: String,
        tx_hash: Option<String>,
        explorer_url: Option<String>,
    },
    /// The transfer failed, or was called off.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Address(BadAddress),
    /// Nothing is wrong with the address: the refund cannot be made now.
    NotNow,
}

pub fn routes() -> Router<Web> {
    let path = format!("{PAGE_PATH}{{token}}");
    let call = get(page).post(act);
    Router::new().route(&format!("{path}/"), call.clone()).route(&path, call)
}

#[derive(Debug, Deserialize)]
pub(super) struct LangQuery {
    pub lang: Option<String>,
}

/// The answer to an address that asks too often.
pub(super) fn limited(web: &Web, peer: SocketAddr, headers: &HeaderMap, lang: Lang) -> Option<Response> {
    let refused = web.limits.check_ip(web.client_ip(peer.ip(), headers)).err()?;
    let mut response = plain(web, PlainPage::TooManyRequests, StatusCode::TOO_MANY_REQUESTS, lang);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(refused.seconds()));
    Some(response)
}

async fn page(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Query(query): Query<LangQuery>,
) -> Response {
    let lang = language(&headers, query.lang.as_deref());
    if let Some(limited) = limited(&web, peer, &headers, lang) {
        return limited;
    }
    match web.app.store.read(|tx| load(&web.app, tx, &token)).await {
        Ok(Leads::Page(found)) => {
            let lang = language_of(&found.storefront, &headers, query.lang.as_deref());
            shown(StatusCode::OK, &found.page, lang)
        }
        Ok(Leads::Nowhere(whose)) => {
            let of = whose.as_ref().map(|whose| &whose.1);
            let lang = of.map_or(lang, |of| language_of(of, &headers, query.lang.as_deref()));
            nowhere(&web, whose, lang)
        }
        Err(error) => broken(&error),
    }
}

fn shown(status: StatusCode, page: &RefundPage, lang: Lang) -> Response {
    with_headers(status, render(page, lang), page_headers(None))
}

fn nowhere(web: &Web, whose: Whose, lang: Lang) -> Response {
    let shop = whose.map(|whose| Shop::of(&whose.0, &whose.1));
    with_headers(StatusCode::NOT_FOUND, gone(web.app.sandbox, lang, shop), page_headers(None))
}

/// Whose link it was, as far as that is known.
type Whose = Option<Box<(Merchant, Storefront)>>;

struct Found {
    page: RefundPage,
    row: CoinRefundRow,
    storefront: Storefront,
}

enum Leads {
    Page(Box<Found>),
    /// Made up, too old, or called off.
    Nowhere(Whose),
}

/// The page of a link as its rows say.
fn load(app: &App, tx: &Tx<'_>, token: &str) -> Result<Leads, StoreError> {
    let owner = |id| Ok::<_, StoreError>((merchants::existing(tx, id)?, storefronts::of(tx, id)?));
    let Some(row) = by_link(app, tx, token)? else {
        return Ok(Leads::Nowhere(whose(tx, token)?.as_ref().map(owner).transpose()?.map(Box::new)));
    };
    let (merchant, storefront) = owner(&row.merchant_id)?;
    let (chain, asset) = (app.chains.get(&row.chain), app.asset(&row.asset));
    let address = row.destination.clone().unwrap_or_default();
    let step = match row.state {
        RefundState::Asked => Step::Enter { typed: String::new(), wrong: None },
        RefundState::Confirmed | RefundState::Reported => Step::Confirmed { address },
        RefundState::Done => Step::Done {
            address,
            tx_hash: row.tx_hash.clone(),
            explorer_url: chain
                .and_then(|chain| chain.explorer_tx_url.as_ref())
                .zip(row.tx_hash.as_ref())
                .map(|(url, hash)| format!("{url}{hash}")),
        },
        RefundState::Failed | RefundState::Canceled => Step::Failed,
    };
    let page = RefundPage {
        token: token.to_owned(),
        sandbox: app.sandbox,
        merchant: Label::name(&merchant.name),
        brand: Brand::of(merchant.number, &storefront),
        number: u64::try_from(row.invoice_number).unwrap_or(0),
        amount: Amount {
            digits: row.units.decimal(asset.map_or(0, |asset| asset.decimals), 0),
            symbol: Label::name(asset.map_or(&row.asset, |asset| &asset.symbol)),
        },
        network: Label::name(chain.map_or(&row.chain, |chain| &chain.title)),
        step,
    };
    Ok(Leads::Page(Box::new(Found { page, row, storefront })))
}

async fn act(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(body) = bytes(body).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let Ok(params) = params(&headers, &body).await else { return StatusCode::BAD_REQUEST.into_response() };
    let text = |name: &str| match field(&params, name) {
        Field::Text(text) => text,
        Field::Absent | Field::NotText => "",
    };
    let lang = language(&headers, Some(text("lang")).filter(|lang| !lang.is_empty()));
    if let Some(limited) = limited(&web, peer, &headers, lang) {
        return limited;
    }
    let typed: String = text("address").chars().take(TYPED_CHARS).collect();
    if text("action") != "confirm" {
        return check(&web, &token, typed, lang).await;
    }
    let wrong = match confirm(&web.app, &token, &typed).await {
        // also of two tabs at once: both see what was confirmed
        Ok(_) | Err(NotConfirmed::Used) => {
            return Redirect::to(&format!("{PAGE_PATH}{token}?lang={}", lang.code())).into_response();
        }
        Err(NotConfirmed::NoLink) => return check(&web, &token, typed, lang).await,
        Err(NotConfirmed::Store(error)) => return broken(&error),
        Err(NotConfirmed::Address(bad)) => Wrong::Address(bad),
        Err(NotConfirmed::NotNow) => Wrong::NotNow,
    };
    match web.app.store.read(|tx| load(&web.app, tx, &token)).await {
        Ok(Leads::Page(found)) => refused(found.page, typed, wrong, lang),
        Ok(Leads::Nowhere(whose)) => nowhere(&web, whose, lang),
        Err(error) => broken(&error),
    }
}

fn refused(page: RefundPage, typed: String, wrong: Wrong, lang: Lang) -> Response {
    let status = match wrong {
        Wrong::Address(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Wrong::NotNow => StatusCode::CONFLICT,
    };
    shown(status, &RefundPage { step: Step::Enter { typed, wrong: Some(wrong) }, ..page }, lang)
}

/// The first step: the address as it will be sent to, or what is wrong with it. Nothing is decided.
async fn check(web: &Web, token: &str, typed: String, lang: Lang) -> Response {
    let looked = web.app.store.read(|tx| {
        let found = match load(&web.app, tx, token)? {
            Leads::Page(found) => *found,
            Leads::Nowhere(whose) => return Ok(Err(whose)),
        };
        let address = look(&web.app, tx, &found.row, &typed)?;
        Ok::<_, StoreError>(Ok((found.page, found.row.state, address)))
    });
    match looked.await {
        Ok(Err(whose)) => nowhere(web, whose, lang),
        Ok(Ok((page, RefundState::Asked, Ok(address)))) => {
            shown(StatusCode::OK, &RefundPage { step: Step::Sure { address: address.to_string() }, ..page }, lang)
        }
        Ok(Ok((page, RefundState::Asked, Err(bad)))) => refused(page, typed, Wrong::Address(bad), lang),
        Ok(Ok((page, _, _))) => shown(StatusCode::OK, &page, lang),
        Err(error) => broken(&error),
    }
}
