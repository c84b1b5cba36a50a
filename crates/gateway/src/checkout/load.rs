//! From rows to what the page shows.

use std::net::IpAddr;

use alloy_primitives::{Address, B256};
use domain::asset::Asset;
use domain::attempt::Attempt;
use domain::charge::{self, Method};
use domain::confirmations::depth;
use domain::invoice::{Failure, State as InvoiceState};
use domain::merchant::Merchant;
use domain::payment::{Finality, Payment, Placement};
use domain::standing::Standing;
use domain::{Time, Units};
use rails::evm::forwarder::{ForwarderTerms, deposit_address};
use rails::provider::Device;
use sha2::{Digest, Sha256};

use super::begin;
use super::brand::Brand;
use super::charged::fiat;
use super::label::Label;
use super::qr::eip681;
use super::view::{
    Amount, CurrencyOption, Notice, OtherWays, PageView, Pay, Progress, Quote, RrnError, SeenPayment, State, UpiKind,
};
use crate::app::offers::{Begun, Offers};
use crate::app::payments::worth_at_stake;
use crate::app::providers::OWN_VPA;
use crate::app::{App, SharedApp, attempts as attempt_cases, invoices as invoice_cases};
use crate::store::charges::ChargeRow;
use crate::store::invoices::InvoiceRow;
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::storefronts::{self, Storefront};
use crate::store::{StoreError, Tx, attempts, charges, payments};
use crate::wire::paths;

/// An invoice as its page needs it, on one snapshot.
#[derive(Debug)]
pub struct Loaded {
    pub merchant: Merchant,
    pub storefront: Storefront,
    pub row: InvoiceRow,
    pub attempts: Vec<Attempt>,
    pub payments: Vec<Payment>,
    pub standing: Standing,
    pub charges: Vec<ChargeRow>,
    pub offers: Offers,
    pub begun: Begun,
    /// The merchant's own account of UPI that the payer is paying to.
    pub own_vpa: Option<AccountRow>,
    /// The coin the merchant chose has no price at the moment.
    pub no_price: bool,
}

pub async fn load(app: &App, token: &str) -> Result<Option<Loaded>, StoreError> {
    app.store
        .read(|tx| {
            let Some((merchant, row)) = invoice_cases::by_token(app, tx, token)? else { return Ok(None) };
            let attempts = attempts::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let payments = payments::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let payments: Vec<Payment> = payments.into_iter().map(|row| row.payment).collect();
            let charges = charges::of_invoice(tx, &merchant.id, row.invoice.number)?;
            let standing = Standing::of(&attempts, &payments)
                .and_then(|standing| standing.with_charges(charges.iter().map(|row| &row.charge)));
            let standing = standing.map_err(|error| StoreError::Inconsistent(error.to_string()))?;
            let offers = match row.invoice.state.is_open() {
                true => Offers::for_invoice(app, tx, &merchant, &row)?,
                false => Offers::default(),
            };
            let begun = Begun::of(&charges, &attempts, &payments, app.now());
            let own_vpa = own_vpa(tx, &offers, &charges)?;
            let storefront = storefronts::of(tx, &merchant.id)?;
            Ok(Some(Loaded {
                merchant,
                storefront,
                row,
                attempts,
                payments,
                standing,
                charges,
                offers,
                begun,
                own_vpa,
                no_price: false,
            }))
        })
        .await
}

/// The account behind the last charge at the merchant's own VPA; also one that is not offered any more.
fn own_vpa(tx: &Tx<'_>, offers: &Offers, charges: &[ChargeRow]) -> Result<Option<AccountRow>, StoreError> {
    let Some(charge) = charges.iter().map(|row| &row.charge).rfind(|charge| charge.provider == OWN_VPA) else {
        return Ok(None);
    };
    match offers.upi.iter().find(|account| account.id == charge.account_id) {
        Some(account) => Ok(Some(account.clone())),
        None => provider_accounts::by_id(tx, &charge.account_id),
    }
}

/// Who is looking at the page.
#[derive(Debug, Clone, Copy)]
pub struct Visitor {
    pub ip: IpAddr,
    pub device: Device,
    /// He comes back from a provider's page or app.
    pub is_back: bool,
}

