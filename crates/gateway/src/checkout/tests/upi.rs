//! UPI's pages: links and codes go unchanged, nothing else is offered as one, a claim is not a payment.

use super::pages::page;
use crate::checkout::messages::Lang;
use crate::checkout::samples::methods::UPI_LINK;
use crate::checkout::{qr, render};

fn html(name: &str) -> String {
    render(&page(name), Lang::En)
}

fn link() -> String {
    format!("id=\"upi\" href=\"{}\"", UPI_LINK.replace('&', "&#38;"))
}

#[test]
fn the_link_and_its_code_are_unchanged() {
    let code = qr::svg(UPI_LINK, "QR code for UPI apps").unwrap();
    for name in ["upi", "upi-own", "upi-refused"] {
        assert!(html(name).contains(&link()) && html(name).contains(&code), "{name}");
    }
    assert!(html("upi-image").contains("<img class=\"qr\" src=\"data:image/png;base64,iVBOR"));
    let only = html("upi-link-only");
    assert!(only.contains(&link()) && !only.contains("<img") && !only.contains("psp.example"));
}

#[test]
fn what_is_not_a_payment_is_no_link() {
    let html = html("upi-unavailable");
    assert!(!html.contains("upi://") && !html.contains("javascript:") && !html.contains("class=\"waiting\""));
    assert!(html.contains("Paying by UPI is not possible right now."));
}

#[test]
fn amount_rate_and_reference_are_there_to_read_and_copy() {
    let html = html("upi-own");
    assert!(html.contains("<data id=\"amount\" value=\"2078.00\">2078.00</data> INR"));
    assert!(html.contains("<bdi dir=\"ltr\">1 USD = 83.12 INR</bdi>"));
    assert!(html.contains("<data id=\"vpa\" value=\"greenleaf@examplebank\">") && html.contains("data-copy=\"vpa\""));
    assert!(
        html.contains("<data id=\"reference\" value=\"EZ4Q2J7T9WBC\">") && html.contains("data-copy=\"reference\"")
    );
    assert!(html.contains("name=\"action\" value=\"claim\"") && html.contains("name=\"rrn\" inputmode=\"numeric\""));
    assert!(html.contains("<title>\u{2066}2078.00 INR\u{2069} · "));
}

#[test]
fn who_has_claimed_is_not_asked_to_pay_again() {
    for name in ["upi-claimed", "upi-used"] {
        let html = html(name);
        assert!(html.contains("The merchant is checking your payment") && html.contains("533812345678"), "{name}");
        assert!(!html.contains("upi://") && !html.contains("class=\"qr\"") && !html.contains("data-until"), "{name}");
        assert!(!html.contains("data-return-after"), "{name}");
    }
}

#[test]
fn a_refused_reference_says_why_beside_its_field() {
    for (name, words) in [("upi-refused", "exactly 12 digits"), ("upi-used", "belongs to another payment")] {
        let html = html(name);
        assert!(html.contains(words) && html.contains("<title>Please correct this · "), "{name}");
        assert!(html.contains("aria-invalid=\"true\" autofocus aria-describedby=\"rrn-error rrn-help\""), "{name}");
    }
}

#[test]
fn the_simulated_app_is_a_link_of_ours() {
    assert!(html("upi").contains("id=\"upi-simulated\" href=\"/sandbox/upi/7\""));
    assert!(!html("upi-own").contains("upi-simulated"));
}
