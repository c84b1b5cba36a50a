//! What the templates ask for by value.

use super::super::card_words::{self, Field, TEST_CARDS};
use super::super::label::Label;
use super::super::links::{is_png, is_upi_link, is_wallet_link, web_url, web_url_or_own_path};
use super::super::messages::Filling;
use super::super::qr;
use super::super::text::Text;
use super::super::view::{Amount, CardError, Decline, OtherWays, Pay};
use super::super::wording;
use super::Page;

impl Page<'_> {
    pub(super) fn amount(&self, name: &'static str, amount: &Amount) -> Filling {
        self.m.ltr(name, format!("{} {}", amount.digits, amount.symbol))
    }

    pub(super) fn coin(&self, name: &'static str, digits: &str, pay: &Pay) -> Filling {
        self.m.ltr(name, format!("{digits} {}", pay.currency.symbol))
    }

    pub(super) fn groups(&self, address: &str) -> Vec<String> {
        wording::address_groups(address)
    }

    pub(super) fn qr(&self, uri: &str) -> Option<String> {
        qr::svg(uri, &self.m.text("pay-qr").plain())
    }

    pub(super) fn is_wallet_link(&self, uri: &str) -> bool {
        is_wallet_link(uri)
    }

    pub(super) fn time(&self, until_ms: &i64) -> String {
        wording::time_of_day(*until_ms, self.view.now_ms)
    }

    pub(super) fn short(&self, hash: &str) -> String {
        wording::short_hash(hash)
    }

    pub(super) fn web_url(&self, url: &Option<String>) -> Option<String> {
        url.as_deref().and_then(web_url)
    }

    /// Whether there is another way to turn to.
    pub(super) fn has_other(&self, other: &OtherWays) -> bool {
        !other.methods.is_empty() || !other.options.is_empty()
    }

    pub(super) fn change_help(&self) -> Option<Text> {
        wording::change_help(&self.m, &self.view.state)
    }

    // --- card

    pub(super) fn fields(&self, errors: &[CardError], holder: &Option<Label>, expiry: &Option<String>) -> [Field; 4] {
        card_words::fields(&self.m, errors, holder.as_ref(), expiry.as_deref())
    }

    pub(super) fn decline(&self, decline: &Decline) -> Text {
        self.m.text(card_words::decline_key(*decline))
    }

    /// Number, the same without spaces, and what it does.
    pub(super) fn test_cards(&self) -> [(&'static str, String, Text); 8] {
        TEST_CARDS.map(|(number, key)| (number, number.replace(' ', ""), self.m.text(key)))
    }

    pub(super) fn place(&self, url: &str) -> Option<String> {
        web_url(url)
    }

    /// Where the payer goes from the provider's fields: here again, if nowhere else.
    pub(super) fn back_from_fields(&self, return_url: &str) -> String {
        web_url(return_url).unwrap_or_else(|| self.own.clone())
    }

    // --- UPI

    /// A link for UPI apps, unchanged.
    pub(super) fn upi_link<'a>(&self, link: Option<&'a str>) -> Option<&'a str> {
        link.filter(|link| is_upi_link(link))
    }

    pub(super) fn upi_qr(&self, text: Option<&str>) -> Option<String> {
        qr::svg(text?, &self.m.text("upi-qr").plain())
    }

    pub(super) fn png<'a>(&self, image: Option<&'a str>) -> Option<&'a str> {
        image.filter(|image| is_png(image))
    }

    pub(super) fn simulated(&self, url: &Option<String>) -> Option<String> {
        url.as_deref().and_then(web_url_or_own_path)
    }

    /// `1 USD = 83.12 INR`, which is left to right in every language.
    pub(super) fn rate(&self, rate: &str, amount: &Amount) -> Filling {
        self.m.ltr("rate", format!("1 {} = {rate} {}", self.view.price.symbol, amount.symbol))
    }
}
