//! Error codes and messages, per endpoint: the same number means different things on different calls.

use std::borrow::Cow;

/// A refusal with the contract's code and exact message.
pub trait ContractError {
    /// The value of `errorCode`.
    fn code(&self) -> u16;
    /// The value of `errorMessage`.
    fn message(&self) -> Cow<'static, str>;

    /// The whole answer, which goes out with HTTP status 200.
    fn answer(&self) -> String {
        let message = serde_json::Value::from(self.message().into_owned());
        format!(r#"{{"errorCode":{},"errorMessage":{message}}}"#, self.code())
    }
}

const KEY_REQUIRED: &str = "API-KEY required";
const KEY_INVALID: &str = "invalid API-KEY";
const NO_ADDRESS_LINKED: &str = "No IP is linked to your account. Please enter them in your profile page and API block";
const WRONG_ADDRESS: &str = "this API-KEY can not use this API from this IP address";
const NOT_IN_SCOPE: &str = "this API-KEY can not be used for this API: it was made for others";
const CANNOT_SELL: &str = "You cannot create a sale because the operator has stopped your account";
const WALLET_NOT_ACTIVE: &str = "You cannot create a sale because your wallet is being validated and activated.\
You will receive a confirmation email as soon as the treatment process is completed.\
While waiting for the final activation, you can still change it from the profile page";

/// Why a caller is turned away before the call is looked at; each endpoint has its own wording for it.
/// Checked in the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessRefused {
    KeyRequired,
    KeyInvalid,
    NoAddressLinked,
    WrongAddress,
    /// Not the contract's: the key is for other calls.
    NotInScope,
}

/// Refusals of "create invoice".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateError {
    Access(AccessRefused),
    /// Not the contract's: its neighbour's code, which says that the account cannot sell now.
    Stopped,
    WalletNotActive,
    EmailRequired,
    EmailInvalid,
    AmountRequired,
    DeviseRequired,
    DeviseInvalid,
    AboveMaximum,
    BelowMinimum,
    /// A parameter that this mode needs is missing.
    Required(&'static str),
    /// A parameter is malformed.
    Invalid(&'static str),
    S2sNotEnabled,
    /// The `Idempotency-Key` came before with another request.
    IdempotencyKeyReused,
}

impl ContractError for CreateError {
    fn code(&self) -> u16 {
        match self {
            Self::Access(refused) => access_code(*refused),
            Self::EmailRequired => 50002,
            Self::AmountRequired => 50003,
            Self::DeviseRequired => 50004,
            Self::EmailInvalid => 50005,
            Self::Stopped | Self::WalletNotActive => 50008,
            Self::DeviseInvalid => 50009,
            Self::AboveMaximum => 50011,
            Self::BelowMinimum => 50012,
            Self::Required(_) => 50013,
            Self::Invalid(_) => 50014,
            Self::S2sNotEnabled => 50015,
            Self::IdempotencyKeyReused => 50016,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Access(refused) => access_message(*refused).into(),
            Self::EmailRequired => "email required".into(),
            Self::AmountRequired => "amount required".into(),
            Self::DeviseRequired => "devise required".into(),
            Self::EmailInvalid => "invalid email address".into(),
            Self::Stopped => CANNOT_SELL.into(),
            Self::WalletNotActive => WALLET_NOT_ACTIVE.into(),
            Self::DeviseInvalid => "invalid devise".into(),
            Self::AboveMaximum => "Your amount is ABOVE the allowed maximum amount".into(),
            Self::BelowMinimum => "Your amount is BELOW the allowed minimum amount".into(),
            Self::Required(parameter) => format!("{parameter} required").into(),
            Self::Invalid(parameter) => format!("invalid {parameter}").into(),
            Self::S2sNotEnabled => "S2S is not enabled on your account".into(),
            Self::IdempotencyKeyReused => "this Idempotency-Key was used with another request".into(),
        }
    }
}

/// Refusals of "invoice status" and "invoice infos".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceError {
    Access(AccessRefused),
    IdRequired,
    /// Also for an unknown id, so that ids cannot be probed.
    AnotherMerchant,
}

impl ContractError for InvoiceError {
    fn code(&self) -> u16 {
        match self {
            Self::Access(refused) => access_code(*refused),
            Self::IdRequired => 50002,
            Self::AnotherMerchant => 50011,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Access(refused) => access_message(*refused).into(),
            Self::IdRequired => "id required".into(),
            Self::AnotherMerchant => "This invoice belongs to another merchant".into(),
        }
    }
}

/// Refusals of "invoice history", which words two of the common ones in its own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryError {
    Access(AccessRefused),
    InvalidOrder,
}

impl ContractError for HistoryError {
    fn code(&self) -> u16 {
        match self {
            Self::Access(refused) => access_code(*refused),
            Self::InvalidOrder => 50012,
        }
    }

    fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Access(AccessRefused::KeyInvalid) => "Invalid API-KEY".into(),
            Self::Access(AccessRefused::WrongAddress) => "You can not use this API from this IP address".into(),
            Self::Access(refused) => access_message(*refused).into(),
            Self::InvalidOrder => "Invalid order. order must be ASC or DESC".into(),
        }
    }
}

/// Refusals of the look-up lists (payable currencies, payment solution types and names): only those of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListError(pub AccessRefused);

impl ContractError for ListError {
    fn code(&self) -> u16 {
        access_code(self.0)
    }

    fn message(&self) -> Cow<'static, str> {
        access_message(self.0).into()
    }
}

impl From<AccessRefused> for CreateError {
    fn from(refused: AccessRefused) -> Self {
        Self::Access(refused)
    }
}

