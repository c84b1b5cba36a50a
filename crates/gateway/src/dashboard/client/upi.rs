//! `/client/upi`: payers who say they have paid to the merchant's own VPA, which only the merchant or his bank knows. He says so on the
//! invoice's page, or has his bank's statement say it here.

use askama::Template;
use domain::access::Permission::{ConfirmUpi, ViewInvoices};
use domain::{AccountId, Time};
use rails::upi::statement::{Rejected, StatementError};

use super::money::amount;
use super::{count, ended_with, place};
use crate::app::accounts::sessions::Desk;
use crate::app::accounts::token_hash;
use crate::app::acts::Actor;
use crate::app::charges::statement::{ImportFailed, Imported};
use crate::app::charges::statement_upload::{self, NotImported};
use crate::app::providers::{OWN_VPA, settings};
use crate::checkout::text::Text;
use crate::dashboard::ask::Ask;
use crate::dashboard::frame::Frame;
use crate::dashboard::pages::{Answer, Failed};
use crate::dashboard::route::Method::{Get, Post};
use crate::dashboard::route::Route;
use crate::dashboard::viewer::Stamp;
use crate::store::{StoreError, Tx, charges, provider_accounts};

pub const PATH: &str = "/client/upi";
/// Of a page.
const LINES: usize = 30;
/// Line numbers that are named of those that were not understood.
const NAMED: usize = 10;

pub fn routes() -> Vec<Route> {
    vec![
        Route::merchant(Get, PATH, ViewInvoices, page),
        Route::merchant(Post, "/client/upi/statement", ConfirmUpi, import),
    ]
}

#[derive(Template)]
#[template(path = "dashboard/client/upi.html")]
struct Page {
    f: Frame,
    lines: Vec<Line>,
    is_first: bool,
    next: Option<String>,
    /// Own VPAs whose statements whoever looks may import: id and VPA.
    accounts: Vec<(AccountId, String)>,
    /// The one that was chosen before.
    chosen: String,
    /// Why a statement was refused.
    wrong: String,
    /// What came of one.
    said: Vec<Text>,
}

/// A payment that waits for the merchant.
struct Line {
    invoice: i64,
    path: String,
    amount: String,
    /// What the payer named; proves nothing.
    rrn: String,
    since: Stamp,
}

async fn build(ask: &Ask, desk: &Desk) -> Result<Page, Failed> {
    let (app, id, after) = (ask.app(), &desk.merchant.id, place(ask.query("after")));
    let begin = after.unwrap_or((Time(i64::MIN), ""));
    let may_import = desk.access.may(ConfirmUpi);
    let read = |tx: &Tx<'_>| {
        let accounts = if may_import { provider_accounts::of_merchant(tx, id)? } else { Vec::new() };
        Ok::<_, StoreError>((charges::claimed(tx, id, begin, count(LINES + 1))?, accounts))
    };
    let (mut rows, accounts) = app.store.read(read).await?;
    let more = rows.len() > LINES;
    rows.truncate(LINES);
    let end = rows.last().filter(|_| more).map(|row| ended_with(row.changed_at, row.charge.id.as_str()));
    let line = |row: charges::ChargeRow| Line {
        invoice: row.invoice_number,
        path: super::invoice_path(row.invoice_number),
        amount: amount(app, row.charge.asked.units, &row.charge.asked.currency),
        rrn: row.claimed_rrn.unwrap_or_default(),
        since: ask.viewer.time(row.changed_at),
    };
    let own = accounts.into_iter().filter(|account| account.provider == OWN_VPA);
    let vpa = |account: provider_accounts::AccountRow| {
        let vpa = settings(&account)?.get("vpa").cloned().unwrap_or_default();
        Ok::<_, StoreError>((account.id, vpa))
    };
    let w = ask.w();
    Ok(Page {
        f: ask.frame(w.text("upi-list").plain()).under(w.text("nav-invoices").plain(), super::INVOICES),
        lines: rows.into_iter().map(line).collect(),
        is_first: after.is_none(),
        next: end.map(|end| format!("{PATH}?after={end}")),
        chosen: ask.form.text("account").to_owned(),
        accounts: own.map(vpa).collect::<Result<_, _>>()?,
        wrong: String::new(),
        said: Vec::new(),
    })
}

async fn page(ask: Ask, desk: Desk) -> Answer {
    ask.show(&build(&ask, &desk).await?)
}

/// The bank says what came. The same statement again changes nothing, so nothing is lost where the answer is.
async fn import(ask: Ask, desk: Desk) -> Answer {
    let page = build(&ask, &desk).await?;
    let refused = |page: Page, key: &str| ask.show_again(&Page { wrong: ask.w().text(key).plain(), ..page });
    let named = ask.form.text("account");
    let is_meant = |id: &AccountId| id.as_str() == named || (named.is_empty() && page.accounts.len() == 1);
    let Some(account) = page.accounts.iter().map(|(id, _)| id).find(|id| is_meant(id)).cloned() else {
        return refused(page, "wrong-statement-account");
    };
    let Some(file) = ask.form.file("statement").map(|file| file.bytes.clone()) else {
        return refused(page, "wrong-statement-none");
    };
    // as often as a key may call
    let who = token_hash(&format!("statements of {}", desk.merchant.id));
    ask.web.limits.check_key(&who).map_err(|too_many| Failed::TooManyRequests(too_many.seconds()))?;
    let actor = Actor(desk.person.user.email.clone());
    match statement_upload::import(ask.app(), &desk.merchant.id, &account, file, &actor).await {
        Ok((imported, rejected)) => {
            let said = said(&ask, &imported, &rejected);
            ask.show(&Page { said, ..build(&ask, &desk).await? })
        }
        Err(NotImported::Refused(ImportFailed::Store(error))) => Err(error.into()),
        Err(NotImported::Busy) => Err(Failed::Unavailable),
        Err(NotImported::TooLarge) => refused(page, "wrong-statement-large"),
        Err(NotImported::Refused(ImportFailed::NoAccount(_))) => refused(page, "wrong-statement-account"),
        Err(NotImported::Refused(ImportFailed::OtherAccount { .. })) => refused(page, "wrong-statement-other"),
        Err(NotImported::Refused(ImportFailed::Currency(_))) => refused(page, "wrong-statement-currency"),
        Err(NotImported::Unreadable(StatementError::SeveralAccounts | StatementError::SeveralCurrencies)) => {
            refused(page, "wrong-statement-several")
        }
        Err(NotImported::Unreadable(_)) => refused(page, "wrong-statement-format"),
    }
}

fn said(ask: &Ask, imported: &Imported, rejected: &[Rejected]) -> Vec<Text> {
    let w = ask.w();
    let line = |key: &str, of: usize| w.fill(key, &[w.count("count", count(of))]);
    let mut said = vec![
        line("statement-matched", imported.settled),
        line("statement-known", imported.known),
        line("statement-fits-nothing", imported.unmatched),
    ];
    if imported.debits > 0 {
        said.push(line("statement-debits", imported.debits));
    }
    if !rejected.is_empty() {
        let mut numbers: Vec<String> = rejected.iter().take(NAMED).map(|line| line.line_number.to_string()).collect();
        if rejected.len() > NAMED {
            numbers.push("…".into());
        }
        said.push(
            w.fill("statement-unread", &[w.count("count", count(rejected.len())), w.ltr("lines", numbers.join(", "))]),
        );
    }
    said
}
