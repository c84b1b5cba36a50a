use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use domain::charge::Settle;
use domain::coin_refund::State as CoinState;
use domain::invoice::{Failure, State};
use domain::ledger::EntryRate;
use domain::merchant::Wallet;
use domain::settlement::Item;
use domain::{ChargeId, Time, Units};
use image::{Rgba, RgbaImage};

use super::sheet::Sheet;
use super::*;
use crate::app::branding::colour::{Colour, NEEDED, WHITE};
use crate::app::charges::refunds as charge_refunds;
use crate::app::invoices::create;
use crate::app::settlements::table;
use crate::app::testing::{app, app_with_treasury, asked_back, begun, new_invoice, reserved, says_paid, tether};
use crate::app::transfers as machinery;
use crate::store::coin_refunds;
use crate::store::invoices::{self, Paid, Solution};
use crate::store::settlements::{ItemRow, SettlementRow, State as Settled};
use crate::store::transfers;
use crate::wire::create::Devise;

async fn made(app: &SharedApp, merchant: &Merchant) -> InvoiceRow {
    create(app, merchant.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    latest(app, merchant).await
}

fn paid() -> Paid {
    Paid {
        asset: "USDT_polygon".into(),
        symbol: "USDT".into(),
        decimals: 6,
        units: Units(15_040_000),
        merchant_units: Units(15_000_000),
        fee_units: Units(40_000),
        charged: None,
    }
}

const PAGE: &str = "https://pay.example.com/widget/sale/create/?token=1.abc&lang=en";

/// So much is left to pay, and nothing else is known.
fn told(left: Units) -> Told {
    Told { left, ..Told::default() }
}

/// An invoice's paper, laid out and not written yet.
fn laid(lang: Lang, kind: Kind, look: &Look, is_sandbox: bool, row: &InvoiceRow) -> Sheet {
    let told = Told { settle_tx: row.settle_tx_hash.clone(), ..told(row.invoice.amount) };
    let bill = invoice::Bill { row, told, page: PAGE.into() };
    invoice::form(lang, kind, look, is_sandbox, &bill).into_sheet()
}

fn logo(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba([200, 60, 40, 128]))
}

/// The letters that a reader of the PDF can find, as its fonts say which glyph is which.
fn letters(pdf: &[u8]) -> BTreeSet<char> {
    let mut found = BTreeSet::new();
    let mut rest = pdf;
    let at = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
    while let Some(start) = at(rest, b"\nstream\n") {
        rest = &rest[start + 8..];
        let end = at(rest, b"endstream").unwrap_or(rest.len());
        let mut text = Vec::new();
        let _ = flate2::read::ZlibDecoder::new(&rest[..end]).read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text);
        for line in text.lines().filter(|_| text.contains("beginbfchar")) {
            let Some((_, letters)) = line.split_once("> <") else { continue };
            let bytes = hex::decode(letters.trim_end_matches('>')).unwrap_or_default();
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            found.extend(String::from_utf16_lossy(&units).chars());
        }
    }
    found
}

async fn app_without_coins(name: &str) -> SharedApp {
    app(name, Wallet::Missing).await.0
}

async fn latest(app: &App, merchant: &Merchant) -> InvoiceRow {
    let read = |tx: &crate::store::Tx<'_>| {
        let number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
        invoices::existing(tx, &merchant.id, number)
    };
    app.store.read(read).await.unwrap()
}

/// What the paper of an invoice says, with all that is read for it.
async fn said(app: &App, row: &InvoiceRow, kind: Kind) -> Vec<String> {
    let told = app.store.read(|tx| Told::of(app, tx, row)).await.unwrap();
    let look = Look::new("Shop", None, None, None);
    invoice::form(Lang::En, kind, &look, false, &invoice::Bill { row, told, page: PAGE.into() }).into_sheet().words()
}

fn has(words: &[String], text: &str) -> bool {
    words.iter().any(|word| word == text)
}

