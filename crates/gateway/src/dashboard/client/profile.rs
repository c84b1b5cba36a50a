//! `/client/profile`: the business, and the wallet that it is paid to.

use std::sync::Arc;

use askama::Template;
use domain::access::Permission::{ManageProfile, ViewApi, ViewProfile};
use domain::merchant::Wallet;
use url::Url;

use super::countries;
use crate::app::accounts::sessions::Desk;
use crate::app::merchant_setup::{actor, set_profile};
use crate::app::news::tell_operator;
use crate::app::wallets::{self, BadAddress, WalletRefused, Wished, read_address};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::merchants::{self, Profile};
use crate::store::{StoreError, Tx, wallet_changes};

pub const PATH: &str = "/client/profile";
const MOST_CHARS: usize = 100;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewProfile, page),
        Route::merchant(Post, PATH, ManageProfile, post),
        Route::merchant(Post, "/client/profile/wallet", ManageProfile, wallet),
        Route::merchant(Post, "/client/profile/wallet/cancel", ManageProfile, cancel),
    ]
}

#[derive(Template)]
#[template(path = "dashboard/client/profile.html")]
struct Page {
    f: Frame,
    may_edit: bool,
    sees_api: bool,
    profile: Profile,
    country_name: Option<&'static str>,
    countries: Vec<(&'static str, &'static str)>,
    wrong: Wrong,
    /// The merchant's wallet, and what is called its state.
    wallet: Option<String>,
    wallet_state: (&'static str, Text),
    wallet_help: Text,
    waiting: Option<(String, Stamp)>,
    typed_wallet: String,
    limits: (String, String),
    fee: String,
    s2s: bool,
    coin: Option<String>,
}

/// What is wrong in a form, in words.
#[derive(Default)]
struct Wrong {
    name: String,
    website: String,
    country: String,
    wallet: String,
}

async fn build(ask: &Ask, desk: &Desk, wrong: Wrong) -> Result<Page, Failed> {
    let (w, merchant, app) = (ask.w(), &desk.merchant, ask.app());
    let read = |tx: &Tx<'_>| {
        Ok::<_, StoreError>((merchants::profile(tx, &merchant.id)?, wallet_changes::waiting(tx, &merchant.id)?))
    };
    let (profile, waiting) = app.store.read(read).await?;
    let hours = app.payee_wait_millis.div_euclid(domain::time::HOUR);
    let (wallet, tone, label, help) = match &merchant.wallet {
        Wallet::Missing => (None, "bad", "wallet-state-missing", w.text("wallet-help-missing")),
        Wallet::Pending(address) => (Some(address), "wait", "wallet-state-pending", w.text("wallet-help-pending")),
        Wallet::Active(address) => {
            (Some(address), "good", "wallet-state-active", w.fill("wallet-help-active", &[w.count("hours", hours)]))
        }
    };
    let percent = domain::Units(merchant.fee.get().into()).decimal(2, 0);
    Ok(Page {
        f: ask.frame(w.text("nav-profile").plain()).light(),
        may_edit: desk.access.may(ManageProfile),
        sees_api: desk.access.may(ViewApi),
        country_name: profile.country.as_deref().and_then(|code| countries::name(w.lang, code)),
        countries: countries::all(w.lang).collect(),
        profile,
        wrong,
        wallet: wallet.cloned(),
        wallet_state: (tone, w.text(label)),
        wallet_help: help,
        waiting: waiting.map(|change| (change.new, ask.viewer.time(change.effective_at))),
        typed_wallet: String::new(),
        limits: (merchant.min_amount.decimal(2, 2), merchant.max_amount.decimal(2, 2)),
        fee: percent,
        s2s: merchant.s2s,
        coin: app.settlement_asset().map(|asset| asset.name.clone()),
    })
}

pub async fn page(ask: Ask, desk: Desk) -> Answer {
    let page = build(&ask, &desk, Wrong::default()).await?;
    ask.show(&page)
}

async fn post(ask: Ask, desk: Desk) -> Answer {
    let (w, form) = (ask.w(), &ask.form);
    let (name, website, country) = (form.text("name"), form.text("website"), form.text("country"));
    let mut wrong = Wrong::default();
    if !is_name(name) {
        wrong.name = w.text("wrong-company").plain();
    }
    let website = match website {
        "" => None,
        typed => {
            let read = read_website(typed);
            if read.is_none() {
                wrong.website = w.text("wrong-website").plain();
            }
            read
        }
    };
    if !country.is_empty() && !countries::is_one(country) {
        wrong.country = w.text("wrong-country").plain();
    }
    let new =
        Profile { name: name.to_owned(), website, country: Some(country.to_owned()).filter(|code| !code.is_empty()) };
    if [&wrong.name, &wrong.website, &wrong.country].iter().any(|text| !text.is_empty()) {
        let typed_website = Some(form.text("website").to_owned()).filter(|text| !text.is_empty());
        let mut page = build(&ask, &desk, wrong).await?;
        page.profile = Profile { website: typed_website, ..new };
        return ask.show_again(&page);
    }
    let (app, desk) = (ask.app().clone(), desk);
    ask.app().store.write(move |tx| set_profile(&app, tx, &desk, &new)).await?;
    Ok(ask.go_saying(PATH, "flash-profile-saved"))
}

