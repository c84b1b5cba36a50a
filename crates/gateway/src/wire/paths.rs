//! Paths and headers of the calls. Those of pay-outs are documented without a last slash. Routes accept each path with and without its last slash, and never redirect a POST.

/// The request header with the merchant's key. Header names do not care about case.
pub const API_KEY_HEADER: &str = "API-KEY";

/// POST, although it ends in `get/`.
pub const CREATE: &str = "/api/btn-create-invoice/get/";
/// GET; POST with `id` in the body is accepted too.
pub const STATUS: &str = "/api/invoice/status/";
/// GET; POST with `id` in the body is accepted too.
pub const INFOS: &str = "/api/client-invoice-info/get/";
/// Undocumented, so both are our choice; the first is the one we publish.
pub const HISTORY: [&str; 2] = ["/api/client-invoice-history/get/", "/api/invoice/history/"];
/// Undocumented: our choice.
pub const PAYABLE_CURRENCIES: &str = "/api/payable-currencies/get/";
/// Undocumented: our choice.
pub const SOLUTION_TYPES: &str = "/api/payment-solution-type/get/";
/// Undocumented: our choice.
pub const SOLUTION_NAMES: &str = "/api/payment-solution-name/get/";
pub const FUNDS_ADD: &str = "/api/payout/funds/add/";
pub const FUNDS_HISTORY: &str = "/api/payout/funds/get-history/";
/// Undocumented: our choice.
pub const FUNDS_DETAIL: &str = "/api/payout/funds/get-detail/";
pub const PAYMENT_SEND: &str = "/api/payout/payment/send/";
pub const PAYMENT_HISTORY: &str = "/api/payout/payment/get-history/";
/// Undocumented: our choice.
pub const PAYMENT_DETAIL: &str = "/api/payout/payment/get-detail/";
/// The hosted page, with `?token=`.
pub const PAYMENT_PAGE: &str = "/widget/sale/create/";
/// Result pages for merchants that give no URL of their own.
pub const SUCCESS_PAGE: &str = "/service/pay/success/";
pub const CANCEL_PAGE: &str = "/service/pay/cancel/";
pub const PENDING_PAGE: &str = "/service/pay/pending/";
