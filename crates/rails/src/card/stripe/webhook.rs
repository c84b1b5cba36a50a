//! Callbacks: <https://docs.stripe.com/webhooks#verify-manually>.

use domain::Time;
use domain::time::SECOND;
use serde_json::Value;

use crate::provider::{Account, Forged, Hint, Received, read, sign};

pub(super) fn read(account: &Account, received: &Received, now: Time) -> Result<Hint, Forged> {
    let secret = account.set("webhook_secret").ok_or(Forged::NoSecret)?;
    let header = received.header("stripe-signature").ok_or(Forged::Signature)?;
    let elements = || header.split(',').filter_map(|element| element.trim().split_once('='));
    let (_, time) = elements().find(|(name, _)| *name == "t").ok_or(Forged::Signature)?;
    let expected = sign::hmac_sha256(secret, &[time.as_bytes(), b".", &received.body]);
    // several while a secret is being replaced; other schemes than v1 are ignored
    if !elements().any(|(name, value)| name == "v1" && sign::is_hex_of(value, &expected)) {
        return Err(Forged::Signature);
    }
    let signed_at: i64 = time.parse().map_err(|_| Forged::Malformed)?;
    sign::is_recent(Time(signed_at.saturating_mul(SECOND)), now)?;
    let event: Value = serde_json::from_slice(&received.body).map_err(|_| Forged::Malformed)?;
    let event_id = read::id(&event, "/id").ok_or(Forged::Malformed)?;
    let what = read::text(&event, "/type").ok_or(Forged::Malformed)?;
    let about = ["id", "payment_intent", "metadata/charge", "metadata/refund"];
    let about = about.iter().filter_map(|at| read::id(&event, &format!("/data/object/{at}"))).collect();
    Ok(Hint { event_id, what, about })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const BODY: &str = r#"{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}"#;

    fn read_with(header: &str) -> Result<Hint, Forged> {
        let fields = BTreeMap::from([("webhook_secret".to_owned(), "whsec_test".to_owned().into())]);
        let account = Account { id: "acc_1".into(), base_url: String::new(), fields, token: None };
        let headers = vec![("stripe-signature".to_owned(), header.to_owned())];
        read(&account, &Received { headers, body: BODY.into() }, Time(1_750_000_000_000))
    }

    #[test]
    fn one_good_signature_of_several_is_enough() {
        let good = hex::encode(sign::hmac_sha256("whsec_test", &[b"1750000000.", BODY.as_bytes()]));
        let old = hex::encode(sign::hmac_sha256("whsec_test", &[b"1749999000.", BODY.as_bytes()]));
        let zeros = "0".repeat(64);
        for (header, expected) in [
            (format!("t=1750000000,v1={good}"), Ok(())),
            (format!("t=1750000000,v1={zeros},v1={good}"), Ok(())),
            (format!("t=1750000000, v0=ffff, v1={good}, v1=x"), Ok(())),
            (format!("t=1750000000,v0={good}"), Err(Forged::Signature)),
            (format!("t=1750000001,v1={good}"), Err(Forged::Signature)),
            (format!("v1={good}"), Err(Forged::Signature)),
            (format!("t=1749999000,v1={old}"), Err(Forged::Old)),
            (format!("t=x,v1={good}"), Err(Forged::Signature)),
            (String::new(), Err(Forged::Signature)),
        ] {
            assert_eq!(read_with(&header).map(|_| ()), expected, "{header}");
        }
    }
}
