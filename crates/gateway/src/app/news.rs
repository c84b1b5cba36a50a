//! Mails to a merchant's own address, to the operator's and to a payer's, each in its reader's language. The words: `messages/*/news.ftl`.

use domain::access::Role;
use domain::merchant::Merchant;

use super::App;
use super::accounts::mail_words;
use crate::store::{StoreError, Tx, mails, memberships, storefronts, users};

/// What is filled into a message: name and value.
pub type Filling<'a> = (&'static str, &'a str);

/// Tells a merchant, at his own address. The mail waits in the outbox.
pub fn tell_merchant(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    key: &str,
    fillings: &[Filling<'_>],
) -> Result<(), StoreError> {
    let number = merchant.number.to_string();
    let signed = [fillings, &[("number", number.as_str()), ("name", merchant.name.as_str())]].concat();
    let (subject, body) = words(merchants_locale(tx, merchant)?.as_deref(), key, &signed)?;
    mails::insert(tx, &merchant.email, &subject, &body, app.now())
}

/// Tells the operator, if the gateway knows where.
pub fn tell_operator(app: &App, tx: &Tx<'_>, key: &str, fillings: &[Filling<'_>]) -> Result<(), StoreError> {
    let Some(email) = &app.operator_email else { return Ok(()) };
    let (subject, body) = words(operators_locale(tx, email)?.as_deref(), key, fillings)?;
    mails::insert(tx, email, &subject, &body, app.now())
}

