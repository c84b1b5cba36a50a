//! `/client/invoices`: the list with its search and filters, and one invoice with all that happened to it.

mod acts;
mod coin_refund;
mod coin_refund_acts;
pub mod entries;
mod filter;
pub mod happened;
pub mod list;
mod one;
mod receipt;
mod refund;
mod views;

use domain::access::Permission::{
    CancelInvoices, ConfirmUpi, CreateInvoices, Export, Refund, ResendCallbacks, ViewInvoices,
};

use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
#[cfg(test)]
use crate::dashboard::tests::Sample;

pub const LIST: &str = "/client/invoices";

pub fn path(number: i64) -> String {
    format!("{LIST}/{number}")
}

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, LIST, ViewInvoices, list::page),
        Route::merchant(Get, "/client/invoices/export.csv", Export, list::export),
        Route::merchant(Post, "/client/invoices/views", ViewInvoices, views::save),
        Route::merchant(Post, "/client/invoices/views/remove", ViewInvoices, views::remove),
        Route::merchant(Get, "/client/invoices/{number}", ViewInvoices, one::page),
        Route::merchant(Get, "/client/invoices/{number}/receipt.pdf", ViewInvoices, receipt::file),
        Route::merchant(Get, "/client/invoices/{number}/invoice.pdf", ViewInvoices, receipt::invoice),
        Route::merchant(Post, "/client/invoices/{number}/mail", CreateInvoices, receipt::mail),
        Route::merchant(Post, "/client/invoices/{number}/cancel", CancelInvoices, acts::cancel),
        Route::merchant(Post, "/client/invoices/{number}/refund", Refund, refund::ask),
        Route::merchant(Get, "/client/invoices/{number}/refunds/{id}", ViewInvoices, coin_refund::page),
        Route::merchant(Post, "/client/invoices/{number}/refunds/{id}/mail", Refund, coin_refund_acts::mail),
        Route::merchant(Post, "/client/invoices/{number}/refunds/{id}/cancel", Refund, coin_refund_acts::cancel),
        Route::merchant(Post, "/client/invoices/{number}/refunds/{id}/paid", Refund, coin_refund_acts::paid),
        Route::merchant(Post, "/client/invoices/{number}/upi", ConfirmUpi, acts::upi),
        Route::merchant(Post, "/client/invoices/{number}/callbacks", ResendCallbacks, acts::resend),
    ]
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    use crate::app::SharedApp;
    use crate::app::invoices::create;
    use crate::app::testing::new_invoice;
    use crate::dashboard::tests::HOSTILE;
    use crate::wire::create::Devise;
    use domain::merchant::Merchant;

    async fn made(app: SharedApp, merchant: Merchant) -> String {
        let mut wanted = new_invoice(HOSTILE, 1504, Devise::Usd);
        wanted.request.name = Some(HOSTILE.into());
        wanted.request.callback_json = Some(HOSTILE.into());
        wanted.request.success_url = Some(format!("https://shop.example/?{HOSTILE}"));
        create(&app, merchant.clone().into(), wanted).await.unwrap();
        let newest = app.store.read(|tx| crate::store::invoices::latest_number(tx, &merchant.id)).await.unwrap();
        path(newest.unwrap())
    }
    let own: Vec<(&'static str, Sample)> = vec![
        ("/client/invoices/{number}", |app, merchant| Box::pin(made(app, merchant))),
        ("/client/invoices/{number}/receipt.pdf", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/receipt.pdf" })
        }),
        ("/client/invoices/{number}/invoice.pdf", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/invoice.pdf" })
        }),
        ("/client/invoices/{number}/mail", |app, merchant| Box::pin(async { made(app, merchant).await + "/mail" })),
        ("/client/invoices/{number}/cancel", |app, merchant| Box::pin(async { made(app, merchant).await + "/cancel" })),
        ("/client/invoices/{number}/refund", |app, merchant| Box::pin(async { made(app, merchant).await + "/refund" })),
        ("/client/invoices/{number}/upi", |app, merchant| Box::pin(async { made(app, merchant).await + "/upi" })),
        ("/client/invoices/{number}/callbacks", |app, merchant| {
            Box::pin(async { made(app, merchant).await + "/callbacks" })
        }),
    ];
    [own, coin_refund::samples()].concat()
}
