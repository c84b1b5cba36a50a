//! One view of every kind, for the tests and for looking at.

use alloy_primitives::address;

use super::brand::{Brand, BrandStyle, LogoLink};
use super::label::Label;
use super::qr::{EvmAsset, eip681};
use super::view::*;
use crate::app::branding::colour::Colour;

pub mod methods;
pub mod pay_links;
pub mod plain;
pub mod refunds;

pub const NOW_MS: i64 = 1_750_000_000_000;
pub const ADDRESS: &str = "0x52908400098527886E0F7030069857D2E4169EE7";
const TX: &str = "0xda4fd344e6310738db73dabdb42a213a38f14d2379b13c27fe86f8452002d4c5";

/// Ordinary strangers' texts, or the worst they could send.
pub struct Strangers {
    pub merchant: &'static str,
    pub description: String,
    pub email: &'static str,
    pub symbol: &'static str,
    pub network: &'static str,
    pub provider: &'static str,
    pub holder: &'static str,
}

pub fn polite() -> Strangers {
    Strangers {
        merchant: "Green Leaf Tea",
        description: "Two tins of first-flush Darjeeling".into(),
        email: "customer@example.com",
        symbol: "USDC",
        network: "Ethereum",
        provider: "Example Pay",
        holder: "Ada Example",
    }
}

pub fn hostile() -> Strangers {
    Strangers {
        merchant: "<script>alert(1)</script>\u{202e}\u{2067}\" onload='x' \u{fdd0}{ $amount }",
        description: format!("</main><img src=x onerror=alert(1)>\u{202e}&amp;{}", "w\u{301}".repeat(512)),
        email: "\"><svg/onload=alert(1)>\u{2066}@example.com",
        symbol: "<b>U\u{202e}SDT</b>",
        network: "\u{202e}<img src=x>",
        provider: "<script>\u{202e}\" onload=x",
        holder: "\" autofocus onfocus=alert(1) x=\"<b>",
    }
}

pub fn view(strangers: &Strangers, state: State) -> PageView {
    PageView {
        token: "Zm9v+YmFy/Zm9vYmFyMTIz==".into(),
        version: 7,
        number: 1736,
        now_ms: NOW_MS,
        merchant: Label::name(strangers.merchant),
        brand: Brand::default(),
        price: amount("25.00", "USD"),
        description: Some(Label::sentence(&strangers.description)),
        payer_email: Some(Label::name(strangers.email)),
        return_url: Some("https://shop.example/thanks?order=77&a='b\"".into()),
        returns_to_us: false,
        stay: false,
        go: false,
        sandbox: true,
        no_price: false,
        unavailable: false,
        notices: vec![],
        state,
    }
}

/// Colours that need the most care: of little contrast on a light page, and on a dark one.
pub const COLOURS: [(&str, Colour); 2] =
    [("branded", Colour([0xff, 0xd4, 0x00])), ("branded-dark", Colour([0x12, 0x10, 0x2a]))];

/// The logo of the samples: 320 × 96 pixels, shown at half of that.
pub const LOGO: &[u8] = include_bytes!("samples/logo.png");

pub fn brand(colour: Colour) -> Brand {
    let logo = LogoLink { path: "/brand/7/logo.png".into(), width: 320, height: 96 };
    Brand { logo: Some(logo), style: Some(BrandStyle::of(colour)) }
}

/// The style sheets of the samples' colours.
pub fn brand_styles() -> impl Iterator<Item = BrandStyle> {
    COLOURS.into_iter().map(|(_, colour)| BrandStyle::of(colour))
}

/// Every page of an invoice, by a name that can be a file's.
pub fn pages(strangers: &Strangers) -> Vec<(String, PageView)> {
    let mut pages: Vec<(String, PageView)> =
        states(strangers).map(|(name, state)| (name.into(), view(strangers, state))).into();
    for (name, notice) in notices(strangers) {
        let mut page = view(strangers, State::Settled);
        page.notices = vec![notice];
        pages.push((name.into(), page));
    }
    let mut bare = view(strangers, State::Received);
    (bare.return_url, bare.description, bare.payer_email, bare.sandbox) = (None, None, None, false);
    pages.push(("received-bare".into(), bare));
    let mut refused = view(strangers, State::Choose { methods: vec![], options: options(strangers) });
    refused.no_price = true;
    refused.unavailable = true;
    pages.push(("choose-no-price".into(), refused));
    pages.extend(methods::pages(strangers));
    for (name, colour) in COLOURS {
        let mut branded = view(strangers, paying(pay(strangers)));
        branded.brand = brand(colour);
        pages.push((name.into(), branded));
    }
    pages
}

