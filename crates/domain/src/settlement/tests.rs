use super::*;
use crate::ledger::check_balance;
use proptest::prelude::*;

const COIN: &str = "USDC_polygon";

fn charge(nth: u128) -> ChargeId {
    ChargeId::new(ulid::Ulid(nth))
}

/// A charge over `units` paise; a hundred of them are worth 11,764 base units of the coin.
fn open(nth: u128, units: u128, gone: u128) -> Open {
    let settle = Settle { asset: COIN.into(), units: Units(units * 11_764 / 100) };
    Open {
        charge: charge(nth),
        received: Money { units: Units(units), currency: "INR".into() },
        fee: Units(units / 50),
        gone: Units(gone),
        settled: Units::ZERO,
        first: true,
        settle: Some(settle),
        ripe: true,
    }
}

fn terms(reserve: i64, spread: i64) -> Terms {
    let bps = |value| BasisPoints::new(value).unwrap();
    Terms { reserve: bps(reserve), spread: bps(spread), ..Terms::default() }
}

#[test]
fn debts_are_taken_from_the_oldest_and_the_reserve_is_rounded_up() {
    let charges = [open(1, 1_000, 0), open(2, 1_000, 500), open(3, 999, 0)];
    // 980 + 480 + 980 are free, 1,000 of them have paid a debt
    let items = decide(Units(1_440), &charges, &terms(1_000, 50)).unwrap();
    let seen: Vec<_> = items.iter().map(|item| (item.deducted.0, item.reserve.0, item.contribution.0)).collect();
    assert_eq!(seen, [(980, 0, 0), (520, 46, 414), (0, 98, 882)]);
    // 414 * 117,640 / 1,000 is 48,702.96
    assert_eq!((items[1].coins.0, items[1].spread.0), (48_702, 243));
    let (sum, batch) = batches(items, |_| Units::ZERO).unwrap().remove(COIN).unwrap();
    assert_eq!(batch.len(), 3, "one that paid a debt is settled with the others");
    assert_eq!(sum, batch[1].net().plus(batch[2].net()).unwrap());
}

#[test]
fn nothing_to_pay_makes_no_settlement() {
    for (owed, charges) in [(0, vec![open(1, 1_000, 0)]), (0, vec![open(1, 1_000, 1_000)]), (9, vec![])] {
        let items = decide(Units(owed), &charges, &terms(0, 0)).unwrap();
        assert!(batches(items, |_| Units::ZERO).unwrap().is_empty());
    }
    let items = decide(Units(980), &[open(1, 1_000, 0)], &terms(0, 0)).unwrap();
    let sum = items[0].net();
    assert!(batches(items.clone(), |_| sum.plus(Units(1)).unwrap()).unwrap().is_empty());
    assert_eq!(batches(items, |_| sum).unwrap().len(), 1);
    let elsewhere = Open { settle: None, ..open(1, 1_000, 0) };
    let later = Open { ripe: false, ..open(2, 1_000, 0) };
    assert!(decide(Units(1_960), &[elsewhere, later], &terms(0, 0)).unwrap().is_empty());
}

#[test]
fn what_came_free_again_is_settled_without_fee_and_reserve() {
    let again = Open { settled: Units(900), first: false, ..open(1, 1_000, 0) };
    let items = decide(Units(80), &[again], &terms(1_000, 0)).unwrap();
    assert_eq!(
        (items[0].gross, items[0].fee, items[0].reserve, items[0].contribution.0),
        (Units(80), Units(0), Units(0), 80)
    );
}

#[test]
fn a_price_is_for_people() {
    let settle = |units| Settle { asset: COIN.into(), units: Units(units) };
    assert_eq!(price(Units(8_500), 2, &settle(1_000_000), 6).unwrap(), "0.011764705882");
    assert_eq!(price(Units(1_000), 2, &settle(10_000_000), 6).unwrap(), "1.00");
    assert_eq!(price(Units(1_000), 2, &settle(10_000_000_000_000_000_000), 18).unwrap(), "1.00");
    assert!(price(Units(0), 2, &settle(1), 6).is_err());
}

#[test]
fn schedules_read_back() {
    for schedule in [Schedule::PerPayment, Schedule::Daily, Schedule::Threshold(5)] {
        let coins = if let Schedule::Threshold(coins) = schedule { Some(coins) } else { None };
        assert_eq!(Schedule::from_name(schedule.name(), coins), Some(schedule));
    }
    assert_eq!(Schedule::from_name("threshold", Some(0)), None);
    assert_eq!(Schedule::from_name("daily", Some(1)), None);
    let (evening, midnight) = (Time(86_399_999), Time(86_400_000));
    assert!(!Schedule::Daily.is_ripe(evening, evening) && Schedule::Daily.is_ripe(evening, midnight));
    assert!(Schedule::PerPayment.is_ripe(midnight, midnight));
}

fn any_open() -> impl Strategy<Value = Open> {
    let amounts = (1u128..10_000_000, 0u128..12_000_000, 0u128..12_000_000, 1u128..1_000_000_000_000);
    (amounts, any::<(bool, bool, bool)>()).prop_map(|((units, gone, settled, coins), (first, ripe, ours))| Open {
        gone: Units(gone.saturating_sub(2_000_000)),
        settled: if first { Units::ZERO } else { Units(settled) },
        first,
        ripe,
        settle: ours.then(|| Settle { asset: COIN.into(), units: Units(coins) }),
        ..open(1, units, 0)
    })
}

proptest! {
    #[test]
    fn never_more_than_is_owed(
        opens in prop::collection::vec(any_open(), 0..12),
        owed in 0u128..60_000_000,
        reserve in 0i64..10_000,
        spread in 0i64..=10_000,
    ) {
        let rate = EntryRate { price: "1".into(), source: "t".into(), at: Time(1) };
        let (mut sum, firsts) = (0, opens.iter().all(|open| open.first));
        for item in decide(Units(owed), &opens, &terms(reserve, spread)).unwrap() {
            let pay = item.reserve.0 + item.contribution.0;
            prop_assert_eq!(item.gross.0 - item.fee.0 - item.deducted.0, pay);
            // kept back is at least the part, and less than a unit more
            let part = pay * u128::try_from(reserve).unwrap();
            prop_assert!(!firsts || (item.reserve.0 * 10_000 >= part && item.reserve.0 * 10_000 < part + 10_000));
            sum += pay;
            if let Some(entry) = item_entry(1, 2, &item, &rate, Time(3)).unwrap() {
                prop_assert_eq!(check_balance(&entry.postings), Ok(()));
            }
        }
        prop_assert!(sum <= owed);
        let free: u128 = opens.iter().filter(|open| open.ripe && open.settle.is_some()).map(|open| open.free().0).sum();
        prop_assert!(sum <= free);
    }

    #[test]
    fn coins_are_rounded_down(contribution in 0u128..1_000_000, more in 0u128..1_000_000, coins in 1u128..u64::MAX.into()) {
        let received = contribution + more + 1;
        let settle = Settle { asset: COIN.into(), units: Units(coins) };
        let got = coins_for(Units(contribution), Units(received), &settle).unwrap().0;
        prop_assert!(got * received <= contribution * coins && (got + 1) * received > contribution * coins);
    }
}