/// A mail asks for what its paper asks for: what is left, and nothing while nobody knows whether a charge was paid.
#[tokio::test]
async fn nobody_is_asked_for_what_was_paid_or_may_have_been() {
    let (app, merchant) = app("papers-left", Wallet::Missing).await;
    let row = made(&app, &merchant).await;
    let (kind, whole) = letter(&app, &merchant, &row, Lang::En).await.unwrap().unwrap();
    assert!(kind == Kind::Invoice && whole.body.contains("15.04 USD"), "{}", whole.body);
    let charge = begun(&app, &merchant, 1_000, None).await;
    assert!(letter(&app, &merchant, &row, Lang::En).await.unwrap().is_none(), "a charge is under way");
    let words = said(&app, &row, Kind::Invoice).await;
    assert!(has(&words, "Being confirmed") && !has(&words, PAGE), "{words:?}");
    says_paid(&app, &charge, false, None).await;
    let row = latest(&app, &merchant).await;
    let (kind, rest) = letter(&app, &merchant, &row, Lang::En).await.unwrap().unwrap();
    assert_eq!(kind, Kind::Invoice);
    assert!(rest.body.contains("5.04 USD") && !rest.body.contains("15.04"), "{}", rest.body);
    let words = said(&app, &row, Kind::Invoice).await;
    assert!(has(&words, "5.04 USD") && has(&words, "15.04 USD") && has(&words, PAGE), "{words:?}");
    // paid by two charges: in no one way, and no coins are named
    let charge = begun(&app, &merchant, 504, None).await;
    says_paid(&app, &charge, false, Some(Units(10_000))).await;
    let row = latest(&app, &merchant).await;
    assert_eq!(row.invoice.state, State::Received);
    let words = said(&app, &row, Kind::Receipt).await;
    assert!(has(&words, "Given back") && has(&words, "100.00 INR"), "{words:?}");
    assert!(!has(&words, "Way of paying"), "{words:?}");
    let (kind, receipt) = letter(&app, &merchant, &row, Lang::En).await.unwrap().unwrap();
    assert!(kind == Kind::Receipt && receipt.body.contains("15.04 USD"));
}

/// Of a payment by card or UPI the payer knows what his bank took; the coins and their transaction are between operator and merchant.
#[tokio::test]
async fn a_receipt_says_what_its_payer_paid_and_how() {
    let (mut app, merchant) = app("papers-paid", Wallet::Missing).await;
    Arc::get_mut(&mut app).unwrap().assets.push(tether());
    create(&app, merchant.clone().into(), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let settle = Settle { asset: "USDT_polygon".into(), units: Units(10_000_000) };
    let charge = begun(&app, &merchant, 1_000, Some(settle)).await;
    says_paid(&app, &charge, false, None).await;
    let mut row = latest(&app, &merchant).await;
    assert_eq!(row.paid.as_ref().map(|paid| paid.symbol.as_str()), Some("USDT"));
    let hash = format!("0x{}", "ab".repeat(32));
    // the tab that was pressed last
    (row.chosen, row.settle_tx_hash) = (Some(Solution::Card), Some(hash.clone()));
    let words = said(&app, &row, Kind::Receipt).await;
    assert!(has(&words, "850.00 INR") && has(&words, "UPI") && !has(&words, "Card"), "{words:?}");
    assert!(!words.iter().any(|word| word.contains("USDT") || *word == hash || *word == "Given back"), "{words:?}");
    // paid in coins, the transaction is that of his own payment
    let mut row = made(&app, &merchant).await;
    (row.invoice.state, row.paid) = (State::Settled, Some(paid()));
    (row.chosen, row.settle_tx_hash) = (Some(Solution::Card), Some(hash.clone()));
    let words = said(&app, &row, Kind::Receipt).await;
    assert!(has(&words, "15.04 USDT") && has(&words, "Crypto") && has(&words, &hash), "{words:?}");
}

/// What our refunds gave back is added to what was given back at the provider; what has not arrived is not. Coins are a line of their own.
#[tokio::test]
async fn given_back_is_what_arrived_of_all_refunds() {
    let (mut app, merchant) = app("papers-given-back", Wallet::Missing).await;
    Arc::get_mut(&mut app).unwrap().assets.push(tether());
    made(&app, &merchant).await;
    let charge = begun(&app, &merchant, 1_504, None).await;
    let charge = says_paid(&app, &charge, false, Some(Units(10_000))).await;
    let row = latest(&app, &merchant).await;
    let number = row.invoice.number;
    let arrived = [asked_back(&app, &merchant, number).await, asked_back(&app, &merchant, number).await];
    asked_back(&app, &merchant, number).await;
    let (worker, merchant_id) = (app.clone(), merchant.id.clone());
    let give_back = move |tx: &crate::store::Tx<'_>| {
        let now = worker.now();
        let mut first = charge_refunds::reserve(&worker, tx, &merchant_id, &charge.charge.id, Units(5_050)).unwrap();
        machinery::arrived(&worker, tx, &mut first, now)?;
        assert_eq!(first.state, domain::transfer::State::Done);
        let second = charge_refunds::reserve(&worker, tx, &merchant_id, &charge.charge.id, Units(700)).unwrap();
        assert_eq!(second.state, domain::transfer::State::Reserved);
        for id in arrived {
            let mut coins = coin_refunds::by_id(tx, &merchant_id, &id)?.unwrap();
            coins.state = CoinState::Done;
            coin_refunds::update(tx, &mut coins)?;
        }
        Ok::<_, crate::store::StoreError>(())
    };
    app.store.write(give_back).await.unwrap();
    let words = said(&app, &row, Kind::Receipt).await;
    assert!(has(&words, "150.50 INR") && has(&words, "0.00001 USDT"), "{words:?}");
}

