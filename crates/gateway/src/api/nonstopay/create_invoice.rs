//! `POST /api/btn-create-invoice/get/` (contract, payin.md section 1).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::charge::{Rounding, convert};
use domain::merchant::{Merchant, Wallet};
use domain::scope::Scope;

use crate::api::Web;
use crate::api::access::{Stop, enter};
use crate::api::body::json;
use crate::api::call::Call;
use crate::app::invoices::{CreateFailed, NewInvoice, create};
use crate::app::merchant_stop::may_go_on;
use crate::app::offers::Offers;
use crate::app::{App, CardIntake};
use crate::store::StoreError;
use crate::store::invoices::Solution;
use crate::wire::create::{
    CardData, CreateRules, Devise, DeviseRule, Flow, PAYABLE_CURRENCIES, Parsed, PayableCurrency, SolutionType, parse,
};
use crate::wire::errors::CreateError;
use crate::wire::idempotency::{self, IDEMPOTENCY_KEY, request_hash};
use crate::wire::params::Params;

pub async fn handle(State(web): State<Web>, call: Call) -> Result<Response, Stop<CreateError>> {
    let caller = enter(&web, call.peer, &call.headers, Some(Scope::Sell)).await?;
    let params = call.params().await?;
    may_sell(caller.merchant()).map_err(Stop::Refused)?;
    let Parsed { request, card } = checked(&web.app, caller.merchant(), &params).await?;
    let (asset, solution, direct) = match &request.flow {
        Flow::Hosted { only, payable_currency } => (payable_currency.clone(), *only, false),
        Flow::CryptoS2s { payable_currency } => (Some(payable_currency.clone()), Some(SolutionType::Crypto), true),
        Flow::CardS2s => (None, Some(SolutionType::Card), true),
    };
    let solution = solution.map(solution_of);
    let idempotency = idempotency_key(&call.headers)?.map(|key| (key, request_hash(&params)));
    let new = NewInvoice { request, asset, solution, direct, card, idempotency };
    match create(&web.app, caller.merchant().clone(), new).await {
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
        Err(CreateFailed::NoProvider) => Err(Stop::Refused(CreateError::S2sNotEnabled)),
        Err(CreateFailed::Stopped(_)) => Err(Stop::Refused(CreateError::Stopped)),
        Err(CreateFailed::Store(error)) => Err(error.into()),
    }
}

/// What is looked at before the parameters: the order of the contract.
fn may_sell(merchant: &Merchant) -> Result<(), CreateError> {
    may_go_on(merchant).map_err(|_| CreateError::Stopped)?;
    if matches!(merchant.wallet, Wallet::Active(_)) { Ok(()) } else { Err(CreateError::WalletNotActive) }
}

fn solution_of(kind: SolutionType) -> Solution {
    match kind {
        SolutionType::Card => Solution::Card,
        SolutionType::Upi => Solution::Upi,
        SolutionType::Crypto => Solution::Crypto,
    }
}

/// An invoice that a payer asks for himself, by a merchant's payment link, or a person of the merchant's on a page: never S2S, by the rules
/// of every other. `Ok` of the error is a refusal of the contract.
pub(crate) async fn hosted(
    app: &App,
    merchant: &Merchant,
    params: &Params,
) -> Result<NewInvoice, Result<CreateError, StoreError>> {
    may_sell(merchant).map_err(Ok)?;
    match checked(app, merchant, params).await {
        Ok(Parsed { request, .. }) => {
            let only = if let Flow::Hosted { only, .. } = &request.flow { *only } else { None };
            let solution = only.map(solution_of);
            Ok(NewInvoice { request, asset: None, solution, direct: false, card: None, idempotency: None })
        }
        Err(Stop::Refused(refused)) => Err(Ok(refused)),
        Err(Stop::Broken(error)) => Err(Err(error)),
        // what is left cannot come of parameters that are in hand
        Err(Stop::TooMany(_) | Stop::Body(_) | Stop::Unavailable(_)) => Err(Ok(CreateError::DeviseInvalid)),
    }
}

