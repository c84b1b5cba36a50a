//! "Invoice history": the query and the answer.

use super::errors::HistoryError;
use super::field::{Field, field};
use super::params::Params;
use super::status::StatusFilter;
use super::time;
use serde::Serialize;

/// Most rows of a page.
pub const ROWS_PER_PAGE: u32 = 50;

/// Order by date of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Order {
    #[default]
    #[serde(rename = "ASC")]
    Ascending,
    #[serde(rename = "DESC")]
    Descending,
}

/// What is asked for. A bad date, status or page counts as not sent: there is no code for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryQuery {
    pub status: StatusFilter,
    /// First day of creation, in days since 1970, included.
    pub from: Option<i32>,
    /// Last day of creation, included.
    pub to: Option<i32>,
    pub order: Order,
    /// From 1.
    pub page: u32,
}

impl HistoryQuery {
    pub fn parse(params: &Params) -> Result<Self, HistoryError> {
        let text = |name| match field(params, name) {
            Field::Text(text) => Some(text),
            Field::Absent | Field::NotText => None,
        };
        let order = match field(params, "order") {
            Field::Absent => Order::default(),
            Field::Text("ASC") => Order::Ascending,
            Field::Text("DESC") => Order::Descending,
            Field::Text(_) | Field::NotText => return Err(HistoryError::InvalidOrder),
        };
        Ok(Self {
            status: text("status").and_then(StatusFilter::from_word).unwrap_or_default(),
            from: text("from").and_then(time::read_day),
            to: text("to").and_then(time::read_day),
            order,
            page: text("page").and_then(page).unwrap_or(1),
        })
    }

    /// Rows before the page.
    pub fn rows_skipped(&self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(ROWS_PER_PAGE)
    }

    /// The answer to the query. `total` counts all matches, not only those on the page.
    pub fn answer(&self, list: &[HistoryRow], total: u64) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Answer {
            error_code: 0,
            status: self.status.word(),
            from: self.from.and_then(time::written_day),
            to: self.to.and_then(time::written_day),
            page: self.page,
            order: self.order,
            list,
            total: total.to_string(),
        })
    }
}

pub(super) fn page(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|page| digits && *page > 0)
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(rename = "errorCode")]
    error_code: u16,
    status: &'static str,
    from: Option<String>,
    to: Option<String>,
    page: u32,
    order: Order,
    list: &'a [HistoryRow],
    total: String,
}

/// One invoice in the list. The contract has only strings and nulls here; the fields are in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HistoryRow {
    pub id: String,
    pub email: String,
    /// The label, not the `invoice:` value.
    pub status: &'static str,
    /// At least 2 decimals, like `paid_amount`.
    pub amount: String,
    pub symbol: String,
    pub create_date: String,
    pub status_date: String,
    pub tx_hash: Option<String>,
    pub exchange_currency_symbol: Option<String>,
    pub paid_amount: Option<String>,
    /// At least 3 decimals, like `fee_amount`; the two add up to `paid_amount`.
    pub merchant_amount: Option<String>,
    pub fee_amount: Option<String>,
    pub ip: Option<String>,
    /// The English name.
    pub country: Option<String>,
    pub success_url: Option<String>,
    pub pending_url: Option<String>,
    pub cancel_url: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::errors::ContractError;

    fn query(query: &str) -> Result<HistoryQuery, HistoryError> {
        HistoryQuery::parse(&Params::from_query(query).expect(query))
    }

    #[test]
    fn queries() {
        let all = HistoryQuery { status: StatusFilter::All, from: None, to: None, order: Order::Ascending, page: 1 };
        let cases = [
            ("", all),
            ("status=&from=&to=&order=&page=", all),
            ("status=PAID", HistoryQuery { status: StatusFilter::Paid, ..all }),
            ("status=paid&from=01.06.2023&to=2023-02-30&page=x", all),
            ("from=2023-06-01&to=2023-06-19", HistoryQuery { from: Some(19509), to: Some(19527), ..all }),
            ("order=DESC&page=2", HistoryQuery { order: Order::Descending, page: 2, ..all }),
            ("page=0", all),
            ("page=-1", all),
            ("page=%2B2", all),
            ("page=1.5", all),
            ("page=99999999999", all),
            ("page=4294967295", HistoryQuery { page: u32::MAX, ..all }),
        ];
        for (text, expected) in cases {
            assert_eq!(query(text), Ok(expected), "{text}");
        }
        for bad in ["order=asc", "order=DESCENDING", "order=1%20or%201", "status=x&order=x"] {
            let error = query(bad).expect_err(bad);
            assert_eq!(
                error.answer(),
                r#"{"errorCode":50012,"errorMessage":"Invalid order. order must be ASC or DESC"}"#
            );
        }
        assert_eq!(query("page=4294967295").map(|query| query.rows_skipped()), Ok(214_748_364_700));
    }

    #[test]
    fn the_documented_answer() {
        let some = |text: &str| Some(text.to_owned());
        let row = HistoryRow {
            id: "1932".to_owned(),
            email: "customer@example.com".to_owned(),
            status: "PAID",
            amount: "1.00".to_owned(),
            symbol: "USD".to_owned(),
            create_date: "2023-06-15 10:39:34".to_owned(),
            status_date: "2023-06-15 10:40:38".to_owned(),
            tx_hash: some("0xda4fd344e6310738db73dabdb42a213a38f14d2379b13c27fe86f8452002d4c5"),
            exchange_currency_symbol: some("USDC"),
            paid_amount: some("1.00"),
            merchant_amount: some("0.900"),
            fee_amount: some("0.100"),
            ip: some("102.117.124.254"),
            country: some("United Arab Emirates"),
            ..HistoryRow::default()
        };
        let asked = query("status=PAID&from=2023-06-01&to=2023-06-19&page=2&order=DESC").expect("query");
        assert_eq!(
            asked.answer(&[row], 51).expect("answer"),
            r#"{"errorCode":0,"status":"PAID","from":"2023-06-01","to":"2023-06-19","page":2,"order":"DESC","list":[{"id":"1932","email":"customer@example.com","status":"PAID","amount":"1.00","symbol":"USD","create_date":"2023-06-15 10:39:34","status_date":"2023-06-15 10:40:38","tx_hash":"0xda4fd344e6310738db73dabdb42a213a38f14d2379b13c27fe86f8452002d4c5","exchange_currency_symbol":"USDC","paid_amount":"1.00","merchant_amount":"0.900","fee_amount":"0.100","ip":"102.117.124.254","country":"United Arab Emirates","success_url":null,"pending_url":null,"cancel_url":null}],"total":"51"}"#
        );
        assert_eq!(
            query("").expect("query").answer(&[], 0).expect("answer"),
            r#"{"errorCode":0,"status":"ALL","from":null,"to":null,"page":1,"order":"ASC","list":[],"total":"0"}"#
        );
    }
}
