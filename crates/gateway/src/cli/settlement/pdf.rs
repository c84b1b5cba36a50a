//! Lines of text as a PDF: A4 on its side, a fixed-width font that every reader has.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

const LINES_A_PAGE: usize = 58;
const FONT: Name<'static> = Name(b"F1");

/// A document of these lines. What is not ASCII becomes a question mark.
pub fn document(lines: &[String]) -> Vec<u8> {
    let mut next = 0;
    let mut reference = || {
        next += 1;
        Ref::new(next)
    };
    let (catalog, tree, font) = (reference(), reference(), reference());
    let pages: Vec<(Ref, Ref, &[String])> =
        lines.chunks(LINES_A_PAGE).map(|lines| (reference(), reference(), lines)).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages.iter().map(|(page, ..)| *page)).count(count);
    pdf.type1_font(font).base_font(Name(b"Courier"));
    for (id, content, lines) in pages {
        let mut page = pdf.page(id);
        page.media_box(Rect::new(0.0, 0.0, 842.0, 595.0)).parent(tree).contents(content);
        page.resources().fonts().pair(FONT, font);
        page.finish();
        let mut text = Content::new();
        text.begin_text().set_font(FONT, 6.0).set_leading(9.0).next_line(30.0, 560.0);
        for line in lines {
            let ascii: String = line.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
            text.show(Str(ascii.as_bytes())).next_line_using_leading();
        }
        text.end_text();
        pdf.stream(content, &text.finish());
    }
    pdf.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_on_a_page() {
        let lines: Vec<String> = (0..130).map(|nth| format!("line {nth} \u{20b9}")).collect();
        let pdf = document(&lines);
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.starts_with("%PDF-") && text.trim_end().ends_with("%%EOF"));
        assert!(text.contains("/Count 3"));
        assert!((0..130).all(|nth| text.contains(&format!("(line {nth} ?)"))));
    }
}
