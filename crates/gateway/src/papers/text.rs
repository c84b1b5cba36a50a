//! Text of every language, laid out in lines: fonts are chosen letter by letter, directions found, letters joined and stacked as their script
//! wants it.

#![expect(clippy::float_arithmetic, reason = "places on paper, in points: no money")]

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::layout::{Alignment, AlignmentOptions, Run};
use parley::style::{FontFamily, FontFamilyName, FontWeight, LineHeight, OverflowWrap, StyleProperty};
use parley::{FontContext, Layout, LayoutContext};

use crate::app::branding::colour::Colour;

/// Noto with the letters of our five languages, of Greek and of Cyrillic: `assets/fonts/subset.sh`.
static FONTS: [&[u8]; 6] = [
    include_bytes!("../../assets/fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../assets/fonts/NotoSans-Bold.ttf"),
    include_bytes!("../../assets/fonts/NotoSansDevanagari-Regular.ttf"),
    include_bytes!("../../assets/fonts/NotoSansDevanagari-Bold.ttf"),
    include_bytes!("../../assets/fonts/NotoSansArabic-Regular.ttf"),
    include_bytes!("../../assets/fonts/NotoSansArabic-Bold.ttf"),
];
const FAMILIES: [&str; 3] = ["Noto Sans", "Noto Sans Devanagari", "Noto Sans Arabic"];

/// The fonts as the layout and the writer know them.
static LOADED: LazyLock<Vec<(Blob<u8>, Option<Font>)>> = LazyLock::new(|| {
    let load = |bytes: &&'static [u8]| (Blob::new(Arc::new(*bytes)), Font::new((*bytes).into(), 0));
    FONTS.iter().map(load).collect()
});

/// Where text stands in its column: where reading starts, where it ends, or between. Figures stand on the right in every language, so that
/// their last digits are below each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Start,
    End,
    Middle,
    Figures,
}

/// What text is for those who have it read to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Title,
    Words,
    /// Said elsewhere already, as page numbers are.
    Ornament,
}

/// How text is written.
#[derive(Debug, Clone, Copy)]
pub struct Ink {
    /// In points.
    pub size: u8,
    pub is_bold: bool,
    pub colour: Colour,
    pub side: Side,
    pub role: Role,
}

/// Text, broken into lines of some width.
pub struct Block {
    pub text: String,
    layout: Box<Layout<()>>,
    pub ink: Ink,
    pub width: i32,
    pub height: i32,
}

fn ceil(points: f32) -> i32 {
    points.ceil() as i32
}

/// Lays text out for one document.
pub struct Pen {
    is_rtl: bool,
    fonts: FontContext,
    scratch: LayoutContext<()>,
}

impl Pen {
    pub fn new(is_rtl: bool) -> Pen {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        for (blob, _) in LOADED.iter() {
            collection.register_fonts(blob.clone(), None);
        }
        let fonts = FontContext { collection, source_cache: SourceCache::default() };
        Pen { is_rtl, fonts, scratch: LayoutContext::new() }
    }

    /// Lays text out in lines no wider than `width`. What is too long for a line is broken anywhere.
    pub fn lay(&mut self, text: &str, ink: Ink, width: i32) -> Block {
        // no value decides how its neighbours are read
        let text = text.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}'));
        let text: String = text.map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut builder = self.scratch.ranged_builder(&mut self.fonts, &text, 1.0, false);
        let families = FAMILIES.map(|name| FontFamilyName::Named(Cow::Borrowed(name)));
        builder.push_default(StyleProperty::FontFamily(FontFamily::List(Cow::Borrowed(&families))));
        builder.push_default(StyleProperty::FontSize(f32::from(ink.size)));
        builder.push_default(StyleProperty::FontWeight(FontWeight::new(if ink.is_bold { 700.0 } else { 400.0 })));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(1.4)));
        builder.push_default(StyleProperty::OverflowWrap(OverflowWrap::Anywhere));
        let mut layout: Box<Layout<()>> = Box::new(builder.build(&text));
        layout.break_all_lines(Some(width as f32));
        // as the document is read, whatever the direction of this text
        let alignment = match (ink.side, self.is_rtl) {
            (Side::Start, false) | (Side::End, true) => Alignment::Left,
            (Side::Start, true) | (Side::End, false) | (Side::Figures, _) => Alignment::Right,
            (Side::Middle, _) => Alignment::Center,
        };
        layout.align(alignment, AlignmentOptions::default());
        let height = ceil(layout.height());
        Block { text, layout, ink, width, height }
    }
}

impl Block {
    /// How wide the longest of its lines is.
    pub fn line_width(&self) -> i32 {
        ceil(self.layout.width())
    }

    /// Draws it with its corner there.
    pub fn draw(&self, surface: &mut Surface<'_>, (left, top): (i32, i32)) {
        for line in self.layout.lines() {
            let (mut x, y) = (left as f32 + line.metrics().offset, top as f32 + line.metrics().baseline);
            for run in line.runs() {
                let font = LOADED.iter().find(|(blob, _)| blob.id() == run.font().data.id());
                if let Some(font) = font.and_then(|(_, font)| font.clone()) {
                    surface.draw_glyphs(Point::from_xy(x, y), &glyphs(&run), font, &self.text, run.font_size(), false);
                }
                x += run.visual_clusters().map(|cluster| cluster.advance()).sum::<f32>();
            }
        }
    }

    /// Letters for which no font has a glyph: a box stands for each.
    #[cfg(test)]
    pub fn boxes(&self) -> usize {
        let runs = self.layout.lines().flat_map(|line| line.runs().flat_map(|run| glyphs(&run)).collect::<Vec<_>>());
        runs.filter(|glyph| glyph.glyph_id.to_u32() == 0).count()
    }
}

/// The glyphs of a run from left to right, each with the letters that it stands for: those of one shape have all of its letters.
fn glyphs(run: &Run<'_, ()>) -> Vec<KrillaGlyph> {
    let size = run.font_size();
    let mut glyphs: Vec<KrillaGlyph> = Vec::new();
    // of the shape before: its first glyph, and its letters
    let mut shape: Option<(usize, Range<usize>)> = None;
    for cluster in run.visual_clusters() {
        let letters = cluster.text_range();
        match &mut shape {
            Some((first, all)) if cluster.is_ligature_continuation() => {
                *all = all.start.min(letters.start)..all.end.max(letters.end);
                glyphs.iter_mut().skip(*first).for_each(|glyph| glyph.text_range = all.clone());
            }
            // marks of direction have done their work, and would stand between letters that somebody searches
            _ if is_mark(cluster.source_char()) => shape = None,
            _ => {
                shape = Some((glyphs.len(), letters.clone()));
                for glyph in cluster.glyphs() {
                    let (advance, x, y) = (glyph.advance / size, glyph.x / size, glyph.y / size);
                    glyphs.push(KrillaGlyph::new(GlyphId::new(glyph.id), advance, x, y, 0.0, letters.clone(), None));
                }
            }
        }
    }
    glyphs
}

/// A mark of direction.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}')
}
