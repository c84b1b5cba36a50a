//! What all papers have in common: whose it is and what it is at the top, lines of label and value, page numbers, and in a sandbox its mark.

use super::look::Look;
use super::sheet::{Place, Sheet, Unwritten};
use super::text::{Ink, Role, Side};
use crate::app::branding::colour::{Colour, WHITE};
use crate::checkout::label::Label;
use crate::checkout::messages::Lang;
use crate::dashboard::words::Words;

/// A4, in points.
pub const UPRIGHT: (i32, i32) = (595, 842);
pub const ON_ITS_SIDE: (i32, i32) = (842, 595);

pub const INK: Colour = Colour([0x14, 0x1f, 0x1b]);
pub const SOFT: Colour = Colour([0x55, 0x63, 0x5e]);
const HAIRLINE: Colour = Colour([0xdd, 0xe4, 0xe1]);
const SANDBOX: Colour = Colour([0xfd, 0xee, 0xcb]);
const ON_SANDBOX: Colour = Colour([0x6a, 0x41, 0x00]);

/// Of the picture of a logo at its largest.
const LOGO: (i32, i32) = (170, 48);
const LABELS: i32 = 150;
const FOOT: i32 = 64;
/// Of a value in one line of a paper: its widest letters fill less than half a page.
const MOST_LETTERS: usize = 600;

/// Running text of some size; the callers change what differs.
pub fn ink(size: u8, is_bold: bool, colour: Colour) -> Ink {
    Ink { size, is_bold, colour, side: Side::Start, role: Role::Words }
}

/// A paper in the making, from top to bottom.
pub struct Form<'l> {
    pub sheet: Sheet,
    pub w: Words,
    pub look: &'l Look,
    pub margin: i32,
    /// Where the next thing stands.
    pub top: i32,
    is_sandbox: bool,
    /// What it is, in a line.
    title: String,
}

