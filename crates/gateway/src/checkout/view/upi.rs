//! A UPI payment, as the page shows it.

use super::{Amount, Label, OtherWays};

#[derive(Debug, Clone)]
pub struct UpiPay {
    /// In INR.
    pub amount: Amount,
    /// Digits of INR for one unit of the invoice's currency; `None` when the invoice is in INR.
    pub rate: Option<String>,
    pub kind: UpiKind,
    /// When the amount, or the provider's code, runs out.
    pub until_ms: Option<i64>,
    /// The simulated UPI app with its buttons: http, https or a path of ours.
    pub sandbox_url: Option<String>,
    pub other: OtherWays,
    pub may_cancel: bool,
}

#[derive(Debug, Clone)]
pub enum UpiKind {
    /// As the provider gave them, shown unchanged.
    Provider {
        /// `upi://pay?…`; nothing else is offered as a link.
        link: Option<String>,
        /// What the provider's QR code encodes, often the same text as `link`; we draw it.
        qr_text: Option<String>,
        /// A `data:image/png;base64,…` URL, if the provider draws the code itself; used when there is no text.
        qr_image: Option<String>,
    },
    /// The merchant's own VPA: we make the link; the merchant confirms by hand or from a bank statement.
    OwnVpa {
        link: String,
        vpa: String,
        payee: Label,
        /// The link's `tr`, by which the merchant finds the payment.
        reference: String,
        /// The bank reference (RRN) the payer has given. A claim, not a payment.
        claimed_rrn: Option<String>,
        rrn_refused: Option<RrnError>,
    },
    /// The provider has not said yet what to show.
    Preparing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RrnError {
    /// Not twelve digits, or they cannot be an RRN.
    Malformed,
    /// Given for another payment.
    AlreadyUsed,
}
