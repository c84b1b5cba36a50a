//! What people are told by mail about their accounts, each in his language (`mail_words`). A mail may hold a link that is a secret; the outbox
//! erases it once it is sent.

use super::mail_words;
use crate::app::App;
use crate::store::{StoreError, Tx, mails, users};

/// Something a person is told.
#[derive(Debug, Clone)]
pub enum Notice<'a> {
    Confirm {
        link: String,
    },
    /// Somebody signed up with an address that has an account.
    AlreadyThere,
    Reset {
        link: String,
    },
    NewBrowser {
        ip: String,
        agent: String,
    },
    PasswordChanged,
    SecondFactorOn,
    SecondFactorOff,
    /// New recovery codes were made, and those before ended.
    RecoveryCodes,
    /// The codes of the app are off; passkeys are left.
    CodesOff,
    PasskeyAdded {
        name: &'a str,
    },
    PasskeyRemoved {
        name: &'a str,
        /// Nothing but the password guards the account from now on.
        is_last: bool,
    },
    /// Its count of uses went backwards: perhaps there are two of it.
    PasskeyRefused {
        name: &'a str,
    },
    Invited {
        merchant: &'a str,
        by: &'a str,
        link: String,
    },
    /// To the merchant's owners.
    Joined {
        merchant: &'a str,
        who: &'a str,
    },
    Removed {
        merchant: &'a str,
    },
    Disabled,
    Enabled,
    OperatorAdded,
    OperatorEnded,
}

impl Notice<'_> {
    /// Its message, and what is filled in beside the gateway's address.
    fn parts(&self) -> (&'static str, Vec<(&'static str, &str)>) {
        match self {
            Notice::Confirm { link } => ("mail-confirm", vec![("link", link.as_str())]),
            Notice::AlreadyThere => ("mail-already-there", vec![]),
            Notice::Reset { link } => ("mail-reset", vec![("link", link.as_str())]),
            Notice::NewBrowser { ip, agent } => {
                ("mail-new-browser", vec![("ip", ip.as_str()), ("agent", agent.as_str())])
            }
            Notice::PasswordChanged => ("mail-password-changed", vec![]),
            Notice::SecondFactorOn => ("mail-factor-on", vec![]),
            Notice::SecondFactorOff => ("mail-factor-off", vec![]),
            Notice::RecoveryCodes => ("mail-recovery-codes", vec![]),
            Notice::CodesOff => ("mail-codes-off", vec![]),
            Notice::PasskeyAdded { name } => ("mail-passkey-added", vec![("name", *name)]),
            Notice::PasskeyRemoved { name, is_last: false } => ("mail-passkey-removed", vec![("name", *name)]),
            Notice::PasskeyRemoved { name, is_last: true } => ("mail-passkey-last", vec![("name", *name)]),
            Notice::PasskeyRefused { name } => ("mail-passkey-refused", vec![("name", *name)]),
            Notice::Invited { merchant, by, link } => {
                ("mail-invited", vec![("merchant", *merchant), ("by", *by), ("link", link.as_str())])
            }
            Notice::Joined { merchant, who } => ("mail-joined", vec![("merchant", *merchant), ("who", *who)]),
            Notice::Removed { merchant } => ("mail-removed", vec![("merchant", *merchant)]),
            Notice::Disabled => ("mail-disabled", vec![]),
            Notice::Enabled => ("mail-enabled", vec![]),
            Notice::OperatorAdded => ("mail-operator-added", vec![]),
            Notice::OperatorEnded => ("mail-operator-ended", vec![]),
        }
    }

    /// Subject and body in a language; names of merchants, browsers and passkeys are strangers' words.
    fn words(&self, base: &str, locale: Option<&str>) -> Result<(String, String), StoreError> {
        let (key, mut fillings) = self.parts();
        fillings.push(("base", base));
        let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let fillings = fillings.into_iter().map(|(name, value)| (name, clean(value)));
        mail_words::mail(locale, key, fillings.collect())
            .ok_or_else(|| StoreError::Inconsistent(format!("there is no message {key}")))
    }
}

/// Puts a mail into the outbox, in the language of the account at `email`; of who has none yet, in that of whoever invites him.
pub fn tell(app: &App, tx: &Tx<'_>, email: &str, notice: &Notice<'_>) -> Result<(), StoreError> {
    let asker = if let Notice::Invited { by, .. } = notice { *by } else { email };
    let user = match users::by_email(tx, email)? {
        None if asker != email => users::by_email(tx, asker)?,
        user => user,
    };
    let (subject, body) = notice.words(&app.base_url, user.and_then(|user| user.locale).as_deref())?;
    mails::insert(tx, email, &subject, &body, app.now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mail_is_there_in_each_language_with_what_is_filled_in() {
        let (link, name) = ("https://pay.example/x?token=1".to_owned(), "NAME");
        let all = [
            Notice::Confirm { link: link.clone() },
            Notice::AlreadyThere,
            Notice::Reset { link: link.clone() },
            Notice::NewBrowser { ip: "203.0.113.7".into(), agent: "AGENT".into() },
            Notice::PasswordChanged,
            Notice::SecondFactorOn,
            Notice::SecondFactorOff,
            Notice::RecoveryCodes,
            Notice::CodesOff,
            Notice::PasskeyAdded { name },
            Notice::PasskeyRemoved { name, is_last: false },
            Notice::PasskeyRemoved { name, is_last: true },
            Notice::PasskeyRefused { name },
            Notice::Invited { merchant: "MERCHANT", by: "BY", link },
            Notice::Joined { merchant: "MERCHANT", who: "WHO" },
            Notice::Removed { merchant: "MERCHANT" },
            Notice::Disabled,
            Notice::Enabled,
            Notice::OperatorAdded,
            Notice::OperatorEnded,
        ];
        for notice in &all {
            let english = notice.words("https://pay.example", None).unwrap();
            for locale in mail_words::LOCALES {
                let (subject, body) = notice.words("https://pay.example", Some(locale)).unwrap();
                assert!(!subject.is_empty() && !subject.contains('\n'), "{notice:?} {locale}");
                assert!(!body.contains('{') && !body.contains("\n    "), "{notice:?} {locale}: {body}");
                assert_eq!(body.matches("https://").count(), english.1.matches("https://").count(), "{body}");
                for (name, value) in notice.parts().1 {
                    assert_eq!(body.matches(value).count(), 1, "{name} in {locale}: {body}");
                }
                assert_eq!(locale == "en", (subject, body) == english, "{notice:?} is not translated into {locale}");
            }
        }
        assert_eq!(all.len(), mail_words::count(), "a message without a notice, or the other way round");
        let hostile = Notice::Removed { merchant: "A\r\nBcc: x@y.example { $base }" };
        let (_, body) = hostile.words("https://pay.example", Some("tlh")).unwrap();
        assert_eq!(body, "You do not belong to the team of ABcc: x@y.example { $base } any more.\n");
    }
}
