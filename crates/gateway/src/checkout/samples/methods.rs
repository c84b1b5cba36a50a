//! Card and UPI.

use super::super::label::Label;
use super::super::view::*;
use super::{NOW_MS, Strangers, amount, nothing_else, options, paying, view};

pub const UPI_LINK: &str =
    "upi://pay?pa=greenleaf@examplebank&pn=Green%20Leaf%20Tea&tr=EZ4Q2J7T9WBC&am=2078.00&cu=INR&tn=Invoice%201736";
/// One white pixel.
const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAwVhqTwAAAABJRU5ErkJggg==";
const BANK: &str = "https://bank.example/3ds/challenge?id=1&for=\"you\"";

pub fn pages(strangers: &Strangers) -> Vec<(String, PageView)> {
    let both = vec![Method::Card, Method::Upi];
    let errors = vec![
        CardError::NumberInvalid,
        CardError::ExpiryInvalid,
        CardError::CodeInvalid { digits: 4 },
        CardError::HolderLooksLikeNumber,
    ];
    let claimed = own_vpa(strangers, Some("533812345678"), None);
    let refused = own_vpa(strangers, None, Some(RrnError::Malformed));
    let states = [
        ("methods", State::Choose { methods: both.clone(), options: options(strangers) }),
        ("methods-only", State::Choose { methods: both, options: vec![] }),
        ("methods-pay", pay_or_method(strangers)),
        ("card", card(strangers, form(vec![], None, None, true), None)),
        (
            "card-errors",
            card(strangers, form(errors, Some("4242 4242 4242 4242"), Some("4242424242424242"), true), None),
        ),
        ("card-declined", card(strangers, form(vec![], None, None, false), Some(Decline::InsufficientFunds))),
        ("card-fields", card(strangers, fields(strangers, "https://js.stripe.com/v3/"), None)),
        ("card-challenge", card(strangers, elsewhere(strangers, BANK, true), None)),
        ("card-continue", card(strangers, elsewhere(strangers, "https://pay.example/c/1", false), None)),
        ("card-start", card(strangers, CardStep::Start { provider: Label::name(strangers.provider) }, None)),
        ("upi", upi(strangers, provider(Some(UPI_LINK), Some(UPI_LINK), None))),
        ("upi-own", upi(strangers, own_vpa(strangers, None, None))),
        ("upi-claimed", upi(strangers, claimed)),
        ("upi-refused", upi(strangers, refused)),
        ("upi-preparing", upi(strangers, UpiKind::Preparing)),
        ("processing-card", State::Processing { method: Method::Card }),
        ("failed-declined", State::Failed { declined: true }),
    ];
    let mut pages: Vec<(String, PageView)> =
        states.into_iter().map(|(name, state)| (name.into(), view(strangers, state))).collect();
    let mut going = view(strangers, card(strangers, elsewhere(strangers, BANK, true), None));
    going.go = true;
    pages.push(("card-going".into(), going));
    pages
}

pub fn in_other_words(strangers: &Strangers) -> Vec<(String, PageView)> {
    use CardError::*;
    let missing = vec![NumberMissing, ExpiryMissing, CodeMissing, HolderMissing];
    let past = vec![ExpiryPast, CodeInvalid { digits: 3 }];
    let used = own_vpa(strangers, Some("533812345678"), Some(RrnError::AlreadyUsed));
    let mut states = vec![
        ("card-missing".to_owned(), card(strangers, form(missing, None, None, false), None)),
        ("card-past".into(), card(strangers, form(past, Some(strangers.holder), Some("01/20"), false), None)),
        ("card-no-fields".into(), card(strangers, fields(strangers, "http://js.stripe.com/v3/"), None)),
        ("card-no-page".into(), card(strangers, elsewhere(strangers, "javascript:alert(1)", true), None)),
        ("upi-image".into(), upi(strangers, provider(None, None, Some(PNG)))),
        ("upi-link-only".into(), upi(strangers, provider(Some(UPI_LINK), None, Some("https://psp.example/qr.png")))),
        ("upi-unavailable".into(), upi(strangers, provider(Some("upi://mandate?pa=x"), None, Some("javascript:x")))),
        ("upi-used".into(), upi(strangers, used)),
        ("processing-upi".into(), State::Processing { method: Method::Upi }),
    ];
    use Decline::*;
    for decline in [TryAgain, WrongCode, Expired, AuthenticationFailed, Other] {
        states.push((
            format!("card-declined-{decline:?}"),
            card(strangers, form(vec![], None, None, false), Some(decline)),
        ));
    }
    states.into_iter().map(|(name, state)| (name, view(strangers, state))).collect()
}

fn ways(strangers: &Strangers, method: Method) -> OtherWays {
    OtherWays { methods: vec![method], options: options(strangers) }
}

fn pay_or_method(strangers: &Strangers) -> State {
    let mut pay = super::pay(strangers);
    pay.other.methods = vec![Method::Card, Method::Upi];
    paying(pay)
}

fn card(strangers: &Strangers, step: CardStep, declined: Option<Decline>) -> State {
    let other = ways(strangers, Method::Upi);
    State::Card(Box::new(CardPay { amount: amount("25.00", "USD"), step, declined, other, may_cancel: true }))
}

fn form(errors: Vec<CardError>, holder: Option<&str>, expiry: Option<&str>, test_cards: bool) -> CardStep {
    CardStep::Form { errors, holder: holder.map(Label::name), expiry: expiry.map(str::to_owned), test_cards }
}

fn fields(strangers: &Strangers, script: &str) -> CardStep {
    CardStep::Fields {
        provider: Label::name(strangers.provider),
        script: script.into(),
        publishable_key: "pk_test_example".into(),
        client_secret: "pi_1_secret_2".into(),
        return_url: "https://pay.example/widget/sale/create/?token=t".into(),
    }
}

fn elsewhere(strangers: &Strangers, url: &str, challenge: bool) -> CardStep {
    CardStep::Continue { url: url.into(), challenge, provider: Label::name(strangers.provider) }
}

fn upi(strangers: &Strangers, kind: UpiKind) -> State {
    let own = matches!(kind, UpiKind::OwnVpa { .. });
    let may_cancel = !matches!(kind, UpiKind::OwnVpa { claimed_rrn: Some(_), .. });
    State::Upi(Box::new(UpiPay {
        amount: amount("2078.00", "INR"),
        rate: Some("83.12".into()),
        kind,
        until_ms: Some(NOW_MS + 10 * 60 * 1000),
        sandbox_url: (!own).then(|| "/sandbox/upi/7".into()),
        other: if own { nothing_else() } else { ways(strangers, Method::Card) },
        may_cancel,
    }))
}

fn provider(link: Option<&str>, text: Option<&str>, image: Option<&str>) -> UpiKind {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    UpiKind::Provider { link: owned(link), qr_text: owned(text), qr_image: owned(image) }
}

fn own_vpa(strangers: &Strangers, claimed: Option<&str>, rrn_refused: Option<RrnError>) -> UpiKind {
    UpiKind::OwnVpa {
        link: UPI_LINK.into(),
        vpa: "greenleaf@examplebank".into(),
        payee: Label::name(strangers.merchant),
        reference: "EZ4Q2J7T9WBC".into(),
        claimed_rrn: claimed.map(str::to_owned),
        rrn_refused,
    }
}
