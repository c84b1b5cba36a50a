//! The mail server of the file.

use std::net::IpAddr;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::extension::ClientId;
use url::{Host, Url};

use super::problems::Problems;
use super::{Env, SMTP_PASSWORD_ENV, file, words};
use crate::net::smtp::{PATIENCE, Security, SmtpServer};

/// `base_url` gives the name by which we greet the server.
pub(super) fn check(
    entry: Option<&file::Smtp>,
    base_url: Option<&str>,
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Option<SmtpServer> {
    let entry = entry?;
    let host = problems.keep(entry.host.span(), "smtp.host", host(entry.host.get_ref()));
    let port = match *entry.port.get_ref() {
        0 => Err("must be 1 to 65535; 465 is usual for implicit TLS, 587 for STARTTLS".to_owned()),
        port => Ok(port),
    };
    let port = problems.keep(entry.port.span(), "smtp.port", port);
    let security = match entry.tls.get_ref().as_str() {
        "implicit" => Ok(Security::Implicit),
        "starttls" => Ok(Security::StartTls),
        "none" if host.as_deref().is_none_or(is_loopback) => Ok(Security::None),
        "none" => {
            Err("may be \"none\" only for a server on this machine: mail holds links that are secrets".to_owned())
        }
        other => Err(words::unknown("kind of TLS", other, &["implicit", "starttls", "none"])),
    };
    let security = problems.keep(entry.tls.span(), "smtp.tls", security);
    let from: Result<Mailbox, String> =
        entry.from.get_ref().parse().map_err(|_| "must be an e-mail address, e.g. Example <pay@example.com>".into());
    let from = problems.keep(entry.from.span(), "smtp.from", from);
    let credentials = credentials(entry, env, problems);
    Some(SmtpServer {
        host: host?,
        port: port?,
        security: security?,
        from: from?,
        credentials,
        hello: hello(base_url?),
        patience: PATIENCE,
    })
}

fn credentials(entry: &file::Smtp, env: Env<'_>, problems: &mut Problems<'_>) -> Option<Credentials> {
    let password = env(SMTP_PASSWORD_ENV).filter(|password| !password.is_empty());
    match (&entry.username, password) {
        (None, None) => None,
        (Some(name), _) if name.get_ref().is_empty() => {
            problems.add(Some(name.span()), "smtp.username", "must not be empty: leave it out to send without a login");
            None
        }
        (Some(name), Some(password)) => Some(Credentials::new(name.get_ref().clone(), password)),
        (Some(name), None) => {
            let what = format!("{SMTP_PASSWORD_ENV} is not set in the environment: it is this user's password");
            problems.add(Some(name.span()), "smtp.username", what);
            None
        }
        (None, Some(_)) => {
            let what = format!("is missing: whose password is in {SMTP_PASSWORD_ENV}");
            problems.add(Some(entry.host.span()), "smtp.username", what);
            None
        }
    }
}

/// A name or an address, nothing else.
fn host(text: &str) -> Result<String, String> {
    let is_name = Host::parse(text).is_ok() || text.parse::<IpAddr>().is_ok();
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_name && plain { Ok(text.to_owned()) } else { Err("must be a host name, e.g. smtp.example.com".into()) }
}

fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().map_or(host == "localhost", |ip| ip.is_loopback())
}

fn hello(base_url: &str) -> ClientId {
    match Url::parse(base_url).ok().as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => ClientId::Domain(name.to_owned()),
        Some(Host::Ipv4(ip)) => ClientId::Ipv4(ip),
        Some(Host::Ipv6(ip)) => ClientId::Ipv6(ip),
        None => ClientId::default(),
    }
}
