//! An invoice on paper: what is owed, to whom, where it stands, how long and where it can be paid; or, once it is paid, its receipt.

use domain::Units;
use domain::invoice::{Failure, State};
use image::{Rgba, RgbaImage};
use qrcode::{Color, EcLevel, QrCode};

use super::form::{Form, INK, SOFT, UPRIGHT, ink};
use super::look::Look;
use super::sheet::Place;
use super::text::{Ink, Side};
use super::told::Told;
use crate::app::branding::colour::Colour;
use crate::app::payer_mails::Kind;
use crate::checkout::messages::Lang;
use crate::dashboard::client::minor;
use crate::dashboard::words::Words;
use crate::store::invoices::InvoiceRow;
use crate::wire::time::written;

const GOOD: Colour = Colour([0x1b, 0x6e, 0x4a]);
const WAITS: Colour = Colour([0x8a, 0x56, 0x00]);
const OVER: Colour = Colour([0x5a, 0x65, 0x62]);
const BAD: Colour = Colour([0xa6, 0x2b, 0x2b]);

const CODE: i32 = 96;

/// An invoice, and what its row does not say.
pub struct Bill<'r> {
    pub row: &'r InvoiceRow,
    pub told: Told,
    /// The payer's page.
    pub page: String,
}

/// Where it stands, in a word and a sentence.
struct Standing {
    word: &'static str,
    help: &'static str,
    tone: Colour,
}

impl Bill<'_> {
    /// Nothing has come yet that would make it whole, nor may: it can be paid.
    fn is_payable(&self) -> bool {
        self.row.invoice.state.is_open() && self.told.left > Units::ZERO
    }
}

fn standing(bill: &Bill<'_>) -> Standing {
    let (word, help, tone) = match bill.row.invoice.state {
        // all of it was seen, and is not final; or a charge is not decided
        State::Created | State::Opened if !bill.is_payable() => ("paper-confirming", "paper-confirming-help", WAITS),
        State::Created | State::Opened => ("paper-open", "paper-open-help", WAITS),
        State::Received | State::Settled => ("paper-paid", "paper-paid-help", GOOD),
        State::Expired => ("state-expired", "paper-expired-help", OVER),
        State::Withheld => ("state-withheld", "paper-withheld-help", WAITS),
        State::Chargeback => ("state-chargeback", "paper-chargeback-help", BAD),
        State::Failed(Failure::Canceled) => ("state-canceled", "paper-over-help", OVER),
        State::Failed(Failure::PaymentReversed) => ("state-payment_reversed", "paper-over-help", BAD),
        State::Failed(Failure::Declined) => ("state-declined", "paper-over-help", BAD),
    };
    Standing { word, help, tone }
}

fn utc(at: domain::Time) -> String {
    format!("{} UTC", written(at.0))
}

/// Label and value of each line.
fn facts(w: Words, kind: Kind, look: &Look, bill: &Bill<'_>) -> Vec<(String, String)> {
    let (plain, row) = (|key: &str| w.text(key).plain(), bill.row);
    let mut facts = Vec::new();
    let mut say = |key: &str, value: String| facts.push((plain(key), value));
    say("paper-seller", look.name.clone());
    if let Some(website) = &look.website {
        say("paper-website", website.clone());
    }
    say("inv-payer", row.email.clone());
    if kind == Kind::Receipt {
        say("receipt-number", row.invoice.number.to_string());
    }
    say("inv-id", row.invoice.id.to_string());
    say("receipt-made", utc(row.invoice.created_at));
    if kind == Kind::Invoice {
        if bill.is_payable() {
            say("paper-until", utc(row.invoice.expires_at()));
            if bill.told.left != row.invoice.amount {
                say("paper-whole", minor(row.invoice.amount, &row.invoice.devise));
            }
        }
        say("paper-state", plain(standing(bill).word));
    }
    if let Some(paid) = &row.paid {
        // by card and UPI what a bank's statement has: the coins are what the merchant is settled in
        let coins = || format!("{} {}", paid.units.decimal(paid.decimals, paid.decimals.min(2)), paid.symbol);
        let charged = paid.charged.as_ref().map(|charged| minor(charged.units, &charged.currency));
        say("inv-paid", charged.unwrap_or_else(coins));
    }
    for amount in &bill.told.given_back {
        say("paper-given-back", amount.clone());
    }
    if let Some(way) = bill.told.way {
        say("inv-way", plain(&format!("way-{}", way.name())));
    }
    if let Some(hash) = &bill.told.settle_tx {
        say("inv-settle-tx", hash.clone());
    }
    facts
}

