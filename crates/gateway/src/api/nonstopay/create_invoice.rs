//! `POST /api/btn-create-invoice/get/` (contract, payin.md section 1).

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::merchant::{Merchant, Wallet};
use sha2::{Digest, Sha256};

use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::{bytes, json, params};
use crate::app::App;
use crate::app::invoices::{CreateFailed, NewInvoice, create};
use crate::wire::create::{CreateRequest, CreateRules, Devise, DeviseRule, Flow, PayableCurrency, SolutionType, parse};
use crate::wire::errors::CreateError;
use crate::wire::params::{BodyError, Params};

/// New clients send it; the answer to a repeat is the first answer.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

const MAX_IDEMPOTENCY_KEY: usize = 255;

pub async fn handle(
    State(web): State<Web>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Stop<CreateError>> {
    let caller = enter(&web, peer.ip(), &headers).await?;
    let body = bytes(body).await?;
    let params = params(&headers, &body).await?;
    if !matches!(caller.merchant.wallet, Wallet::Active(_)) {
        return Err(Stop::Refused(CreateError::WalletNotActive));
    }
    let request = checked(&web.app, &caller.merchant, &params).map_err(Stop::Refused)?;
    let (asset, direct) = match &request.flow {
        Flow::Hosted { payable_currency, .. } => (payable_currency.clone(), false),
        Flow::CryptoS2s { payable_currency } => (Some(payable_currency.clone()), true),
    };
    let idempotency = idempotency_key(&headers)?.map(|key| (key, request_hash(&params)));
    let new = NewInvoice { request, asset, direct, idempotency };
    match create(&web.app, caller.merchant, new).await {
        Ok(answer) => Ok(json(StatusCode::OK, answer)),
        Err(CreateFailed::KeyReused) => Err(Stop::Refused(CreateError::IdempotencyKeyReused)),
        Err(CreateFailed::Amount(_)) => Err(Stop::Refused(CreateError::AboveMaximum)),
        Err(CreateFailed::NoRate(error)) => {
            tracing::warn!(%error, "An invoice was refused because there is no rate");
            Err(Stop::Unavailable(format!("No price for this currency at the moment: {error}. Try again.")))
        }
        Err(CreateFailed::NotReadYet(chain)) => {
            Err(Stop::Unavailable(format!("The chain {chain} cannot be read at the moment. Try again.")))
        }
        Err(CreateFailed::Store(error)) => Err(error.into()),
    }
}

fn checked(app: &App, merchant: &Merchant, params: &Params) -> Result<CreateRequest, CreateError> {
    let usd = DeviseRule { devise: Devise::Usd, minimum: merchant.min_amount.0, maximum: merchant.max_amount.0 };
    let rules = CreateRules {
        devises: &[usd],
        solution_types: &[SolutionType::Crypto],
        solution_names: &[],
        payable_currencies: &payable_currencies(app),
        crypto_s2s: merchant.s2s,
        policy: app.policy,
    };
    parse(params, &rules)
}

/// The assets a payer may choose, as the wire lists them.
pub fn payable_currencies(app: &App) -> Vec<PayableCurrency> {
    let row = |asset: &domain::asset::Asset| PayableCurrency {
        value: asset.code.clone(),
        symbol: asset.symbol.clone(),
        network: asset.chain.clone(),
        name: asset.name.clone(),
        aliases: asset.aliases.clone(),
    };
    app.payable_assets().map(row).collect()
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Stop<CreateError>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= MAX_IDEMPOTENCY_KEY => Ok(Some(key.to_owned())),
        _ => Err(Stop::Body(BodyError::IdempotencyKey)),
    }
}

/// The same parameters in the same order, however they were encoded: a multipart boundary differs from one repeat to the next.
fn request_hash(params: &Params) -> String {
    let mut hasher = Sha256::new();
    for (name, value) in params.iter() {
        for field in [name, value.json().or_else(|| value.text()).unwrap_or_default()] {
            hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(field);
        }
    }
    hex::encode(hasher.finalize())
}
