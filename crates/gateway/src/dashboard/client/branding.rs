//! `/client/profile/branding`: what payers see of the merchant: logo, colour, language, ways to pay; and whether receipts go out by themselves.

use askama::Template;
use axum::http::StatusCode;
use domain::access::Permission::{ManageProfile, ViewProfile};
use domain::asset::Asset;

use super::profile;
use crate::app::accounts::sessions::Desk;
use crate::app::branding::colour::{Colour, DARK_SURFACE, LIGHT_SURFACE, NEEDED, Palette, WHITE};
use crate::app::branding::frames::{self, Unfit};
use crate::app::branding::logo::{self, NoLogo};
use crate::app::branding::ways::{self, Ways, WaysRefused};
use crate::app::branding::{remove_logo, set_colour, set_logo, set_ways};
use crate::checkout::brand::{Brand, LogoLink};
use crate::checkout::messages::Lang;
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::store::{StoreError, merchants, storefronts};

pub const PATH: &str = "/client/profile/branding";

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewProfile, page),
        Route::merchant(Post, "/client/profile/branding/logo", ManageProfile, upload),
        Route::merchant(Post, "/client/profile/branding/logo/remove", ManageProfile, remove),
        Route::merchant(Post, "/client/profile/branding/colour", ManageProfile, colour),
        Route::merchant(Post, "/client/profile/branding/colour/remove", ManageProfile, no_colour),
        Route::merchant(Post, "/client/profile/branding/payers", ManageProfile, payers),
        Route::merchant(Post, "/client/profile/branding/ways", ManageProfile, offered),
        Route::merchant(Post, "/client/profile/branding/frames", ManageProfile, framed),
    ]
}

/// What is wrong in a form, in words.
#[derive(Default)]
struct Wrong {
    logo: String,
    colour: String,
    lang: String,
    ways: String,
    frames: String,
}

#[derive(Template)]
#[template(path = "dashboard/client/branding.html")]
struct Page {
    f: Frame,
    may_edit: bool,
    merchant: String,
    logo: Option<LogoLink>,
    /// The style sheet of the preview; of a merchant without a colour there is none.
    brand: Brand,
    has_colour: bool,
    /// With `#`, for the form.
    colour: String,
    /// What is written, and how it is read.
    contrasts: Vec<(Text, Text)>,
    needed: String,
    lang: Option<Lang>,
    receipts: bool,
    /// What the operator has made possible, and of that what is on.
    allowed: Ways,
    on: Ways,
    /// Code, name, and whether payers may choose it.
    coins: Vec<(String, String, bool)>,
    /// Sites that may show payers' pages in a frame, one to a line.
    frames: String,
    wrong: Wrong,
}

/// Hundredths as a decimal number.
fn ratio(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// How everything in this colour is read.
fn contrasts(ask: &Ask, colour: Colour) -> Vec<(Text, Text)> {
    let (w, palette) = (ask.w(), Palette::of(colour));
    let said = |contrast| w.ltr("contrast", ratio(contrast));
    let on_button = if palette.on_button == WHITE { "branding-is-white" } else { "branding-is-black" };
    let link = |link: Colour, surface: Colour| {
        let (contrast, own) = (said(link.contrast(surface)), ratio(colour.contrast(surface)));
        if link == colour {
            w.fill("branding-is-own", &[contrast])
        } else {
            w.fill("branding-is-other", &[w.ltr("colour", format!("#{link}")), contrast, w.ltr("own", own)])
        }
    };
    vec![
        (w.text("branding-on-button"), w.fill(on_button, &[said(palette.on_button.contrast(colour))])),
        (w.text("branding-on-light"), link(palette.light.link, LIGHT_SURFACE)),
        (w.text("branding-on-dark"), link(palette.dark.link, DARK_SURFACE)),
    ]
}

async fn build(ask: &Ask, desk: &Desk, wrong: Wrong) -> Result<Page, Failed> {
    let (w, merchant) = (ask.w(), &desk.merchant);
    let (kept, allowed, off) = (ask.app().store)
        .read(|tx| {
            let off = merchants::existing(tx, &merchant.id)?.ways_off;
            Ok::<_, StoreError>((storefronts::of(tx, &merchant.id)?, ways::allowed(ask.app(), tx, desk)?, off))
        })
        .await?;
    let (brand, colour) = (Brand::of(merchant.number, &kept), kept.colour.as_deref().and_then(Colour::parse));
    Ok(Page {
        f: ask.frame(w.text("branding-title").plain()).under(w.text("nav-profile").plain(), profile::PATH),
        may_edit: desk.access.may(ManageProfile),
        merchant: merchant.name.clone(),
        logo: brand.logo.clone(),
        brand,
        has_colour: colour.is_some(),
        // the button's colour of a page without one
        colour: colour.map_or_else(|| "#0b6a50".to_owned(), |colour| format!("#{colour}")),
        contrasts: colour.map(|colour| contrasts(ask, colour)).unwrap_or_default(),
        needed: ratio(NEEDED),
        lang: kept.lang.as_deref().and_then(Lang::from_tag),
        receipts: kept.receipts,
        allowed,
        on: Ways { card: allowed.card && !off.card, upi: allowed.upi && !off.upi, coins: allowed.coins && !off.coins },
        frames: kept.frames.join("\n"),
        coins: ask.app().payable_assets().map(|coin| coin_line(ask, coin, &kept.coins_off)).collect(),
        wrong,
    })
}

fn coin_line(ask: &Ask, coin: &Asset, off: &[String]) -> (String, String, bool) {
    let network = ask.app().chains.get(&coin.chain).map_or(coin.chain.as_str(), |chain| chain.title.as_str());
    (coin.code.clone(), format!("{}, {network}", coin.symbol), !off.contains(&coin.code))
}

async fn page(ask: Ask, desk: Desk) -> Answer {
    let page = build(&ask, &desk, Wrong::default()).await?;
    ask.show(&page)
}

async fn upload(ask: Ask, desk: Desk) -> Answer {
    let read = match ask.form.file("logo").map(|file| file.bytes.clone()) {
        Some(bytes) => match logo::read(bytes).await {
            Ok(logo) => Ok(logo),
            Err(NoLogo::Busy) => return Err(Failed::Unavailable),
            Err(NoLogo::TooManyBytes) => Err("wrong-logo-bytes"),
            Err(NoLogo::Svg) => Err("wrong-logo-svg"),
            Err(NoLogo::NotAPicture) => Err("wrong-logo-picture"),
            Err(NoLogo::TooLarge) => Err("wrong-logo-large"),
            Err(NoLogo::TooSmall) => Err("wrong-logo-small"),
        },
        None => Err("wrong-logo-none"),
    };
    match read {
        Ok(logo) => {
            let (app, desk) = (ask.app().clone(), desk);
            ask.app().store.write(move |tx| set_logo(&app, tx, &desk, &logo)).await?;
            Ok(ask.go_saying(PATH, "flash-logo-set"))
        }
        Err(key) => {
            let wrong = Wrong { logo: ask.w().text(key).plain(), ..Wrong::default() };
            let page = build(&ask, &desk, wrong).await?;
            let too_large = key == "wrong-logo-bytes";
            let status = if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::UNPROCESSABLE_ENTITY };
            ask.show_as(status, &page)
        }
    }
}

