//! Whose paper it is: name, logo and colour, as its readers know them from the payer's page.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::merchant::Merchant;
use image::{ImageFormat, ImageReader, RgbaImage};

use crate::app::App;
use crate::app::branding::colour::{Colour, Palette, WHITE};
use crate::checkout::label::Label;
use crate::store::{StoreError, Tx, merchants, storefronts};

/// Of who has chosen none: the gateway's own.
const OURS: Colour = Colour([0x0b, 0x6a, 0x50]);
/// What WCAG 2.2 AA asks of what is no text (1.4.11), in hundredths.
const SEEN: u32 = 300;

#[derive(Debug, Clone)]
pub struct Look {
    pub name: String,
    pub website: Option<String>,
    /// Bars and buttons, and what is written on them.
    pub ground: Colour,
    pub on_ground: Colour,
    /// Text on white.
    pub accent: Colour,
    pub logo: Option<RgbaImage>,
}

impl Look {
    pub fn new(name: &str, website: Option<&str>, colour: Option<Colour>, logo: Option<RgbaImage>) -> Look {
        let colour = colour.unwrap_or(OURS);
        let accent = Palette::of(colour).light.link;
        let ground = if colour.contrast(WHITE) >= SEEN { colour } else { accent };
        let website = website.map(|website| Label::sentence(website).to_string());
        let name = Label::sentence(name).to_string();
        Look { name, website, ground, on_ground: ground.text_on_it(), accent, logo }
    }

    pub async fn of(app: &App, merchant: &Merchant) -> Result<Look, StoreError> {
        let read = |tx: &Tx<'_>| {
            let kept = storefronts::of(tx, &merchant.id)?;
            let logo = match &kept.logo {
                Some(logo) => storefronts::logo(tx, &merchant.id, &logo.hash)?,
                None => None,
            };
            Ok::<_, StoreError>((merchants::profile(tx, &merchant.id)?, kept.colour, logo))
        };
        let (profile, colour, logo) = app.store.read(read).await?;
        let colour = colour.as_deref().and_then(Colour::parse);
        let logo = logo.and_then(|logo| picture(&STANDARD.decode(logo).ok()?));
        Ok(Look::new(&profile.name, profile.website.as_deref(), colour, logo))
    }
}

/// What we wrote ourselves (`app/branding/logo.rs`); without it a paper has the name alone.
pub(super) fn picture(png: &[u8]) -> Option<RgbaImage> {
    let mut limits = image::Limits::default();
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(1_024), Some(1_024), Some(16 << 20));
    let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
    reader.limits(limits);
    reader.decode().ok().map(|picture| picture.into_rgba8())
}
