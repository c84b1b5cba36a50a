//! The receipt of a paid invoice as PDF: A4, fonts that every reader has. Those know the letters of western Europe; in languages that are
//! written with others it is in English.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::checkout::messages::Lang;
use crate::dashboard::client::minor;
use crate::dashboard::words::Words;
use crate::store::invoices::InvoiceRow;
use crate::wire::time::written;

const PLAIN: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");

/// Label and value of each line.
fn lines(w: Words, row: &InvoiceRow) -> Vec<(String, String)> {
    let plain = |key: &str| w.text(key).plain();
    let mut lines = vec![
        (plain("receipt-number"), row.invoice.number.to_string()),
        (plain("inv-id"), row.invoice.id.to_string()),
        (plain("inv-payer"), row.email.clone()),
        (plain("receipt-made"), format!("{} UTC", written(row.invoice.created_at.0))),
    ];
    if let Some(paid) = &row.paid {
        let units = format!("{} {}", paid.units.decimal(paid.decimals, paid.decimals.min(2)), paid.symbol);
        lines.push((plain("inv-paid"), units));
    }
    if let Some(way) = row.chosen.or(row.solution) {
        lines.push((plain("inv-way"), plain(&format!("way-{}", way.name()))));
    }
    if let Some(hash) = &row.settle_tx_hash {
        lines.push((plain("inv-settle-tx"), hash.clone()));
    }
    lines
}

/// The receipt, as near to a language as the fonts allow.
pub fn document(lang: Lang, merchant: &str, sandbox: bool, row: &InvoiceRow) -> Vec<u8> {
    let w = Words {
        lang: match lang {
            lang @ (Lang::En | Lang::Fr | Lang::Es) => lang,
            Lang::Hi | Lang::Ar => Lang::En,
        },
    };
    let [catalog, tree, plain, bold, page_id, content] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).kids([page_id]).count(1);
    for (id, font) in [(plain, "Helvetica"), (bold, "Helvetica-Bold")] {
        pdf.type1_font(id).base_font(Name(font.as_bytes())).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut page = pdf.page(page_id);
    page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(tree).contents(content);
    let mut resources = page.resources();
    resources.fonts().pair(PLAIN, plain).pair(BOLD, bold);
    resources.finish();
    page.finish();
    let mut text = Content::new();
    let mut put = |font, size, x, y, words: &str| {
        text.begin_text().set_font(font, size).next_line(x, y).show(Str(&winansi(words))).end_text();
    };
    put(BOLD, 22.0, 60.0, 760.0, &w.text("receipt-title").plain());
    put(PLAIN, 12.0, 60.0, 736.0, merchant);
    put(BOLD, 28.0, 60.0, 680.0, &minor(row.invoice.amount, &row.invoice.devise));
    let mut y = 636_u16;
    for (label, value) in lines(w, row) {
        put(PLAIN, 9.0, 60.0, f32::from(y), &label);
        for chunk in value.chars().collect::<Vec<_>>().chunks(62) {
            put(PLAIN, 11.0, 200.0, f32::from(y), &chunk.iter().collect::<String>());
            y = y.saturating_sub(16);
        }
        y = y.saturating_sub(8);
    }
    if sandbox {
        put(BOLD, 11.0, 60.0, 60.0, &w.text("sandbox-mark").plain());
    }
    pdf.stream(content, &text.finish());
    pdf.finish()
}

/// As the fonts number their letters; what they do not have is a question mark.
fn winansi(text: &str) -> Vec<u8> {
    let isolates = |c: &char| !matches!(c, '\u{2066}'..='\u{2069}');
    let byte = |c: char| match c {
        '€' => 0x80,
        '‘' => 0x91,
        '’' => 0x92,
        '–' => 0x96,
        '\u{a0}'..='\u{ff}' | ' '..='~' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\u{202f}' => b' ',
        _ => b'?',
    };
    text.chars().filter(isolates).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::winansi;

    #[test]
    fn letters_that_fonts_have() {
        assert_eq!(winansi("Reçu n° 7: 5 €"), b"Re\xe7u n\xb0 7: 5 \x80");
        assert_eq!(winansi("दुकान)\\("), b"?????)\\(");
    }
}
