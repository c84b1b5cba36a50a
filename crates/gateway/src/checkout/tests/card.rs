//! The card's pages: nothing of a card comes back, errors are tied to their fields, nobody is led away unasked.

use super::pages::{each, page};
use crate::checkout::headers::page_headers;
use crate::checkout::label::Label;
use crate::checkout::messages::Lang;
use crate::checkout::view::{CardError, CardStep, PageView, State};
use crate::checkout::{render, samples};

fn with_form(holder: &str, expiry: &str, errors: Vec<CardError>) -> String {
    let mut view = page("card");
    let State::Card(pay) = &mut view.state else { panic!("not a card page") };
    pay.step =
        CardStep::Form { errors, holder: Some(Label::name(holder)), expiry: Some(expiry.into()), test_cards: false };
    render(&view, Lang::En)
}

fn input<'a>(html: &'a str, name: &str) -> &'a str {
    let from = html.find(&format!("<input id=\"{name}\"")).unwrap();
    &html[from..from + html[from..].find('>').unwrap()]
}

#[test]
fn number_and_code_never_have_a_value() {
    each(&samples::polite(), |name, _, html| {
        for field in ["number", "code", "rrn"] {
            if html.contains(&format!("<input id=\"{field}\"")) {
                assert!(!input(html, field).contains("value="), "{name}");
            }
        }
    });
}

#[test]
fn a_number_in_the_wrong_field_does_not_come_back() {
    let numbers =
        ["4242 4242 4242 4242", "4242-4242-4242-4242", "Ada 4242424242424242", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "४२४२४२४२४२४२"];
    for number in numbers {
        let html = with_form(number, number, vec![CardError::HolderLooksLikeNumber]);
        assert!(!html.contains("4242") && !html.contains(number), "{number}");
        assert!(!input(&html, "holder").contains("value=") && !input(&html, "expiry").contains("value="), "{number}");
    }
    let html = with_form("Ada Example 3rd", "12/2030", vec![]);
    assert!(input(&html, "holder").contains("value=\"Ada Example 3rd\""));
    assert!(input(&html, "expiry").contains("value=\"12/2030\""));
}

#[test]
fn errors_are_summed_up_and_stand_with_their_fields() {
    let html = render(&page("card-errors"), Lang::En);
    assert!(html.contains("<title>Please correct this · "));
    assert!(html.contains("id=\"problem\" tabindex=\"-1\" autofocus"));
    for field in ["number", "expiry", "code", "holder"] {
        assert!(html.contains(&format!("<li><a href=\"#{field}\">")), "{field}");
        assert!(html.contains(&format!("id=\"{field}-error\">")), "{field}");
        let input = input(&html, field);
        assert!(input.contains(" aria-invalid=\"true\"") && input.contains(&format!("\"{field}-error")), "{field}");
    }
    let html = render(&page("card"), Lang::En);
    assert!(!html.contains("aria-invalid") && !html.contains("autofocus") && !html.contains("-error"));
}

#[test]
fn every_described_field_names_ids_that_exist() {
    each(&samples::polite(), |name, lang, html| {
        for list in html.split("aria-describedby=\"").skip(1) {
            for id in list.split('"').next().unwrap().split_whitespace() {
                assert!(html.contains(&format!(" id=\"{id}\"")), "{name} {lang:?}: {id}");
            }
        }
    });
}

#[test]
fn fields_fill_themselves_and_bring_the_right_keyboard() {
    let html = render(&page("card"), Lang::Ar);
    for (name, autocomplete) in
        [("number", "cc-number"), ("expiry", "cc-exp"), ("code", "cc-csc"), ("holder", "cc-name")]
    {
        let input = input(&html, name);
        assert!(input.contains(&format!("autocomplete=\"{autocomplete}\"")), "{name}");
        assert_eq!(input.contains("inputmode=\"numeric\" dir=\"ltr\""), name != "holder", "{name}");
        assert!(html.contains(&format!("<label for=\"{name}\">")), "{name}");
    }
    assert!(html.contains("name=\"action\" value=\"pay-card\""));
}

#[test]
fn nobody_is_led_away_who_has_not_just_asked() {
    let led =
        "<meta http-equiv=\"refresh\" content=\"0;url=https://bank.example/3ds/challenge?id=1&#38;for=%22you%22\">";
    let html = render(&page("card-going"), Lang::En);
    assert!(html.contains(led) && !html.contains("<noscript><meta"));
    for name in ["card-challenge", "card-continue", "card-no-page", "card", "received", "upi"] {
        assert!(!render(&page(name), Lang::En).contains("content=\"0;"), "{name}");
    }
    let unasked = |name| render(&PageView { go: true, ..page(name) }, Lang::En).contains("content=\"0;");
    assert!(unasked("card-continue"));
    for name in ["card-no-page", "card", "card-start", "received", "upi", "processing-card"] {
        assert!(!unasked(name), "{name}");
    }
    assert!(html.contains(
        "id=\"continue\" href=\"https://bank.example/3ds/challenge?id=1&#38;for=%22you%22\" rel=\"noreferrer\""
    ));
    assert!(!render(&page("card-no-page"), Lang::En).contains("id=\"continue\""));
}

#[test]
fn only_the_page_with_a_providers_fields_has_other_headers() {
    let policy = |view: Option<&PageView>| page_headers(view)[0].1.to_str().unwrap().to_owned();
    let plain = policy(None);
    for (name, view) in samples::pages(&samples::polite()) {
        assert_eq!(policy(Some(&view)) == plain, name != "card-fields", "{name}");
        assert_eq!(page_headers(Some(&view))[1..], page_headers(None)[1..], "{name}");
    }
    let other = policy(Some(&page("card-fields")));
    assert!(other.contains("script-src 'self' https://js.stripe.com;"));
    let html = render(&page("card-fields"), Lang::En);
    for data in ["data-key=\"pk_test_example\"", "data-secret=\"pi_1_secret_2\"", "data-return=\"https://pay.example/"]
    {
        assert!(html.contains(data), "{data}");
    }
    assert!(html.contains("<noscript><p class=\"warning\">"));
    // a script from elsewhere is neither loaded nor allowed
    let html = render(&page("card-no-fields"), Lang::En);
    assert!(!html.contains("js.stripe.com") && !html.contains("id=\"card-fields\""));
    assert_eq!(policy(Some(&page("card-no-fields"))), plain);
}
