//! The published test numbers. No other number is taken: the sandbox must not become a place for real cards.

use domain::card::CardNumber;

use super::Behaviour;

/// A published test number and how it behaves. Any expiry and any security code will do: neither is looked at.
#[derive(Debug, Clone, Copy)]
pub struct TestCard {
    pub number: &'static str,
    pub behaviour: Behaviour,
    /// For people.
    pub result: &'static str,
}

const fn card(number: &'static str, behaviour: Behaviour, result: &'static str) -> TestCard {
    TestCard { number, behaviour, result }
}

/// Source: contract, prerequisites-and-integration.md "Test data", for the first five; the others are ours.
pub const TEST_CARDS: &[TestCard] = &[
    card("4242424242424242", Behaviour::Approve, "Approved without challenge"),
    card("4000000000003220", Behaviour::Challenge, "3-D Secure challenge, then approved"),
    card("4000000000000002", Behaviour::Decline, "Declined"),
    card("4000000000000259", Behaviour::Chargeback, "Approved; charged back 3 seconds later, lost after 7 days"),
    card("4000000000000077", Behaviour::Hold, "Approved; held for review 3 seconds later"),
    card("4000000000009995", Behaviour::InsufficientFunds, "Declined: insufficient funds"),
    card("4000000000000341", Behaviour::AskForChallenge, "Declined softly; a second try gets the 3-D Secure challenge"),
    card("4000000000000127", Behaviour::WrongCode, "Declined: wrong security code"),
    card("4000000000000069", Behaviour::ExpiredCard, "Declined: expired"),
    card("4000000000000119", Behaviour::TimeoutThenCharged, "Charged, but the answer is lost"),
    card("4000000000000101", Behaviour::WrongAmount, "Charged one minor unit less than asked"),
    card("5555555555554444", Behaviour::Approve, "Mastercard, approved"),
    card("378282246310005", Behaviour::Approve, "American Express (four-digit code), approved"),
    card("6011111111111117", Behaviour::Approve, "Discover, approved"),
];

/// The test card of that number.
pub(super) fn test_card(number: &CardNumber) -> Option<&'static TestCard> {
    TEST_CARDS.iter().find(|card| card.number == number.expose())
}
