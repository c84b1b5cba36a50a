//! Two providers: the second one is asked only if nothing was sent to the first.

use domain::charge::State;

use super::payer::Invoice;
use super::payments::pay;
use super::psp::{CASHFREE, CHECKOUT_COM, Fault, Kind, PHONEPE, Psp, RAZORPAY, STRIPE, field};
use super::rows::Rows;
use super::shop::Shop;

/// Providers of a method, the first choice first.
const PAIRS: [(&Kind, &Kind); 5] = [
    (&STRIPE, &CHECKOUT_COM),
    (&CHECKOUT_COM, &STRIPE),
    (&RAZORPAY, &CASHFREE),
    (&CASHFREE, &PHONEPE),
    (&PHONEPE, &RAZORPAY),
];

struct Two {
    shop: Shop,
    first: Psp,
    second: Psp,
    second_account: String,
}

/// The first one is at `base_url`, or where it is.
async fn two(name: &str, kinds: (&'static Kind, &'static Kind), base_url: Option<&str>) -> Two {
    let (first, second) = (Psp::start(kinds.0).await, Psp::start(kinds.1).await);
    let mut shop = Shop::open(&format!("{name}-{}", kinds.0.name)).await;
    let first_account = shop.account(kinds.0, base_url.unwrap_or(&first.base_url), field);
    let second_account = shop.account(kinds.1, &second.base_url, field);
    shop.route(kinds.0, &[&first_account, &second_account]);
    shop.start(None).await;
    Two { shop, first, second, second_account }
}

async fn states(shop: &Shop, invoice: &Invoice) -> Vec<(String, State)> {
    let rows = Rows::of(shop).await.charges(invoice).await;
    rows.into_iter().map(|row| (row.charge.provider, row.charge.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_reached_or_turns_us_away_is_passed_over() {
    for kinds in PAIRS {
        for base_url in [Some("http://127.0.0.1:9"), None] {
            let two = two("over", kinds, base_url).await;
            two.first.next(&[Fault::TurnAway]);
            let invoice = two.shop.invoice(kinds.0).await;
            two.shop.choose(&invoice).await;
            assert_eq!(two.shop.look(&invoice).await.state, kinds.1.page);
            assert_eq!((two.first.payments().len(), two.second.payments().len()), (0, 1));
            pay(&two.shop, &two.second, &two.second_account, &invoice).await;
            let expected = [(kinds.0.name.into(), State::NotSent), (kinds.1.name.into(), State::Paid)];
            assert_eq!(states(&two.shop, &invoice).await, expected);
            assert_eq!(two.second.payments().len(), 1);
            two.shop.audit();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_unknown_outcome_nobody_else_is_asked() {
    for kinds in PAIRS {
        let two = two("unknown", kinds, None).await;
        for fault in [Fault::HangUpBefore, Fault::HangUpAfter, Fault::ErrorAfter] {
            let before = two.first.payments().len();
            two.first.next(&[fault]);
            let invoice = two.shop.invoice(kinds.0).await;
            two.shop.choose(&invoice).await;
            let sends = two.first.sends();
            let made = usize::from(fault != Fault::HangUpBefore);
            assert_eq!(two.first.payments().len(), before + made, "{fault:?}");
            let page = if made == 1 { kinds.0.page_after_loss } else { "processing" };
            assert_eq!(two.shop.come_back(&invoice).await.state, page, "{fault:?}");
            two.shop.choose(&invoice).await;
            assert_eq!(two.shop.look(&invoice).await.state, page);
            assert_eq!((two.first.sends(), two.second.sends()), (sends, 0), "{fault:?}");
            assert_eq!(states(&two.shop, &invoice).await.len(), 1);
        }
        two.shop.audit();
    }
}

/// Something was begun at the first by its first request, so its second one being turned away leads nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn half_begun_is_begun() {
    let two = two("half", (&CASHFREE, &RAZORPAY), None).await;
    two.first.next(&[Fault::None, Fault::TurnAway]);
    let invoice = two.shop.invoice(&CASHFREE).await;
    two.shop.choose(&invoice).await;
    assert_eq!(two.shop.come_back(&invoice).await.state, "processing");
    two.shop.choose(&invoice).await;
    assert_eq!((two.first.sends(), two.second.sends()), (2, 0));
    assert_eq!(states(&two.shop, &invoice).await, [("cashfree".into(), State::Unknown)]);
    two.shop.audit();
}
