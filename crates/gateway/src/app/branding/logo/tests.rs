//! What is uploaded as a logo, and what becomes of it.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, Luma, Rgba};

use super::*;

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    // pressed as far as it goes: what is a bomb is small
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, RowFilter::Up);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

fn plain(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba([200, 30, 60, 255]))
}

/// A PNG's head that says it is so large, with the sum that belongs to it.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(&plain(20, 20).into());
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&sum.to_be_bytes());
    bytes
}

/// CRC-32 as PNG has it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[test]
fn what_claims_to_be_large_is_refused_before_a_pixel_is_read() {
    for (width, height) in [(30_000, 30_000), (4_097, 1), (1, 4_097), (4_096, 4_096), (u32::MAX >> 1, u32::MAX >> 1)] {
        let bomb = claiming(width, height);
        assert!(bomb.len() < 200);
        assert_eq!(draw(&bomb), Err(NoLogo::TooLarge), "{width} × {height}");
    }
    // of a few kilobytes, and more pixels than there may be
    let inflating = png(&GrayImage::from_pixel(4_000, 4_000, Luma([7])).into());
    assert!(inflating.len() < 64 << 10);
    assert_eq!(draw(&inflating), Err(NoLogo::TooLarge));
    // the most that is read at all
    assert!(draw(&png(&GrayImage::from_pixel(4_000, 1_000, Luma([7])).into())).is_ok());
}

/// A head that says so few pixels that more data than belongs to them is not read either.
#[test]
fn data_beyond_the_picture_is_not_kept() {
    let mut inflating = png(&GrayImage::from_pixel(4_000, 900, Luma([7])).into());
    inflating[16..24].copy_from_slice(&[0, 0, 0, 40, 0, 0, 0, 20]);
    let sum = crc(&inflating[12..29]);
    inflating[29..33].copy_from_slice(&sum.to_be_bytes());
    match draw(&inflating) {
        Ok(logo) => assert_eq!((logo.width, logo.height), (40, 20)),
        Err(why) => assert_eq!(why, NoLogo::NotAPicture),
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused_and_does_no_harm() {
    let mut noise = plain(24, 18);
    for (at, pixel) in noise.pixels_mut().enumerate() {
        pixel.0[at % 3] = u8::try_from(at * 89 % 256).unwrap();
    }
    let whole = DynamicImage::from(noise);
    let mut jpeg = Vec::new();
    let rgb = whole.to_rgb8();
    JpegEncoder::new(&mut jpeg).encode(&rgb, 24, 18, ExtendedColorType::Rgb8).unwrap();
    let mut webp = Vec::new();
    whole.write_to(&mut Cursor::new(&mut webp), ImageFormat::WebP).unwrap();
    for (file, format) in [(png(&whole), "png"), (jpeg, "jpeg"), (webp, "webp")] {
        assert!(draw(&file).is_ok(), "{format}");
        let mut taken = 0;
        for end in (0..file.len()).step_by(5) {
            // some decoders draw what is there; what comes out is a small picture all the same, or a refusal
            if let Ok(logo) = draw(&file[..end]) {
                assert_eq!((logo.width, logo.height), (24, 18));
                taken += 1;
            }
        }
        assert!(format == "jpeg" || taken < 8, "{format}: {taken} of {}", file.len());
        for flip in (0..file.len()).step_by(5) {
            let mut damaged = file.clone();
            damaged[flip] ^= 0x5a;
            if let Ok(logo) = draw(&damaged) {
                assert!(logo.width <= 512 && logo.height <= 160 && logo.png.len() <= KEPT_BYTES);
            }
        }
    }
}

#[test]
fn what_it_is_counts_and_not_what_it_is_called() {
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for svg in
        [script.to_owned(), format!("\u{feff}  {script}"), format!("<?xml version=\"1.0\"?>\n<!-- a -->{script}")]
    {
        assert_eq!(draw(svg.as_bytes()), Err(NoLogo::Svg), "{svg}");
    }
    let others: [&[u8]; 7] = [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"BM aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        b"%PDF-1.7",
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x04\x00\x00\x00WEBP",
    ];
    for other in others {
        assert_eq!(draw(other), Err(NoLogo::NotAPicture), "{other:?}");
    }
    assert_eq!(draw(&vec![0; MOST_BYTES + 1]), Err(NoLogo::TooManyBytes));
}

#[test]
fn sizes_from_a_dot_to_a_strip() {
    let of = |width, height| draw(&png(&plain(width, height).into())).map(|logo| (logo.width, logo.height));
    assert_eq!(of(1, 1), Err(NoLogo::TooSmall));
    assert_eq!(of(15, 100), Err(NoLogo::TooSmall));
    assert_eq!(of(16, 16), Ok((16, 16)));
    assert_eq!(of(4_096, 40), Err(NoLogo::TooSmall));
    assert_eq!(of(4_000, 130), Ok((512, 16)));
    assert_eq!(of(512, 160), Ok((512, 160)));
    assert_eq!(of(1_000, 1_000), Ok((160, 160)));
    assert_eq!(of(100, 4_000), Err(NoLogo::TooSmall));
}

/// What cannot be pressed together is drawn smaller until it is light.
#[test]
fn noise_becomes_small_enough() {
    let mut state = 1_u32;
    let mut noise = plain(1_200, 380);
    for pixel in noise.pixels_mut() {
        for channel in &mut pixel.0 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *channel = state.to_be_bytes()[0];
        }
    }
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 30).encode_image(&DynamicImage::from(noise).to_rgb8()).unwrap();
    let logo = draw(&file).unwrap();
    assert!(logo.png.len() <= KEPT_BYTES && logo.width >= 128, "{} × {}: {}", logo.width, logo.height, logo.png.len());
}

#[test]
fn what_is_kept_is_ours_and_edges_keep_their_colour() {
    // white that cannot be seen around a dark square
    let mut picture = RgbaImage::from_pixel(800, 240, Rgba([255, 255, 255, 0]));
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if (100..700).contains(&x) && (31..209).contains(&y) {
            *pixel = Rgba([10, 20, 30, 255]);
        }
    }
    let mut file = png(&picture.into());
    // a comment with a stranger's words, before the end
    let end = file.len() - 12;
    let words = b"tEXtComment\0<script>alert(1)</script>";
    let mut chunk = u32::try_from(words.len() - 4).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(words);
    chunk.extend_from_slice(&crc(words).to_be_bytes());
    file.splice(end..end, chunk);
    let logo = draw(&file).unwrap();
    assert_eq!((logo.width, logo.height), (512, 153));
    assert!(!logo.png.windows(6).any(|bytes| bytes == b"script"));
    let again = image::load_from_memory_with_format(&logo.png, ImageFormat::Png).unwrap().into_rgba8();
    assert!(again.pixels().any(|pixel| (1..255).contains(&pixel.0[3])), "there is an edge");
    for pixel in again.pixels().filter(|pixel| pixel.0[3] > 24) {
        assert!(pixel.0[0] < 24 && pixel.0[2] < 48, "{pixel:?}");
    }
}
