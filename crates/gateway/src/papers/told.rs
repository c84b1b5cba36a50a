//! What an invoice's paper says and the invoice's row does not: read from its attempts, payments, charges and refunds when it is written.

use domain::Units;

use crate::app::payments::left_to_ask;
use crate::app::{App, charges, refunds};
use crate::dashboard::client::amount;
use crate::store::invoices::{InvoiceRow, Solution};
use crate::store::{StoreError, Tx};

#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What is to be paid now; less than the amount when a part has come, nothing while it is being confirmed.
    pub left: Units,
    /// How it was paid, if in one way; of one that is not paid, what was chosen.
    pub way: Option<Solution>,
    /// The transaction by which the payer's coins came to the merchant. That of a settlement of card and UPI money is of many others'
    /// payments too, and no payer's business.
    pub settle_tx: Option<String>,
    /// What was given back, of each currency and coin.
    pub given_back: Vec<String>,
}

impl Told {
    pub fn of(app: &App, tx: &Tx<'_>, row: &InvoiceRow) -> Result<Told, StoreError> {
        let (merchant, number) = (&row.invoice.merchant_id, row.invoice.number);
        let given_back = refunds::given_back(tx, merchant, number)?;
        let mut counted = charges::of_invoice(tx, merchant, number)?;
        counted.retain(domain::charge::Charge::counts);
        let way = match (&row.paid, &counted[..]) {
            (None, _) => row.chosen.or(row.solution),
            // what the payer pressed last may not be how he paid
            (Some(_), []) => Some(Solution::Crypto),
            (Some(paid), [charge]) if paid.charged.is_some() => Some(charge.method.into()),
            (Some(_), _) => None,
        };
        Ok(Told {
            left: left_to_ask(tx, row)?,
            way,
            settle_tx: row.settle_tx_hash.clone().filter(|_| counted.is_empty()),
            given_back: given_back.into_iter().map(|(asset, units)| amount(app, units, &asset)).collect(),
        })
    }
}