impl<'l> Form<'l> {
    /// `what` it is, and `which` of them.
    pub fn new(lang: Lang, size: (i32, i32), look: &'l Look, is_sandbox: bool, what: &str, which: &str) -> Form<'l> {
        let margin = if size == UPRIGHT { 56 } else { 36 };
        let title = format!("{what} {which}");
        let (sheet, w) = (Sheet::new(lang, size), Words { lang });
        let mut form = Form { sheet, w, look, margin, top: 48, is_sandbox, title };
        form.mark(Role::Words);
        form.head(what, which);
        form
    }

    pub fn inner(&self) -> i32 {
        self.sheet.width - 2 * self.margin
    }

    fn mark(&mut self, role: Role) {
        if self.is_sandbox {
            let (width, words) = (self.sheet.width, self.w.text("sandbox-mark").plain());
            self.sheet.fill(Place { start: 0, top: 0, width, height: 26 }, SANDBOX);
            let ink = Ink { side: Side::Middle, role, ..ink(10, true, ON_SANDBOX) };
            self.sheet.write(&words, ink, (self.margin, 6), width - 2 * self.margin);
        }
    }

    fn head(&mut self, what: &str, which: &str) {
        let (look, end) = (self.look, self.inner() * 2 / 5);
        let (own, start) = (self.inner() - end - 24, self.margin);
        let mut top = self.top;
        if let Some(logo) = &look.logo {
            let (width, height) = fitting(logo.dimensions());
            self.sheet.picture(logo.clone(), Place { start, top, width, height }, &look.name);
            top += height + 8;
        }
        let size = if look.logo.is_some() { 12 } else { 17 };
        let name_end = self.sheet.write(&look.name, ink(size, true, INK), (start, top), own);
        let at = self.margin + self.inner() - end;
        let title = Ink { side: Side::End, role: Role::Title, ..ink(24, true, look.accent) };
        let title_end = self.sheet.write(what, title, (at, self.top - 6), end);
        let number = Ink { side: Side::End, ..ink(11, false, SOFT) };
        let number_end = self.sheet.write(which, number, (at, title_end), end);
        self.top = name_end.max(number_end) + 14;
        let (top, width) = (self.top, self.inner());
        self.sheet.fill(Place { start, top, width, height: 2 }, look.ground);
        self.top += 26;
    }

    /// Turns to the next page unless so much still fits onto this one; whether it turned.
    pub fn room(&mut self, height: i32) -> bool {
        if self.top + height <= self.sheet.height - FOOT {
            return false;
        }
        self.sheet.turn_page();
        self.mark(Role::Ornament);
        self.top = 56;
        true
    }

    pub fn hairline(&mut self) {
        let at = Place { start: self.margin, top: self.top, width: self.inner(), height: 1 };
        self.sheet.fill(at, HAIRLINE);
    }

    /// Label and value of each line, in two columns. What could be higher than a page goes on in lines of its own.
    pub fn facts(&mut self, facts: &[(String, String)]) {
        for (label, value) in facts {
            let letters: Vec<char> = value.chars().collect();
            let parts: Vec<String> = letters.chunks(MOST_LETTERS).map(|part| part.iter().collect()).collect();
            self.fact(label, parts.first().map_or("", String::as_str));
            for more in parts.iter().skip(1) {
                self.fact("", more);
            }
        }
        self.hairline();
        self.top += 12;
    }

    fn fact(&mut self, label: &str, value: &str) {
        let (start, wide) = (self.margin, self.inner() - LABELS - 12);
        let label = self.sheet.lay(label, ink(10, false, SOFT), LABELS);
        let value = self.sheet.lay(value, ink(10, false, INK), wide);
        let height = label.height.max(value.height) + 13;
        self.room(height);
        self.hairline();
        let top = self.top + 7;
        self.sheet.put(label, start, top);
        self.sheet.put(value, start + LABELS + 12, top);
        self.top += height;
    }

    /// With the foot of each page, which can be written only now.
    fn foot(&mut self) {
        let (pages, inner, margin) = (self.sheet.pages(), self.inner(), self.margin);
        let top = self.sheet.height - 44;
        let about = format!("{} · {}", self.title, Label::name(&self.look.name));
        for page in 0..pages {
            let small = Ink { role: Role::Ornament, ..ink(8, false, SOFT) };
            self.sheet.write_on(page, &about, small, (margin, top), inner - 60);
            let number = format!("{} / {pages}", page + 1);
            self.sheet.write_on(page, &number, Ink { side: Side::End, ..small }, (margin + inner - 50, top), 50);
        }
    }

    /// # Errors
    /// As [`Sheet::finish`].
    pub fn finish(mut self) -> Result<Vec<u8>, Unwritten> {
        self.foot();
        let title = format!("{} · {}", self.title, self.look.name);
        self.sheet.finish(&title)
    }

    /// All its text, with the feet.
    #[cfg(test)]
    pub fn into_sheet(mut self) -> Sheet {
        self.foot();
        self.sheet
    }

    /// A word on a ground of its own, where reading ends.
    pub fn chip(&mut self, word: &str, colour: Colour, top: i32) {
        let style = ink(10, true, WHITE);
        let widest = self.inner() / 3;
        let width = self.sheet.lay(word, style, widest).line_width() + 1;
        let block = self.sheet.lay(word, style, width);
        let start = self.margin + self.inner() - width - 20;
        self.sheet.fill(Place { start, top, width: width + 20, height: block.height + 8 }, colour);
        self.sheet.put(block, start + 10, top + 4);
    }
}

/// A logo's size on paper: as large as its box, and at most three quarters of a point to a pixel, so that it stays sharp.
fn fitting((width, height): (u32, u32)) -> (i32, i32) {
    let side = |pixels: u32| i32::try_from(pixels.clamp(1, 4_096)).unwrap_or(1);
    let (width, height) = (side(width), side(height));
    let (mut most_width, mut most_height) = (LOGO.0.min(width * 3 / 4), LOGO.1.min(height * 3 / 4));
    if width * most_height >= height * most_width {
        most_height = height * most_width / width;
    } else {
        most_width = width * most_height / height;
    }
    (most_width.max(1), most_height.max(1))
}
