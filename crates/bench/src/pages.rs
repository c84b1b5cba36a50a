//! The dashboard's pages, one asked after the other, among 1,000 invoices and among many.

use std::net::SocketAddr;

use domain::MerchantId;
use gateway::app::search;
use gateway::store::{self, Database, Store};
use serde::Deserialize;

use crate::args::Options;
use crate::driver::measure;
use crate::place::Place;
use crate::report::Report;
use crate::status::FEW;
use crate::{Fail, http, sandbox, shop};

const PAGE: &str = "<!doctype html>";
/// So many invoices are passed to the search in one transaction.
const STEP: i64 = 1_000;

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

#[derive(Deserialize)]
struct File {
    merchant_login: Login,
    operator_login: Login,
}

/// What a merchant opens, among so many invoices.
fn of_merchant(invoices: i64) -> Vec<(&'static str, String)> {
    let list = "/client/invoices";
    vec![
        ("home", "/client/".into()),
        ("invoices", list.into()),
        ("invoices, found by e-mail", format!("{list}?q=customer%40example.com")),
        ("invoices, found by amount", format!("{list}?q=15.04")),
        ("invoices, settled", format!("{list}?state=settled")),
        ("an invoice", format!("{list}/{}", invoices / 2)),
        ("payment links", "/client/links".into()),
        ("balances", "/client/balances".into()),
        ("pay-outs", "/client/payouts".into()),
        ("callbacks", "/client/callbacks".into()),
        ("find", "/account/find?q=customer%40example.com".into()),
    ]
}

const OF_OPERATOR: [(&str, &str); 7] = [
    ("operator's home", "/operator/"),
    ("merchants", "/operator/merchants"),
    ("a merchant", "/operator/merchants/1"),
    ("transfers", "/operator/transfers"),
    ("settlements", "/operator/settlements"),
    ("held back", "/operator/withheld"),
    ("rails and rates", "/operator/rails"),
];

pub async fn run(options: &Options) -> Result<(), Fail> {
    let seconds = options.seconds.unwrap_or(1);
    let mut report = Report::new("pages", options);
    let mut few = Vec::new();
    for invoices in [FEW, options.invoices] {
        let place = Place::new(&options.data, "pages")?;
        sandbox::prepare(&place, None, invoices).await?;
        pass(&place).await?;
        let server = sandbox::start(&place)?;
        let file: File = serde_json::from_slice(&std::fs::read(place.path().join("sandbox.json"))?)?;
        let merchant = sign_in(server.address, &file.merchant_login).await?;
        let operator = sign_in(server.address, &file.operator_login).await?;
        let own = of_merchant(invoices).into_iter().map(|(name, path)| (name, path, &merchant));
        let pages = own.chain(OF_OPERATOR.map(|(name, path)| (name, path.to_owned(), &operator)));
        let mut rows = Vec::new();
        for (name, path, cookie) in pages {
            let request = http::get_as(&path, cookie);
            let callers = http::callers(server.address, vec![request], 1, PAGE).await?;
            rows.push((name, report.add(measure(&format!("{name}, among {invoices}"), callers, seconds).await?)));
        }
        server.process.stop()?;
        if few.is_empty() {
            few = rows;
            continue;
        }
        for ((name, many), (_, few)) in rows.iter().zip(&few) {
            report.ratio(&format!("{name} among {FEW}"), many, few);
        }
    }
    report.print()
}

/// Does at once what the gateway's worker does a hundred at a time.
async fn pass(place: &Place) -> Result<(), Fail> {
    let store = Store::open(&Database::of(place.path())?)?;
    let merchant: MerchantId = shop::merchant_of(&store).await?;
    loop {
        let id = merchant.clone();
        if store.write(move |tx| store::search::pass(tx, &id, STEP, search::terms)).await? < STEP {
            return Ok(());
        }
    }
}

/// The cookie of a new session.
async fn sign_in(address: SocketAddr, login: &Login) -> Result<String, Fail> {
    let page = http::whole(address, &http::get_as("/login", "")).await?;
    let form = cookie(&page, "lockgate-form")?;
    let token = page.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
    let token = token.ok_or("a log-in page without a form")?;
    let email = login.email.replace('@', "%40");
    let body = format!("csrf={token}&email={email}&password={}", login.password);
    let answer = http::whole(address, &http::post_form("/login", &form, &body)).await?;
    cookie(&answer, "lockgate")
}

/// `name=value` of a cookie that an answer sets.
fn cookie(answer: &str, name: &str) -> Result<String, Fail> {
    let pairs = answer.lines().filter_map(|line| line.split_once(": "));
    let mut set = pairs.filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"));
    let found = set.find_map(|(_, line)| {
        let pair = line.split(';').next()?;
        (pair.split_once('=')?.0 == name).then(|| pair.to_owned())
    });
    Ok(found.ok_or_else(|| format!("no cookie {name}: {answer}"))?)
}