#[tokio::test]
async fn letters_are_whole_in_every_language() {
    let (app, merchant) = app("papers", Wallet::Missing).await;
    let mut row = made(&app, &merchant).await;
    for lang in Lang::ALL {
        row.invoice.state = State::Created;
        let (kind, open) = letter(&app, &merchant, &row, lang).await.unwrap().unwrap();
        assert_eq!(kind, Kind::Invoice);
        let page = cases::own_page_url(&app, &merchant, &row).unwrap();
        let line = format!("{page}&lang={}", lang.code());
        assert!(open.body.lines().any(|own| own == line), "{lang:?}: the link has a line of its own: {}", open.body);
        row.invoice.state = State::Settled;
        row.paid = Some(paid());
        let (kind, receipt) = letter(&app, &merchant, &row, lang).await.unwrap().unwrap();
        assert_eq!(kind, Kind::Receipt);
        for (letter, name) in [(&open, "invoice"), (&receipt, "receipt")] {
            let file = letter.file.as_ref().unwrap();
            assert_eq!(file.name, format!("{name}-{}.pdf", row.invoice.number));
            let pdf = STANDARD.decode(file.base64.as_bytes()).unwrap();
            assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 60_000, "{lang:?}: {}", pdf.len());
        }
        for letter in [&open, &receipt] {
            assert!(letter.subject.contains("Shop") && letter.subject.contains(&row.invoice.number.to_string()));
            assert!(letter.body.contains("15.04 USD") && letter.body.contains("Shop"), "{lang:?}: {}", letter.body);
            for text in [&letter.subject, &letter.body] {
                assert!(!text.contains("letter-") && !text.contains('{'), "{lang:?}: {text}");
                assert!(!text.contains(|c| ('\u{fdd0}'..='\u{fdef}').contains(&c)), "{lang:?}");
            }
            assert!(!letter.subject.contains(|c: char| c.is_control() || ('\u{2066}'..='\u{2069}').contains(&c)));
        }
        row.paid = None;
    }
    row.invoice.state = State::Expired;
    assert!(letter(&app, &merchant, &row, Lang::En).await.unwrap().is_none());
}

/// Names in each language's letters come out as letters, also for those who search, and the same input gives the same bytes.
#[tokio::test]
async fn every_language_is_written_in_its_own_letters() {
    let (app, merchant) = app("papers-letters", Wallet::Missing).await;
    let mut row = made(&app, &merchant).await;
    let names = [
        (Lang::En, "Tea & Cookies"),
        (Lang::Fr, "Café de l’Œuvre"),
        (Lang::Es, "Almacén Ñandú"),
        (Lang::Hi, "श्री गणेश इलेक्ट्रॉनिक्स"),
        (Lang::Ar, "متجر الشاي والقهوة"),
    ];
    for kind in [Kind::Invoice, Kind::Receipt] {
        if kind == Kind::Receipt {
            (row.invoice.state, row.paid) = (State::Settled, Some(paid()));
        }
        // each name in each language
        for lang in Lang::ALL {
            for (_, name) in names {
                let look = Look::new(name, None, None, None);
                let sheet = laid(lang, kind, &look, true, &row);
                assert_eq!(sheet.boxes(), 0, "{lang:?}: {name}");
                assert!(sheet.is_inside(), "{lang:?}: {name}");
                assert!(!sheet.words().iter().any(|text| text.contains("paper-") || text.contains('{')), "{lang:?}");
            }
        }
        for (lang, name) in names {
            let look = Look::new(name, None, None, Some(logo(64, 32)));
            let bytes = laid(lang, kind, &look, true, &row).finish("A").unwrap();
            assert_eq!(bytes, laid(lang, kind, &look, true, &row).finish("A").unwrap(), "{lang:?}");
            let there = letters(&bytes);
            let missing: Vec<char> = name.chars().filter(|c| !there.contains(c)).collect();
            assert!(missing.is_empty(), "{lang:?}: {missing:?} of {there:?}");
        }
    }
}

