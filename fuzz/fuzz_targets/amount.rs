//! Amounts are read exactly or refused, by the rules' reader and by the wire's, and what is written reads back the same.
#![no_main]

use domain::Units;
use gateway::wire::amount::{MinorUnits, Quantity, WrittenAmount};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &str)| {
    let (decimals, text) = (input.0 % 31, input.1);
    let by_rules = Units::parse(text, decimals);
    if let Ok(units) = by_rules {
        for min_places in [0, 2, decimals] {
            let written = units.decimal(decimals, min_places);
            assert_eq!(Units::parse(&written, decimals), Ok(units), "{text:?} was written as {written:?}");
        }
        assert_eq!(Units::from_digits(&units.to_string()), Ok(units));
    }
    let Ok(written) = WrittenAmount::read_text(text) else { return };
    let Ok(minor) = written.minor_units(decimals) else { return };
    // the wire forgives blanks and a minus, and bounds the digits; apart from that both readers agree
    let bare = text.trim_matches(' ');
    match minor {
        MinorUnits::Positive(units) => {
            assert_eq!(Units::parse(bare, decimals), Ok(Units(units)), "{text:?}");
            let shortest = Quantity::new(units, decimals).shortest();
            assert_eq!(Units::parse(&shortest, decimals), Ok(Units(units)), "{text:?} came out as {shortest:?}");
        }
        MinorUnits::NotPositive => {
            let negative = bare.starts_with('-');
            assert!(negative || Units::parse(bare, decimals) == Ok(Units::ZERO), "{text:?}");
        }
    }
});
