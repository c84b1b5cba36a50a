//! Why a payment was declined: <https://www.checkout.com/docs/resources/codes/http-response-codes>.

use crate::provider::Decline;

/// From a five-digit `response_code`. A security code that is wrong has no code of its own here.
pub(super) fn of(code: &str) -> Decline {
    match code {
        "20051" | "20061" => Decline::InsufficientFunds,
        "20054" | "30033" => Decline::Expired,
        // try again; issuer away; system malfunction; 3-D Secure wanted, or not to be reached
        "20019" | "20068" | "20091" | "20096" | "20153" | "20154" => Decline::TryAgain,
        "20151" | "20152" | "20155" => Decline::AuthenticationFailed,
        _ => Decline::Refused,
    }
}
