use super::*;
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
        amount: "12.5".into(),
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
    }
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
        let checked = check(&asked, &signed).unwrap();
        assert_eq!(checked.iter().map(|(transfer, _)| transfer.nonce).collect::<Vec<_>>(), [3, 4]);
        // a part may come back, in any order
        let part = Signed { transactions: vec![signed.transactions[1].clone()], ..signed };
        assert_eq!(check(&asked, &part).unwrap().len(), 1);
    }
}

#[test]
fn whatever_is_changed_is_found() {
    type Change = fn(&mut Unsigned);
    let asked = bundle(Some("30000000000"));
    let changes: [(&str, Change); 7] = [
        ("receiver or amount", |b| b.transfers[0].units = "12500001".into()),
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
        assert_eq!(changed(check(&asked, &sign(&other, &key(7)).unwrap()).unwrap_err()), field);
    }
    let mut another = asked.clone();
    another.wallet = key(8).address();
    assert_eq!(changed(check(&asked, &sign(&another, &key(8)).unwrap()).unwrap_err()), "signer");
    assert!(matches!(sign(&asked, &key(8)), Err(BundleError::AnotherWallet { .. })));
}

#[test]
fn what_nobody_asked_for_is_refused() {
    let asked = bundle(None);
    let signed = sign(&asked, &key(7)).unwrap();
    let mut twice = signed.clone();
    twice.transactions.push(signed.transactions[0].clone());
    assert!(matches!(check(&asked, &twice), Err(BundleError::NotAskedFor { nonce: 3 })));
    let mut cut = signed.clone();
    cut.transactions[0] = cut.transactions[0].slice(..40);
    assert!(matches!(check(&asked, &cut), Err(BundleError::NotATransaction { at: 1 })));
    let mut longer = signed;
    longer.transactions[1] = [longer.transactions[1].as_ref(), &[0]].concat().into();
    assert!(matches!(check(&asked, &longer), Err(BundleError::NotATransaction { at: 2 })));
    for text in ["", "{}", r#"{"lockgate_signed":2,"chain_id":1,"transactions":[]}"#] {
        assert!(matches!(read_signed(text), Err(BundleError::Malformed(_))), "{text}");
    }
    let mut bad = asked;
    bad.transfers[0].units = "1.5".into();
    assert!(matches!(sign(&bad, &key(7)), Err(BundleError::NotANumber { field: "units", .. })));
}