/// The paper, still to be written.
pub fn form<'l>(lang: Lang, kind: Kind, look: &'l Look, is_sandbox: bool, bill: &Bill<'_>) -> Form<'l> {
    let (w, row) = (Words { lang }, bill.row);
    let is_payable = kind == Kind::Invoice && bill.is_payable();
    let what = w.text(if kind == Kind::Receipt { "receipt-title" } else { "paper-invoice" }).plain();
    let which = w.fill("paper-number", &[w.ltr("number", row.invoice.number)]).plain();
    let mut form = Form::new(lang, UPRIGHT, look, is_sandbox, &what, &which);
    let amount = minor(if is_payable { bill.told.left } else { row.invoice.amount }, &row.invoice.devise);
    headline(&mut form, if is_payable { "paper-due" } else { "paper-amount" }, &amount, standing(bill));
    if kind == Kind::Invoice {
        let help = standing(bill).help;
        let words = w.fill(help, &[w.ltr("until", utc(row.invoice.expires_at()))]).plain();
        let (at, width) = ((form.margin, form.top), form.inner());
        form.top = form.sheet.write(&words, ink(11, false, INK), at, width) + 16;
    }
    if is_payable {
        pay(&mut form, &bill.page);
    }
    form.top += 8;
    let facts = facts(w, kind, look, bill);
    form.facts(&facts);
    form
}

fn headline(form: &mut Form<'_>, label: &str, amount: &str, standing: Standing) {
    let (start, top, inner) = (form.margin, form.top, form.inner());
    let words = (form.w.text(label).plain(), form.w.text(standing.word).plain());
    let below = form.sheet.write(&words.0, ink(10, false, SOFT), (start, top), inner * 3 / 5);
    form.chip(&words.1, standing.tone, top);
    let mut figure = form.sheet.lay(amount, ink(32, true, INK), inner);
    if figure.height > 48 {
        figure = form.sheet.lay(amount, ink(16, true, INK), inner);
    }
    form.top = form.sheet.put(figure, start, below + 2) + 6;
}

/// The way to pay: a button, its address in letters, and the same as a code for a phone.
fn pay(form: &mut Form<'_>, page: &str) {
    let (look, margin, inner, top) = (form.look, form.margin, form.inner(), form.top);
    let words = form.w.text("paper-pay").plain();
    let style = Ink { side: Side::Middle, ..ink(13, true, look.on_ground) };
    let width = (form.sheet.lay(&words, style, inner / 2).line_width() + 48).min(inner / 2);
    let button = form.sheet.lay(&words, style, width);
    let height = button.height + 18;
    form.sheet.fill(Place { start: margin, top, width, height }, look.ground);
    form.sheet.put_linked(button, margin, top + 9, (9, page.to_owned()));
    let address = form.sheet.lay(page, ink(8, false, look.accent), inner - CODE - 24);
    let mut below = form.sheet.put_linked(address, margin, top + height + 8, (0, page.to_owned()));
    if let Some(code) = code(page) {
        let start = margin + inner - CODE;
        let scan = form.w.text("paper-scan").plain();
        form.sheet.picture(code, Place { start, top, width: CODE, height: CODE }, &scan);
        let style = Ink { side: Side::Middle, ..ink(8, false, SOFT) };
        below = below.max(form.sheet.write(&scan, style, (start - 12, top + CODE + 2), CODE + 24));
    }
    form.top = below + 10;
}

/// Dark on white, some pixels a module, so that no reader of PDF smooths it away.
fn code(data: &str) -> Option<RgbaImage> {
    const PIXELS: u32 = 6;
    let code = QrCode::with_error_correction_level(data, EcLevel::M).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = u32::try_from(width).ok()?.checked_mul(PIXELS)?;
    Some(RgbaImage::from_fn(side, side, |x, y| {
        let at = |pixel: u32| usize::try_from(pixel / PIXELS).unwrap_or(0);
        let is_dark = modules.get(at(y) * width + at(x)) == Some(&Color::Dark);
        if is_dark { Rgba([0, 0, 0, 255]) } else { Rgba([255, 255, 255, 255]) }
    }))
}
