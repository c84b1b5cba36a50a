//! The histories and details of funds and payments: formatted text, to the letter.

use serde::Serialize;

use super::PayoutError;
use crate::wire::amount::Quantity;
use crate::wire::field::{Field, field};
use crate::wire::history::{Order, ROWS_PER_PAGE, page};
use crate::wire::params::Params;
use crate::wire::time;

/// What to show: `status` is one of the three column values, or none for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayoutQuery {
    pub status: Option<&'static str>,
    /// Days since 1970, inclusive.
    pub from: Option<i32>,
    pub to: Option<i32>,
    pub order: Order,
    pub page: u32,
}

impl PayoutQuery {
    /// `prefix` is `fund:` or `payment:`; the status may come without it, and in capitals. What cannot be read counts as not sent, but
    /// for `order`.
    pub fn parse(params: &Params, prefix: &str) -> Result<Self, PayoutError> {
        let text = |name| match field(params, name) {
            Field::Text(text) => Some(text),
            Field::Absent | Field::NotText => None,
        };
        let order = match field(params, "order") {
            Field::Absent => Order::default(),
            Field::Text("ASC") => Order::Ascending,
            Field::Text("DESC") => Order::Descending,
            Field::Text(_) | Field::NotText => return Err(PayoutError::InvalidOrder),
        };
        let status = text("status").map(|text| text.strip_prefix(prefix).unwrap_or(text).to_ascii_lowercase());
        let known = ["pending", "success", "failed"];
        Ok(Self {
            status: status.and_then(|word| known.into_iter().find(|known| *known == word)),
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

    /// `total` counts all matches, not only those on the page.
    pub fn answer<R: Serialize>(&self, list: &[R], total: i64) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Answer {
            error_code: 0,
            status: self.status.map_or("ALL".into(), str::to_uppercase),
            from: self.from.and_then(time::written_day),
            to: self.to.and_then(time::written_day),
            page: self.page,
            order: self.order,
            list,
            total: total.to_string(),
        })
    }
}

#[derive(Serialize)]
struct Answer<'a, R> {
    #[serde(rename = "errorCode")]
    error_code: u16,
    status: String,
    from: Option<String>,
    to: Option<String>,
    page: u32,
    order: Order,
    list: &'a [R],
    total: String,
}

/// A fund in the list; the fields are in the contract's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundShown {
    pub id: String,
    pub create_date: String,
    pub blockchain: String,
    pub amount: String,
    pub status: String,
    pub balance: String,
    pub merchant_data: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FundDetail {
    #[serde(flatten)]
    pub shown: FundShown,
    pub crypto: String,
    pub tx_hash: String,
    pub failed_reason: Option<String>,
}

/// A payment in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentShown {
    pub id: String,
    pub create_date: String,
    pub card_holder: String,
    #[serde(rename = "card_number__expiry")]
    pub card: String,
    pub amount: String,
    pub amount_reached: String,
    pub status: String,
    pub status_date: String,
    pub merchant_data: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentDetail {
    #[serde(flatten)]
    pub shown: PaymentShown,
    pub failed_reason: Option<String>,
}

/// The answer to a detail call.
pub fn detail<D: Serialize>(data: &D) -> Result<String, serde_json::Error> {
    Ok(format!(r#"{{"errorCode":0,"data":{}}}"#, serde_json::to_string(data)?))
}

/// `1,000 usdc`, `1,000.5 usdt`: no more places than it has.
pub fn coins(units: u128, decimals: u8, symbol: &str) -> String {
    format!("{} {}", with_commas(&Quantity::new(units, decimals).shortest()), symbol.to_lowercase())
}

/// `1 EUR`, `1.50 EUR`, `1,474.67 EUR`: no cents or two.
pub fn euros(minor: u128) -> String {
    let whole = minor.is_multiple_of(100);
    let text = Quantity::new(minor, 2).at_least(if whole { 0 } else { 2 });
    format!("{} EUR", with_commas(&text))
}

/// `Polygon`, `Ethereum`.
pub fn capitalised(chain: &str) -> String {
    let mut letters = chain.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn with_commas(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_at(decimal.find('.').unwrap_or(decimal.len()));
    let mut out = String::with_capacity(decimal.len() + 8);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_text() {
        for (units, expected) in [(1_000_000_000, "1,000 usdc"), (999_500_000, "999.5 usdc"), (1, "0.000001 usdc")] {
            assert_eq!(coins(units, 6, "USDC"), expected);
        }
        for (minor, expected) in [
            (90_617, "906.17 EUR"),
            (147_467, "1,474.67 EUR"),
            (100, "1 EUR"),
            (150, "1.50 EUR"),
            (0, "0 EUR"),
            (12_345_678_900, "123,456,789 EUR"),
        ] {
            assert_eq!(euros(minor), expected);
        }
        assert_eq!(capitalised("ethereum"), "Ethereum");
    }

    #[test]
    fn the_documented_lists() {
        let query = |text: &str, prefix| PayoutQuery::parse(&Params::from_query(text).unwrap(), prefix).unwrap();
        let fund = FundShown {
            id: "19".into(),
            create_date: "2024-06-12 11:49:53".into(),
            blockchain: "Ethereum".into(),
            amount: coins(1_000_000_000, 6, "USDC"),
            status: "fund:success".into(),
            balance: euros(90_617),
            merchant_data: None,
        };
        for status in ["fund:success", "SUCCESS", "success"] {
            assert_eq!(
                query(&format!("status={status}"), "fund:").answer(std::slice::from_ref(&fund), 1).unwrap(),
                r#"{"errorCode":0,"status":"SUCCESS","from":null,"to":null,"page":1,"order":"ASC","list":[{"id":"19","create_date":"2024-06-12 11:49:53","blockchain":"Ethereum","amount":"1,000 usdc","status":"fund:success","balance":"906.17 EUR","merchant_data":null}],"total":"1"}"#
            );
        }
        let payment = PaymentShown {
            id: "48".into(),
            create_date: "2024-06-17 03:27:50".into(),
            card_holder: "john smith".into(),
            card: "4012XXXXXXXX4240 04/2025".into(),
            amount: euros(100),
            amount_reached: " ".into(),
            status: "payment:pending".into(),
            status_date: "2024-06-17 03:28:01".into(),
            merchant_data: None,
        };
        assert_eq!(
            query("status=payment%3Apending&order=DESC&page=2&from=2024-06-01", "payment:")
                .answer(&[payment], 51)
                .unwrap(),
            r#"{"errorCode":0,"status":"PENDING","from":"2024-06-01","to":null,"page":2,"order":"DESC","list":[{"id":"48","create_date":"2024-06-17 03:27:50","card_holder":"john smith","card_number__expiry":"4012XXXXXXXX4240 04/2025","amount":"1 EUR","amount_reached":" ","status":"payment:pending","status_date":"2024-06-17 03:28:01","merchant_data":null}],"total":"51"}"#
        );
        let empty: [PaymentShown; 0] = [];
        assert!(query("status=all", "payment:").answer(&empty, 0).unwrap().contains(r#""status":"ALL""#));
        let refused = PayoutQuery::parse(&Params::from_query("order=asc").unwrap(), "fund:");
        assert_eq!(refused, Err(PayoutError::InvalidOrder));
    }
}
