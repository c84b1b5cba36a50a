//! A live gateway and its sandbox, joined by a secret: who is signed in at the one is let in at the other, by a ticket that is good once, for
//! a minute, in one browser.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::MerchantId;
use domain::access::Role;
use domain::time::MINUTE;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

/// A ticket is good for so long by the clock of who gave it.
pub const LASTS: i64 = MINUTE;
/// One that claims to be good for longer was given by a clock that is wrong.
const LONGEST: i64 = 5 * MINUTE;
/// Longer texts are no ticket.
const MAX_BYTES: usize = 4096;
const SHORTEST_SECRET: usize = 32;
/// What is signed begins so: nothing else that this secret may ever sign can be taken for a ticket.
const LABEL: &[u8] = b"lockgate: ticket of a live gateway to its sandbox, version 1\n";
/// Of what is kept of a secret, to know it again.
const MARK_LABEL: &[u8] = b"lockgate: mark of the secret between a live gateway and its sandbox, version 1\n";

/// The other gateway of the two, as the one and the other know it.
#[derive(Clone)]
pub struct Switch {
    /// What its pages' addresses begin with; no slash at the end.
    pub url: String,
    secret: Zeroizing<String>,
}

/// Without the secret.
impl std::fmt::Debug for Switch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Switch({})", self.url)
    }
}

/// Who comes, for which merchant, as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The sandbox it is for, as the live gateway knows it.
    pub to: String,
    pub merchant: MerchantId,
    pub merchant_name: String,
    pub email: String,
    pub role: Role,
    pub lang: String,
    /// What the sandbox gave the browser that asked.
    pub state: String,
    pub nonce: String,
    /// Milliseconds since 1970.
    pub expires_at: i64,
}

/// Why a ticket is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadTicket {
    /// Not signed with this secret, or not for here.
    Foreign,
    Expired,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    to: String,
    merchant: String,
    merchant_name: String,
    email: String,
    role: String,
    lang: String,
    state: String,
    nonce: String,
    expires_at: i64,
}

impl Switch {
    /// `url` is checked where it is configured.
    ///
    /// # Errors
    /// A sentence about a secret that is none.
    pub fn new(url: String, secret: &str) -> Result<Switch, String> {
        if secret.trim().len() < SHORTEST_SECRET {
            let what = "is too short: a ticket signed with it opens the sandbox for anybody, so let it be random";
            return Err(format!("{what}, {SHORTEST_SECRET} characters at least (`openssl rand -hex 32`)"));
        }
        Ok(Switch { url, secret: Zeroizing::new(secret.trim().to_owned()) })
    }

