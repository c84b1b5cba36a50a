//! Every page in every language, with the politest and the worst input.

use crate::app::branding::logo::KEPT_BYTES;
use crate::checkout::messages::Lang;
use crate::checkout::render::{pay_link, refund};
use crate::checkout::samples::{self, ADDRESS, NOW_MS, pay_links::pay_links, plain::plain, refunds::refunds};
use crate::checkout::view::{PageView, Quote, State};
use crate::checkout::{assets, render};

fn all(strangers: &samples::Strangers) -> impl Iterator<Item = (String, PageView)> {
    samples::pages(strangers).into_iter().chain(samples::in_other_words(strangers))
}

pub fn page(name: &str) -> PageView {
    all(&samples::polite()).find(|(n, _)| n == name).unwrap().1
}

pub fn each(strangers: &samples::Strangers, check: impl Fn(&str, Lang, &str)) {
    for (name, page) in all(strangers) {
        for lang in Lang::ALL {
            check(&name, lang, &render(&page, lang));
        }
    }
    for (name, page) in pay_links(strangers) {
        for lang in Lang::ALL {
            check(name, lang, &pay_link::render(&page, lang));
        }
    }
    for (name, page) in refunds(strangers) {
        for lang in Lang::ALL {
            check(name, lang, &refund::render(&page, lang));
        }
    }
    for lang in Lang::ALL {
        for (name, html) in plain(strangers, lang) {
            check(name, lang, &html);
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    each(&samples::hostile(), |name, lang, html| {
        let at = format!("{name} {lang:?}");
        assert_eq!(html.matches("<script").count(), html.matches("</script>").count(), "{at}");
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"").count(), "{at}");
        let html = &html
            .replace("<img class=\"qr\" src=\"data:image/png;base64,", "")
            .replace("<img class=\"logo\" src=\"/brand/", "");
        for bad in ["<img", "<svg/onload", "<b>", "href=\"javascript:", "\" onload=", "onerror=alert(1)>"] {
            assert!(!html.contains(bad), "{at}: {bad}");
        }
        assert!(
            !html.contains(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2067}' | '\u{fdd0}'..='\u{fddf}')),
            "{at}"
        );
        let (opened, closed) = (html.matches(['\u{2066}', '\u{2068}']).count(), html.matches('\u{2069}').count());
        assert_eq!(opened, closed, "{at}: isolates are balanced");
        assert_eq!(html.matches("<bdi").count(), html.matches("</bdi>").count(), "{at}");
        assert_eq!(html.matches("<main").count(), 1, "{at}");
        assert_eq!(html.matches("</main>").count(), 1, "{at}");
    });
}

#[test]
fn page_and_assets_stay_under_60_kb() {
    for strangers in [samples::polite(), samples::hostile()] {
        each(&strangers, |name, lang, html| {
            let loaded = assets::all().into_iter().filter(|asset| html.contains(&asset.path));
            let sheets = samples::brand_styles().filter(|style| html.contains(&style.path));
            // the largest logo that there can be
            let logo = if html.contains("class=\"logo\"") { KEPT_BYTES } else { 0 };
            let sheets = sheets.map(|style| style.body.len()).sum::<usize>();
            let total = html.len() + loaded.map(|asset| asset.body.len()).sum::<usize>() + sheets + logo;
            assert!(total < 60_000, "{name} {lang:?}: {total} bytes");
        });
    }
}

#[test]
fn nothing_is_inline_or_from_elsewhere() {
    each(&samples::polite(), |name, lang, html| {
        assert!(!html.contains(" style=") && !html.contains("<style"), "{name} {lang:?}");
        for source in html.split(" src=\"").skip(1).chain(html.split("rel=\"stylesheet\" href=\"").skip(1)) {
            let of_provider = name == "card-fields" && source.starts_with("https://js.stripe.com/v3/\"");
            let picture = name == "upi-image" && source.starts_with("data:image/png;base64,");
            let branded = name.starts_with("branded") && source.starts_with("/brand/");
            assert!(source.starts_with("/assets/checkout") || of_provider || picture || branded, "{name} {lang:?}");
        }
        let styled = html.matches("=\"/assets/").count() + html.matches("href=\"/brand/").count();
        assert_eq!(html.matches("integrity=\"sha256-").count(), styled, "{name} {lang:?}");
        assert!(html.contains(&format!("<html lang=\"{}\" dir=\"{}\">", lang.code(), lang.dir())));
    });
}

#[test]
fn pay_page_has_the_whole_address_and_amount() {
    let html = render(&page("pay"), Lang::Fr);
    assert_eq!(html.find("0x"), html.find(ADDRESS), "the first 0x in the page is the address to pay");
    assert!(html.contains(&format!("<data id=\"address\" value=\"{ADDRESS}\">")));
    assert!(html.contains("<data id=\"amount\" value=\"25.000001\">25.000001</data> USDT"));
    assert!(html.contains("<title>\u{2066}25.000001 USDT\u{2069} · "));
    // The mid-June quarter of an hour of the sample clock, 15:06 UTC.
    assert!(html.contains("<bdi dir=\"ltr\">15:21</bdi> UTC"), "valid until, without scripts");
    assert!(html.contains("href=\"ethereum:0xc2132D05D31c914a87C6611C10748AEb04B58e8F@137/transfer?address="));
    assert!(html.contains("Zm9v%2BYmFy%2FZm9vYmFyMTIz%3D%3D&#38;lang=ar"), "language links keep the token");
}

