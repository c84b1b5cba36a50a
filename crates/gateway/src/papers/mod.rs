//! What is printed and sent: invoices and receipts of payers, statements of merchants, as PDF, and the mails that carry them. The words are
//! the dashboard's, since its pages show them too.

mod form;
mod invoice;
mod look;
mod sheet;
mod statement;
mod text;
mod told;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::merchant::Merchant;
use fluent_templates::fluent_bundle::FluentValue;

use self::look::Look;
use self::sheet::Unwritten;
use self::told::Told;
use crate::app::payer_mails::{Kind, Letter, to_send};
use crate::app::settlements::statement::Statement;
use crate::app::{App, SharedApp, invoices as cases};
use crate::aside::{Aside, NotDone};
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

/// Of all papers, so many are written at a time, and so many wait.
static WORK: Aside = Aside::new(2, 64);

/// Why there is no paper.
#[derive(Debug, thiserror::Error)]
pub enum NoPaper {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("too many papers are being written")]
    Busy,
    #[error("a paper could not be written: {0}")]
    Unwritten(String),
}

/// Writes a paper beside the requests.
async fn written(write: impl FnOnce() -> Result<Vec<u8>, Unwritten> + Send + 'static) -> Result<Vec<u8>, NoPaper> {
    match WORK.run(write).await {
        Ok(written) => written.map_err(|error| NoPaper::Unwritten(error.to_string())),
        Err(NotDone::Busy) => Err(NoPaper::Busy),
        Err(NotDone::Panicked) => Err(NoPaper::Unwritten(NotDone::Panicked.to_string())),
    }
}

/// The payer's page, in his language.
fn page(app: &App, merchant: &Merchant, row: &InvoiceRow, lang: Lang) -> Result<String, StoreError> {
    Ok(format!("{}&lang={}", cases::own_page_url(app, merchant, row)?, lang.code()))
}

/// An invoice as PDF, or its receipt: which of them there is, the caller knows.
pub async fn of_invoice(
    app: &App,
    merchant: &Merchant,
    row: &InvoiceRow,
    lang: Lang,
    kind: Kind,
) -> Result<Vec<u8>, NoPaper> {
    let look = Look::of(app, merchant).await?;
    let told = app.store.read(|tx| Told::of(app, tx, row)).await?;
    let (row, page, is_sandbox) = (row.clone(), page(app, merchant, row, lang)?, app.sandbox);
    let bill = move || invoice::form(lang, kind, &look, is_sandbox, &invoice::Bill { row: &row, told, page }).finish();
    written(bill).await
}

/// A settlement's statement as PDF.
pub async fn of_settlement(
    app: &SharedApp,
    merchant: &Merchant,
    proven: Statement,
    lang: Lang,
) -> Result<Vec<u8>, NoPaper> {
    let (look, app) = (Look::of(app, merchant).await?, app.clone());
    written(move || statement::form(&app, lang, &look, &proven).finish()).await
}

/// What there is to send of an invoice now, in words and as PDF; none where there is nothing.
pub async fn letter(
    app: &App,
    merchant: &Merchant,
    row: &InvoiceRow,
    lang: Lang,
) -> Result<Option<(Kind, Letter)>, NoPaper> {
    let Some((kind, amount)) = app.store.read(|tx| to_send(tx, row)).await? else { return Ok(None) };
    let (w, number) = (Words { lang }, row.invoice.number);
    let (subject, body) = match kind {
        Kind::Receipt => ("letter-receipt-subject", "letter-receipt"),
        Kind::Invoice => ("letter-invoice-subject", "letter-invoice"),
    };
    // a link of its own line, without marks that a mail program could take for a part of it
    let page = page(app, merchant, row, lang)?;
    let fillings = [
        // without line breaks and other controls
        w.name("merchant", Label::name(&merchant.name)),
        w.ltr("number", number),
        w.ltr("amount", minor(amount, &row.invoice.devise)),
        ("page", FluentValue::from(page)),
    ];
    let name = match kind {
        Kind::Receipt => format!("receipt-{number}.pdf"),
        Kind::Invoice => format!("invoice-{number}.pdf"),
    };
    let paper = of_invoice(app, merchant, row, lang, kind).await?;
    let file = Some(File { name, base64: STANDARD.encode(paper) });
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