#[tokio::test]
async fn what_an_open_invoice_says() {
    let (app, merchant) = app("papers-words", Wallet::Missing).await;
    let row = made(&app, &merchant).await;
    let look = Look::new("Tea & Cookies", Some("https://tea.example"), None, None);
    insta::assert_snapshot!(laid(Lang::En, Kind::Invoice, &look, false, &row).words().join("\n"));
    // what has come in parts
    let bill = invoice::Bill { row: &row, told: told(Units(504)), page: PAGE.into() };
    let words = invoice::form(Lang::En, Kind::Invoice, &look, false, &bill).into_sheet().words();
    assert!(words.contains(&"5.04 USD".into()) && words.contains(&"Amount of the invoice".into()), "{words:?}");
    // all of it was seen, and is not final: nobody is asked to pay again
    let bill = invoice::Bill { row: &row, told: told(Units::ZERO), page: PAGE.into() };
    let words = invoice::form(Lang::En, Kind::Invoice, &look, false, &bill).into_sheet().words();
    assert!(words.contains(&"Being confirmed".into()) && !words.contains(&PAGE.into()), "{words:?}");
}

#[tokio::test]
async fn only_what_can_be_paid_says_where() {
    let (app, merchant) = app("papers-states", Wallet::Missing).await;
    let mut row = made(&app, &merchant).await;
    let look = Look::new("Shop", None, None, None);
    let failed = [Failure::Canceled, Failure::PaymentReversed, Failure::Declined].map(State::Failed);
    let states = [State::Created, State::Opened, State::Received, State::Settled, State::Expired, State::Withheld];
    for state in states.into_iter().chain(failed).chain([State::Chargeback]) {
        row.invoice.state = state;
        let sheet = laid(Lang::En, Kind::Invoice, &look, false, &row);
        let said = sheet.words();
        assert_eq!(said.contains(&PAGE.to_owned()), state.is_open(), "{state:?}: {said:?}");
        let bytes = sheet.finish("A").unwrap();
        let links = bytes.windows(PAGE.len()).filter(|window| *window == PAGE.as_bytes()).count();
        assert_eq!(links > 0, state.is_open(), "{state:?}");
        assert!(!said.iter().any(|text| text.contains("state-") || text.contains("paper-")), "{state:?}: {said:?}");
    }
}

/// Nothing that somebody typed runs off the page, and nothing is left out silently.
#[tokio::test]
async fn long_and_strange_values_stay_on_the_page() {
    let (app, merchant) = app("papers-long", Wallet::Missing).await;
    let mut row = made(&app, &merchant).await;
    row.settle_tx_hash = Some("0x".to_owned() + &"f".repeat(2_000));
    row.invoice.amount = Units(u128::MAX);
    for letter in ["W", "word ", "क्ष", "ش", "茶", "\u{202e}x", "\n", "🍵"] {
        let long = letter.repeat(2_000);
        row.email = long.clone();
        for lang in [Lang::En, Lang::Ar] {
            let look = Look::new(&long, Some(&long), None, Some(logo(512, 16)));
            let sheet = laid(lang, Kind::Invoice, &look, true, &row);
            assert!(sheet.is_inside(), "{letter:?} {lang:?}");
            assert_eq!(sheet.boxes() > 0, ["茶", "🍵"].contains(&letter), "{letter:?} {lang:?}");
            assert!(sheet.pages() < 60, "{letter:?}: {}", sheet.pages());
            let marks =
                sheet.words().iter().filter(|text| **text == Words { lang }.text("sandbox-mark").plain()).count();
            assert_eq!(marks, sheet.pages(), "each page is marked");
            assert!(sheet.finish(&long).unwrap().starts_with(b"%PDF-"));
        }
    }
}

