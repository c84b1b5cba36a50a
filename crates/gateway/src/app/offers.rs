//! What a payer may choose from.

use domain::Time;
use domain::attempt::Attempt;
use domain::charge::{Method, State};
use domain::merchant::Merchant;
use domain::payment::{Finality, Payment, Placement};

use super::charges::begin::currency_of;
use super::providers::{self, Provider};
use super::{App, CardIntake};
use crate::store::charges::ChargeRow;
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

/// What the payer of an invoice is in the middle of. It goes on to its end where the merchant has turned that way off since, or was stopped;
/// nothing else begins there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Begun {
    pub card: bool,
    pub upi: bool,
    pub coins: bool,
}

impl Begun {
    pub fn of(charges: &[ChargeRow], attempts: &[Attempt], payments: &[Payment], now: Time) -> Begun {
        let waits = |method| {
            charges.iter().map(|row| &row.charge).any(|charge| {
                let payable = charge.state == State::NeedsPayer && now < charge.expires_at;
                charge.method == method && (payable || charge.state.is_unresolved())
            })
        };
        let counts = |p: &Payment| p.placement == Placement::Credited && p.finality != Finality::Reversed;
        let priced = attempts.last().is_some_and(|attempt| now < attempt.quote_expires_at);
        Begun {
            card: waits(Method::Card),
            upi: waits(Method::Upi),
            // a price that holds, or a part that was paid
            coins: priced || payments.iter().any(counts),
        }
    }
}

impl Offers {
    /// What a merchant's payers may choose for an invoice in `devise`: what there is, without what the merchant has turned off; nothing while
    /// the operator has stopped it.
    pub fn of(app: &App, tx: &Tx<'_>, merchant: &Merchant, devise: &str) -> Result<Offers, StoreError> {
        let priced = |method| app.rates.fiat(devise, currency_of(method, devise), app.now()).is_ok();
        let at = |method: Method, off: bool| match !off && priced(method) {
            true => providers::usable(tx, &merchant.id, method, currency_of(method, devise)),
            false => Ok(Vec::new()),
        };
        let off = merchant.off();
        Ok(Offers {
            card: at(Method::Card, off.card)?,
            upi: at(Method::Upi, off.upi)?,
            coins: devise == "USD" && !off.coins,
        })
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