    /// The ticket as it stands in an address.
    pub fn sign(&self, ticket: &Ticket) -> String {
        let Ticket { to, merchant, merchant_name, email, role, lang, state, nonce, expires_at } = ticket.clone();
        let (merchant, role) = (merchant.to_string(), role.name().to_owned());
        let written = Written { to, merchant, merchant_name, email, role, lang, state, nonce, expires_at };
        // texts and a number: there is always such JSON
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default());
        let mac = self.mac(&body).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        format!("{body}.{}", mac.unwrap_or_default())
    }

    /// The ticket of such a text, if the other side gave it for `here` and it is good at `now` (the true time, which a sandbox's clock is not).
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(&self, text: &str, here: &str, now: i64) -> Result<Ticket, BadTicket> {
        let foreign = BadTicket::Foreign;
        let (body, mac) = text.split_once('.').filter(|_| text.len() <= MAX_BYTES).ok_or(foreign)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| foreign)?;
        // compares in constant time
        self.mac(body).ok_or(foreign)?.verify_slice(&mac).map_err(|_| foreign)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| foreign)?;
        let written: Written = serde_json::from_slice(&body).map_err(|_| foreign)?;
        let Written { to, merchant, merchant_name, email, role, lang, state, nonce, expires_at } = written;
        if to != here {
            return Err(foreign);
        }
        if !(1..=LONGEST).contains(&expires_at.saturating_sub(now)) {
            return Err(BadTicket::Expired);
        }
        let merchant = MerchantId::parse(&merchant).map_err(|_| foreign)?;
        let role = Role::parse(&role).ok_or(foreign)?;
        Ok(Ticket { to, merchant, merchant_name, email, role, lang, state, nonce, expires_at })
    }

    /// Tells this secret from another one, and nothing about it.
    pub fn mark(&self) -> String {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(self.secret.as_bytes());
        // HMAC takes keys of any length: the error case does not exist
        mac.map(|mac| hex::encode(mac.chain_update(MARK_LABEL).finalize().into_bytes())).unwrap_or_default()
    }

    fn mac(&self, body: &str) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length: the error case does not exist
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(self.secret.as_bytes()).ok()?;
        mac.update(LABEL);
        mac.update(body.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANDBOX: &str = "https://sandbox.pay.example";
    const NOW: i64 = 1_790_000_000_000;

    fn switch(secret: &str) -> Switch {
        Switch::new("https://pay.example".into(), secret).unwrap()
    }

    fn ticket() -> Ticket {
        Ticket {
            to: SANDBOX.into(),
            merchant: MerchantId::new(ulid::Ulid::from(7_u128)),
            merchant_name: "Tea & \"more\" <script>".into(),
            email: "ada@shop.example".into(),
            role: Role::Developer,
            lang: "hi".into(),
            state: "ab".repeat(32),
            nonce: "cd".repeat(16),
            expires_at: NOW + LASTS,
        }
    }

    #[test]
    fn what_is_signed_is_read_as_it_was() {
        let switch = switch(&"s".repeat(32));
        let text = switch.sign(&ticket());
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{text}");
        assert_eq!(switch.read(&text, SANDBOX, NOW), Ok(ticket()));
        assert_eq!(switch.read(&text, SANDBOX, NOW + LASTS - 1), Ok(ticket()));
        // what it may not be
        assert_eq!(switch.read(&text, SANDBOX, NOW + LASTS), Err(BadTicket::Expired));
        assert_eq!(switch.read(&text, SANDBOX, NOW - 10 * MINUTE), Err(BadTicket::Expired), "of a clock that is wrong");
        assert_eq!(switch.read(&text, "https://other.example", NOW), Err(BadTicket::Foreign), "of another sandbox");
    }

    #[test]
    fn no_letter_of_it_can_be_another() {
        let good = switch(&"s".repeat(32));
        let text = good.sign(&ticket());
        assert_eq!(switch(&"t".repeat(32)).read(&text, SANDBOX, NOW), Err(BadTicket::Foreign));
        for at in (0..text.len()).step_by(3) {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(good.read(&other, SANDBOX, NOW), Err(BadTicket::Foreign), "{at}");
        }
        // another merchant's id under the signature of the first
        let (_, mac) = text.split_once('.').unwrap();
        let other = good.sign(&Ticket { merchant: MerchantId::new(ulid::Ulid::from(8_u128)), ..ticket() });
        let (body, _) = other.split_once('.').unwrap();
        assert_eq!(good.read(&format!("{body}.{mac}"), SANDBOX, NOW), Err(BadTicket::Foreign));
        for bad in ["", ".", "a.b", &format!("{body}."), &"x".repeat(9_000)] {
            assert_eq!(good.read(bad, SANDBOX, NOW), Err(BadTicket::Foreign), "{bad}");
        }
    }

    #[test]
    fn a_secret_is_long_and_not_shown() {
        let secret = "0123456789abcdef0123456789abcdef";
        assert!(Switch::new(SANDBOX.into(), &secret[1..]).is_err());
        assert!(Switch::new(SANDBOX.into(), &format!("{}{}", " ".repeat(30), &secret[..10])).is_err());
        assert!(!format!("{:?}", switch(secret)).contains("0123"));
        assert_eq!(switch(secret).mark(), switch(&format!(" {secret}\n")).mark());
        assert_ne!(switch(secret).mark(), switch(&secret.to_uppercase()).mark());
        assert!(!switch(secret).mark().contains(&secret[..8]));
    }
}
