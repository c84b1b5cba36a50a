//! The merchant confirms a payment to its own VPA on its page.

use domain::charge::State;

use super::own_vpa::OwnVpa;
use crate::harness::Visitor;

const RRN: &str = "527013524405";

#[tokio::test]
async fn confirmed_on_the_merchants_page() {
    let own = OwnVpa::start().await;
    let asked = own.ask().await;
    own.claim(&asked, RRN).await;
    let browser = Visitor::signed_in(&own.sandbox.client, &own.sandbox.file, "merchant_login").await;
    let here = format!("/client/invoices/{}", asked.id);
    let page = browser.get(&here).await;
    assert!(page.body.contains("The payer says it is paid") && page.body.contains(RRN), "{}", page.body);
    let upi = format!("{here}/upi");
    let say = async |rrn: &str, came: &str| {
        browser.post(&here, &upi, &[("charge", &asked.charge.to_string()), ("rrn", rrn), ("came", came)]).await
    };
    let wrong = say("12", "yes").await;
    assert!(wrong.status == 422 && wrong.body.contains("twelve digits"), "{}", wrong.body);
    assert_eq!(own.state(&asked).await, State::Claimed);
    assert_eq!(say("", "no").await.status, 303);
    assert_eq!(own.state(&asked).await, State::NeedsPayer);
    assert_eq!(say(RRN, "yes").await.status, 303);
    assert_eq!(own.state(&asked).await, State::Paid);
    own.assert_received(1).await;
    let page = browser.get(&here).await;
    assert!(page.body.contains("confirmed the UPI payment"), "{}", page.body);
    assert_eq!(say(RRN, "yes").await.status, 422, "once");
    let of = format!("charge:{}", asked.charge);
    let refund = browser.post(&here, &format!("{here}/refund"), &[("of", &of), ("amount", "1")]).await;
    assert!(refund.status == 422 && refund.body.contains("cannot give money back"), "{}", refund.body);
    own.assert_received(1).await;
}