async fn remove(ask: Ask, desk: Desk) -> Answer {
    let app = ask.app().clone();
    let removed = ask.app().store.write(move |tx| remove_logo(&app, tx, &desk)).await?;
    Ok(ask.go_saying(PATH, if removed { "flash-logo-removed" } else { "flash-bad-no-logo" }))
}

async fn colour(ask: Ask, desk: Desk) -> Answer {
    let typed: String = ask.form.text("colour").chars().take(20).collect();
    let Some(colour) = Colour::parse(&typed) else {
        let wrong = Wrong { colour: ask.w().text("wrong-colour").plain(), ..Wrong::default() };
        let mut page = build(&ask, &desk, wrong).await?;
        page.colour = typed;
        return ask.show_again(&page);
    };
    let app = ask.app().clone();
    ask.app().store.write(move |tx| set_colour(&app, tx, &desk, Some(colour))).await?;
    Ok(ask.go_saying(PATH, "flash-colour-set"))
}

async fn no_colour(ask: Ask, desk: Desk) -> Answer {
    let app = ask.app().clone();
    ask.app().store.write(move |tx| set_colour(&app, tx, &desk, None)).await?;
    Ok(ask.go_saying(PATH, "flash-colour-removed"))
}

async fn payers(ask: Ask, desk: Desk) -> Answer {
    let typed = ask.form.text("lang");
    let lang = Lang::ALL.into_iter().find(|lang| lang.code() == typed);
    if lang.is_none() {
        let wrong = Wrong { lang: ask.w().text("wrong-lang").plain(), ..Wrong::default() };
        let page = build(&ask, &desk, wrong).await?;
        return ask.show_again(&page);
    }
    let (app, receipts) = (ask.app().clone(), ask.form.is_ticked("receipts"));
    ask.app().store.write(move |tx| set_ways(&app, tx, &desk, lang.map(Lang::code), receipts)).await?;
    Ok(ask.go_saying(PATH, "flash-ways-set"))
}

async fn framed(ask: Ask, desk: Desk) -> Answer {
    let typed: String = ask.form.text("frames").chars().take(4_000).collect();
    let wrong = match frames::read(&typed, ask.app().sandbox) {
        Ok(origins) => {
            let app = ask.app().clone();
            ask.app().store.write(move |tx| frames::set(&app, tx, &desk, &origins)).await?;
            return Ok(ask.go_saying(PATH, "flash-frames-set"));
        }
        Err(Unfit::TooMany) => ask.w().text("wrong-frames-many"),
        Err(Unfit::NotAnOrigin(word)) => ask.w().fill("wrong-frames", &[ask.w().name("word", word.as_str())]),
    };
    let mut page = build(&ask, &desk, Wrong { frames: wrong.plain(), ..Wrong::default() }).await?;
    page.frames = typed;
    ask.show_again(&page)
}

async fn offered(ask: Ask, desk: Desk) -> Answer {
    let (ways, coins) = (ask.form.all("way"), ask.form.all("coin"));
    let on = Ways { card: ways.contains(&"card"), upi: ways.contains(&"upi"), coins: ways.contains(&"coins") };
    let off = ask.app().payable_assets().filter(|coin| !coins.contains(&coin.code.as_str()));
    let off: Vec<String> = off.map(|coin| coin.code.clone()).collect();
    let (app, whose, coins_off) = (ask.app().clone(), desk.clone(), off.clone());
    let key = match ask.app().store.write(move |tx| ways::set(&app, tx, &whose, on, &coins_off)).await {
        Ok(()) => return Ok(ask.go_saying(PATH, "flash-offered-set")),
        Err(WaysRefused::Store(error)) => return Err(error.into()),
        Err(WaysRefused::NotAllowed) => "wrong-way",
        Err(WaysRefused::NoneLeft) => "wrong-ways",
        Err(WaysRefused::NoCoin) => "wrong-coins",
    };
    let wrong = Wrong { ways: ask.w().text(key).plain(), ..Wrong::default() };
    let mut page = build(&ask, &desk, wrong).await?;
    // as it was ticked
    page.on = on;
    page.coins.iter_mut().for_each(|coin| coin.2 = !off.contains(&coin.0));
    ask.show_again(&page)
}
