//! Public sources of coin prices in US dollars, and of currency rates: what to ask and how to read the answer. Pure: whoever calls sends.
//!
//! A coin is named by its symbol, `POL`; a currency by `USD/INR`, whose price is how much of it one US dollar is. Every price is read from
//! the text of the answer, digit by digit; nothing passes through floating point.
//!
//! Of the free public sources of currency rates many only repeat the European Central Bank's (Frankfurter does, by default): with it they
//! would not be two. CoinGecko's come from elsewhere, and on days when the bank publishes none.

mod coingecko;
mod currency;
mod ecb;
mod kraken;
mod price;

use domain::Time;
use domain::rate::Quote;
use zeroize::Zeroizing;

/// Longest answer worth reading: a few coins are some hundred bytes, all of CoinGecko's currencies some thousand.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Names of all sources, as configuration writes them.
pub const NAMES: [&str; 3] = [coingecko::NAME, kraken::NAME, ecb::NAME];

/// A source and where it is reached.
#[derive(Clone)]
pub struct Source {
    kind: Kind,
    origin: String,
}

#[derive(Clone)]
enum Kind {
    CoinGecko { demo_key: Option<Zeroizing<String>> },
    Kraken,
    Ecb,
}

/// A GET request that was not sent yet.
#[derive(Clone, PartialEq, Eq)]
pub struct RateRequest {
    /// Absolute, https unless the source's origin was replaced.
    pub url: String,
    /// Name and value; a value may be an API key.
    pub headers: Vec<(&'static str, String)>,
    /// What the answer is about: coins, or currencies, never both.
    pub symbols: Vec<String>,
}

/// Why an answer gives no prices. None of these is worth more than a line in the log: another source may serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not the documented JSON.
    #[error("unreadable answer: {0}")]
    Malformed(String),
    /// An answer that says no, which may come with HTTP status 200.
    #[error("refused: {0}")]
    Refused(String),
    /// An answer about something else than what was asked.
    #[error("the answer is about {0}, which was not asked")]
    Foreign(String),
    /// Not a plain or scientific decimal above zero and below 10^12 with at most 28 decimal places.
    #[error("{symbol}: no usable price: {text}")]
    Price {
        /// The coin or currency.
        symbol: String,
        /// The price as it was written, shortened.
        text: String,
    },
    /// Buyers and sellers are so far apart that the middle means nothing.
    #[error("{symbol}: bid {bid} and ask {ask} are too far apart")]
    ThinBook {
        /// The coin.
        symbol: String,
        /// Best bid, US dollars.
        bid: String,
        /// Best ask, US dollars.
        ask: String,
    },
}

impl Source {
    /// CoinGecko's `simple/price`, an average over many markets, and `exchange_rates`. The key of its free plan is optional.
    pub fn coingecko(demo_key: Option<String>) -> Self {
        let demo_key = demo_key.map(Zeroizing::new);
        Self { kind: Kind::CoinGecko { demo_key }, origin: coingecko::ORIGIN.into() }
    }

    /// Kraken's `public/Ticker`: the middle of its own order book.
    pub fn kraken() -> Self {
        Self { kind: Kind::Kraken, origin: kraken::ORIGIN.into() }
    }

    /// The European Central Bank's reference rates: currencies only.
    pub fn ecb() -> Self {
        Self { kind: Kind::Ecb, origin: ecb::ORIGIN.into() }
    }

    /// The same API at another origin (scheme, host, port; no slash at the end): a mirror, or a test's server.
    pub fn at(mut self, origin: &str) -> Self {
        self.origin = origin.to_owned();
        self
    }

