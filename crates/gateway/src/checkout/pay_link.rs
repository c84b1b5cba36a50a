//! `/pay/{link}`: a payer uses a merchant's payment link. Looking makes nothing; the form's button makes an invoice and leads to its page.
//! There is no session that another site could use: whoever has the link may use it.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::Units;
use domain::merchant::Merchant;

use super::brand::Brand;
use super::headers::{Headers, in_frames, page_headers};
use super::label::Label;
use super::messages::Lang;
use super::refund::{LangQuery, limited};
use super::render::pay_link::render;
use super::routes::{broken, language, language_of, plain, with_headers};
use super::view::PlainPage;
use crate::api::Web;
use crate::api::body::{bytes, params};
use crate::api::nonstopay::create_invoice::hosted;
use crate::app::App;
use crate::app::invoices::CreateFailed;
use crate::app::payment_links::{Closed, Leads, PAGE_PATH, PayFailed, by_token, leads, pay};
use crate::store::payment_links::{Asks, LinkRow};
use crate::store::storefronts::{self, Storefront};
use crate::store::{StoreError, Tx};
use crate::wire::create::Devise;
use crate::wire::errors::CreateError;
use crate::wire::field::{Field, field};
use crate::wire::params::{ParamValue, Params};

/// What was typed is shown again, up to so many characters.
const TYPED_CHARS: usize = 320;

/// What the page shows.
#[derive(Debug, Clone)]
pub struct PayLinkPage {
    pub token: String,
    pub sandbox: bool,
    pub merchant: Label,
    pub brand: Brand,
    pub title: Label,
    pub description: Option<Label>,
    pub currency: &'static str,
    /// Decimal text; none where the payer says how much.
    pub amount: Option<String>,
    pub min: Option<String>,
    pub max: Option<String>,
    pub step: Step,
}

#[derive(Debug, Clone)]
pub enum Step {
    /// What the payer typed before, and what was wrong with it.
    Enter {
        amount: String,
        email: String,
        wrong: Option<Wrong>,
    },
    Closed(Closed),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    Amount,
    Above,
    Below,
    Email,
    /// Nothing is wrong with what was typed: no invoice can be made now.
    NotNow,
}

pub fn routes() -> Router<Web> {
    let path = format!("{PAGE_PATH}{{link}}");
    let call = get(page).post(act);
    Router::new().route(&format!("{path}/"), call.clone()).route(&path, call)
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
        Ok(None) => plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Ok(Some((_, Leads::Invoice(page)))) => Redirect::to(local(&web.app, &page)).into_response(),
        Ok(Some((found, Leads::Nowhere(closed)))) => {
            let lang = found.language(&headers, query.lang.as_deref());
            let page = shown(&web.app, &found, token, Step::Closed(closed));
            with_headers(StatusCode::GONE, render(&page, lang), found.headers())
        }
        Ok(Some((found, Leads::Form))) => {
            let lang = found.language(&headers, query.lang.as_deref());
            let step = Step::Enter { amount: String::new(), email: String::new(), wrong: None };
            let page = shown(&web.app, &found, token, step);
            with_headers(StatusCode::OK, render(&page, lang), found.headers())
        }
        Err(error) => broken(&error),
    }
}

/// An address of ours without the host: forms may lead to where the page itself came from only, whatever name that has.
fn local<'p>(app: &App, page: &'p str) -> &'p str {
    page.strip_prefix(&app.base_url).unwrap_or(page)
}

impl Found {
    fn headers(&self) -> Headers {
        in_frames(page_headers(None), &self.storefront.frames)
    }

    fn language(&self, headers: &HeaderMap, asked: Option<&str>) -> Lang {
        language_of(&self.storefront, headers, asked)
    }
}

/// A link, and whose it is.
struct Found {
    merchant: Merchant,
    storefront: Storefront,
    row: LinkRow,
}

fn find(app: &App, tx: &Tx<'_>, token: &str) -> Result<Option<Found>, StoreError> {
    let Some((merchant, row)) = by_token(app, tx, token)? else { return Ok(None) };
    let storefront = storefronts::of(tx, &merchant.id)?;
    Ok(Some(Found { merchant, storefront, row }))
}

fn load(app: &App, tx: &Tx<'_>, token: &str) -> Result<Option<(Found, Leads)>, StoreError> {
    let Some(found) = find(app, tx, token)? else { return Ok(None) };
    let leads = leads(app, tx, &found.merchant, &found.row, app.now())?;
    Ok(Some((found, leads)))
}

fn devise(row: &LinkRow) -> Devise {
    Devise::from_code(&row.devise).unwrap_or(Devise::Usd)
}

