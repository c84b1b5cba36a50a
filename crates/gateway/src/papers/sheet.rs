//! Pages of paper: text, boxes, pictures and links, written as PDF. The same input gives the same bytes: nothing here asks for the time or
//! draws lots.
//!
//! Places are whole points from the top, and from the side where reading starts: on the left, in Arabic on the right.

use std::num::NonZeroU16;

use image::RgbaImage;
use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Rect, Size, Transform};
use krilla::image::Image;
use krilla::metadata::{Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ContentTag, Identifier, Tag, TagGroup, TagKind, TagTree};

use super::text::{Block, Ink, Pen, Role, is_mark};
use crate::app::branding::colour::Colour;
use crate::checkout::messages::Lang;

#[derive(Debug, thiserror::Error)]
#[error("a document could not be written: {0}")]
pub struct Unwritten(String);

/// A part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub start: i32,
    pub top: i32,
    pub width: i32,
    pub height: i32,
}

/// How far above and below its text a link reaches, and where it leads.
type Link = (i32, String);

enum Mark {
    Text { block: Block, at: Place, link: Option<Link> },
    Fill { at: Place, colour: Colour },
    Picture { at: Place, image: Image, alt: String },
}

/// What a mark says to those who have the document read to them.
struct Said {
    group: TagGroup,
    link: Option<Annotation>,
}

impl Said {
    fn new(tag: impl Into<TagKind>, child: Identifier) -> Said {
        Said { group: TagGroup::with_children(tag, vec![child.into()]), link: None }
    }
}

/// A document in the making.
pub struct Sheet {
    lang: Lang,
    pub width: i32,
    pub height: i32,
    pen: Pen,
    pages: Vec<Vec<Mark>>,
}

impl Sheet {
    pub fn new(lang: Lang, (width, height): (i32, i32)) -> Sheet {
        Sheet { lang, width, height, pen: Pen::new(lang == Lang::Ar), pages: vec![Vec::new()] }
    }

    fn is_rtl(&self) -> bool {
        self.lang == Lang::Ar
    }

    /// Lays text out in lines no wider than `width`.
    pub fn lay(&mut self, text: &str, ink: Ink, width: i32) -> Block {
        self.pen.lay(text, ink, width)
    }

    pub fn turn_page(&mut self) {
        self.pages.push(Vec::new());
    }

    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Puts text where reading of it starts at `start`; answers where it ends.
    pub fn put(&mut self, block: Block, start: i32, top: i32) -> i32 {
        self.text(block, start, top, None)
    }

    /// Text that leads to an address, and reaches so far above and below itself.
    pub fn put_linked(&mut self, block: Block, start: i32, top: i32, link: (i32, String)) -> i32 {
        self.text(block, start, top, Some(link))
    }

    fn text(&mut self, block: Block, start: i32, top: i32, link: Option<Link>) -> i32 {
        let at = Place { start, top, width: block.width, height: block.height };
        self.mark(Mark::Text { block, at, link });
        top + at.height
    }

    /// Lays text out and puts it there.
    pub fn write(&mut self, text: &str, ink: Ink, (start, top): (i32, i32), width: i32) -> i32 {
        let block = self.pen.lay(text, ink, width);
        self.put(block, start, top)
    }

    /// Puts text onto a page that is there already: what can be known only at the end.
    pub fn write_on(&mut self, page: usize, text: &str, ink: Ink, (start, top): (i32, i32), width: i32) {
        let block = self.pen.lay(text, ink, width);
        let at = Place { start, top, width, height: block.height };
        if let Some(page) = self.pages.get_mut(page) {
            page.push(Mark::Text { block, at, link: None });
        }
    }

    pub fn fill(&mut self, at: Place, colour: Colour) {
        self.mark(Mark::Fill { at, colour });
    }

    /// A picture, and what it shows in words.
    pub fn picture(&mut self, picture: RgbaImage, at: Place, alt: &str) {
        let (width, height) = picture.dimensions();
        let image = Image::from_rgba8(picture.into_raw(), width, height);
        self.mark(Mark::Picture { at, image, alt: alt.to_owned() });
    }

    fn left(&self, at: Place) -> i32 {
        if self.is_rtl() { self.width - at.start - at.width } else { at.start }
    }

    fn rect(&self, at: Place) -> Option<Rect> {
        Rect::from_xywh(self.left(at) as f32, at.top as f32, at.width as f32, at.height as f32)
    }