/// Pages that differ from one of `pages` in a few words only: rendered in every test, not each looked at.
pub fn in_other_words(strangers: &Strangers) -> Vec<(String, PageView)> {
    methods::in_other_words(strangers)
}

fn states(strangers: &Strangers) -> [(&'static str, State); 16] {
    let confirming = vec![payment("25.000001", Progress::Confirming { seen: 3, needed: 12 })];
    let history = vec![
        payment("10", Progress::Final),
        payment("2.5", Progress::Reversed),
        payment("5.000001", Progress::Confirming { seen: 0, needed: 1 }),
    ];
    let pay = pay(strangers);
    let part =
        Pay { paid: Some("15.000001".into()), due: "10".into(), payments: history, may_cancel: false, ..pay.clone() };
    let coin = Pay {
        currency: option("ETH_ethereum", "ETH", "Ethereum"),
        total: "0.012345678901234567".into(),
        due: "0.012345678901234567".into(),
        uri: Some(eip681(
            1,
            EvmAsset::Native,
            address!("0x52908400098527886E0F7030069857D2E4169EE7"),
            12_345_678_901_234_567,
        )),
        ..pay.clone()
    };
    [
        ("choose", State::Choose { methods: vec![], options: options(strangers) }),
        ("choose-none", State::Choose { methods: vec![], options: vec![] }),
        ("pay-native", paying(coin)),
        ("pay-part", paying(part.clone())),
        ("quote-expired", paying(Pay { quote: Quote::Expired, ..pay.clone() })),
        ("quote-expired-part", paying(Pay { quote: Quote::Expired, ..part })),
        ("pay-no-link", paying(Pay { uri: Some("javascript:alert(1)".into()), other: nothing_else(), ..pay.clone() })),
        ("pay", paying(pay)),
        ("confirming", State::Confirming { payments: confirming }),
        ("received", State::Received),
        ("settled", State::Settled),
        ("failed", State::Failed { declined: false }),
        ("canceled", State::Canceled),
        ("expired", State::Expired),
        ("withheld", State::Withheld),
        ("chargeback", State::Chargeback),
    ]
}

fn notices(strangers: &Strangers) -> [(&'static str, Notice); 4] {
    let odd = amount("3.5", strangers.symbol);
    [
        ("notice-overpaid", Notice::OverPaid { excess: odd.clone() }),
        ("notice-other-amount", Notice::OtherAmount { amount: odd.clone() }),
        ("notice-late", Notice::Late { amount: odd.clone() }),
        ("notice-wrong-token", Notice::WrongToken { amount: odd, network: Label::name(strangers.network) }),
    ]
}

fn paying(pay: Pay) -> State {
    State::Pay(Box::new(pay))
}

fn pay(strangers: &Strangers) -> Pay {
    let token = EvmAsset::Erc20(address!("0xc2132D05D31c914a87C6611C10748AEb04B58e8F"));
    Pay {
        currency: option("USDT_polygon", "USDT", "Polygon"),
        total: "25.000001".into(),
        paid: None,
        due: "25.000001".into(),
        address: ADDRESS.into(),
        uri: Some(eip681(137, token, address!("0x52908400098527886E0F7030069857D2E4169EE7"), 25_000_001)),
        quote: Quote::Locked { until_ms: NOW_MS + 15 * 60 * 1000 },
        payments: vec![],
        other: OtherWays { methods: vec![], options: options(strangers) },
        may_cancel: true,
    }
}

fn nothing_else() -> OtherWays {
    OtherWays { methods: vec![], options: vec![] }
}

fn options(strangers: &Strangers) -> Vec<CurrencyOption> {
    let mut options = vec![
        option("USDT_polygon", "USDT", "Polygon"),
        option("USDC_ethereum", strangers.symbol, "Ethereum"),
        option("POL_polygon", "POL", "Polygon"),
    ];
    // As many as the contract's table has, so that the size test means something.
    options.extend((options.len()..13).map(|_| option("USDT_bsc", "USDT", "BNB Chain")));
    options
}

fn option(value: &str, symbol: &str, network: &str) -> CurrencyOption {
    CurrencyOption { value: value.into(), symbol: Label::name(symbol), network: Label::name(network) }
}

fn amount(digits: &str, symbol: &str) -> Amount {
    Amount { digits: digits.into(), symbol: Label::name(symbol) }
}

fn payment(digits: &str, progress: Progress) -> SeenPayment {
    let explorer_url = (progress != Progress::Reversed).then(|| format!("https://explorer.example/tx/{TX}"));
    SeenPayment { amount: amount(digits, "USDT"), chain_tx: TX.into(), explorer_url, progress }
}
