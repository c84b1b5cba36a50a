//! Pay-outs (contract, payout.md): requests, refusals, histories, callbacks.

pub mod callback;
pub mod history;
pub mod request;

use std::borrow::Cow;

use super::errors::{AccessRefused, ContractError, access_code, access_message};

/// Refusals of the pay-out calls. All of them say `"success": false`, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayoutError {
    Access(AccessRefused),
    Required(&'static str),
    Invalid(&'static str),
    AnotherFund,
    AnotherPayment,
    InvalidOrder,
    TxHashUsed,
    InsufficientFunds,
    /// Not the contract's: the code of a sale that cannot be made for the same reason.
    Stopped,
    /// The `Idempotency-Key` came before with another request.
    IdempotencyKeyReused,
}

impl From<AccessRefused> for PayoutError {
    fn from(refused: AccessRefused) -> Self {
        Self::Access(refused)
    }
}

impl ContractError for PayoutError {
    fn code(&self) -> u16 {
        match self {
            Self::Access(refused) => access_code(*refused),
            Self::Required(_) => 50002,
            Self::Stopped => 50008,
            Self::Invalid(_) => 50009,
            Self::AnotherFund | Self::AnotherPayment => 50011,
            Self::InvalidOrder => 50012,
            Self::TxHashUsed => 50013,
            Self::InsufficientFunds => 50014,
            Self::IdempotencyKeyReused => 50016,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Access(refused) => access_message(*refused).into(),
            Self::Required(parameter) => format!("{parameter} required").into(),
            Self::Invalid(parameter) => format!("invalid {parameter}").into(),
            Self::AnotherFund => "This fund belongs to another merchant".into(),
            Self::AnotherPayment => "This payment belongs to another merchant".into(),
            Self::InvalidOrder => "Invalid order. order must be ASC or DESC".into(),
            Self::TxHashUsed => "tx_hash already used".into(),
            Self::InsufficientFunds => "Insufficient funds".into(),
            Self::Stopped => "You cannot pay out because the operator has stopped your account".into(),
            Self::IdempotencyKeyReused => "this Idempotency-Key was used with another request".into(),
        }
    }

    fn answer(&self) -> String {
        let message = serde_json::Value::from(self.message().into_owned());
        format!(r#"{{"errorCode":{},"errorMessage":{message},"success":false}}"#, self.code())
    }
}

/// The answer to "funds/add".
pub fn fund_added(number: i64) -> String {
    format!(r#"{{"fund_id":{number},"errorCode":0,"success":true}}"#)
}

/// The answer to "payment/send".
pub fn payment_sent(number: i64) -> String {
    format!(r#"{{"payment_id":{number},"errorCode":0,"success":true}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_to_the_letter() {
        let cases = [
            (PayoutError::Access(AccessRefused::KeyRequired), 50001, "API-KEY required"),
            (PayoutError::Access(AccessRefused::KeyInvalid), 50007, "invalid API-KEY"),
            (PayoutError::Required("amount"), 50002, "amount required"),
            (PayoutError::Invalid("tx_hash"), 50009, "invalid tx_hash"),
            (PayoutError::AnotherFund, 50011, "This fund belongs to another merchant"),
            (PayoutError::AnotherPayment, 50011, "This payment belongs to another merchant"),
            (PayoutError::InvalidOrder, 50012, "Invalid order. order must be ASC or DESC"),
            (PayoutError::TxHashUsed, 50013, "tx_hash already used"),
            (PayoutError::InsufficientFunds, 50014, "Insufficient funds"),
            (PayoutError::Stopped, 50008, "You cannot pay out because the operator has stopped your account"),
        ];
        for (error, code, message) in cases {
            let answer = format!(r#"{{"errorCode":{code},"errorMessage":"{message}","success":false}}"#);
            assert_eq!(error.answer(), answer);
        }
        assert_eq!(fund_added(19), r#"{"fund_id":19,"errorCode":0,"success":true}"#);
        assert_eq!(payment_sent(48), r#"{"payment_id":48,"errorCode":0,"success":true}"#);
    }
}
