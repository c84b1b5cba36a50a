//! A logo: read from what somebody uploaded, within bounds, drawn smaller, and written anew. Nothing of the uploaded bytes is kept.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType as RowFilter, PngEncoder};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits, RgbaImage};

use crate::aside::{Aside, NotDone};

/// Of the uploaded file.
pub const MOST_BYTES: usize = 512 << 10;
/// Of its width and height each, and of their product.
pub const MOST_SIDE: u32 = 4_096;
pub const MOST_PIXELS: u64 = 4_000_000;
/// What a decoder may take: the most pixels with 16 bits a channel, and a decoder's own.
const MOST_MEMORY: u64 = 48 << 20;
/// One is read at a time; each in line holds its upload.
static WORK: Aside = Aside::new(1, 16);

/// What is kept is at most the first, and smaller while the file is above [`KEPT_BYTES`]: the page with it stays light. The last is always below.
const BOXES: [(u32, u32); 5] = [(512, 160), (384, 120), (256, 80), (192, 60), (128, 40)];
pub const KEPT_BYTES: usize = 24_000;
/// Of what is kept, each side.
pub const LEAST_SIDE: u32 = 16;

/// A logo as it is kept: PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    pub width: u32,
    pub height: u32,
    pub png: Vec<u8>,
}

/// Why an upload is no logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoLogo {
    /// Above [`MOST_BYTES`].
    TooManyBytes,
    /// SVG may hold scripts and links.
    Svg,
    /// None of PNG, JPEG and WebP by what is in it, or broken.
    NotAPicture,
    /// Above [`MOST_SIDE`], [`MOST_PIXELS`] or the memory that is for it.
    TooLarge,
    /// Below [`LEAST_SIDE`] at the size at which it is shown.
    TooSmall,
    /// Nobody has looked at it: too many wait.
    Busy,
}

/// Reads an upload beside the requests, one at a time.
///
/// # Errors
/// Says why it is no logo.
pub async fn read(upload: bytes::Bytes) -> Result<Logo, NoLogo> {
    match WORK.run(move || draw(&upload)).await {
        Ok(read) => read,
        Err(NotDone::Busy) => Err(NoLogo::Busy),
        Err(NotDone::Panicked) => Err(NoLogo::NotAPicture),
    }
}

/// What the file is by its first bytes; its name and declared type are a stranger's words.
fn format(upload: &[u8]) -> Result<ImageFormat, NoLogo> {
    if upload.len() > MOST_BYTES {
        return Err(NoLogo::TooManyBytes);
    }
    match image::guess_format(upload) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP)) => Ok(format),
        _ if is_svg(upload) => Err(NoLogo::Svg),
        _ => Err(NoLogo::NotAPicture),
    }
}

fn is_svg(upload: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&upload[..upload.len().min(4_096)]).to_ascii_lowercase();
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<') && text.contains("<svg")
}

fn refused(error: &image::ImageError) -> NoLogo {
    if matches!(error, image::ImageError::Limits(_)) { NoLogo::TooLarge } else { NoLogo::NotAPicture }
}

fn draw(upload: &[u8]) -> Result<Logo, NoLogo> {
    let format = format(upload)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MOST_SIDE), Some(MOST_SIDE));
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    // before a pixel of it is read
    let pixels = u64::from(width) * u64::from(height);
    if width > MOST_SIDE || height > MOST_SIDE || pixels > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(NoLogo::TooLarge);
    }
    let turn = decoder.orientation().map_err(|error| refused(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    picture.apply_orientation(turn);
    kept(picture.into_rgba8())
}

fn kept(picture: RgbaImage) -> Result<Logo, NoLogo> {
    let mut picture = multiplied(picture);
    for bounds in BOXES {
        let (width, height) = fitting(picture.dimensions(), bounds);
        if width < LEAST_SIDE || height < LEAST_SIDE {
            break;
        }
        if (width, height) != picture.dimensions() {
            picture = imageops::resize(&picture, width, height, FilterType::CatmullRom);
        }
        let png = written(divided(picture.clone())).ok_or(NoLogo::NotAPicture)?;
        if png.len() <= KEPT_BYTES {
            return Ok(Logo { width, height, png });
        }
    }
    Err(NoLogo::TooSmall)
}

/// The size that fits into a box, never larger than it is.
fn fitting((width, height): (u32, u32), (most_width, most_height): (u32, u32)) -> (u32, u32) {
    if width <= most_width && height <= most_height {
        return (width, height);
    }
    if width * most_height >= height * most_width {
        (most_width, height * most_width / width)
    } else {
        (width * most_height / height, most_height)
    }
}

/// Each channel times its alpha: else the colour of pixels that cannot be seen shows at the edges of what is drawn smaller.
fn multiplied(mut picture: RgbaImage) -> RgbaImage {
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u16::from);
        let times = |channel: u16| u8::try_from((channel * alpha + 127) / 255).unwrap_or(u8::MAX);
        pixel.0 = [times(red), times(green), times(blue), pixel.0[3]];
    }
    picture
}

fn divided(mut picture: RgbaImage) -> RgbaImage {
    for pixel in picture.pixels_mut().filter(|pixel| pixel.0[3] > 0) {
        let [red, green, blue, alpha] = pixel.0.map(u16::from);
        let by = |channel: u16| u8::try_from((channel * 255 + alpha / 2) / alpha).unwrap_or(u8::MAX);
        pixel.0 = [by(red), by(green), by(blue), pixel.0[3]];
    }
    picture
}

fn written(picture: RgbaImage) -> Option<Vec<u8>> {
    let mut png = Vec::new();
    let opaque = picture.pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let picture = DynamicImage::from(picture);
    let picture = if opaque { DynamicImage::from(picture.into_rgb8()) } else { picture };
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, RowFilter::Adaptive)
        .write_image(picture.as_bytes(), picture.width(), picture.height(), picture.color().into())
        .ok()?;
    Some(png)
}

#[cfg(test)]
mod tests;
