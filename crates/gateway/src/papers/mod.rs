//! What payers are sent: receipts as PDF, and the mails that carry them. The words are the dashboard's, since its pages show them too.

pub mod receipt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::merchant::Merchant;
use fluent_templates::fluent_bundle::FluentValue;

use crate::app::payer_mails::{Kind, Letter};
use crate::app::{App, invoices as cases};
use crate::checkout::label::Label;
use crate::checkout::messages::Lang;
use crate::dashboard::client::minor;
use crate::dashboard::words::Words;
use crate::store::StoreError;
use crate::store::invoices::InvoiceRow;
use crate::store::mails::File;
use crate::store::storefronts::Storefront;

/// The language in which a merchant's payers are written to.
pub fn language(storefront: &Storefront) -> Lang {
    storefront.lang.as_deref().and_then(Lang::from_tag).unwrap_or(Lang::En)
}

/// What there is to send of an invoice now, in words; none where there is nothing.
pub fn letter(
    app: &App,
    merchant: &Merchant,
    row: &InvoiceRow,
    lang: Lang,
) -> Result<Option<(Kind, Letter)>, StoreError> {
    let Some(kind) = Kind::of(row) else { return Ok(None) };
    let (w, number) = (Words { lang }, row.invoice.number);
    let (subject, body) = match kind {
        Kind::Receipt => ("letter-receipt-subject", "letter-receipt"),
        Kind::Invoice => ("letter-invoice-subject", "letter-invoice"),
    };
    // a link of its own line, without marks that a mail program could take for a part of it
    let page = format!("{}&lang={}", cases::own_page_url(app, merchant, row)?, lang.code());
    let fillings = [
        // without line breaks and other controls
        w.name("merchant", Label::name(&merchant.name)),
        w.ltr("number", number),
        w.ltr("amount", minor(row.invoice.amount, &row.invoice.devise)),
        ("page", FluentValue::from(page)),
    ];
    let file = (kind == Kind::Receipt).then(|| File {
        name: format!("receipt-{number}.pdf"),
        base64: STANDARD.encode(receipt::document(lang, &merchant.name, app.sandbox, row)),
    });
    let letter = Letter {
        subject: without_marks(&w.fill(subject, &fillings).plain()),
        body: match lang {
            // where directions meet, the marks say which is whose
            Lang::Ar => w.fill(body, &fillings).plain(),
            _ => without_marks(&w.fill(body, &fillings).plain()),
        } + "\n",
        file,
    };
    Ok(Some((kind, letter)))
}

/// Without the marks of direction, which some mail programs show.
fn without_marks(text: &str) -> String {
    text.replace(['\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'], "")
}

#[cfg(test)]
mod tests;
