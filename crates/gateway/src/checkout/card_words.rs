//! What the card form says about each entry, and what of an entry it may show again.

use super::label::Label;
use super::messages::Messages;
use super::text::Text;
use super::view::{CardError, Decline};

/// A date that is left to right in every language.
const EXAMPLE_DATE: &str = "08/29";

/// One input of the card form.
pub(super) struct Field {
    /// Its name in the form, and its id.
    pub name: &'static str,
    pub autocomplete: &'static str,
    /// Digits: a keyboard of numbers, always left to right.
    pub numeric: bool,
    pub max_length: u16,
    pub label: Text,
    pub help: Option<Text>,
    /// What may be shown again of the last entry.
    pub value: Option<String>,
    pub error: Option<Text>,
}

impl Field {
    /// The ids of what describes the input.
    pub fn described_by(&self) -> String {
        let brand = (self.name == "number").then(|| "brand".to_owned());
        let error = self.error.is_some().then(|| format!("{}-error", self.name));
        let help = self.help.is_some().then(|| format!("{}-help", self.name));
        [error, help, brand].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

pub(super) fn fields(m: &Messages, errors: &[CardError], holder: Option<&Label>, expiry: Option<&str>) -> [Field; 4] {
    let error = |name| errors.iter().find(|error| field_of(error) == name).map(|error| error_text(m, error));
    let field = |name, autocomplete, numeric, max_length, label, help, value| Field {
        name,
        autocomplete,
        numeric,
        max_length,
        label: m.text(label),
        help,
        value,
        error: error(name),
    };
    let date = m.fill("card-expiry-help", &[m.ltr("example", EXAMPLE_DATE)]);
    let holder = holder.map(Label::as_str).filter(|holder| digits_in(holder) < 8).map(str::to_owned);
    let expiry = expiry.filter(|expiry| digits_in(expiry) <= 6 && expiry.len() <= 9).map(str::to_owned);
    [
        field("number", "cc-number", true, 30, "card-number", None, None),
        field("expiry", "cc-exp", true, 9, "card-expiry", Some(date), expiry),
        field("code", "cc-csc", true, 4, "card-code", Some(m.text("card-code-help")), None),
        field("holder", "cc-name", false, 60, "card-holder", None, holder),
    ]
}

/// Digits of any script: a card's number must not come back because it was typed on another keyboard.
fn digits_in(text: &str) -> usize {
    text.chars().filter(|c| c.is_numeric()).count()
}

fn field_of(error: &CardError) -> &'static str {
    match error {
        CardError::NumberMissing | CardError::NumberInvalid => "number",
        CardError::ExpiryMissing | CardError::ExpiryInvalid | CardError::ExpiryPast => "expiry",
        CardError::CodeMissing | CardError::CodeInvalid { .. } => "code",
        CardError::HolderMissing | CardError::HolderLooksLikeNumber => "holder",
    }
}

fn error_text(m: &Messages, error: &CardError) -> Text {
    m.text(match error {
        CardError::NumberMissing => "card-number-missing",
        CardError::NumberInvalid => "card-number-invalid",
        CardError::ExpiryMissing => "card-expiry-missing",
        CardError::ExpiryInvalid => {
            return m.fill("card-expiry-invalid", &[m.ltr("example", EXAMPLE_DATE)]);
        }
        CardError::ExpiryPast => "card-expiry-past",
        CardError::CodeMissing => "card-code-missing",
        CardError::CodeInvalid { digits } => {
            return m.fill("card-code-invalid", &[m.count("digits", &u32::from(*digits))]);
        }
        CardError::HolderMissing => "card-holder-missing",
        CardError::HolderLooksLikeNumber => "card-holder-number",
    })
}

pub(super) fn decline_key(decline: Decline) -> &'static str {
    match decline {
        Decline::InsufficientFunds => "declined-funds",
        Decline::TryAgain => "declined-again",
        Decline::WrongCode => "declined-code",
        Decline::Expired => "declined-expired",
        Decline::AuthenticationFailed => "declined-authentication",
        Decline::Other => "declined-other",
    }
}

/// The sandbox's test cards, and the word for what each does.
pub(super) const TEST_CARDS: [(&str, &str); 8] = [
    ("4242 4242 4242 4242", "test-approved"),
    ("4000 0000 0000 3220", "test-challenge"),
    ("4000 0000 0000 0002", "test-declined"),
    ("4000 0000 0000 9995", "test-funds"),
    ("4000 0000 0000 0341", "test-soft"),
    ("4000 0000 0000 0259", "test-chargeback"),
    ("4000 0000 0000 0077", "test-withheld"),
    ("4000 0000 0000 0119", "test-lost"),
];
