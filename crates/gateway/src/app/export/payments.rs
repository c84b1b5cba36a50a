//! Payments to cards as CSV: of a card its last four digits.

use bytes::Bytes;
use domain::MerchantId;
use futures_util::stream::{Stream, try_unfold};

use super::{csv, guarded, header};
use crate::app::SharedApp;
use crate::store::payouts::{self, PayoutRow};
use crate::store::{StoreError, funds};
use crate::wire::time::written;

const PAYMENTS: [&str; 11] = [
    "number",
    "created_at_utc",
    "state",
    "amount",
    "currency",
    "first_name",
    "last_name",
    "card_last4",
    "status_at_utc",
    "failed_reason",
    "merchant_data",
];

/// Which payments; without a state or a day, whichever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which {
    pub state: Option<funds::State>,
    /// Days since 1970, inclusive.
    pub from_day: Option<i64>,
    pub to_day: Option<i64>,
}

impl Which {
    fn takes(self, row: &PayoutRow) -> bool {
        let day = row.created_at.day();
        self.state.is_none_or(|state| state == row.state)
            && self.from_day.is_none_or(|from| day >= from)
            && self.to_day.is_none_or(|to| day <= to)
    }
}

fn payment(row: &PayoutRow) -> [String; 11] {
    let text = |text: &Option<String>| guarded(text.as_deref().unwrap_or_default());
    [
        row.number.to_string(),
        written(row.created_at.0),
        row.state.name().to_owned(),
        row.minor.decimal(2, 2),
        guarded(&row.currency),
        guarded(&row.first_name),
        guarded(&row.last_name),
        guarded(row.card_last4()),
        written(row.status_at.0),
        text(&row.failed_reason),
        text(&row.merchant_data),
    ]
}

/// The payments that are meant, oldest first.
pub fn payments(
    app: SharedApp,
    merchant: MerchantId,
    which: Which,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
    try_unfold((app, merchant, None), move |(app, merchant, after)| async move {
        let Some(after) = after else { return Ok(Some((header(PAYMENTS)?, (app, merchant, Some(0))))) };
        let rows = app.store.read(|tx| payouts::after(tx, &merchant, after)).await?;
        let Some(last) = rows.last().map(|row| row.number) else { return Ok(None) };
        let lines = csv(rows.iter().filter(|row| which.takes(row)).map(payment))?;
        Ok::<_, StoreError>(Some((lines, (app, merchant, Some(last)))))
    })
}