fn shown(app: &App, found: &Found, token: String, step: Step) -> PayLinkPage {
    let Found { merchant, storefront, row } = found;
    let devise = devise(row);
    let decimal = |units: Units| units.decimal(devise.minor_digits(), devise.minor_digits());
    let (amount, min, max) = match row.asks {
        Asks::Fixed(amount) => (Some(decimal(amount)), None, None),
        Asks::Open { min, max } => (None, min.map(decimal), max.map(decimal)),
    };
    PayLinkPage {
        token,
        sandbox: app.sandbox,
        merchant: Label::name(&merchant.name),
        brand: Brand::of(merchant.number, storefront),
        title: Label::sentence(&row.title),
        description: row.description.as_deref().map(Label::sentence),
        currency: devise.code(),
        amount,
        min,
        max,
        step,
    }
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
        Field::Text(text) => text.chars().take(TYPED_CHARS).collect::<String>(),
        Field::Absent | Field::NotText => String::new(),
    };
    let asked = text("lang");
    let lang = language(&headers, Some(asked.as_str()).filter(|lang| !lang.is_empty()));
    if let Some(limited) = limited(&web, peer, &headers, lang) {
        return limited;
    }
    let found = match web.app.store.read(|tx| find(&web.app, tx, &token)).await {
        Ok(Some(found)) => found,
        Ok(None) => return plain(&web, PlainPage::NotFound, StatusCode::NOT_FOUND, lang),
        Err(error) => return broken(&error),
    };
    let lang = found.language(&headers, Some(asked.as_str()).filter(|lang| !lang.is_empty()));
    let (amount, email) = (text("amount"), text("email"));
    let wrong = match begin(&web.app, &found.merchant, &found.row, &token, (&amount, &email)).await {
        Ok(page) => {
            // the payer's language goes with him
            let page = local(&web.app, &page);
            return Redirect::to(&format!("{page}&lang={}", lang.code())).into_response();
        }
        Err(Stopped::Store(error)) => return broken(&error),
        Err(Stopped::Closed) => {
            return Redirect::to(&format!("{PAGE_PATH}{token}?lang={}", lang.code())).into_response();
        }
        Err(Stopped::Wrong(wrong)) => wrong,
    };
    let status = if wrong == Wrong::NotNow { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = shown(&web.app, &found, token, Step::Enter { amount, email, wrong: Some(wrong) });
    with_headers(status, render(&page, lang), found.headers())
}

enum Stopped {
    Store(StoreError),
    /// It leads elsewhere by now: its page says where.
    Closed,
    Wrong(Wrong),
}

/// Makes the invoice, by the rules of every invoice and the link's own. Answers its page's address.
async fn begin(
    app: &crate::app::SharedApp,
    merchant: &Merchant,
    row: &LinkRow,
    token: &str,
    (amount, email): (&str, &str),
) -> Result<String, Stopped> {
    let devise = devise(row);
    let units = match row.asks {
        Asks::Fixed(units) => units,
        Asks::Open { min, max } => {
            // a comma is what many keyboards have; it cannot be meant to divide thousands where two digits or less follow
            let plain = match amount.rsplit_once(',') {
                Some((whole, cents)) if cents.len() <= 2 && !whole.contains(['.', ',']) => format!("{whole}.{cents}"),
                _ => amount.to_owned(),
            };
            let units = Units::parse(plain.trim(), devise.minor_digits()).map_err(|_| Stopped::Wrong(Wrong::Amount))?;
            if min.is_some_and(|min| units < min) {
                return Err(Stopped::Wrong(Wrong::Below));
            }
            if max.is_some_and(|max| units > max) {
                return Err(Stopped::Wrong(Wrong::Above));
            }
            units
        }
    };
    let decimal = units.decimal(devise.minor_digits(), 0);
    let note = serde_json::json!({ "payment_link": row.number.to_string() }).to_string();
    let given = [("email", email), ("amount", &decimal), ("devise", devise.code()), ("callbackJson", &note)];
    let params = Params::of(given.map(|(name, value)| (name.to_owned(), ParamValue::from_text(value))));
    let new = hosted(app, merchant, &params).await.map_err(|error| match error {
        Ok(refused) => Stopped::Wrong(wrong(&refused)),
        Err(error) => Stopped::Store(error),
    })?;
    match pay(app, token, new).await {
        Ok(page) => Ok(page),
        Err(PayFailed::Store(error) | PayFailed::Create(CreateFailed::Store(error))) => Err(Stopped::Store(error)),
        Err(PayFailed::Closed(_) | PayFailed::NotFound) => Err(Stopped::Closed),
        Err(PayFailed::Create(error)) => {
            tracing::info!(%error, "A payment link could not be used");
            Err(Stopped::Wrong(Wrong::NotNow))
        }
    }
}

fn wrong(refused: &CreateError) -> Wrong {
    match refused {
        CreateError::EmailRequired | CreateError::EmailInvalid => Wrong::Email,
        CreateError::AmountRequired => Wrong::Amount,
        CreateError::AboveMaximum => Wrong::Above,
        CreateError::BelowMinimum => Wrong::Below,
        _ => Wrong::NotNow,
    }
}
