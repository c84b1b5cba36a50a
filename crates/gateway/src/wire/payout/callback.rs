//! The body of a callback about a fund or a payment out.

use crate::wire::amount::Quantity;
use crate::wire::callback::Object;
use crate::wire::text::php_string;

/// Where a fund or a payment stands, in the contract's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    FundCreated,
    FundPending,
    FundSuccess,
    FundFailed,
    PaymentPending,
    PaymentSuccess,
    PaymentFailed,
}

impl Status {
    pub fn value(self) -> &'static str {
        match self {
            Self::FundCreated => "fund:created",
            Self::FundPending => "fund:pending",
            Self::FundSuccess => "fund:success",
            Self::FundFailed => "fund:failed",
            Self::PaymentPending => "payment:pending",
            Self::PaymentSuccess => "payment:success",
            Self::PaymentFailed => "payment:failed",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::FundCreated => "The fund has been created",
            Self::FundPending => "The fund is waiting for confirmations",
            Self::FundSuccess => "The fund has been credited",
            Self::PaymentPending => "The payment is being processed",
            Self::PaymentSuccess => "The payment has been made successfully",
            Self::FundFailed | Self::PaymentFailed => "An error occurred",
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct PayoutCallback<'a> {
    pub status: Status,
    /// The `fund_id` or `payment_id`.
    pub id: i64,
    /// `USDC`, `USDT`, `EUR`.
    pub devise: &'a str,
    pub amount: Quantity,
    pub merchant_data: Option<&'a str>,
    pub failed_reason: Option<&'a str>,
}

impl PayoutCallback<'_> {
    /// The bytes to sign and send, written as PHP would.
    pub fn body(&self) -> String {
        let mut object = Object::new(php_string);
        object.string("status", Some(self.status.value()));
        object.raw("id", &self.id.to_string());
        object.string("devise", Some(self.devise));
        object.raw("amount", &self.amount.shortest());
        object.string("description", Some(self.status.description()));
        object.string("merchant_data", self.merchant_data);
        object.string("failed_reason", self.failed_reason);
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::signature::{Scheme, x_signature};

    #[test]
    fn the_contracts_worked_example() {
        let failed = PayoutCallback {
            status: Status::PaymentFailed,
            id: 51,
            devise: "EUR",
            amount: Quantity::new(150, 2),
            merchant_data: None,
            failed_reason: Some("Card declined by the issuer"),
        };
        let body = r#"{"status":"payment:failed","id":51,"devise":"EUR","amount":1.5,"description":"An error occurred","merchant_data":null,"failed_reason":"Card declined by the issuer"}"#;
        assert_eq!(failed.body(), body);
        assert_eq!(
            x_signature(Scheme::default(), b"0d8d8e89a6cdcd", body.as_bytes()),
            "327a1df8650ddbf4b6870adbe38c99d6bf9e8a41fb1809d4950b4606d998d861"
        );
    }
}