    /// As in configuration and in `Quote::source`.
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::CoinGecko { .. } => coingecko::NAME,
            Kind::Kraken => kraken::NAME,
            Kind::Ecb => ecb::NAME,
        }
    }

    /// Whether it can be asked for this coin or currency. Symbols are in capitals: `POL`, `USD/INR`.
    pub fn knows(&self, symbol: &str) -> bool {
        match self.kind {
            Kind::CoinGecko { .. } => coingecko::id(symbol).is_some() || currency::code(symbol).is_some(),
            Kind::Kraken => kraken::pair(symbol).is_some(),
            Kind::Ecb => currency::code(symbol).is_some(),
        }
    }

    /// What to ask for these coins and currencies; those it does not know are left out. No request is made for nothing.
    pub fn requests(&self, symbols: &[&str]) -> Vec<RateRequest> {
        match &self.kind {
            Kind::CoinGecko { demo_key } => {
                let demo_key = demo_key.as_deref().map(String::as_str);
                let coins = coingecko::request(&self.origin, demo_key, symbols);
                coins.into_iter().chain(coingecko::currencies::request(&self.origin, demo_key, symbols)).collect()
            }
            Kind::Kraken => symbols.iter().filter_map(|symbol| kraken::request(&self.origin, symbol)).collect(),
            Kind::Ecb => ecb::request(&self.origin, symbols).into_iter().collect(),
        }
    }

    /// Reads the body of a successful answer (2xx). A coin or currency the source left out is missing from the result.
    ///
    /// # Errors
    /// See [`RateError`]; then nothing of the answer is used.
    pub fn response(
        &self,
        asked: &RateRequest,
        body: &[u8],
        asked_at: Time,
    ) -> Result<Vec<(String, Quote)>, RateError> {
        match self.kind {
            Kind::CoinGecko { .. } if asked.symbols.iter().any(|symbol| currency::code(symbol).is_some()) => {
                coingecko::currencies::response(&asked.symbols, body, asked_at)
            }
            Kind::CoinGecko { .. } => coingecko::response(&asked.symbols, body, asked_at),
            Kind::Kraken => kraken::response(&asked.symbols, body, asked_at),
            Kind::Ecb => ecb::response(&asked.symbols, body, asked_at),
        }
    }
}

/// Without the key.
impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({} at {})", self.name(), self.origin)
    }
}

/// Without the values of headers.
impl std::fmt::Debug for RateRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("RateRequest").field("url", &self.url).field("headers", &headers).finish_non_exhaustive()
    }
}

/// The start of a text from outside, fit for a log.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let source = Source::coingecko(Some("CG-secret".into()));
        let requests = source.requests(&["ETH", "USD/INR"]);
        assert!(requests.len() == 2 && requests.iter().all(|request| request.headers[0].1 == "CG-secret"));
        assert!(!format!("{source:?} {requests:?}").contains("secret"));
    }

    #[test]
    fn what_a_source_does_not_know_is_not_asked() {
        const COINS: [&str; 5] = ["POL", "ETH", "BNB", "USDT", "USDC"];
        const CURRENCIES: [&str; 4] = ["USD/EUR", "USD/GBP", "USD/INR", "USD/ZAR"];
        for (source, coins, currencies) in
            [(Source::coingecko(None), true, true), (Source::kraken(), true, false), (Source::ecb(), false, true)]
        {
            assert!(NAMES.contains(&source.name()));
            assert!(COINS.iter().all(|symbol| source.knows(symbol) == coins), "{source:?}");
            assert!(CURRENCIES.iter().all(|symbol| source.knows(symbol) == currencies), "{source:?}");
            for unknown in ["XYZ", "eth", "USD/USD", "USD/JPY", "EUR/INR"] {
                assert!(!source.knows(unknown), "{source:?}: {unknown}");
                assert_eq!(source.requests(&[unknown]), []);
            }
        }
    }

    #[test]
    fn coins_and_currencies_are_asked_apart() {
        for source in [Source::coingecko(None), Source::kraken(), Source::ecb()] {
            for request in source.requests(&["ETH", "USD/INR", "POL", "USD/EUR"]) {
                let currencies = request.symbols.iter().filter(|symbol| symbol.contains('/')).count();
                assert!(currencies == 0 || currencies == request.symbols.len(), "{request:?}");
            }
        }
    }
}
