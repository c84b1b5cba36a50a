use super::*;
use crate::wire::signature::{Scheme, x_signature};

const KEY: &[u8] = b"0d8d8e89a6cdcd";

fn received() -> InvoiceCallback<'static> {
    InvoiceCallback {
        status: InvoiceStatus::Received,
        id: 1736,
        invoiced: Money { amount: Quantity::new(500, 2), currency: "USD" },
        description: None,
        callback_json: Some(r#"{"txId":"qktr12eqzg","status":"sfrt"}"#),
        charged: None,
        settled: None,
        at_ms: None,
    }
}

fn paid() -> InvoiceCallback<'static> {
    InvoiceCallback {
        status: InvoiceStatus::Settled,
        callback_json: None,
        charged: Some(Money { amount: Quantity::new(40971, 2), currency: "INR" }),
        settled: Some(Money { amount: Quantity::new(4_000_000, 6), currency: "USDC" }),
        at_ms: Some(1_681_326_588_000),
        ..received()
    }
}

#[test]
fn the_worked_example_byte_for_byte() {
    let body = received().body();
    assert_eq!(
        body,
        r#"{"status":"invoice:awaiting_approval","id":1736,"devise":"USD","amount":5,"description":"The payment made by the customer is successful","callbackJson":"{\"txId\":\"qktr12eqzg\",\"status\":\"sfrt\"}"}"#
    );
    assert_eq!(body.len(), 200);
    assert_eq!(
        x_signature(Scheme::HmacSha256Hex, KEY, body.as_bytes()),
        "c11e8951d83072e8235a993d6b1cacaa504962405767c77b88eba2c6e7b51a4e"
    );
}

#[test]
fn a_paid_callback_has_the_optional_keys_after_the_six() {
    assert_eq!(
        paid().body(),
        r#"{"status":"invoice:paid","id":1736,"devise":"USD","amount":5,"description":"Payment of the invoice has been made successfully","callbackJson":null,"fiat_amount":409.71,"fiat_currency":"INR","totalAmount":4,"totalCurrency":"USDC","datetime":"2023-04-12 19:09:48"}"#
    );
}

#[test]
fn escapes_of_the_callback_are_those_of_php() {
    let callback = InvoiceCallback {
        status: InvoiceStatus::Failed,
        description: Some("Abgelehnt: Zürich/Genève 😀"),
        callback_json: Some("{txId : qktr12eqzg, url : https://shop.example/é}"),
        ..received()
    };
    assert_eq!(
        callback.body(),
        r#"{"status":"invoice:failed","id":1736,"devise":"USD","amount":5,"description":"Abgelehnt: Z\u00fcrich\/Gen\u00e8ve \ud83d\ude00","callbackJson":"{txId : qktr12eqzg, url : https:\/\/shop.example\/\u00e9}"}"#
    );
}

#[test]
fn infos_data_is_ordinary_json_with_every_key() {
    assert_eq!(
        paid().data(),
        r#"{"status":"invoice:paid","id":1736,"devise":"USD","amount":5,"description":"Payment of the invoice has been made successfully","callbackJson":null,"fiat_amount":409.71,"fiat_currency":"INR","totalAmount":4,"totalCurrency":"USDC","datetime":"2023-04-12 19:09:48"}"#
    );
    let before = InvoiceCallback { status: InvoiceStatus::Created, callback_json: Some("a/é"), ..received() };
    assert_eq!(
        before.data(),
        r#"{"status":"invoice:created","id":1736,"devise":"USD","amount":5,"description":"The invoice has been created","callbackJson":"a/é","fiat_amount":null,"fiat_currency":null,"totalAmount":null,"totalCurrency":null,"datetime":null}"#
    );
}
