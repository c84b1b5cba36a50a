//! Earlier invoices: a year of them, six of ten settled, the rest expired, or open if they are young enough.

use domain::invoice::{Invoice, State};
use domain::time::DAY;
use domain::{InvoiceId, MerchantId, Time, Units};
use gateway::clock::Clock;
use gateway::store::invoices::{self, InvoiceRow, Paid};
use gateway::store::{Store, StoreError, Tx, settings};

use crate::Fail;

/// Days over which the invoices are spread.
pub const DAYS: i64 = 365;
/// Younger invoices may be open: older ones would be expired by the worker while we measure.
const MAY_BE_OPEN: i64 = 12 * DAY;
const AT_ONCE: i64 = 2_000;

pub async fn fill(store: &Store, merchant: &MerchantId, invoices: i64) -> Result<(), Fail> {
    let now = Clock::system().now();
    let mut begun = 0;
    while begun < invoices {
        let end = invoices.min(begun + AT_ONCE);
        let merchant = merchant.clone();
        store
            .write(move |tx| (begun..end).try_for_each(|index| insert(tx, &merchant, Time(now), index, invoices)))
            .await?;
        begun = end;
    }
    Ok(())
}

fn insert(tx: &Tx<'_>, merchant: &MerchantId, now: Time, index: i64, invoices: i64) -> Result<(), StoreError> {
    // whole milliseconds first: 10,000,000 times a year in milliseconds still fits
    let age = (invoices - index) * (DAYS - 1) * DAY / invoices;
    let created_at = now.plus(-age);
    let mut row = new_row(merchant, settings::next_number(tx, "invoice")?, created_at);
    invoices::insert(tx, &row)?;
    match index % 10 {
        0..=5 => {
            row.invoice.state = State::Settled;
            row.settle_tx_hash = Some(format!("0x{:064x}", row.invoice.number));
            row.paid = Some(Paid {
                asset: "USDT_polygon".into(),
                symbol: "USDT".into(),
                decimals: 6,
                units: Units(15_040_000),
                merchant_units: Units(14_889_600),
                fee_units: Units(150_400),
                charged: None,
            });
        }
        6 | 7 if age < MAY_BE_OPEN => return Ok(()),
        8 | 9 if age < MAY_BE_OPEN => row.invoice.state = State::Opened,
        _ => row.invoice.state = State::Expired,
    }
    invoices::update(tx, &row, State::Created)
}

fn new_row(merchant: &MerchantId, number: i64, created_at: Time) -> InvoiceRow {
    let unique = u128::try_from(number).unwrap_or(0);
    let created_ms = u64::try_from(created_at.0).unwrap_or(0);
    InvoiceRow {
        invoice: Invoice {
            id: InvoiceId::new(ulid::Ulid::from_parts(created_ms, unique)),
            merchant_id: merchant.clone(),
            number,
            amount: Units(1_504),
            devise: "USD".into(),
            state: State::Created,
            created_at,
            status_at: created_at,
        },
        token_secret: format!("{unique:032x}"),
        email: "customer@example.com".into(),
        solution: None,
        solution_name: None,
        chosen: None,
        payable_currency: None,
        callback_json: None,
        success_url: None,
        cancel_url: None,
        pending_url: None,
        failure_url: None,
        customer: Some(r#"{"name":null,"phone":null,"country":"AE"}"#.into()),
        customer_ip: Some("203.0.113.7".into()),
        paid: None,
        settle_tx_hash: None,
        last_event: 0,
        version: 1,
    }
}
