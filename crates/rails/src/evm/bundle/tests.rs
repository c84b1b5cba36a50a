use super::*;
use crate::evm::sign::{GasKey, SignedTx};
use alloy_primitives::address;

fn key(last: u8) -> GasKey {
    GasKey::from_hex(&format!("{last:064x}")).unwrap()
}

fn bundle(tip: Option<&str>) -> Unsigned {
    let transfer = |nonce: u64, units: &str| Transfer {
        id: format!("trf_{nonce}"),
        nonce,
        asset: "USDC_polygon".into(),
        token: address!("3c499c542cEF5E3811e1192ce70d8cC03d5c3359"),
        receiver: address!("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        amount: domain::Units(units.parse().unwrap()).decimal(6, 0),
        decimals: 6,
        units: units.into(),
        gas_limit: 90_000,
        max_fee: "60000000000".into(),
        tip: tip.map(str::to_owned),
    };
    Unsigned {
        lockgate_unsigned: VERSION,
        chain: "polygon".into(),
        chain_id: 137,
        wallet: key(7).address(),
        transfers: vec![transfer(3, "12500000"), transfer(4, "1")],
        calls_off: Vec::new(),
    }
}

fn checked(asked: &Unsigned, signed: &Signed) -> Result<Vec<(u64, SignedTx)>, BundleError> {
    let all = asked.asked().unwrap();
    Ok(check(asked.wallet, &all, signed)?.into_iter().map(|(one, tx)| (one.request.nonce, tx)).collect())
}

fn changed(error: BundleError) -> &'static str {
    match error {
        BundleError::Changed { field, .. } => field,
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_signed_is_what_went_out() {
    for tip in [Some("30000000000"), None] {
        let asked = bundle(tip);
        let text = serde_json::to_string_pretty(&asked).unwrap();
        assert_eq!(read_unsigned(&text).unwrap(), asked);
        let signed = sign(&asked, &key(7)).unwrap();
        assert_eq!(read_signed(&serde_json::to_string(&signed).unwrap()).unwrap(), signed);
        let found = checked(&asked, &signed).unwrap();
        assert_eq!(found.iter().map(|(nonce, _)| *nonce).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(signers(&signed).unwrap(), [(asked.wallet, 3), (asked.wallet, 4)]);
        // a part may come back, in any order
        let part = Signed { transactions: vec![signed.transactions[1].clone()], ..signed };
        assert_eq!(checked(&asked, &part).unwrap().len(), 1);
    }
}

#[test]
fn whatever_is_changed_is_found() {
    type Change = fn(&mut Unsigned);
    let asked = bundle(Some("30000000000"));
    let changes: [(&str, Change); 7] = [
        ("receiver or amount", |b| {
            b.transfers[0].units = "12500001".into();
            b.transfers[0].amount = "12.500001".into()
        }),
        ("receiver or amount", |b| b.transfers[1].receiver = Address::repeat_byte(9)),
        ("contract", |b| b.transfers[0].token = Address::repeat_byte(9)),
        ("gas limit", |b| b.transfers[0].gas_limit += 1),
        ("gas price", |b| b.transfers[0].max_fee = "60000000001".into()),
        ("gas price", |b| b.transfers[0].tip = None),
        ("chain id", |b| b.chain_id = 1),
    ];
    for (field, change) in changes {
        let mut other = asked.clone();
        change(&mut other);
        assert_eq!(changed(checked(&asked, &sign(&other, &key(7)).unwrap()).unwrap_err()), field);
    }
    let mut another = asked.clone();
    another.wallet = key(8).address();
    assert_eq!(changed(checked(&asked, &sign(&another, &key(8)).unwrap()).unwrap_err()), "signer");
    assert!(matches!(sign(&asked, &key(8)), Err(BundleError::AnotherWallet { .. })));
}

#[test]
fn what_nobody_asked_for_is_refused() {
    let asked = bundle(None);
    let signed = sign(&asked, &key(7)).unwrap();
    let mut twice = signed.clone();
    twice.transactions.push(signed.transactions[0].clone());
    assert!(matches!(checked(&asked, &twice), Err(BundleError::NotAskedFor { nonce: 3 })));
    let mut cut = signed.clone();
    cut.transactions[0] = cut.transactions[0].slice(..40);
    assert!(matches!(checked(&asked, &cut), Err(BundleError::NotATransaction { at: 1 })));
    let mut longer = signed;
    longer.transactions[1] = [longer.transactions[1].as_ref(), &[0]].concat().into();
    assert!(matches!(checked(&asked, &longer), Err(BundleError::NotATransaction { at: 2 })));
    for text in ["", "{}", r#"{"lockgate_signed":2,"chain_id":1,"transactions":[]}"#] {
        assert!(matches!(read_signed(text), Err(BundleError::Malformed(_))), "{text}");
    }
    let mut bad = asked;
    bad.transfers[0].units = "1.5".into();
    assert!(matches!(sign(&bad, &key(7)), Err(BundleError::NotANumber { field: "units", .. })));
}

#[test]
fn words_that_are_not_the_bytes_are_not_signed() {
    type Change = fn(&mut Transfer);
    let changes: [Change; 4] =
        [|t| t.units = "12500001".into(), |t| t.amount = "12.50".into(), |t| t.decimals = 7, |t| t.decimals = 200];
    for change in changes {
        let mut lying = bundle(None);
        change(&mut lying.transfers[0]);
        assert!(matches!(sign(&lying, &key(7)), Err(BundleError::Words { field: "amount", .. })));
    }
    let mut lying = bundle(None);
    lying.transfers[1].id = "trf_4\u{1b}[1A".into();
    assert!(matches!(sign(&lying, &key(7)), Err(BundleError::Malformed(_))));
}

#[test]
fn a_nonce_may_go_out_again_better_paid_or_to_be_called_off() {
    let first = bundle(Some("1"));
    let mut second = first.clone();
    second.transfers.truncate(1);
    second.transfers[0].max_fee = "90000000000".into();
    let mut third = first.clone();
    let call_off =
        CallOff { id: "trf_3".into(), nonce: 3, gas_limit: 90_000, max_fee: "99000000000".into(), tip: None };
    (third.transfers, third.calls_off) = (Vec::new(), vec![call_off]);
    assert_eq!(read_unsigned(&serde_json::to_string(&third).unwrap()).unwrap(), third);
    let mut asked = Vec::new();
    for (revision, bundle) in (0..).zip([&first, &second, &third]) {
        asked.extend(bundle.asked().unwrap().into_iter().map(|one| Asked { revision, ..one }));
    }
    for (revision, bundle) in (0..).zip([&first, &second, &third]) {
        let signed = sign(bundle, &key(7)).unwrap();
        assert_eq!(check(first.wallet, &asked, &signed).unwrap()[0].0.revision, revision);
        let mut twice = signed.clone();
        twice.transactions.push(signed.transactions[0].clone());
        assert!(check(first.wallet, &asked, &twice).is_err());
    }
    let mut other = second;
    other.transfers[0].gas_limit += 1;
    let refused = check(first.wallet, &asked, &sign(&other, &key(7)).unwrap()).unwrap_err();
    assert_eq!(changed(refused), "contract", "compared with the last that went out");
}

/// Whoever carries the file can turn a signature into its other form: the signer is the same, the hash is not, and no node takes it.
#[test]
fn a_turned_signature_is_refused() {
    use alloy_consensus::{SignableTransaction, TxEnvelope};
    use alloy_eips::eip2718::{Decodable2718, Encodable2718};
    use alloy_primitives::{Signature, uint};
    let order = uint!(0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141_U256);
    let asked = bundle(Some("30000000000"));
    let mut signed = sign(&asked, &key(7)).unwrap();
    let TxEnvelope::Eip1559(found) = TxEnvelope::decode_2718(&mut signed.transactions[1].as_ref()).unwrap() else {
        panic!("another kind")
    };
    let (inner, signature, _) = found.into_parts();
    let turned = Signature::new(signature.r(), order - signature.s(), !signature.v());
    let turned = TxEnvelope::from(inner.into_signed(turned));
    signed.transactions[1] = turned.encoded_2718().into();
    assert!(matches!(checked(&asked, &signed), Err(BundleError::HighS { at: 2 })));
    assert!(matches!(signers(&signed), Err(BundleError::HighS { at: 2 })));
}