fn is_name(text: &str) -> bool {
    (1..=MOST_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// A web address as people type it: `https://` may be left out.
fn read_website(text: &str) -> Option<String> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&full).ok().filter(|_| full.len() <= 200)?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.domain().is_some_and(|name| name.contains('.'))
        && url.username().is_empty()
        && url.password().is_none();
    fits.then(|| url.to_string())
}

async fn wallet(ask: Ask, desk: Desk) -> Answer {
    let typed = ask.form.text("wallet").to_owned();
    let again = async |key: &str| {
        let wrong = Wrong { wallet: ask.w().text(key).plain(), ..Wrong::default() };
        let mut page = build(&ask, &desk, wrong).await?;
        page.typed_wallet.clone_from(&typed);
        ask.show_again(&page)
    };
    let address = match read_address(&typed) {
        Ok(address) => address,
        Err(BadAddress::NoAddress) => return again("wrong-wallet").await,
        Err(BadAddress::Checksum) => return again("wrong-wallet-checksum").await,
        Err(BadAddress::Zero) => return again("wrong-wallet-zero").await,
    };
    let (app, id, who) = (ask.app().clone(), desk.merchant.id.clone(), actor(&desk.person));
    let wish = move |tx: &Tx<'_>| {
        // the first one waits for the operator; one that is active waits for its time
        let merchant = merchants::existing(tx, &id)?;
        let wallet = match &merchant.wallet {
            Wallet::Active(_) => Wallet::Active(address.clone()),
            Wallet::Missing | Wallet::Pending(_) => Wallet::Pending(address.clone()),
        };
        let is_first = merchant.wallet == Wallet::Missing;
        let wished = wallets::wish(&app, tx, &id, wallet, app.payee_wait_millis, &who)?;
        if is_first && wished == Wished::Set {
            let number = merchant.number.to_string();
            let said = [("number", number.as_str()), ("name", &merchant.name), ("address", &address)];
            tell_operator(&app, tx, "news-wallet-waits", &said)?;
        }
        Ok::<_, WalletRefused>(wished)
    };
    match ask.app().store.write(wish).await {
        Ok(Wished::Set) => Ok(ask.go_saying(PATH, "flash-wallet-entered")),
        Ok(Wished::Same) => Ok(ask.go_saying(PATH, "flash-wallet-same")),
        Ok(Wished::Waits(_)) => Ok(ask.go_saying(PATH, "flash-wallet-waits")),
        Err(WalletRefused::Waits { .. }) => again("wrong-wallet-waits").await,
        // it was changed by somebody else at the same moment
        Err(WalletRefused::Active | WalletRefused::NothingWaits) => again("wrong-wallet-waits").await,
        Err(WalletRefused::Store(error)) => Err(error.into()),
    }
}

async fn cancel(ask: Ask, desk: Desk) -> Answer {
    let (app, who) = (Arc::clone(ask.app()), actor(&desk.person));
    let cancel = move |tx: &Tx<'_>| wallets::cancel(&app, tx, &desk.merchant.id, &who);
    match ask.app().store.write(cancel).await {
        Ok(_) => Ok(ask.go_saying(PATH, "flash-wallet-canceled")),
        Err(WalletRefused::Store(error)) => Err(error.into()),
        Err(_) => Ok(ask.go_saying(PATH, "flash-bad-nothing-waits")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses() {
        for (typed, kept) in [
            ("shop.example", "https://shop.example/"),
            ("http://shop.example/fr", "http://shop.example/fr"),
            ("HTTPS://Shop.Example", "https://shop.example/"),
        ] {
            assert_eq!(read_website(typed).as_deref(), Some(kept));
        }
        let long = format!("shop.example/{}", "a".repeat(200));
        for bad in [
            "javascript:alert(1)",
            "javascript://a.b/%0aalert(1)",
            "ftp://a.b",
            "https://u:p@a.b",
            "localhost",
            "a b",
            &long,
        ] {
            assert_eq!(read_website(bad), None, "{bad}");
        }
        assert!(is_name("Café Zoë") && !is_name("") && !is_name("a\u{7}b") && !is_name(&"x".repeat(101)));
    }
}
