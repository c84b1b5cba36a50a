//! Which URLs we may call, and which we may send a customer's browser to. Decisions only: nothing is resolved or sent here.

pub use super::address::check_ip;
use url::{Host, Url};

/// Longest URL taken, in bytes.
pub const MAX_URL_BYTES: usize = 2048;

/// How strict to be. A sandbox that strangers may use should run with `Live`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    Live,
    /// Plain HTTP, any port, and the developer's own machine and network are allowed too.
    Sandbox,
}

/// Ports called when live: those of web servers. Others would let a merchant use us to knock at mail servers and databases.
const LIVE_PORTS: [u16; 4] = [80, 443, 8080, 8443];

/// Endings of names that do not lead to a public server.
const LOCAL_SUFFIXES: [&str; 5] = [".localhost", ".local", ".internal", ".home.arpa", ".lan"];

/// Why a URL or an address is refused, as a sentence for the person who entered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("this is not a URL")]
    NotAUrl,
    #[error("the URL is longer than {} bytes", MAX_URL_BYTES)]
    TooLong,
    #[error("the URL must start with https://")]
    NotHttps,
    #[error("the URL must start with https:// or http://")]
    NotHttp,
    #[error("the URL must not contain a user name or password")]
    Userinfo,
    #[error("the URL must not use this port; use 443, 8443, 80 or 8080")]
    Port,
    #[error("the host name must not end in a dot")]
    TrailingDot,
    #[error("the host name is local to a network")]
    LocalName,
    #[error("the host has a {0} address")]
    Address(&'static str),
}

/// A URL we may call, provided that its name resolves to addresses that [`check_ip`] lets through.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl(Url);

impl CheckedUrl {
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// Without path and query: merchants put secrets there.
impl std::fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckedUrl({})", self.0.origin().ascii_serialization())
    }
}

/// Decides about a URL that the gateway itself would call. Literal addresses are decided here, because an HTTP client does not ask
/// its resolver about them; spellings such as `0x7f.1` or `2130706433` are addresses too once the URL is parsed.
pub fn check_url(text: &str, policy: Policy) -> Result<CheckedUrl, Refused> {
    let url = parse(text)?;
    match (url.scheme(), policy) {
        ("https", _) | ("http", Policy::Sandbox) => {}
        ("http", Policy::Live) => return Err(Refused::NotHttps),
        _ => return Err(Refused::NotHttp),
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if port == 0 || (policy == Policy::Live && !LIVE_PORTS.contains(&port)) {
        return Err(Refused::Port);
    }
    check_host(&url, policy)?;
    Ok(CheckedUrl(url))
}

/// Decides about a URL that a customer's browser is sent to: `http` and any port are fine there, a live link into somebody's
/// private network is not. Returns the URL in normal form, which is pure ASCII.
pub fn check_link(text: &str, policy: Policy) -> Result<String, Refused> {
    let url = parse(text)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::NotHttp);
    }
    check_host(&url, policy)?;
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(Refused::TooLong);
    }
    Ok(url.into())
}

fn parse(text: &str) -> Result<Url, Refused> {
    if text.len() > MAX_URL_BYTES {
        return Err(Refused::TooLong);
    }
    // The parser drops tabs and line ends inside and blanks around: what is checked must be what was given.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refused::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| Refused::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() || authority_has_at(text) {
        return Err(Refused::Userinfo);
    }
    Ok(url)
}

/// `https://@host/` has an empty user name, which the parser forgets.
fn authority_has_at(text: &str) -> bool {
    let after_scheme = text.split_once(':').map_or("", |(_, rest)| rest).trim_start_matches(['/', '\\']);
    after_scheme.split(['/', '\\', '?', '#']).next().is_some_and(|authority| authority.contains('@'))
}

fn check_host(url: &Url, policy: Policy) -> Result<(), Refused> {
    let name = match url.host() {
        Some(Host::Ipv4(ip)) => return check_ip(ip.into(), policy),
        Some(Host::Ipv6(ip)) => return check_ip(ip.into(), policy),
        Some(Host::Domain(name)) => name,
        None => return Err(Refused::NotAUrl),
    };
    // The same host under a second name would slip past any list of hosts, ours or a certificate's.
    if name.ends_with('.') {
        return Err(Refused::TrailingDot);
    }
    let local = !name.contains('.') || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    if local && policy == Policy::Live { Err(Refused::LocalName) } else { Ok(()) }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