impl From<AccessRefused> for InvoiceError {
    fn from(refused: AccessRefused) -> Self {
        Self::Access(refused)
    }
}

impl From<AccessRefused> for HistoryError {
    fn from(refused: AccessRefused) -> Self {
        Self::Access(refused)
    }
}

impl From<AccessRefused> for ListError {
    fn from(refused: AccessRefused) -> Self {
        Self(refused)
    }
}

pub(super) fn access_code(refused: AccessRefused) -> u16 {
    match refused {
        AccessRefused::KeyRequired => 50001,
        AccessRefused::KeyInvalid => 50007,
        AccessRefused::NoAddressLinked => 50010,
        AccessRefused::WrongAddress => 50006,
        AccessRefused::NotInScope => 50018,
    }
}

pub(super) fn access_message(refused: AccessRefused) -> &'static str {
    match refused {
        AccessRefused::KeyRequired => KEY_REQUIRED,
        AccessRefused::KeyInvalid => KEY_INVALID,
        AccessRefused::NoAddressLinked => NO_ADDRESS_LINKED,
        AccessRefused::WrongAddress => WRONG_ADDRESS,
        AccessRefused::NotInScope => NOT_IN_SCOPE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_IP: &str = r#"{"errorCode":50010,"errorMessage":"No IP is linked to your account. Please enter them in your profile page and API block"}"#;

    #[test]
    fn every_answer_of_every_endpoint() {
        use AccessRefused::{KeyInvalid, KeyRequired, NoAddressLinked, WrongAddress};
        let create_ip =
            r#"{"errorCode":50006,"errorMessage":"this API-KEY can not use this API from this IP address"}"#;
        let key_required = r#"{"errorCode":50001,"errorMessage":"API-KEY required"}"#;
        let key_invalid = r#"{"errorCode":50007,"errorMessage":"invalid API-KEY"}"#;
        let wallet = concat!(
            r#"{"errorCode":50008,"errorMessage":"You cannot create a sale because your wallet is being validated and activated."#,
            r#"You will receive a confirmation email as soon as the treatment process is completed."#,
            r#"While waiting for the final activation, you can still change it from the profile page"}"#
        );
        let cases: &[(&dyn ContractError, &str)] = &[
            (&CreateError::from(KeyRequired), key_required),
            (&CreateError::EmailRequired, r#"{"errorCode":50002,"errorMessage":"email required"}"#),
            (&CreateError::AmountRequired, r#"{"errorCode":50003,"errorMessage":"amount required"}"#),
            (&CreateError::DeviseRequired, r#"{"errorCode":50004,"errorMessage":"devise required"}"#),
            (&CreateError::EmailInvalid, r#"{"errorCode":50005,"errorMessage":"invalid email address"}"#),
            (&CreateError::from(WrongAddress), create_ip),
            (&CreateError::from(KeyInvalid), key_invalid),
            (&CreateError::WalletNotActive, wallet),
            (
                &CreateError::Stopped,
                r#"{"errorCode":50008,"errorMessage":"You cannot create a sale because the operator has stopped your account"}"#,
            ),
            (&CreateError::DeviseInvalid, r#"{"errorCode":50009,"errorMessage":"invalid devise"}"#),
            (&CreateError::from(NoAddressLinked), NO_IP),
            (
                &CreateError::AboveMaximum,
                r#"{"errorCode":50011,"errorMessage":"Your amount is ABOVE the allowed maximum amount"}"#,
            ),
            (
                &CreateError::BelowMinimum,
                r#"{"errorCode":50012,"errorMessage":"Your amount is BELOW the allowed minimum amount"}"#,
            ),
            (&CreateError::Required("city"), r#"{"errorCode":50013,"errorMessage":"city required"}"#),
            (&CreateError::Invalid("country"), r#"{"errorCode":50014,"errorMessage":"invalid country"}"#),
            (
                &CreateError::IdempotencyKeyReused,
                r#"{"errorCode":50016,"errorMessage":"this Idempotency-Key was used with another request"}"#,
            ),
            (&CreateError::S2sNotEnabled, r#"{"errorCode":50015,"errorMessage":"S2S is not enabled on your account"}"#),
            (&InvoiceError::from(KeyRequired), key_required),
            (&InvoiceError::IdRequired, r#"{"errorCode":50002,"errorMessage":"id required"}"#),
            (&InvoiceError::from(WrongAddress), create_ip),
            (&InvoiceError::from(KeyInvalid), key_invalid),
            (&InvoiceError::from(NoAddressLinked), NO_IP),
            (
                &InvoiceError::AnotherMerchant,
                r#"{"errorCode":50011,"errorMessage":"This invoice belongs to another merchant"}"#,
            ),
            (&HistoryError::from(KeyRequired), key_required),
            (
                &HistoryError::from(WrongAddress),
                r#"{"errorCode":50006,"errorMessage":"You can not use this API from this IP address"}"#,
            ),
            (&HistoryError::from(KeyInvalid), r#"{"errorCode":50007,"errorMessage":"Invalid API-KEY"}"#),
            (&HistoryError::from(NoAddressLinked), NO_IP),
            (
                &HistoryError::InvalidOrder,
                r#"{"errorCode":50012,"errorMessage":"Invalid order. order must be ASC or DESC"}"#,
            ),
            (&ListError::from(KeyRequired), key_required),
            (&ListError::from(WrongAddress), create_ip),
            (&ListError::from(KeyInvalid), key_invalid),
            (&ListError::from(NoAddressLinked), NO_IP),
        ];
        for (error, answer) in cases {
            assert_eq!(error.answer(), *answer);
        }
    }
}
