//! What a payer may choose from.

use domain::charge::Method;
use domain::merchant::Merchant;

use super::charges::begin::currency_of;
use super::providers::{self, Provider};
use super::{App, CardIntake};
use crate::store::invoices::{InvoiceRow, Solution};
use crate::store::provider_accounts::AccountRow;
use crate::store::{StoreError, Tx};

/// The providers an invoice may be paid at, in the order to try them.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    pub card: Vec<AccountRow>,
    pub upi: Vec<AccountRow>,
    pub coins: bool,
}

impl Offers {
    /// What a merchant's payers may choose for an invoice in `devise`.
    pub fn of(app: &App, tx: &Tx<'_>, merchant: &Merchant, devise: &str) -> Result<Offers, StoreError> {
        let priced = |method| app.rates.fiat(devise, currency_of(method, devise), app.now()).is_ok();
        let at = |method: Method| match priced(method) {
            true => providers::usable(tx, &merchant.id, method, currency_of(method, devise)),
            false => Ok(Vec::new()),
        };
        Ok(Offers { card: at(Method::Card)?, upi: at(Method::Upi)?, coins: devise == "USD" })
    }

    /// As [`Offers::of`], without what the merchant has ruled out for this invoice.
    pub fn for_invoice(app: &App, tx: &Tx<'_>, merchant: &Merchant, row: &InvoiceRow) -> Result<Offers, StoreError> {
        let mut offers = Offers::of(app, tx, merchant, &row.invoice.devise)?;
        let only = row.payable_currency.as_ref().map(|_| Solution::Crypto).or(row.solution);
        if only.is_some_and(|only| only != Solution::Card) {
            offers.card.clear();
        }
        if only.is_some_and(|only| only != Solution::Upi) {
            offers.upi.clear();
        }
        offers.coins &= only.is_none_or(|only| only == Solution::Crypto);
        if let Some(name) = &row.solution_name {
            offers.card.retain(|account| account.provider == *name);
            offers.upi.retain(|account| account.provider == *name);
            offers.coins &= app.payable_assets().any(|asset| asset.chain == *name);
        }
        Ok(offers)
    }

    pub fn accounts(&self, method: Method) -> &[AccountRow] {
        match method {
            Method::Card => &self.card,
            Method::Upi => &self.upi,
            Method::Payout => &[],
        }
    }

    /// The first card provider that takes card data from us, if we may see them.
    pub fn takes_cards_from_us(&self, app: &App) -> bool {
        let takes = |account: &AccountRow| matches!(Provider::by_name(&account.provider), Some(Provider::Connected(connector)) if connector.create_with_card.is_some());
        app.cards != CardIntake::ProviderOnly && self.card.first().is_some_and(takes)
    }
}
