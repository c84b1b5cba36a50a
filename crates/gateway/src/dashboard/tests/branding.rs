//! Logo and colour, from the upload to the payer's page.

use std::io::Cursor;

use domain::access::Role;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::{HOSTILE, Page, Session, Site};
use crate::app::branding::picture;
use crate::app::invoices::{by_token, create, own_page_url};
use crate::app::testing::new_invoice;
use crate::app::{acts, payment_links};
use crate::checkout::headers::CONTENT_SECURITY_POLICY;
use crate::store::invoices;
use crate::wire::create::Devise;

const PATH: &str = "/client/profile/branding";

fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = DynamicImage::from(RgbaImage::from_pixel(width, height, Rgba([0, 90, 200, 255])));
    let mut bytes = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn owner(site: &Site) -> Session {
    let id = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    site.session(&id, Some(&site.shop), true).await
}

/// The path of an invoice's page, without its host.
async fn payers_page(site: &Site) -> String {
    let merchant = site.shop.clone();
    create(&site.app, merchant.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    let newest = site.app.store.read(|tx| {
        let number = invoices::latest_number(tx, &merchant.id)?.unwrap();
        invoices::existing(tx, &merchant.id, number)
    });
    let url = own_page_url(&site.app, &merchant, &newest.await.unwrap()).unwrap();
    url.strip_prefix(&site.app.base_url).unwrap().to_owned()
}

fn address<'p>(page: &'p Page, before: &str) -> &'p str {
    let (_, rest) = page.body.split_once(before).unwrap_or_else(|| panic!("{before}: {}", page.body));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_logo_is_drawn_anew_and_stands_on_the_payers_page() {
    let site = Site::new("branding-logo").await;
    let session = owner(&site).await;
    let payer = payers_page(&site).await;
    assert!(!site.get(&payer, &Session::default()).await.body.contains("/brand/"));
    // whatever the file is called
    for (name, content_type, format) in [
        ("logo.png", "image/png", ImageFormat::Png),
        ("logo.svg", "image/svg+xml", ImageFormat::Jpeg),
        ("../../etc/logo.php", "text/html", ImageFormat::WebP),
    ] {
        let page = site.upload(&format!("{PATH}/logo"), &session, (name, content_type), &file(600, 200, format)).await;
        assert_eq!(
            (page.status, page.cookie("lockgate-flash")),
            (303, Some("flash-logo-set")),
            "{name}: {}",
            page.body
        );
    }
    let shown = site.get(PATH, &session).await;
    assert!(shown.body.matches("class=\"logo\"").count() == 2 && !shown.body.contains(HOSTILE));
    for path in [&payer, PATH] {
        let page = site.get(path, &session).await;
        let logo = address(&page, "<img class=\"logo\" src=\"").to_owned();
        assert!(page.body.contains("width=\"480\" height=\"160\" alt=\"&#60;script&#62;alert(1)"), "{}", page.body);
        assert_eq!(page.headers["content-security-policy"], CONTENT_SECURITY_POLICY);
        let served = site.get(&logo, &Session::default()).await;
        assert_eq!(served.status, 200);
        for (name, value) in [
            ("content-type", "image/png"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(served.headers[name], value, "{name}");
        }
        let hash = logo.rsplit('/').next().unwrap().strip_suffix(".png").unwrap().to_owned();
        let kept = site.app.store.read(|tx| picture(tx, site.shop.number, &hash)).await.unwrap().unwrap();
        assert_eq!(crate::app::branding::hash(&kept), hash);
        assert!(kept.starts_with(b"\x89PNG") && kept.len() < 5_000);
        // it is this merchant's only, and at this address only
        for other in [
            logo.replace(&format!("/{}/", site.shop.number), &format!("/{}/", site.other.number)),
            logo.replace(".png", ""),
            logo.replace(&hash, &"0".repeat(hash.len())),
            "/brand/x/y.png".to_owned(),
        ] {
            assert_eq!(site.get(&other, &Session::default()).await.status, 404, "{other}");
        }
    }
    let logged = site.app.store.read(acts::all).await.unwrap();
    let ours: Vec<&str> = logged.iter().map(|read| read.act.act.as_str()).filter(|act| act.contains("logo")).collect();
    assert_eq!(ours.first(), Some(&"logo.set"));
    let page = site.post(&format!("{PATH}/logo/remove"), &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-logo-removed"));
    let page = site.post(&format!("{PATH}/logo/remove"), &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-bad-no-logo"));
    let bare = site.get(&payer, &Session::default()).await;
    assert!(!bare.body.contains("/brand/") && bare.body.contains("<p class=\"merchant\"><bdi>"));
}

#[tokio::test]
async fn what_is_no_logo_is_refused_in_words_and_changes_nothing() {
    let site = Site::new("branding-refused").await;
    let session = owner(&site).await;
    site.upload(&format!("{PATH}/logo"), &session, ("a.png", "image/png"), &file(100, 40, ImageFormat::Png)).await;
    let before = format!("{:?}", site.everything());
    let whole = file(300, 100, ImageFormat::Png);
    let bomb = {
        let mut bytes = whole.clone();
        bytes[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
        bytes
    };
    let cases: [(&str, &[u8], u16, &str); 7] = [
        ("empty.png", b"", 422, "Choose a picture first."),
        (
            "logo.png",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
            422,
            "SVG is not taken",
        ),
        ("logo.png", b"GIF89a", 422, "This is no PNG"),
        ("logo.png", &whole[..whole.len() / 2], 422, "This is no PNG"),
        ("logo.png", &bomb, 422, "This"),
        ("logo.png", &vec![7; (512 << 10) + 1], 413, "larger than 512 KB"),
        ("logo.png", &vec![7; 3 << 20], 413, "This is too large"),
    ];
    for (name, bytes, status, words) in cases {
        let page = site.upload(&format!("{PATH}/logo"), &session, (name, "image/png"), bytes).await;
        assert!(page.status == status && page.body.contains(words), "{words}: {} {}", page.status, page.body);
    }
    let dot = file(1, 1, ImageFormat::Png);
    let page = site.upload(&format!("{PATH}/logo"), &session, ("dot.png", "image/png"), &dot).await;
    assert!(page.status == 422 && page.body.contains("too small or too narrow") && page.body.contains("aria-invalid"));
    // sessions note when they were used
    let now = format!("{:?}", site.everything());
    let of = |all: &str| all.split("\"storefronts\"").nth(1).unwrap().split("(\"").next().unwrap().to_owned();
    assert_eq!(of(&now), of(&before));
}

#[tokio::test]
async fn a_colour_is_read_everywhere_and_its_sheet_is_ours() {
    let site = Site::new("branding-colour").await;
    let session = owner(&site).await;
    let payer = payers_page(&site).await;
    for bad in ["", "red", "#fff", "#12345g", "#0b6a50;}", HOSTILE] {
        let page = site.post(&format!("{PATH}/colour"), &session, &[("colour", bad)]).await;
        assert!(page.status == 422 && page.body.contains("six hexadecimal digits"), "{bad}");
        assert!(!page.body.contains(HOSTILE));
    }
    for _ in 0..2 {
        let page = site.post(&format!("{PATH}/colour"), &session, &[("colour", "#FFD400")]).await;
        assert_eq!(page.cookie("lockgate-flash"), Some("flash-colour-set"));
    }
    let shown = site.get(PATH, &session).await;
    assert!(shown.body.contains("value=\"#ffd400\"") && shown.body.contains("black, "), "{}", shown.body);
    // too pale for a light page, as it is on a dark one
    assert!(shown.body.contains("your colour would have") && shown.body.contains("your colour, "));
    let page = site.get(&payer, &Session::default()).await;
    let sheet = address(&page, "<link rel=\"stylesheet\" href=\"/brand/").to_owned();
    assert!(sheet.starts_with("ffd400.") && sheet.ends_with(".css"));
    let served = site.get(&format!("/brand/{sheet}"), &Session::default()).await;
    assert_eq!((served.status, served.headers["content-type"].to_str().unwrap()), (200, "text/css; charset=utf-8"));
    assert_eq!(served.headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(served.body.contains("--brand:#ffd400;") && served.body.contains("--on-brand:#000000;"));
    for other in ["/brand/ffd400.css", "/brand/ffd401.000000000000.css", "/brand/red.css", "/brand/%3Cscript%3E.css"] {
        assert_eq!(site.get(other, &Session::default()).await.status, 404, "{other}");
    }
    let page = site.post(&format!("{PATH}/colour/remove"), &session, &[]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-colour-removed"));
    assert!(!site.get(&payer, &Session::default()).await.body.contains("/brand/"));
    let logged = site.app.store.read(acts::all).await.unwrap();
    let ours: Vec<&str> =
        logged.iter().map(|read| read.act.act.as_str()).filter(|act| act.contains("colour")).collect();
    assert_eq!(ours, ["colour.set", "colour.set"]);
}

#[tokio::test]
async fn payment_links_have_the_look_too_and_payers_their_language() {
    let site = Site::new("branding-links").await;
    let session = owner(&site).await;
    site.post(&format!("{PATH}/colour"), &session, &[("colour", "#113355")]).await;
    site.upload(&format!("{PATH}/logo"), &session, ("a.png", "image/png"), &file(100, 40, ImageFormat::Png)).await;
    let fields = [("title", "Tea"), ("devise", "USD"), ("asks", "fixed"), ("amount", "15.04")];
    let made = site.post("/client/links", &session, &fields).await;
    let page = site.get(made.location(), &session).await;
    let start = page.body.find(payment_links::PAGE_PATH).unwrap();
    let link = page.body[start..].split(['"', '<']).next().unwrap().to_owned();
    let payer = payers_page(&site).await;
    for path in [&link, &payer] {
        let page = site.get(path, &Session::default()).await;
        assert!(
            page.body.contains("<img class=\"logo\"") && page.body.contains("/brand/113355."),
            "{path}: {}",
            page.body
        );
        assert!(page.body.contains("<html lang=\"en\""));
    }
    assert_eq!(site.post(&format!("{PATH}/payers"), &session, &[("lang", "xx")]).await.status, 422);
    let page = site.post(&format!("{PATH}/payers"), &session, &[("lang", "hi")]).await;
    assert_eq!(page.cookie("lockgate-flash"), Some("flash-ways-set"));
    for path in [&link, &payer] {
        let speaks = async |accepted: &[(&str, &str)], query: &str| {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = site.send("GET", &format!("{path}{sign}{query}"), &Session::default(), accepted, "").await;
            page.body.split("<html lang=\"").nth(1).unwrap()[..2].to_owned()
        };
        assert_eq!(speaks(&[], "").await, "hi");
        assert_eq!(speaks(&[("accept-language", "ja, de;q=0.5")], "").await, "hi");
        assert_eq!(speaks(&[("accept-language", "fr")], "").await, "fr");
        assert_eq!(speaks(&[("accept-language", "fr")], "lang=ar").await, "ar");
    }
    // what another merchant sees is his own
    let other = site.person("other@example.com", None, false, &[(&site.other, Role::Owner)]).await;
    let theirs = site.session(&other, Some(&site.other), true).await;
    assert!(!site.get(PATH, &theirs).await.body.contains("class=\"logo\""));
    let token = form_urlencoded::parse(payer.split_once('?').unwrap().1.as_bytes()).next().unwrap().1.into_owned();
    assert!(site.app.store.read(|tx| by_token(&site.app, tx, &token)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_merchants_own_sites_may_frame_its_pages() {
    let site = Site::new("branding-frames").await;
    let session = owner(&site).await;
    let payer = payers_page(&site).await;
    let policy = async || {
        let page = site.get(&payer, &Session::default()).await;
        page.headers["content-security-policy"].to_str().unwrap().to_owned()
    };
    assert_eq!(policy().await, CONTENT_SECURITY_POLICY);
    let form = format!("{PATH}/frames");
    for wrong in ["*", "https://shop.example/pay", "javascript:alert(1)", HOSTILE] {
        let page = site.post(&form, &session, &[("frames", wrong)]).await;
        assert!(page.status == 422 && page.body.contains("is no site"), "{wrong}: {}", page.body);
        assert!(!page.body.contains(HOSTILE));
    }
    let two = "https://shop.example\r\nhttps://www.shop.example:8443/";
    assert_eq!(site.post(&form, &session, &[("frames", two)]).await.cookie("lockgate-flash"), Some("flash-frames-set"));
    let named = "frame-ancestors https://shop.example https://www.shop.example:8443";
    assert_eq!(policy().await, CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", named));
    // the merchant's own pages are in nobody's frame
    let page = site.get(PATH, &session).await;
    assert!(page.body.contains("https://www.shop.example:8443</textarea>"), "{}", page.body);
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert_eq!(site.post(&form, &session, &[("frames", "")]).await.status, 303);
    assert_eq!(policy().await, CONTENT_SECURITY_POLICY);
}