/// The payer is here: the invoice is opened, and if the merchant chose the coin, its attempt is made.
pub async fn arrive(app: &SharedApp, token: &str, visitor: Visitor) -> Result<Option<Loaded>, StoreError> {
    let Some(mut loaded) = load(app, token).await? else { return Ok(None) };
    if visitor.is_back && loaded.row.invoice.state.is_open() {
        // nothing in the address he came back with is believed: the provider is asked
        begin::ask(app, &loaded.merchant.id, loaded.row.invoice.number).await?;
        let Some(again) = load(app, token).await? else { return Ok(None) };
        loaded = again;
    }
    let opened = match loaded.row.invoice.state {
        InvoiceState::Created => match invoice_cases::open(app, token, visitor.ip).await {
            Err(invoice_cases::CommandFailed::Store(error)) => return Err(error),
            _ => true,
        },
        _ => false,
    };
    if loaded.wants_upi_now(app.now()) {
        begin::begin(app, token, Method::Upi, visitor.device, None).await?;
        return load(app, token).await;
    }
    let chosen = loaded.row.payable_currency.as_deref();
    let chosen = chosen.filter(|_| loaded.attempts.is_empty() && loaded.offers.coins);
    let mut no_price = false;
    if let Some(asset) = chosen {
        match attempt_cases::open(app, token, asset).await {
            Err(attempt_cases::OpenFailed::Store(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(invoice = loaded.row.invoice.number, %error, "No attempt for the chosen coin");
                no_price = error.is_for_want_of_a_price();
            }
            Ok(()) => {}
        }
    }
    if !opened && chosen.is_none() {
        return Ok(Some(loaded));
    }
    Ok(load(app, token).await?.map(|loaded| Loaded { no_price, ..loaded }))
}

impl Loaded {
    pub fn view(&self, app: &App, token: &str, stay: bool) -> PageView {
        let invoice = &self.row.invoice;
        let digits = domain::fiat::minor_digits(&invoice.devise).unwrap_or(2);
        let now = app.now();
        let (state, notices) = (self.state(app, now), self.notices(app));
        PageView {
            token: token.to_owned(),
            version: version(&state, &notices),
            number: u64::try_from(invoice.number).unwrap_or(0),
            now_ms: now.0,
            merchant: Label::name(&self.merchant.name),
            brand: Brand::of(self.merchant.number, &self.storefront),
            price: Amount { digits: invoice.amount.decimal(digits, digits), symbol: Label::name(&invoice.devise) },
            description: None,
            payer_email: Some(Label::name(&self.row.email)),
            return_url: self.return_url(&state).or_else(|| own_page(app, token, &state)),
            returns_to_us: self.return_url(&state).is_none(),
            stay,
            go: false,
            sandbox: app.sandbox,
            no_price: self.no_price,
            unavailable: false,
            notices,
            state,
        }
    }

    fn state(&self, app: &App, now: Time) -> State {
        match self.row.invoice.state {
            InvoiceState::Received => State::Received,
            InvoiceState::Settled => State::Settled,
            InvoiceState::Failed(Failure::Canceled) => State::Canceled,
            InvoiceState::Failed(Failure::PaymentReversed) => State::Failed { declined: false },
            InvoiceState::Failed(Failure::Declined) => State::Failed { declined: true },
            InvoiceState::Expired => State::Expired,
            InvoiceState::Withheld => State::Withheld,
            InvoiceState::Chargeback => State::Chargeback,
            InvoiceState::Created | InvoiceState::Opened if self.standing.covers(self.row.invoice.amount) => {
                State::Confirming { payments: self.seen_payments(app) }
            }
            InvoiceState::Created | InvoiceState::Opened => self.open_state(app, now),
        }
    }

    pub(super) fn pay(&self, app: &App, now: Time) -> Option<Pay> {
        let attempt = self.attempts.last()?;
        let asset = app.asset(&attempt.asset)?;
        let chain = app.chains.get(&attempt.chain)?;
        let paid = self
            .payments
            .iter()
            .filter(|p| p.attempt_id == attempt.id && p.placement == Placement::Credited)
            .filter(|p| p.finality != Finality::Reversed)
            .try_fold(Units::ZERO, |sum, p| sum.plus(p.units))
            .ok()?;
        let due = attempt.due_units.less(paid);
        let recipient = Address::from(attempt.address);
        if !is_forwarder(attempt) {
            tracing::error!(attempt = %attempt.id, "The address of an attempt is not that of its terms; it is not shown");
            return None;
        }
        // something was paid by another attempt meanwhile: this one asks for too much
        let still_asked = attempt.due_minor.less(attempt.value_of(paid).unwrap_or_default());
        let asks_too_much = self.standing.left_to_pay(self.row.invoice.amount) < still_asked;
        let expired = now >= attempt.quote_expires_at || asks_too_much;
        Some(Pay {
            currency: option(app, asset),
            total: attempt.due_units.decimal(asset.decimals, 0),
            paid: (!paid.is_zero()).then(|| paid.decimal(asset.decimals, 0)),
            due: due.decimal(asset.decimals, 0),
            address: recipient.to_string(),
            uri: Some(eip681(chain.chain_id, (&asset.kind).into(), recipient, due.0)),
            quote: match expired {
                true => Quote::Expired,
                false => Quote::Locked { until_ms: attempt.quote_expires_at.0 },
            },
            payments: self.seen_payments(app),
            other: OtherWays { methods: self.methods(None), options: self.options(app, Some(&attempt.asset)) },
            may_cancel: self.payments.iter().all(|p| p.finality == Finality::Reversed),
        })
    }

    pub(super) fn options(&self, app: &App, but: Option<&str>) -> Vec<CurrencyOption> {
        let only = self.row.payable_currency.as_deref();
        let chain = self.row.solution_name.as_deref();
        app.payable_assets()
            .filter(|_| self.offers.coins)
            .filter(|asset| chain.is_none_or(|chain| chain == asset.chain))
            .filter(|asset| only.is_some() || !self.storefront.coins_off.contains(&asset.code))
            .filter(|asset| only.is_none_or(|only| only == asset.code) && but != Some(asset.code.as_str()))
            .map(|asset| option(app, asset))
            .collect()
    }

    fn seen_payments(&self, app: &App) -> Vec<SeenPayment> {
        let seen = |payment: &Payment| {
            let chain = app.chains.get(&payment.on_chain.chain)?;
            let attempt = self.attempts.iter().find(|attempt| attempt.id == payment.attempt_id)?;
            let needed = chain.confirmations.needed(worth_at_stake(payment, attempt, self.standing.seen));
            let head = chain.health().read_up_to.unwrap_or(payment.on_chain.block_number);
            let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
            let progress = match payment.finality {
                Finality::Final => Progress::Final,
                Finality::Reversed => Progress::Reversed,
                Finality::Seen => Progress::Confirming {
                    seen: count(depth(head, payment.on_chain.block_number).min(needed)),
                    needed: count(needed),
                },
            };
            let hash = payment.on_chain.tx_hash.clone();
            let explorer_url = chain.explorer_tx_url.as_ref().map(|prefix| format!("{prefix}{hash}"));
            Some(SeenPayment { amount: amount(app, payment)?, chain_tx: hash, explorer_url, progress })
        };
        // one that left the chain and came back in another block stands here once
        let is_back = |p: &Payment| {
            let again = |q: &Payment| q.finality != Finality::Reversed && q.on_chain.tx_hash == p.on_chain.tx_hash;
            p.finality == Finality::Reversed && self.payments.iter().any(again)
        };
        self.payments.iter().filter(|p| p.placement == Placement::Credited && !is_back(p)).filter_map(seen).collect()
    }

    fn notices(&self, app: &App) -> Vec<Notice> {
        let mut notices = Vec::new();
        for payment in self.payments.iter().filter(|p| p.finality != Finality::Reversed) {
            let Some(amount) = amount(app, payment) else { continue };
            let network = app.chains.get(&payment.on_chain.chain).map_or("", |chain| chain.title.as_str());
            match payment.placement {
                Placement::Credited => {}
                Placement::Extra => notices.push(Notice::OverPaid { excess: amount }),
                Placement::Late => notices.push(Notice::Late { amount }),
                Placement::WrongToken => {
                    notices.push(Notice::WrongToken { amount, network: Label::name(network) });
                }
            }
        }
        for row in &self.charges {
            let Some(money) = &row.charge.received else { continue };
            let amount = fiat(money.units, &money.currency);
            match row.charge.placement.filter(|_| row.charge.state == charge::State::Paid) {
                Some(charge::Placement::Mismatch) => notices.push(Notice::OtherAmount { amount }),
                Some(charge::Placement::Extra) => notices.push(Notice::OverPaid { excess: amount }),
                Some(charge::Placement::Late) => notices.push(Notice::Late { amount }),
                Some(charge::Placement::Credited) | None => {}
            }
        }
        notices.extend(self.overpaid(app).map(|excess| Notice::OverPaid { excess }));
        notices
    }

    /// What the credited payments of the last attempt are beyond what was asked.
    fn overpaid(&self, app: &App) -> Option<Amount> {
        let attempt = self.attempts.last()?;
        let asset = app.asset(&attempt.asset)?;
        let paid = self
            .payments
            .iter()
            .filter(|p| p.attempt_id == attempt.id && p.placement == Placement::Credited)
            .filter(|p| p.finality != Finality::Reversed)
            .try_fold(Units::ZERO, |sum, p| sum.plus(p.units))
            .ok()?;
        let excess = paid.less(attempt.due_units);
        let symbol = Label::name(&asset.symbol);
        (!excess.is_zero()).then(|| Amount { digits: excess.decimal(asset.decimals, 0), symbol })
    }

    /// Where the merchant wants the payer to go from here.
    fn return_url(&self, state: &State) -> Option<String> {
        match state {
            State::Received | State::Settled => self.row.success_url.clone(),
            State::Canceled => self.row.cancel_url.clone(),
            State::Confirming { .. } | State::Processing { .. } => self.row.pending_url.clone(),
            State::Failed { .. } | State::Expired => self.row.failure_url.clone(),
            _ => None,
        }
    }
}

/// Our own page at the contract's paths, for where the merchant has named none. It shows whose it is by the token.
fn own_page(app: &App, token: &str, state: &State) -> Option<String> {
    let path = match state {
        State::Received | State::Settled => paths::SUCCESS_PAGE,
        State::Canceled => paths::CANCEL_PAGE,
        _ => return None,
    };
    let token = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    Some(format!("{}{path}?{token}", app.base_url))
}

/// Whether the stored address is the one that pays the stored wallets: a row that somebody changed must not reach a payer.
fn is_forwarder(attempt: &Attempt) -> bool {
    let terms = ForwarderTerms {
        merchant: Address::from(attempt.merchant_wallet),
        fee_wallet: Address::from(attempt.fee_wallet),
        fee_bps: attempt.fee.get(),
    };
    deposit_address(&terms, B256::from(attempt.salt)).0.0 == attempt.address
}

fn option(app: &App, asset: &Asset) -> CurrencyOption {
    let network = app.chains.get(&asset.chain).map_or(asset.chain.as_str(), |chain| chain.title.as_str());
    CurrencyOption { value: asset.code.clone(), symbol: Label::name(&asset.symbol), network: Label::name(network) }
}

fn amount(app: &App, payment: &Payment) -> Option<Amount> {
    let asset = app.asset(&payment.asset)?;
    Some(Amount { digits: payment.units.decimal(asset.decimals, 0), symbol: Label::name(&asset.symbol) })
}

/// Changes when the page would; 48 bits, which a script's numbers hold.
fn version(state: &State, notices: &[Notice]) -> u64 {
    let digest = Sha256::digest(format!("{state:?}{notices:?}"));
    digest[..6].iter().fold(0, |version, byte| version << 8 | u64::from(*byte))
}

impl PageView {
    /// Says on the page why a reference number was not taken.
    pub fn refuse_rrn(&mut self, why: Option<&str>) {
        let why = match why {
            Some("used") => Some(RrnError::AlreadyUsed),
            Some("malformed") => Some(RrnError::Malformed),
            _ => None,
        };
        if let State::Upi(upi) = &mut self.state
            && let UpiKind::OwnVpa { rrn_refused, .. } = &mut upi.kind
        {
            *rrn_refused = why;
        }
    }
}