/// Tells a payer, in the language that the merchant chose for payers.
pub fn tell_payer(
    app: &App,
    tx: &Tx<'_>,
    merchant: &Merchant,
    email: &str,
    key: &str,
    fillings: &[Filling<'_>],
) -> Result<(), StoreError> {
    let named = [fillings, &[("merchant", merchant.name.as_str())]].concat();
    let (subject, body) = words(storefronts::of(tx, &merchant.id)?.lang.as_deref(), key, &named)?;
    mails::insert(tx, email, &subject, &body, app.now())
}

/// Names of merchants and reasons are strangers' words.
fn words(locale: Option<&str>, key: &str, fillings: &[Filling<'_>]) -> Result<(String, String), StoreError> {
    let clean = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    let fillings = fillings.iter().map(|(name, value)| (*name, clean(value))).collect();
    mail_words::mail(locale, key, fillings)
        .ok_or_else(|| StoreError::Inconsistent(format!("there is no message {key}, or it is not filled in")))
}

/// The language of whoever has shown that he reads the address. Anybody can sign up with another's.
fn reader_of(tx: &Tx<'_>, email: &str) -> Result<Option<String>, StoreError> {
    let user = users::by_email(tx, &email.to_lowercase())?.filter(|user| user.confirmed_at.is_some());
    Ok(user.and_then(|user| user.locale))
}

/// The language of whoever reads the address; else of the owner who is there for longest; else the one that payers see.
fn merchants_locale(tx: &Tx<'_>, merchant: &Merchant) -> Result<Option<String>, StoreError> {
    let reader = reader_of(tx, &merchant.email)?;
    if reader.is_some() {
        return Ok(reader);
    }
    for member in memberships::of_merchant(tx, &merchant.id)? {
        if member.role == Role::Owner
            && let Some(locale) = users::by_id(tx, &member.user_id)?.and_then(|user| user.locale)
        {
            return Ok(Some(locale));
        }
    }
    Ok(storefronts::of(tx, &merchant.id)?.lang)
}

/// The language of whoever reads the address; else of the first operator who chose one.
fn operators_locale(tx: &Tx<'_>, email: &str) -> Result<Option<String>, StoreError> {
    match reader_of(tx, email)? {
        Some(locale) => Ok(Some(locale)),
        None => Ok(users::operators(tx)?.into_iter().find_map(|user| user.locale)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use domain::merchant::Wallet;

    use super::*;
    use crate::app::accounts::sign_up::new_user;
    use crate::store::users::UserRow;

    #[tokio::test]
    async fn the_operator_is_told_in_his_language_if_it_is_known_where() {
        let (mut app, _) = crate::app::testing::app("news-operator", Wallet::Missing).await;
        let tell = async |app: &crate::app::SharedApp| {
            let worker = app.clone();
            let said = [("number", "7"), ("name", "Tea\r\nBcc: x@y.example"), ("address", "0x1")];
            app.store.write(move |tx| tell_operator(&worker, tx, "news-wallet-waits", &said)).await.unwrap();
            app.store.read(mails::list).await.unwrap().pop().map(|mail| (mail.recipient, mail.subject, mail.body))
        };
        assert_eq!(tell(&app).await, None);
        Arc::get_mut(&mut app).unwrap().operator_email = Some("Desk@lockgate.example".into());
        let (recipient, subject, body) = tell(&app).await.unwrap();
        assert_eq!(
            (recipient.as_str(), subject.as_str()),
            ("Desk@lockgate.example", "A merchant's wallet waits for approval")
        );
        assert!(body.starts_with("Merchant 7, TeaBcc: x@y.example, has entered"), "{body}");
        // anybody can sign up with the address; who has shown that he reads it comes before all others
        let stranger = UserRow { locale: Some("hi".into()), ..new_user(&app, "desk@lockgate.example", None) };
        let reader = UserRow { locale: Some("fr".into()), confirmed_at: Some(app.now()), ..stranger.clone() };
        let boss = new_user(&app, "boss@lockgate.example", None);
        let boss = UserRow { is_operator: true, locale: Some("ar".into()), ..boss };
        app.store.write(move |tx| users::insert(tx, &stranger)).await.unwrap();
        assert_eq!(tell(&app).await.unwrap().1, subject);
        app.store.write(move |tx| users::insert(tx, &boss)).await.unwrap();
        assert_eq!(tell(&app).await.unwrap().1, "محفظة تاجر تنتظر الموافقة");
        app.store.write(move |tx| users::update(tx, &reader)).await.unwrap();
        assert_eq!(tell(&app).await.unwrap().1, "Le portefeuille d’un marchand attend votre accord");
    }

    #[tokio::test]
    async fn a_payer_is_told_in_the_language_that_his_merchant_chose() {
        let (app, merchant) = crate::app::testing::app("news-payer", Wallet::Missing).await;
        let page = "https://pay.example.com/refund/abc";
        let tell = async |lang: Option<&'static str>| {
            let (worker, merchant) = (app.clone(), merchant.clone());
            let tell = move |tx: &Tx<'_>| {
                storefronts::set_ways(tx, &merchant.id, lang, false)?;
                let said = [
                    ("amount", "5"),
                    ("coin", "USDT"),
                    ("number", "7"),
                    ("chain", "Polygon"),
                    ("page", page),
                    ("until", "2030"),
                ];
                tell_payer(&worker, tx, &merchant, "payer@example.com", "news-refund-link", &said)
            };
            app.store.write(tell).await.unwrap();
            app.store.read(mails::list).await.unwrap().pop().map(|mail| (mail.subject, mail.body)).unwrap()
        };
        for (lang, subject) in
            [(None, "Your refund: where shall it go?"), (Some("es"), "Su reembolso: ¿adónde debe ir?")]
        {
            let (said, body) = tell(lang).await;
            assert_eq!(said, subject);
            assert!(
                body.contains(&format!("\n\n{page}\n\n")) && body.contains("Shop") && body.contains("5 USDT"),
                "{body}"
            );
        }
    }

    /// What a message asks to be filled in, by its key.
    fn asked(source: &str) -> Vec<(String, BTreeSet<String>)> {
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in source.lines() {
            if let Some((key, _)) = line.split_once(" =").filter(|(key, _)| key.starts_with("news-")) {
                found.push((key.to_owned(), BTreeSet::new()));
            }
            let names = line.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next());
            if let Some((_, asked)) = found.last_mut() {
                asked.extend(names.map(ToOwned::to_owned));
            }
        }
        found
    }

    #[test]
    fn each_is_there_in_each_language_and_asks_for_the_same() {
        let english = asked(mail_words::NEWS[0]);
        assert!(english.len() > 15);
        for (locale, source) in mail_words::LOCALES.into_iter().zip(mail_words::NEWS) {
            assert_eq!(asked(source), english, "{locale}");
            for (key, names) in english.iter().filter(|(key, _)| !key.ends_with("-signed")) {
                let all = ["number", "name"].into_iter().chain(names.iter().map(String::as_str));
                let fillings: Vec<(&'static str, String)> =
                    all.map(|name| (&*name.to_owned().leak(), format!("<{name}>"))).collect();
                let (subject, body) = mail_words::mail(Some(locale), key, fillings.clone()).unwrap();
                assert!(
                    !subject.is_empty() && !subject.contains('\n') && !body.contains('{'),
                    "{key} {locale}: {body}"
                );
                for name in names {
                    assert!(body.contains(&format!("<{name}>")), "{key} in {locale} does not say {name}");
                }
                let in_english = mail_words::mail(None, key, fillings).unwrap();
                assert_eq!(locale == "en", (subject, body) == in_english, "{key} is not translated into {locale}");
            }
        }
    }
}
