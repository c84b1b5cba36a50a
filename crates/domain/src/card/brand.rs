//! Card brands by their number ranges.

/// A card scheme, as far as the leading digits tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Brand {
    Visa,
    Mastercard,
    Amex,
    Discover,
    Diners,
    Jcb,
    UnionPay,
    RuPay,
    Maestro,
    Other,
}

/// (first, last) of the leading digits, all of one width; the first row that matches counts. Source: the schemes' published issuer ranges.
const RANGES: &[(u32, u32, Brand)] = &[
    (4, 4, Brand::Visa),
    (51, 55, Brand::Mastercard),
    (2221, 2720, Brand::Mastercard),
    (34, 34, Brand::Amex),
    (37, 37, Brand::Amex),
    (300, 305, Brand::Diners),
    (36, 36, Brand::Diners),
    (38, 39, Brand::Diners),
    (3528, 3589, Brand::Jcb),
    (6011, 6011, Brand::Discover),
    (644, 649, Brand::Discover),
    (65, 65, Brand::Discover),
    (508, 508, Brand::RuPay),
    (60, 60, Brand::RuPay),
    (81, 82, Brand::RuPay),
    (62, 62, Brand::UnionPay),
    (50, 50, Brand::Maestro),
    (56, 58, Brand::Maestro),
    (63, 63, Brand::Maestro),
    (67, 67, Brand::Maestro),
];

impl Brand {
    /// The brand of a number's digits.
    pub fn of(digits: &str) -> Brand {
        let starts = |first: u32| digits.get(..first.to_string().len()).and_then(|head| head.parse::<u32>().ok());
        let fits = |row: &&(u32, u32, Brand)| starts(row.0).is_some_and(|head| (row.0..=row.1).contains(&head));
        RANGES.iter().find(fits).map_or(Brand::Other, |row| row.2)
    }

    /// How long numbers of this brand are.
    pub fn has_length(self, digits: usize) -> bool {
        match self {
            Brand::Visa => matches!(digits, 13 | 16 | 19),
            Brand::Mastercard | Brand::RuPay => digits == 16,
            Brand::Amex => digits == 15,
            Brand::Diners => (14..=19).contains(&digits),
            Brand::Discover | Brand::Jcb | Brand::UnionPay => (16..=19).contains(&digits),
            Brand::Maestro | Brand::Other => (12..=19).contains(&digits),
        }
    }

    /// Digits of the security code.
    pub fn code_digits(self) -> usize {
        if self == Brand::Amex { 4 } else { 3 }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Brand::Visa => "Visa",
            Brand::Mastercard => "Mastercard",
            Brand::Amex => "American Express",
            Brand::Discover => "Discover",
            Brand::Diners => "Diners Club",
            Brand::Jcb => "JCB",
            Brand::UnionPay => "UnionPay",
            Brand::RuPay => "RuPay",
            Brand::Maestro => "Maestro",
            Brand::Other => "Card",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_by_range() {
        for (digits, brand) in [
            ("4242424242424242", Brand::Visa),
            ("5555555555554444", Brand::Mastercard),
            ("2223003122003222", Brand::Mastercard),
            ("378282246310005", Brand::Amex),
            ("6011111111111117", Brand::Discover),
            ("3056930009020004", Brand::Diners),
            ("3566002020360505", Brand::Jcb),
            ("6200000000000005", Brand::UnionPay),
            ("6521111111111117", Brand::Discover),
            ("6080000000000000", Brand::RuPay),
            ("9999999999999995", Brand::Other),
        ] {
            assert_eq!(Brand::of(digits), brand, "{digits}");
        }
    }
}
