//! The headers of every page here, and the one page that may load somebody else's script.

use axum::http::{HeaderName, HeaderValue, header};
use url::{Host, Url};

use super::view::{CardStep, PageView, State};
use crate::app::branding::frames;

/// Only our own style sheet and scripts, nothing inline, in nobody's frame.
///
/// `form-action 'self'` is enough although payers leave for the merchant: every POST is answered with a redirect to our own
/// page, which then carries the link there (browsers apply the directive to redirects of a form too).
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The first is the policy.
pub type Headers = [(HeaderName, HeaderValue); 5];

/// Stripe's script, and the other origins it speaks to and frames (its integration security guide, "Content Security Policy").
const STRIPE_SCRIPTS: &str = "https://js.stripe.com";
const STRIPE_FRAMES: &str = "https://hooks.stripe.com";
const STRIPE_API: &str = "https://api.stripe.com";

/// A provider's script for card fields in our page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderScript {
    pub url: String,
    /// Scheme, host and port; safe to stand in a policy.
    origin: String,
}

impl ProviderScript {
    /// `None` if the page has none, or if it is from a place that no page of ours loads a script from.
    pub fn of(view: &PageView) -> Option<Self> {
        let State::Card(pay) = &view.state else { return None };
        let CardStep::Fields { script, .. } = &pay.step else { return None };
        Self::at(script)
    }

    fn at(script: &str) -> Option<Self> {
        let url = Url::parse(script).ok()?;
        let may = match (url.scheme(), url.host()?) {
            // a host may hold a semicolon, which would end the directive
            ("https", Host::Domain(name)) => name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)),
            ("https", Host::Ipv4(_)) | ("http", Host::Domain("localhost")) => true,
            // a stand-in for the provider in a test
            ("http", Host::Ipv4(address)) => address.is_loopback(),
            _ => false,
        };
        may.then(|| Self { origin: url.origin().ascii_serialization(), url: url.into() })
    }

    fn policy(&self) -> String {
        let origin = &self.origin;
        let (connect, frames) = match origin.as_str() {
            STRIPE_SCRIPTS => (STRIPE_API.to_owned(), format!("{origin} {STRIPE_FRAMES}")),
            _ => (origin.clone(), origin.clone()),
        };
        let policy = CONTENT_SECURITY_POLICY
            .replace("script-src 'self'", &format!("script-src 'self' {origin}"))
            .replace("connect-src 'self'", &format!("connect-src 'self' {connect}"));
        format!("{policy}; frame-src {frames}")
    }
}

const NO_FRAME: &str = "frame-ancestors 'none'";

/// The same headers of a page that these sites of its merchant's may show in a frame.
pub fn in_frames(mut headers: Headers, origins: &[String]) -> Headers {
    let origins: Vec<String> = origins.iter().filter_map(|origin| frames::origin(origin, true)).collect();
    if origins.is_empty() {
        return headers;
    }
    let (_, policy) = &mut headers[0];
    let named = policy.to_str().map(|text| text.replace(NO_FRAME, &format!("frame-ancestors {}", origins.join(" "))));
    if let Some(Ok(named)) = named.ok().map(HeaderValue::try_from) {
        *policy = named;
    }
    headers
}

/// The policy of an invoice's page, or of a plain one.
pub fn content_security_policy(view: Option<&PageView>) -> String {
    let script = view.and_then(ProviderScript::of);
    script.map_or_else(|| CONTENT_SECURITY_POLICY.to_owned(), |script| script.policy())
}

/// The headers of an invoice's page, or of a plain one. The address holds the token, so nobody else may learn it from a
/// `Referer`; `same-origin` rather than `no-referrer`, because the latter would make our own forms send `Origin: null`.
pub fn page_headers(view: Option<&PageView>) -> Headers {
    let policy = HeaderValue::try_from(content_security_policy(view));
    [
        (header::CONTENT_SECURITY_POLICY, policy.unwrap_or_else(|_| HeaderValue::from_static(CONTENT_SECURITY_POLICY))),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive<'a>(policy: &'a str, name: &str) -> Option<&'a str> {
        policy.split("; ").find_map(|directive| directive.strip_prefix(name)?.strip_prefix(' '))
    }

    #[test]
    fn a_provider_gets_its_origins_and_no_more() {
        let cases = [
            (
                "https://js.stripe.com/v3/",
                "https://js.stripe.com",
                "https://api.stripe.com",
                "https://js.stripe.com https://hooks.stripe.com",
            ),
            (
                "http://127.0.0.1:4242/fields.js",
                "http://127.0.0.1:4242",
                "http://127.0.0.1:4242",
                "http://127.0.0.1:4242",
            ),
        ];
        for (script, scripts, connects, frames) in cases {
            let policy = ProviderScript::at(script).unwrap().policy();
            assert_eq!(directive(&policy, "script-src"), Some(format!("'self' {scripts}").as_str()));
            assert_eq!(directive(&policy, "connect-src"), Some(format!("'self' {connects}").as_str()));
            assert_eq!(directive(&policy, "frame-src"), Some(frames));
            for (name, value) in CONTENT_SECURITY_POLICY.split("; ").filter_map(|directive| directive.split_once(' ')) {
                if !["script-src", "connect-src"].contains(&name) {
                    assert_eq!(directive(&policy, name), Some(value));
                }
            }
        }
    }

    #[test]
    fn a_merchants_sites_may_frame_its_pages_and_nobody_elses() {
        let policy = |origins: &[&str]| {
            let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
            in_frames(page_headers(None), &origins)[0].1.to_str().unwrap().to_owned()
        };
        assert_eq!(policy(&[]), CONTENT_SECURITY_POLICY);
        assert_eq!(policy(&["*", "'self'", "https://a;script-src.example"]), CONTENT_SECURITY_POLICY);
        let two = policy(&["https://shop.example", "https://b.example:8443"]);
        assert_eq!(directive(&two, "frame-ancestors"), Some("https://shop.example https://b.example:8443"));
        assert_eq!(two.replace("https://shop.example https://b.example:8443", "'none'"), CONTENT_SECURITY_POLICY);
    }

    #[test]
    fn no_other_place_gives_scripts() {
        let bad = [
            "",
            "js.stripe.com/v3",
            "http://js.stripe.com/v3/",
            "http://10.0.0.1/v3/",
            "http://localhost.evil.example/v3/",
            "https://evil;script-src.example/",
            "https://a,b/",
            "data:text/javascript,alert(1)",
            "javascript:alert(1)",
        ];
        for script in bad {
            assert_eq!(ProviderScript::at(script), None, "{script}");
        }
    }
}
