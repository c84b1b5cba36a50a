//! A settlement's statement on paper: the figures of its table (`app::settlements::table`), whoever asks for it.

use super::form::{Form, INK, ON_ITS_SIDE, SOFT, ink};
use super::look::Look;
use super::text::{Ink, Role, Side};
use crate::app::App;
use crate::app::branding::colour::Colour;
use crate::app::settlements::statement::Statement;
use crate::app::settlements::table::{self, Cells};
use crate::checkout::messages::Lang;
use crate::dashboard::words::Words;
use crate::store::settlements::State;
use crate::wire::time::written;

/// Between columns.
const GAP: i32 = 8;
/// Label, width, and which of the table's cells stands there. They and the gaps fill the page.
const COLUMNS: [(&str, i32, usize); 11] = [
    ("statement-invoice", 44, 0),
    ("inv-currency", 38, 2),
    ("statement-gross", 70, 3),
    ("inv-fee", 58, 4),
    ("statement-deducted", 58, 5),
    ("account-reserve", 58, 6),
    ("statement-settled", 70, 7),
    ("statement-rate", 74, 8),
    ("paper-coins", 80, 10),
    ("paper-spread", 60, 11),
    ("statement-net", 80, 12),
];
/// Which cells stand below, small: the charge, and where its rate is from.
const BELOW: [usize; 2] = [1, 9];
/// Columns that are words, not figures.
const WORDS: usize = 2;

fn tone(state: State) -> Colour {
    match state {
        State::UnderWay => Colour([0x8a, 0x56, 0x00]),
        State::Done => Colour([0x1b, 0x6e, 0x4a]),
        State::TakenBack => Colour([0xa6, 0x2b, 0x2b]),
        State::Canceled => Colour([0x5a, 0x65, 0x62]),
    }
}

/// The paper, still to be written.
pub fn form<'l>(app: &App, lang: Lang, look: &'l Look, proven: &Statement) -> Form<'l> {
    let (w, row) = (Words { lang }, &proven.settlement);
    let which = w.fill("paper-number", &[w.ltr("number", row.number)]).plain();
    let mut form = Form::new(lang, ON_ITS_SIDE, look, app.sandbox, &w.text("paper-statement").plain(), &which);
    let asset = app.asset(&row.asset);
    let symbol = asset.map_or(row.asset.as_str(), |asset| &asset.symbol);
    let (start, inner, top) = (form.margin, form.inner(), form.top);
    let below = form.sheet.write(&w.text("paper-total").plain(), ink(10, false, SOFT), (start, top), inner / 2);
    form.chip(&w.text(&format!("settlement-{}", row.state.name())).plain(), tone(row.state), top);
    let total = format!("{} {symbol}", table::total(app, proven));
    form.top = form.sheet.write(&total, ink(26, true, INK), (start, below), inner) + 8;
    let mut facts = vec![
        (w.text("receipt-made").plain(), format!("{} UTC", written(row.created_at.0))),
        (w.text("settlement-wallet").plain(), row.wallet.clone()),
    ];
    if let Some(asset) = asset {
        facts.push((w.text("paper-coins").plain(), asset.name.clone()));
    }
    if let Some(hash) = &row.tx_hash {
        facts.push((w.text("inv-settle-tx").plain(), hash.clone()));
    }
    form.facts(&facts);
    form.top += 6;
    form.room(70);
    head(&mut form, Role::Words);
    for cells in table::rows(app, proven) {
        item(&mut form, &cells);
    }
    form.hairline();
    form
}

/// What stands in the columns, all on one line; how high it is.
fn line(form: &mut Form<'_>, texts: [&str; COLUMNS.len()], style: Ink, top: i32) -> i32 {
    let (mut start, mut height) = (form.margin, 0);
    for (nth, (text, (_, width, _))) in texts.into_iter().zip(COLUMNS).enumerate() {
        let side = if nth < WORDS { Side::Start } else { Side::Figures };
        let block = form.sheet.lay(text, Ink { side, ..style }, width);
        height = height.max(block.height);
        form.sheet.put(block, start, top);
        start += width + GAP;
    }
    height
}

fn head(form: &mut Form<'_>, role: Role) {
    let labels = COLUMNS.map(|(key, ..)| form.w.text(key).plain());
    let style = Ink { role, ..ink(8, true, SOFT) };
    let top = form.top;
    form.top += line(form, labels.each_ref().map(String::as_str), style, top) + 5;
}

fn item(form: &mut Form<'_>, cells: &Cells) {
    let figures = ink(8, false, INK);
    let texts = COLUMNS.map(|(_, _, cell)| cells[cell].as_str());
    let laid = texts.into_iter().zip(COLUMNS).map(|(text, (_, width, _))| form.sheet.lay(text, figures, width).height);
    let (height, inner) = (laid.max().unwrap_or(0), form.inner());
    let small = BELOW.map(|cell| cells[cell].as_str()).join(" · ");
    let small = form.sheet.lay(&small, ink(7, false, SOFT), inner);
    let below = small.height;
    if form.room(height + below + 10) {
        head(form, Role::Ornament);
    }
    form.hairline();
    let (margin, top) = (form.margin, form.top + 5);
    let height = line(form, texts, figures, top);
    form.top = form.sheet.put(small, margin, top + height) + 5;
}
