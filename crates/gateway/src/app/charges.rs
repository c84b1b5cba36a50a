//! Charges: payment attempts at providers, by card and UPI. Begun, sent once, then only asked about.

pub mod ask;
pub mod begin;
pub mod close;
pub mod disputes;
pub mod drive;
mod elsewhere;
pub mod hints;
pub mod own_vpa;
pub mod record;
pub mod refunds;
pub mod review;
pub mod statement;
pub mod statement_upload;

use domain::charge::Charge;
use domain::merchant::Merchant;
use domain::{MerchantId, Time};
use rails::provider::{Charge as Asked, Payer};

use super::App;
use super::invoices::own_page_url;
use crate::store::charges::{self, ChargeRow};
use crate::store::invoices::InvoiceRow;
use crate::store::{StoreError, Tx};

/// Where a provider posts its callbacks for an account.
pub const CALLBACK_PATH: &str = "/provider/callbacks";

/// A charge as its connector is told of it.
pub fn asked(app: &App, merchant: &Merchant, invoice: &InvoiceRow, row: &ChargeRow) -> Result<Asked, StoreError> {
    let charge = &row.charge;
    let customer: serde_json::Value = match &invoice.customer {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => serde_json::Value::Null,
    };
    let of = |name: &str| customer.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    Ok(Asked {
        id: charge.id.to_string(),
        amount: charge.asked.units,
        digits: domain::fiat::minor_digits(&charge.asked.currency).unwrap_or(2),
        currency: charge.asked.currency.clone(),
        description: format!("{} invoice {}", merchant.name, invoice.invoice.number),
        payee: merchant.name.chars().take(60).collect(),
        payer: Payer {
            email: invoice.email.clone(),
            name: of("name"),
            phone: of("phone"),
            ip: invoice.customer_ip.clone(),
            address1: of("address1"),
            address2: of("address2"),
            city: of("city"),
            state: of("state"),
            postcode: of("postcode"),
            country: of("country"),
            vpa: None,
        },
        device: row.device,
        return_url: return_url(app, merchant, invoice)?,
        callback_url: format!("{}{CALLBACK_PATH}/{}", app.base_url, charge.account_id),
        created_at: charge.created_at,
        expires_at: charge.expires_at,
        reference: row.reference.clone(),
        memory: row.memory.clone(),
    })
}

/// The hosted page, which asks the provider when the payer is back. It takes nothing from what a provider adds to the address.
pub fn return_url(app: &App, merchant: &Merchant, invoice: &InvoiceRow) -> Result<String, StoreError> {
    Ok(format!("{}&back=1", own_page_url(app, merchant, invoice)?))
}

/// An invoice's charges without what only their workers need.
pub fn of_invoice(tx: &Tx<'_>, merchant: &MerchantId, invoice: i64) -> Result<Vec<Charge>, StoreError> {
    Ok(charges::of_invoice(tx, merchant, invoice)?.into_iter().map(|row| row.charge).collect())
}

/// When a charge, or a transfer, that was asked about `asked` times without news is to be asked next: soon at first, then ever more seldom.
pub(super) fn next_look(now: Time, asked: u32) -> Time {
    const SECONDS: [i64; 12] = [2, 3, 5, 5, 10, 15, 30, 60, 120, 300, 900, 3_600];
    let at = usize::try_from(asked).unwrap_or(usize::MAX).min(SECONDS.len() - 1);
    now.plus(SECONDS[at] * 1_000)
}
