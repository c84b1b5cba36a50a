//! "funds/add" and "payment/send": first the missing parameter, in the contract's order, then the malformed one.

use domain::Time;
use domain::card::{CardNumber, Expiry};

use super::PayoutError;
use crate::wire::amount::{MinorUnits, WrittenAmount};
use crate::wire::card_numbers::CardNumbers;
use crate::wire::field::{self, Field};
use crate::wire::params::Params;

/// A coin that funds may be in, on a chain by the contract's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coin<'a> {
    pub chain: &'a str,
    pub symbol: &'a str,
    /// Our asset code.
    pub code: &'a str,
    pub decimals: u8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddFund {
    pub asset: String,
    /// Base units of the coin; above zero.
    pub units: u128,
    /// 0x and 64 hex digits, lower case.
    pub tx_hash: String,
    pub merchant_data: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendPayment {
    /// Cents; above zero.
    pub minor: u128,
    pub first_name: String,
    pub last_name: String,
    /// `04/2025`
    pub expiry: String,
    /// `4012XXXXXXXX4240`
    pub shown: String,
    pub merchant_data: Option<String>,
}

fn all_there(params: &Params, names: &[&'static str]) -> Result<(), PayoutError> {
    let missing = names.iter().find(|name| matches!(field::field(params, name), Field::Absent));
    missing.map_or(Ok(()), |name| Err(PayoutError::Required(name)))
}

/// A parameter that is there.
fn text<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, PayoutError> {
    match field::field(params, name) {
        Field::Text(text) => Ok(text),
        Field::Absent | Field::NotText => Err(PayoutError::Invalid(name)),
    }
}

fn amount(params: &Params) -> Result<WrittenAmount, PayoutError> {
    let value = params.get("amount").ok_or(PayoutError::Required("amount"))?;
    WrittenAmount::read(value).map_err(|_| PayoutError::Invalid("amount"))
}

fn minor(amount: &WrittenAmount, digits: u8) -> Result<u128, PayoutError> {
    match amount.minor_units(digits) {
        Ok(MinorUnits::Positive(units)) => Ok(units),
        Ok(MinorUnits::NotPositive) | Err(_) => Err(PayoutError::Invalid("amount")),
    }
}

fn merchant_data(params: &Params, numbers: &CardNumbers) -> Result<Option<String>, PayoutError> {
    field::own_data(params, "merchant_data", numbers).map_err(|_| PayoutError::Invalid("merchant_data"))
}

/// Reads "funds/add". Digits finer than the coin's are refused, never rounded.
pub fn add_fund(params: &Params, coins: &[Coin<'_>]) -> Result<AddFund, PayoutError> {
    all_there(params, &["amount", "blockchain", "crypto", "tx_hash"])?;
    let amount = amount(params)?;
    let chain = match text(params, "blockchain")? {
        "etherum" => "ethereum",
        other => other,
    };
    if coins.iter().all(|coin| coin.chain != chain) {
        return Err(PayoutError::Invalid("blockchain"));
    }
    let symbol = text(params, "crypto")?;
    let coin = coins.iter().find(|coin| (coin.chain, coin.symbol) == (chain, symbol));
    let coin = coin.ok_or(PayoutError::Invalid("crypto"))?;
    let units = minor(&amount, coin.decimals)?;
    let tx_hash = tx_hash(text(params, "tx_hash")?).ok_or(PayoutError::Invalid("tx_hash"))?;
    let merchant_data = merchant_data(params, &CardNumbers::of(params))?;
    Ok(AddFund { asset: coin.code.to_owned(), units, tx_hash, merchant_data })
}

/// In lower case: any case is the same hash.
fn tx_hash(text: &str) -> Option<String> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let is_hash = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| format!("0x{}", digits.to_ascii_lowercase()))
}

/// Reads "payment/send": the request, and beside it the card's number, so that whatever keeps requests never keeps numbers.
/// `check_expiry` is the instant that decides whether a card has run out; `None` takes any month.
pub fn send_payment(params: &Params, check_expiry: Option<Time>) -> Result<(SendPayment, CardNumber), PayoutError> {
    all_there(params, &["amount", "currency", "firstname", "lastname", "card_number", "expiry"])?;
    let numbers = CardNumbers::of(params);
    let minor = minor(&amount(params)?, 2)?;
    if text(params, "currency")? != "EUR" {
        return Err(PayoutError::Invalid("currency"));
    }
    let name = |name: &'static str| match field::line(params, name, 100) {
        Ok(Some(text)) if !numbers.are_in(text) => Ok(text.to_owned()),
        _ => Err(PayoutError::Invalid(name)),
    };
    let (first_name, last_name) = (name("firstname")?, name("lastname")?);
    let number = CardNumber::parse(text(params, "card_number")?).ok();
    let number = number.filter(|number| number.brand().has_length(number.expose().len()));
    let number = number.ok_or(PayoutError::Invalid("card_number"))?;
    let given = text(params, "expiry")?;
    let expiry = Expiry::parse(given).ok().filter(|_| given.len() == 7 && given.as_bytes()[2] == b'/');
    if expiry.is_none_or(|expiry| check_expiry.is_some_and(|now| expiry.is_past(now))) {
        return Err(PayoutError::Invalid("expiry"));
    }
    let merchant_data = merchant_data(params, &numbers)?;
    let shown = format!("{}XXXXXXXX{}", &number.expose()[..4], number.last4());
    let expiry = given.to_owned();
    Ok((SendPayment { minor, first_name, last_name, expiry, shown, merchant_data }, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::params::decode;

    fn params(pairs: &[(&str, &str)]) -> Params {
        let object: serde_json::Map<_, _> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
        decode(Some("application/json"), serde_json::Value::Object(object).to_string().as_bytes()).unwrap()
    }

    const HASH: &str = "0xDA4fd344e6310738db73dabdb42a213a38f14d2379b13c27fe86f8452002d4c5";
    const COINS: &[Coin<'_>] = &[
        Coin { chain: "polygon", symbol: "USDC", code: "USDC_polygon", decimals: 6 },
        Coin { chain: "ethereum", symbol: "USDT", code: "USDT_ethereum", decimals: 6 },
    ];

    fn with<'a>(base: &[(&'a str, &'a str)], name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
        let mut pairs: Vec<_> = base.iter().copied().filter(|(known, _)| *known != name).collect();
        pairs.extend(value.map(|value| (name, value)));
        pairs
    }

    #[test]
    fn funds() {
        let base = [("amount", "1000.5"), ("blockchain", "polygon"), ("crypto", "USDC"), ("tx_hash", HASH)];
        let good = add_fund(&params(&base), COINS).unwrap();
        assert_eq!((good.units, good.asset.as_str()), (1_000_500_000, "USDC_polygon"));
        assert_eq!(good.tx_hash, HASH.to_lowercase().as_str());
        use PayoutError::{Invalid, Required};
        assert_eq!(add_fund(&params(&[]), COINS), Err(Required("amount")));
        for (name, value, expected) in [
            ("amount", None, Required("amount")),
            ("blockchain", Some(" "), Required("blockchain")),
            ("crypto", None, Required("crypto")),
            ("tx_hash", None, Required("tx_hash")),
            ("amount", Some("0"), Invalid("amount")),
            ("amount", Some("-1"), Invalid("amount")),
            ("amount", Some("1e3"), Invalid("amount")),
            ("amount", Some("1.0000001"), Invalid("amount")),
            ("blockchain", Some("bitcoin"), Invalid("blockchain")),
            ("crypto", Some("DAI"), Invalid("crypto")),
            ("crypto", Some("USDT"), Invalid("crypto")),
            ("tx_hash", Some("0x12"), Invalid("tx_hash")),
            ("tx_hash", Some(&HASH[2..]), Invalid("tx_hash")),
        ] {
            assert_eq!(add_fund(&params(&with(&base, name, value)), COINS), Err(expected), "{name} {value:?}");
        }
        for chain in ["etherum", "ethereum"] {
            let pairs = with(&with(&base, "blockchain", Some(chain)), "crypto", Some("USDT"));
            assert_eq!(add_fund(&params(&pairs), COINS).unwrap().asset, "USDT_ethereum");
        }
    }

    #[test]
    fn payments() {
        let base = [
            ("amount", "1.5"),
            ("currency", "EUR"),
            ("firstname", "john"),
            ("lastname", "smith"),
            ("card_number", "4242424242424242"),
            ("expiry", "04/2025"),
        ];
        let (good, number) = send_payment(&params(&base), None).unwrap();
        assert_eq!((good.minor, good.shown.as_str()), (150, "4242XXXXXXXX4242"));
        assert_eq!(number.last4(), "4242");
        use PayoutError::{Invalid, Required};
        for (name, value, expected) in [
            ("amount", None, Required("amount")),
            ("currency", None, Required("currency")),
            ("firstname", None, Required("firstname")),
            ("lastname", None, Required("lastname")),
            ("card_number", None, Required("card_number")),
            ("expiry", None, Required("expiry")),
            ("amount", Some("0.001"), Invalid("amount")),
            ("currency", Some("USD"), Invalid("currency")),
            ("firstname", Some("4242424242424242"), Invalid("firstname")),
            ("card_number", Some("4242424242424241"), Invalid("card_number")),
            ("expiry", Some("13/2025"), Invalid("expiry")),
            ("expiry", Some("04/25"), Invalid("expiry")),
        ] {
            let refused = send_payment(&params(&with(&base, name, value)), None).map(|_| ());
            assert_eq!(refused, Err(expected), "{name} {value:?}");
        }
        let later = Time(1_798_761_600_000);
        assert_eq!(send_payment(&params(&base), Some(later)).map(|_| ()), Err(Invalid("expiry")));
    }
}
