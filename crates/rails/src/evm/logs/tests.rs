use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn word(low: u128) -> String {
    format!("{low:064x}")
}

fn transfer() -> Value {
    json!({
        "address": "0xdAC17F958D2ee523a2206206994597C13D831ec7",
        "topics": [Transfer::SIGNATURE_HASH, format!("0x{}", word(1)), format!("0x{}", word(2))],
        "data": format!("0x{}", word(70_000_000)),
        "blockNumber": "0x10", "blockHash": B256::repeat_byte(3), "transactionHash": B256::repeat_byte(4),
        "transactionIndex": "0x0", "logIndex": "0x7", "removed": false, "blockTimestamp": "0x1", "unknown": [1],
    })
}

#[test]
fn reads_a_transfer() {
    let fact = decode_log(&transfer()).unwrap().unwrap();
    let token = "0xdAC17F958D2ee523a2206206994597C13D831ec7".parse().unwrap();
    let (from, to) = (Address::with_last_byte(1), Address::with_last_byte(2));
    assert_eq!(fact.event, LogEvent::Deposit { token, from, to, amount: 70_000_000 });
    assert_eq!((fact.block_number, fact.log_index, fact.tx_hash), (16, 7, B256::repeat_byte(4)));
}

#[test]
fn reads_a_flush_of_the_native_coin() {
    let mut log = transfer();
    log["topics"] = json!([Flushed::SIGNATURE_HASH, B256::ZERO]);
    log["data"] = json!(format!("0x{}{}", word(99), word(1)));
    let forwarder = "0xdAC17F958D2ee523a2206206994597C13D831ec7".parse().unwrap();
    let event = LogEvent::Flush { forwarder, token: None, merchant_amount: 99, fee_amount: 1 };
    assert_eq!(decode_log(&log).unwrap().unwrap().event, event);
}

/// (change, what comes of it)
#[test]
fn other_logs() {
    let changed = |field: &str, value: Value| {
        let mut log = transfer();
        log[field] = value;
        decode_log(&log)
    };
    let four = json!([Transfer::SIGNATURE_HASH, B256::ZERO, B256::ZERO, B256::ZERO]);
    assert_eq!(changed("removed", json!(true)), Ok(None));
    assert_eq!(changed("topics", json!([])), Ok(None));
    assert_eq!(changed("topics", json!([B256::ZERO])), Ok(None));
    assert_eq!(changed("topics", four), Ok(None));
    assert!(matches!(changed("topics", json!([Transfer::SIGNATURE_HASH])), Err(LogError::WrongShape { .. })));
    assert!(matches!(changed("data", json!("0x")), Err(LogError::WrongShape { event: "Transfer", .. })));
    assert!(matches!(changed("data", json!(format!("0x{}{}", word(1), word(1)))), Err(LogError::WrongShape { .. })));
    let large = json!(format!("0x{}1{}", "0".repeat(31), "0".repeat(32)));
    let tx_hash = B256::repeat_byte(4);
    match changed("data", large) {
        Err(LogError::AmountTooLarge { tx_hash: named, .. }) => assert_eq!(named, tx_hash),
        other => panic!("{other:?}"),
    }
    let most = decode_log(&json!({ "data": format!("0x{}", word(u128::MAX)) }));
    assert!(matches!(most, Err(LogError::NotALog(_))));
    for field in ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex"] {
        assert!(matches!(changed(field, Value::Null), Err(LogError::NotALog(_))), "{field}");
    }
    assert!(matches!(changed("logIndex", json!("0x10000000000000000")), Err(LogError::NotALog(_))));
}

/// A topic that holds an address must have twelve zero bytes before it: otherwise it is not an address.
#[test]
fn refuses_dirty_addresses() {
    let mut log = transfer();
    log["topics"][2] = json!(B256::repeat_byte(9));
    assert!(matches!(decode_log(&log), Err(LogError::WrongShape { .. })));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(0x)?[0-9a-fA-F]{0,70}".prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        any::<[u8; 32]>().prop_map(|word| json!(B256::from(word))),
        Just(json!(Transfer::SIGNATURE_HASH)),
        Just(json!(Flushed::SIGNATURE_HASH)),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| prop::collection::vec(inner, 0..5).prop_map(Value::from))
}

proptest! {
    #[test]
    fn is_total(changes in prop::collection::vec((0usize..9, any_json()), 0..4), whole in any_json()) {
        let fields = ["address", "topics", "data", "blockNumber", "blockHash", "transactionHash", "logIndex", "removed", "x"];
        let mut log = transfer();
        for (field, value) in changes {
            log[fields[field]] = value;
        }
        let _ = decode_log(&log);
        let _ = decode_log(&whole);
    }

    #[test]
    fn amounts_are_exact(high: u128, low: u128) {
        let mut log = transfer();
        log["data"] = json!(format!("0x{high:032x}{low:032x}"));
        match decode_log(&log) {
            Ok(Some(LogFact { event: LogEvent::Deposit { amount, .. }, .. })) => prop_assert_eq!((0, low), (high, amount)),
            Err(LogError::AmountTooLarge { .. }) => prop_assert_ne!(high, 0),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