async fn checked(app: &App, merchant: &Merchant, params: &Params) -> Result<Parsed, Stop<CreateError>> {
    // most invoices are in dollars and leave the choice to the payer: then no rows need be looked at
    let names = [
        "payment_solution_type",
        "payment_solution_name",
        "personal_id",
        "card_number",
        "card_expiry_date",
        "card_ccv",
    ];
    let plain = params.get("devise").and_then(|value| value.text()).is_some_and(|text| text.trim() == "USD")
        && names.iter().all(|name| params.get(name).is_none());
    let offers = if plain { Offered::default() } else { offered(app, merchant).await? };
    let mut devises = vec![limits(app, merchant, Devise::Usd).ok_or(Stop::Refused(CreateError::DeviseInvalid))?];
    if offers.types.contains(&SolutionType::Card) {
        devises.extend(Devise::ALL[1..].iter().filter_map(|devise| limits(app, merchant, *devise)));
    }
    let (cards, now) = (app.cards, app.now());
    let currencies = params.get(PAYABLE_CURRENCIES).map(|_| payable_currencies(app, merchant)).unwrap_or_default();
    let rules = CreateRules {
        devises: &devises,
        solution_types: &offers.types,
        solution_names: &offers.names,
        payable_currencies: &currencies,
        s2s: merchant.s2s,
        cards: match cards {
            CardIntake::ProviderOnly => CardData::Redirect,
            CardIntake::Direct { check_expiry } => CardData::Direct { check_expiry: check_expiry.then_some(now) },
        },
        now,
        policy: app.policy,
    };
    parse(params, &rules).map_err(Stop::Refused)
}

/// A merchant's limits are in US dollars: in another currency they are what those are worth now. Without a rate the currency cannot
/// be taken.
fn limits(app: &App, merchant: &Merchant, devise: Devise) -> Option<DeviseRule> {
    let rate = app.rates.fiat("USD", devise.code(), app.now()).ok()?;
    let worth = |units| match &rate {
        Some(rate) => convert(units, 2, devise.minor_digits(), rate, Rounding::Up).ok(),
        None => Some(units),
    };
    let (minimum, maximum) = (worth(merchant.min_amount)?.0, worth(merchant.max_amount)?.0);
    Some(DeviseRule { devise, minimum, maximum })
}

/// What a merchant may name in `payment_solution_type` and `payment_solution_name`.
#[derive(Debug, Default)]
pub struct Offered {
    pub types: Vec<SolutionType>,
    /// Providers and chains, with the type each belongs to.
    pub named: Vec<(SolutionType, String)>,
    pub names: Vec<String>,
}

pub async fn offered(app: &App, merchant: &Merchant) -> Result<Offered, StoreError> {
    // routes for any one currency are enough to have cards
    let offers = app.store.read(|tx| {
        let mut all = Offers::of(app, tx, merchant, "USD")?;
        for devise in &Devise::ALL[1..] {
            all.card.extend(Offers::of(app, tx, merchant, devise.code())?.card);
        }
        Ok::<_, StoreError>(all)
    });
    let offers = offers.await?;
    let mut offered = Offered::default();
    let mut add = |kind: SolutionType, name: &str| {
        if !offered.types.contains(&kind) {
            offered.types.push(kind);
        }
        if !offered.named.iter().any(|(_, known)| known == name) {
            offered.named.push((kind, name.to_owned()));
            offered.names.push(name.to_owned());
        }
    };
    offers.card.iter().for_each(|account| add(SolutionType::Card, &account.provider));
    offers.upi.iter().for_each(|account| add(SolutionType::Upi, &account.provider));
    app.payable_assets().filter(|_| offers.coins).for_each(|asset| add(SolutionType::Crypto, &asset.chain));
    Ok(offered)
}

/// The assets that an invoice may name, as the wire lists them: none where the merchant has turned coins off.
pub fn payable_currencies(app: &App, merchant: &Merchant) -> Vec<PayableCurrency> {
    let row = |asset: &domain::asset::Asset| PayableCurrency {
        value: asset.code.clone(),
        symbol: asset.symbol.clone(),
        network: asset.chain.clone(),
        name: asset.name.clone(),
        aliases: asset.aliases.clone(),
    };
    app.payable_assets().filter(|_| !merchant.off().coins).map(row).collect()
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Stop<CreateError>> {
    let given = headers.get(IDEMPOTENCY_KEY);
    given.map(|value| idempotency::key(value.as_bytes()).map_err(Stop::Body)).transpose()
}
