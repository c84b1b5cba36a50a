//! The same work without HTTP: through the use case, and by the store alone.

use std::sync::Arc;

use domain::MerchantId;
use gateway::app::SharedApp;
use gateway::app::invoices::{NewInvoice, create};
use gateway::store::events::{self, About, EventRow};
use gateway::store::invoices::{self, InvoiceRow};
use gateway::store::{Database, Store, StoreError, Tx, history, settings};
use gateway::wire::create::{CreateRequest, Devise, Flow};

use crate::args::{Raw, RawWork};
use crate::driver::{Caller, measure};
use crate::stats::Row;
use crate::{Fail, child, memory, shop};

pub async fn run(part: Raw) -> Result<(), Fail> {
    let row = match part.work {
        RawWork::UseCase => use_case(&part).await?,
        RawWork::Rows => rows(&part).await?,
        RawWork::Status | RawWork::History => reads(&part).await?,
    };
    child::tell(&row.with_peak(memory::peak_kib(std::process::id())?))
}

/// What the HTTP driver's request comes to.
pub fn new_invoice() -> NewInvoice {
    let request = CreateRequest {
        flow: Flow::Hosted { only: None, payable_currency: None },
        email: "customer@example.com".into(),
        amount_minor: 1_504,
        devise: Devise::Usd,
        name: None,
        phone: None,
        customer_ip: None,
        country: None,
        personal_id: None,
        billing: None,
        success_url: None,
        cancel_url: None,
        pending_url: None,
        failure_url: None,
        callback_json: None,
        solution_name: None,
    };
    NewInvoice { request, asset: None, solution: None, direct: false, card: None, idempotency: None }
}

struct UseCase(SharedApp, Arc<domain::merchant::Merchant>);

impl Caller for UseCase {
    async fn call(&mut self) -> Result<(), Fail> {
        let answer = create(&self.0, self.1.clone(), new_invoice()).await?;
        if answer.starts_with(r#"{"errorCode":0"#) { Ok(()) } else { Err(answer.into()) }
    }
}

async fn use_case(part: &Raw) -> Result<Row, Fail> {
    let shop = shop::open(&part.data, None).await?;
    let merchant = Arc::new(shop.merchant);
    let callers = (0..part.connections).map(|_| UseCase(shop.app.clone(), merchant.clone())).collect();
    measure("the use case, without HTTP", callers, part.seconds).await
}

/// An invoice that was made before, written again under the next number: no rules, no ids, no JSON.
#[derive(Clone)]
struct Rows {
    store: Store,
    invoice: InvoiceRow,
    event: EventRow,
}

impl Caller for Rows {
    async fn call(&mut self) -> Result<(), Fail> {
        let (mut invoice, mut event) = (self.invoice.clone(), self.event.clone());
        let write = move |tx: &Tx<'_>| {
            let number = settings::next_number(tx, "invoice")?;
            (invoice.invoice.number, event.about) = (number, About::invoice(number));
            events::insert(tx, &event)?;
            invoices::insert(tx, &invoice)
        };
        Ok(self.store.write(write).await?)
    }
}

async fn rows(part: &Raw) -> Result<Row, Fail> {
    let shop = shop::open(&part.data, None).await?;
    create(&shop.app, Arc::new(shop.merchant.clone()), new_invoice()).await?;
    let (store, id) = (shop.app.store.clone(), shop.merchant.id.clone());
    let read = |tx: &Tx<'_>| {
        let invoice = invoices::existing(tx, &id, 1)?;
        Ok::<_, StoreError>((invoice, events::last(tx, &id, About::invoice(1))?))
    };
    let (invoice, event) = store.read(read).await?;
    let rows = Rows { store, invoice, event: event.ok_or("the first invoice has no event")? };
    measure("the same rows by the store alone", vec![rows; part.connections], part.seconds).await
}

#[derive(Clone)]
struct Read {
    store: Store,
    merchant: MerchantId,
    number: i64,
    invoices: i64,
    page: Option<history::Filter>,
}

impl Caller for Read {
    async fn call(&mut self) -> Result<(), Fail> {
        self.number = (self.number + 7_919) % self.invoices;
        let found = match &self.page {
            Some(filter) => self.store.read(|tx| history::page(tx, &self.merchant, filter)).await?.0.len(),
            None => {
                let found = self.store.read(|tx| invoices::by_number(tx, &self.merchant, self.number + 1)).await?;
                usize::from(found.is_some())
            }
        };
        if found > 0 { Ok(()) } else { Err("nothing was found".into()) }
    }
}

async fn reads(part: &Raw) -> Result<Row, Fail> {
    let store = Store::open(&Database::of(&part.data)?)?;
    let merchant = shop::merchant_of(&store).await?;
    let states = vec!["created", "opened", "received", "settled", "failed", "expired", "chargeback", "withheld"];
    let filter =
        history::Filter { states, from_day: None, to_day: None, newest_first: true, skip: part.skip, limit: 50 };
    let page = (part.work == RawWork::History).then_some(filter);
    let caller = |number: usize| {
        let number = i64::try_from(number).unwrap_or(0);
        Read { store: store.clone(), merchant: merchant.clone(), number, invoices: part.invoices, page: page.clone() }
    };
    measure("the store's read, without HTTP", (0..part.connections).map(caller).collect(), part.seconds).await
}
