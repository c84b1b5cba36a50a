//! Why a card was declined: <https://docs.stripe.com/declines/codes> and <https://docs.stripe.com/error-codes>.

use serde_json::Value;

use crate::provider::{Decline, read};

/// Reads an error object (`error` of an answer, `last_payment_error` of an intent).
pub(super) fn of(error: &Value) -> Decline {
    let code = read::text(error, "/code").unwrap_or_default();
    match read::text(error, "/decline_code").unwrap_or(code).as_str() {
        "insufficient_funds" | "withdrawal_count_limit_exceeded" | "card_velocity_exceeded" => {
            Decline::InsufficientFunds
        }
        "expired_card" | "invalid_expiry_month" | "invalid_expiry_year" => Decline::Expired,
        "incorrect_cvc" | "invalid_cvc" => Decline::WrongCode,
        "authentication_required"
        | "try_again_later"
        | "issuer_not_available"
        | "processing_error"
        | "reenter_transaction"
        | "approve_with_id" => Decline::TryAgain,
        "payment_intent_authentication_failure"
        | "authentication_not_handled"
        | "mobile_device_authentication_required" => Decline::AuthenticationFailed,
        _ => Decline::Refused,
    }
}
