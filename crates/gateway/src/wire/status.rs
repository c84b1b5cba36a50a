//! The contract's names for the states of an invoice.

use domain::invoice::State;

/// The states of an invoice in our own words: *received* is paid by the payer, *settled* is paid out to the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    Created,
    Opened,
    Received,
    Settled,
    Failed,
    Expired,
    Chargeback,
    Withheld,
}

impl From<State> for InvoiceStatus {
    fn from(state: State) -> Self {
        match state {
            State::Created => Self::Created,
            State::Opened => Self::Opened,
            State::Received => Self::Received,
            State::Settled => Self::Settled,
            State::Failed(_) => Self::Failed,
            State::Expired => Self::Expired,
            State::Withheld => Self::Withheld,
            State::Chargeback => Self::Chargeback,
        }
    }
}

/// What the contract says for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusWords {
    /// In callbacks, status and infos.
    pub value: &'static str,
    /// In history and in the dashboard.
    pub label: &'static str,
    /// In callbacks and infos, unless the failure has a text of its own. Only that of `invoice:paid` is documented.
    pub description: &'static str,
}

/// Description of an `invoice:failed` whose customer pressed "cancel": the contract has no status for it.
pub const CANCELED_BY_CUSTOMER: &str = "The customer canceled the payment";

/// The one place where our states meet the contract's.
pub fn words(status: InvoiceStatus) -> StatusWords {
    let (value, label, description) = match status {
        InvoiceStatus::Created => ("invoice:created", "CREATED", "The invoice has been created"),
        InvoiceStatus::Opened => ("invoice:opened", "OPENED", "The customer has opened the payment page"),
        InvoiceStatus::Received => {
            ("invoice:awaiting_approval", "WAITING SETTLEMENT", "The payment made by the customer is successful")
        }
        InvoiceStatus::Settled => ("invoice:paid", "PAID", "Payment of the invoice has been made successfully"),
        InvoiceStatus::Failed => ("invoice:failed", "FAILED", "An error occurred"),
        InvoiceStatus::Expired => ("invoice:expired", "EXPIRED", "The invoice has expired without a payment"),
        InvoiceStatus::Chargeback => ("invoice:chargeback", "CHARGEBACK", "The payment has been charged back"),
        InvoiceStatus::Withheld => ("invoice:withheld", "WITHHELD", "The payment is being withheld"),
    };
    StatusWords { value, label, description }
}

/// The `status` parameter of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    Paid,
    Unpaid,
    Waiting,
    Expired,
    #[default]
    All,
}

impl StatusFilter {
    /// The exact word; `None` for anything else, which history treats as absent.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Paid, Self::Unpaid, Self::Waiting, Self::Expired, Self::All].into_iter().find(|it| it.word() == word)
    }

    /// As sent and echoed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paid => "PAID",
            Self::Unpaid => "UNPAID",
            Self::Waiting => "WAITING",
            Self::Expired => "EXPIRED",
            Self::All => "ALL",
        }
    }

    /// The states it lets through; `None` lets all through.
    pub fn statuses(self) -> Option<&'static [InvoiceStatus]> {
        use InvoiceStatus::{Created, Expired, Failed, Opened, Received, Settled};
        match self {
            Self::Paid => Some(&[Settled]),
            Self::Unpaid => Some(&[Created, Opened, Failed, Expired]),
            Self::Waiting => Some(&[Received]),
            Self::Expired => Some(&[Expired]),
            Self::All => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_labels() {
        let cases = [
            (InvoiceStatus::Created, "invoice:created", "CREATED"),
            (InvoiceStatus::Opened, "invoice:opened", "OPENED"),
            (InvoiceStatus::Received, "invoice:awaiting_approval", "WAITING SETTLEMENT"),
            (InvoiceStatus::Settled, "invoice:paid", "PAID"),
            (InvoiceStatus::Failed, "invoice:failed", "FAILED"),
            (InvoiceStatus::Expired, "invoice:expired", "EXPIRED"),
            (InvoiceStatus::Chargeback, "invoice:chargeback", "CHARGEBACK"),
            (InvoiceStatus::Withheld, "invoice:withheld", "WITHHELD"),
        ];
        for (status, value, label) in cases {
            assert_eq!((words(status).value, words(status).label), (value, label));
        }
    }

    #[test]
    fn filter_words() {
        use InvoiceStatus::{Created, Expired, Failed, Opened, Received, Settled};
        let cases: &[(&str, Option<Option<&[InvoiceStatus]>>)] = &[
            ("PAID", Some(Some(&[Settled]))),
            ("UNPAID", Some(Some(&[Created, Opened, Failed, Expired]))),
            ("WAITING", Some(Some(&[Received]))),
            ("EXPIRED", Some(Some(&[Expired]))),
            ("ALL", Some(None)),
            ("paid", None),
            ("CREATED", None),
            ("invoice:paid", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(StatusFilter::from_word(word).map(StatusFilter::statuses), *expected, "{word}");
        }
    }
}