#[test]
fn time_on_another_day_carries_its_date() {
    let mut view = page("pay");
    let State::Pay(pay) = &mut view.state else { panic!("not a pay page") };
    pay.quote = Quote::Locked { until_ms: NOW_MS + 24 * 3600 * 1000 };
    assert!(render(&view, Lang::En).contains("2025-06-16 15:06"));
}

#[test]
fn expired_price_hides_what_must_not_be_paid() {
    let html = render(&page("quote-expired"), Lang::En);
    assert!(!html.contains("0x") && !html.contains("class=\"qr\"") && !html.contains("ethereum:"));
    assert!(html.contains("name=\"action\" value=\"quote\""));
}

#[test]
fn ends_lead_back_to_the_merchant_unless_something_is_to_be_read() {
    let back = |view: &PageView| {
        render(view, Lang::En).contains("<noscript><meta http-equiv=\"refresh\" content=\"5;url=https:")
    };
    for name in ["received", "settled", "failed", "canceled"] {
        assert!(back(&page(name)), "{name}");
        assert!(!back(&PageView { stay: true, ..page(name) }), "{name}, asked to stay");
    }
    for name in ["notice-late", "notice-overpaid", "withheld", "chargeback", "confirming", "pay", "expired"] {
        assert!(!back(&page(name)), "{name}");
        assert!(render(&page(name), Lang::En).contains("id=\"return\" href=\"https://shop.example/thanks"), "{name}");
    }
    let evil = PageView { return_url: Some("javascript:alert(1)".into()), ..page("received") };
    assert!(!render(&evil, Lang::En).contains("id=\"return\""));
}

#[test]
fn a_coin_without_a_price_is_said_where_another_can_be_chosen() {
    let said = |view: &PageView| render(view, Lang::En).contains("id=\"no-price\"");
    for name in ["choose", "quote-expired", "pay"] {
        assert!(!said(&page(name)), "{name}");
        assert!(said(&PageView { no_price: true, ..page(name) }), "{name}");
    }
    for name in ["confirming", "received", "canceled"] {
        assert!(!said(&PageView { no_price: true, ..page(name) }), "{name}");
    }
}

#[test]
fn waiting_pages_ask_again_without_scripts() {
    for name in ["pay", "pay-part", "quote-expired", "confirming", "upi", "card-challenge"] {
        assert!(
            render(&page(name), Lang::En).contains("<noscript><meta http-equiv=\"refresh\" content=\"20\"></noscript>"),
            "{name}"
        );
    }
    // what is being typed would be lost
    for name in ["choose", "card", "card-errors", "card-fields", "upi-own", "upi-refused"] {
        assert!(!render(&page(name), Lang::En).contains("http-equiv"), "{name}");
    }
}

#[test]
fn forms_name_their_action_and_carry_token_and_language() {
    let html = render(&page("pay"), Lang::Hi);
    let hidden = "<input type=\"hidden\" name=\"token\" value=\"Zm9v+YmFy/Zm9vYmFyMTIz==\"><input type=\"hidden\" name=\"lang\" value=\"hi\">";
    assert_eq!(html.matches("<form method=\"post\" action=\"/widget/sale/create/\">").count(), 2);
    assert_eq!(html.matches(hidden).count(), 2);
    assert!(
        html.contains("name=\"action\" value=\"select\"") && html.contains("name=\"currency\" value=\"USDT_polygon\"")
    );
    assert!(html.contains("name=\"action\" value=\"cancel\""));
    assert!(!render(&page("pay-part"), Lang::Hi).contains("value=\"cancel\""));
}

#[test]
fn sandbox_says_so_and_only_there() {
    assert!(render(&page("pay"), Lang::En).contains("<a href=\"/sandbox/\">"));
    assert!(!render(&page("received-bare"), Lang::En).contains("andbox"));
}

#[test]
fn assets_are_named_by_their_content() {
    for asset in assets::all() {
        let hash = asset.etag.trim_matches('"');
        assert_eq!(hash.len(), 12);
        let (name, extension) = asset.file.rsplit_once('.').unwrap();
        assert_eq!(asset.path, format!("/assets/{name}.{hash}.{extension}"));
    }
}

#[test]
fn a_branded_page_has_the_logo_with_the_name_and_the_colours_sheet() {
    let html = render(&page("branded"), Lang::En);
    assert!(html.contains("<p class=\"merchant\"><img class=\"logo\" src=\"/brand/7/logo.png\" width=\"320\" height=\"96\" alt=\"Green Leaf Tea\"></p>"));
    let style = page("branded").brand.style.unwrap();
    let sheet = format!("<link rel=\"stylesheet\" href=\"{}\" integrity=\"{}\">", style.path, style.integrity);
    // after ours, whose values it replaces
    assert!(html.find(&sheet) > html.find("/assets/checkout.") && html.contains(&sheet));
    assert_eq!(html.matches("rel=\"stylesheet\"").count(), 2);
    let plain = render(&page("pay"), Lang::En);
    assert!(!plain.contains("/brand/") && plain.contains("<bdi>Green Leaf Tea</bdi>"));
    let refunds: Vec<_> =
        refunds(&samples::polite()).into_iter().filter(|(name, _)| name.starts_with("branded")).collect();
    assert!(!refunds.is_empty());
    for (name, page) in refunds {
        let html = refund::render(&page, Lang::En);
        assert!(html.contains("<img class=\"logo\"") && html.contains(&style.path), "{name}");
    }
    assert!(style.body.starts_with(":root,.look-light{--brand:#ffd400;") && style.body.contains("--on-brand:#000000;"));
    assert!(style.body.chars().all(|c| c.is_ascii_alphanumeric() || ":,.-{}#;@()\n _".contains(c)));
}