#[test]
fn every_colour_can_be_seen_on_paper() {
    let steps = || (0..=255_u8).step_by(51);
    for red in steps() {
        for (green, blue) in steps().flat_map(|green| steps().map(move |blue| (green, blue))) {
            let look = Look::new("Shop", None, Some(Colour([red, green, blue])), None);
            assert!(look.accent.contrast(WHITE) >= NEEDED && look.on_ground.contrast(look.ground) >= NEEDED);
            assert!(look.ground.contrast(WHITE) >= 300);
        }
    }
}

/// The paper has every figure of the table that the command line prints and writes as CSV, on as many pages as it takes.
#[tokio::test]
async fn a_statement_has_the_figures_of_its_table() {
    let (app, merchant) = app_with_treasury("papers-statement").await;
    let transfer = reserved(&app, &merchant, false).await;
    let transfer = app.store.read(|tx| transfers::existing(tx, &merchant.id, &transfer)).await.unwrap();
    let settlement = SettlementRow {
        merchant_id: merchant.id.clone(),
        number: 7,
        asset: "USDT_polygon".into(),
        units: Units(1_340_000_000),
        wallet: "0x0101010101010101010101010101010101010101".into(),
        state: Settled::Done,
        transfer_id: transfer.id.clone(),
        tx_hash: Some("0x".to_owned() + &"ab".repeat(32)),
        created_at: Time(1_700_000_000_000),
        changed_at: Time(1_700_000_000_000),
        settled_at: None,
    };
    let item = |nth: u128| ItemRow {
        number: 7,
        invoice_number: 1_000 + i64::try_from(nth).unwrap(),
        item: Item {
            charge: ChargeId::new(ulid::Ulid(nth)),
            asset: "USDT_polygon".into(),
            currency: "INR".into(),
            gross: Units(1504 + nth),
            fee: Units(15),
            deducted: Units(0),
            reserve: Units(149),
            contribution: Units(1340 + nth),
            coins: Units(13_410_000),
            spread: Units(10_000),
        },
        rate: EntryRate { price: "83.123456789012".into(), source: "ecb".into(), at: Time(1_700_000_000_000) },
    };
    let mut proven = Statement { settlement, items: (1..=100).map(item).collect(), transfer };
    // nobody knows how many smallest units make one of a coin that is not configured any more: no figure passes for whole coins
    let mut without = app_without_coins("papers-no-coin").await;
    assert_eq!(table::total(&without, &proven), "1340000000 × 1/10^n");
    assert!(table::rows(&without, &proven).iter().all(|cells| cells[10..].iter().all(|cell| cell.ends_with("/10^n"))));
    let sheet = statement::form(&without, Lang::Ar, &Look::new("Shop", None, None, None), &proven).into_sheet();
    assert!(sheet.is_inside() && sheet.boxes() == 0);
    Arc::get_mut(&mut without).unwrap().assets.push(tether());
    let app = without;
    assert_eq!(table::total(&app, &proven), "1340.00");
    let look = Look::new(&merchant.name, None, None, Some(logo(200, 80)));
    for lang in Lang::ALL {
        let sheet = statement::form(&app, lang, &look, &proven).into_sheet();
        let words = sheet.words();
        for cell in table::rows(&app, &proven).iter().flatten() {
            assert!(words.iter().any(|text| text.split(" · ").any(|part| part == cell)), "{lang:?}: {cell}");
        }
        let total = format!("{} USDT", table::total(&app, &proven));
        let is_there = words.iter().any(|text| text.starts_with(&total));
        assert!(is_there && words.contains(&proven.settlement.wallet), "{lang:?}: {total}");
        assert!(sheet.is_inside() && sheet.boxes() == 0, "{lang:?}");
        assert!(sheet.pages() > 3, "{}", sheet.pages());
        let net = Words { lang }.text("statement-net").plain();
        assert_eq!(words.iter().filter(|text| **text == net).count(), sheet.pages(), "each page has the table's head");
    }
    // amounts as large as they can be
    proven.items.truncate(1);
    proven.items[0].item.coins = Units(u128::MAX);
    proven.items[0].item.gross = Units(u128::MAX);
    proven.settlement.units = Units(u128::MAX);
    assert!(statement::form(&app, Lang::Ar, &look, &proven).into_sheet().is_inside());
}