    /// The document's bytes.
    ///
    /// # Errors
    /// As the writer's, which knows of none that input could cause.
    pub fn finish(self, title: &str) -> Result<Vec<u8>, Unwritten> {
        let mut document = Document::new();
        let mut tree = TagTree::new().with_lang(Some(self.lang.code().to_owned()));
        for marks in &self.pages {
            let size = PageSettings::from_wh(self.width as f32, self.height as f32);
            let mut page = document.start_page_with(size.ok_or_else(|| Unwritten("a page without a size".into()))?);
            let mut surface = page.surface();
            let said: Vec<Said> = marks.iter().filter_map(|mark| self.draw(&mut surface, mark)).collect();
            surface.finish();
            for Said { mut group, link } in said {
                if let Some(link) = link {
                    group.push(page.add_tagged_annotation(link));
                }
                tree.push(group);
            }
            page.finish();
        }
        let direction = if self.is_rtl() { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
        let title: String = title.chars().filter(|c| !is_mark(*c)).collect();
        let about = Metadata::new().title(title).language(self.lang.code().to_owned());
        document.set_metadata(about.text_direction(direction));
        document.set_tag_tree(tree);
        document.finish().map_err(|error| Unwritten(error.to_string()))
    }

    /// Draws it; answers what it says, if it says something.
    fn draw(&self, surface: &mut Surface<'_>, mark: &Mark) -> Option<Said> {
        match mark {
            Mark::Fill { at, colour } => {
                let mut path = PathBuilder::new();
                path.push_rect(self.rect(*at)?);
                let path = path.finish()?;
                surface.start_tagged(ContentTag::Artifact(Artifact::default()));
                surface.set_fill(Some(fill(*colour)));
                surface.draw_path(&path);
                surface.end_tagged();
                None
            }
            Mark::Picture { at, image, alt } => {
                let size = Size::from_wh(at.width as f32, at.height as f32)?;
                let id = surface.start_tagged(ContentTag::Other);
                surface.push_transform(&Transform::from_translate(self.left(*at) as f32, at.top as f32));
                surface.draw_image(image.clone(), size);
                surface.pop();
                surface.end_tagged();
                Some(Said::new(Tag::Figure(Some(alt.clone())), id))
            }
            Mark::Text { block, at, link } => {
                let id = match block.ink.role {
                    Role::Ornament => surface.start_tagged(ContentTag::Artifact(Artifact::default())),
                    _ => surface.start_tagged(ContentTag::Other),
                };
                surface.set_fill(Some(fill(block.ink.colour)));
                block.draw(surface, (self.left(*at), at.top));
                surface.end_tagged();
                let annotation = link.as_ref().and_then(|(reach, url)| {
                    let at = Place { top: at.top - reach, height: at.height + 2 * reach, ..*at };
                    let target = Target::Action(Action::Link(LinkAction::new(url.clone())));
                    Some(Annotation::new_link(LinkAnnotation::new(self.rect(at)?, target), Some(block.text.clone())))
                });
                match (block.ink.role, annotation) {
                    (Role::Ornament, _) => None,
                    (_, Some(link)) => Some(Said { link: Some(link), ..Said::new(Tag::Link, id) }),
                    (Role::Title, None) => Some(Said::new(Tag::Hn(NonZeroU16::MIN, None), id)),
                    (Role::Words, None) => Some(Said::new(Tag::P, id)),
                }
            }
        }
    }
}

fn fill(Colour([red, green, blue]): Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: Default::default() }
}

#[cfg(test)]
impl Sheet {
    /// All text, as it stands on the pages.
    pub fn words(&self) -> Vec<String> {
        let texts = self.pages.iter().flatten().filter_map(|mark| match mark {
            Mark::Text { block, .. } => Some(block.text.clone()),
            Mark::Fill { .. } | Mark::Picture { .. } => None,
        });
        texts.collect()
    }

    /// Letters for which no font has a glyph: a box stands for each.
    pub fn boxes(&self) -> usize {
        let blocks = self.pages.iter().flatten().filter_map(|mark| match mark {
            Mark::Text { block, .. } => Some(block),
            Mark::Fill { .. } | Mark::Picture { .. } => None,
        });
        blocks.map(Block::boxes).sum()
    }

    /// Whether all of it stands on its page.
    pub fn is_inside(&self) -> bool {
        self.pages.iter().flatten().all(|mark| {
            let (Mark::Text { at, .. } | Mark::Fill { at, .. } | Mark::Picture { at, .. }) = mark;
            let wide = match mark {
                Mark::Text { block, .. } => block.line_width().max(at.width),
                _ => at.width,
            };
            at.start >= 0 && at.top >= 0 && at.start + wide <= self.width && at.top + at.height <= self.height
        })
    }
}
