//! The operator's sandbox, into which merchants switch from their pages.

use url::Url;

use super::problems::Problems;
use super::{Env, SANDBOX_SECRET_ENV, file, values};
use crate::app::switch::Switch;

pub(super) fn check(
    entry: Option<&file::Sandbox>,
    own: Option<&str>,
    env: Env<'_>,
    problems: &mut Problems<'_>,
) -> Option<Switch> {
    let text = &entry?.base_url;
    let url = problems.keep(text.span(), "sandbox.base_url", values::base_url(text.get_ref()));
    let url = url.and_then(|url| problems.keep(text.span(), "sandbox.base_url", apart(url, own?)));
    let secret = |secret: &str| Switch::new(url.clone().unwrap_or_default(), secret);
    let switch = problems.secret(SANDBOX_SECRET_ENV, env(SANDBOX_SECRET_ENV), secret)?;
    url.map(|_| switch)
}

/// The sandbox's address, if it is on another host than the live gateway: a browser gives the cookies of one host to all its ports.
///
/// # Errors
/// A sentence about two that are on one host.
pub fn apart(sandbox: String, live: &str) -> Result<String, String> {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    if host(&sandbox) == host(live) {
        return Err(
            "must be another host than the live gateway's: browsers give one host's cookies to all its ports, so each \
                    would sign people out of the other"
                .into(),
        );
    }
    Ok(sandbox)
}
