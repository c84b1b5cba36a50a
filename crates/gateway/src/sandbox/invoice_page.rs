//! `GET /sandbox/invoices/{id}/page`: to the payer's page of an invoice, whose address only the answer to its creation holds.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use domain::merchant::Merchant;

use super::Sandbox;
use super::controls::{Answer, Refused};
use crate::app::invoices::token_of;
use crate::checkout::render::PAGE_PATH;
use crate::store::invoices::InvoiceRow;
use crate::store::{StoreError, invoices, merchants};

pub async fn handle(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Answer {
    let (merchant, row) = find(&sandbox, &id).await?;
    let token = page_token(&sandbox, &merchant, &row)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("token", &token);
    // without the host: the browser stays on the name it knows this machine by
    Ok(Redirect::to(&format!("{PAGE_PATH}?{}", query.finish())).into_response())
}

/// The invoice with this number, whosever it is.
pub async fn find(sandbox: &Sandbox, id: &str) -> Result<(Merchant, InvoiceRow), Refused> {
    let unknown = || Refused::NotFound(format!("No invoice {id}."));
    let number: i64 = id.parse().map_err(|_| unknown())?;
    let found = sandbox.app.store.read(move |tx| {
        for merchant in merchants::list(tx)? {
            if let Some(row) = invoices::by_number(tx, &merchant.id, number)? {
                return Ok::<_, StoreError>(Some((merchant, row)));
            }
        }
        Ok(None)
    });
    found.await?.ok_or_else(unknown)
}

pub fn page_token(sandbox: &Sandbox, merchant: &Merchant, row: &InvoiceRow) -> Result<String, Refused> {
    Ok(token_of(merchant, row)?.encode(&sandbox.app.page_key))
}
