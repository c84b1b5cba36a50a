use domain::access::Role;
use domain::charge::State;
use domain::invoice::State as InvoiceState;
use domain::{AccountId, Time, Units};
use rails::provider::{Line, LineKind, PaidOut, PaidOutState};

use super::{BOSS, last_act, operated};
use crate::app::invoices::create;
use crate::app::provider_payouts::record;
use crate::app::testing::{charged, charged_own, new_invoice};
use crate::dashboard::tests::{HOSTILE, Page, Session, Site};
use crate::store::provider_events::EventRow;
use crate::store::{Tx, audit_log, charges, invoices, provider_events};
use crate::wire::create::Devise;

const ARRIVED: &str = "/operator/payouts/arrived";

/// The account's provider says that a payout is paid, with these lines in it.
async fn reported(site: &Site, account: &AccountId, id: &str, lines: Vec<Line>) {
    let (app, merchant, account) = (site.app.clone(), site.shop.id.clone(), account.clone());
    let payout = PaidOut { id: id.into(), state: PaidOutState::Paid, amount: Units(85_000), currency: "INR".into() };
    let write = move |tx: &Tx<'_>| record(&app, tx, &merchant, &account, &payout, &lines);
    site.app.store.write(write).await.unwrap();
}

fn line(id: &str, about: &str, amount: u128) -> Line {
    let (about, what) = (vec![about.to_owned()], "payment".to_owned());
    Line { id: id.into(), kind: LineKind::Charge, what, about, amount: Units(amount), currency: "INR".into() }
}

/// How often a mark stands on a list's pages, from the first to the last, and how many pages there are.
async fn all_pages(site: &Site, session: &Session, first: &str, mark: &str) -> (usize, usize) {
    let (mut path, mut found, mut pages) = (first.to_owned(), 0, 0);
    loop {
        let page = site.get(&path, session).await;
        found += page.body.matches(mark).count();
        pages += 1;
        let links = page.body.split("href=\"").filter_map(|rest| rest.split('"').next());
        let next = links.map(|to| to.replace("&#38;", "&").replace("&amp;", "&")).find(|to| {
            to.starts_with("/operator/payouts")
                && !to.contains("lang=")
                && (to.contains("&last=") || to.contains("&after="))
        });
        match next {
            Some(next) => path = next,
            None => return (found, pages),
        }
        assert!(pages < 9, "{path}");
    }
}

#[tokio::test]
async fn what_reached_a_bank_without_a_report_is_said_once_and_on_evidence() {
    let (site, session) = operated("op-arrived").await;
    let own = charged_own(&site.app, &site.shop).await;
    let theirs = charged(&site.app, &site.shop, false).await;
    let (own_id, theirs_id) = (own.charge.id.to_string(), theirs.charge.id.to_string());
    let at = |invoice: i64| format!("{ARRIVED}?merchant={}&invoice={invoice}", site.shop.number);
    let page = site.get(&at(own.invoice_number), &session).await;
    assert!(page.body.contains("850.00 INR") && page.body.contains("Not known to be paid out"), "{}", page.body);
    assert!(page.body.contains(&format!("{ARRIVED}?charge={own_id}")), "{}", page.body);
    let page = site.get(&at(theirs.invoice_number), &session).await;
    assert!(page.body.contains(&theirs_id) && !page.body.contains("?charge="), "{}", page.body);
    assert!(site.get(&at(99), &session).await.body.contains("Nothing was paid by card or UPI"));
    for query in ["merchant=x&invoice=1", "merchant=1&invoice=", "merchant=77&invoice=1"] {
        assert_eq!(site.get(&format!("{ARRIVED}?{query}"), &session).await.status, 422, "{query}");
    }
    let page = site.get(&format!("{ARRIVED}?charge={own_id}"), &session).await;
    assert!(page.body.contains(&format!("value=\"{own_id}\"")), "{}", page.body);
    let here = format!("/operator/withheld/{}/{own_id}", site.shop.number);
    assert!(site.get(&here, &session).await.body.contains(&format!("{ARRIVED}?charge={own_id}")));

    let evidence = "statement of 3 May, line 7 <b>";
    let says = async |charge: &str, evidence: &str| {
        site.post(ARRIVED, &session, &[("charge", charge), ("evidence", evidence)]).await
    };
    for (charge, evidence, said) in [
        ("", evidence, "no payment with this number"),
        ("chg_00000000000000000000000000", evidence, "no payment with this number"),
        (own_id.as_str(), "seen", "8 to 1,000 characters"),
        (own_id.as_str(), "card 4111 1111 1111 1111", "holds a card number"),
        (theirs_id.as_str(), evidence, "reaches the merchant by a settlement"),
    ] {
        let page = says(charge, evidence).await;
        assert!(page.status == 422 && page.body.contains(said), "{charge} {evidence}: {}", page.body);
    }
    let page = says(&own_id, "seen").await;
    assert!(page.body.contains(">seen</textarea>"), "what was typed stays: {}", page.body);
    let invoice = |tx: &Tx<'_>| invoices::existing(tx, &own.merchant_id, own.invoice_number);
    assert_eq!(site.app.store.read(invoice).await.unwrap().invoice.state, InvoiceState::Received);

    let page = says(&own_id, evidence).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-payout-arrived")), "{}", page.body);
    assert_eq!(last_act(&site).await, (BOSS.into(), "provider.payout_arrived".into(), evidence.into()));
    assert_eq!(site.app.store.read(invoice).await.unwrap().invoice.state, InvoiceState::Settled);
    let page = site.get(page.location(), &session).await;
    assert!(page.body.contains(&format!("arrived {own_id}")) && !page.body.contains(HOSTILE), "{}", page.body);

    // once
    let acts = || site.app.store.read(|tx| audit_log::after(tx, 0));
    let before = acts().await.unwrap().len();
    let page = says(&own_id, evidence).await;
    assert!(page.status == 422 && page.body.contains("booked as paid out already"), "{}", page.body);
    assert_eq!(acts().await.unwrap().len(), before);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("line 7 &#60;b&#62;") && !page.body.contains("?charge="), "{}", page.body);
    // the merchant reads who said it, and why
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let owner = site.session(&owner, Some(&site.shop), true).await;
    let page = site.get("/client/acts", &owner).await;
    assert!(page.body.contains("provider.payout_arrived") && page.body.contains("line 7 &#60;b&#62;"), "{}", page.body);
}

#[tokio::test]
async fn what_was_given_back_waits_for_the_providers_report() {
    let (site, session) = operated("op-arrived-touched").await;
    let own = charged_own(&site.app, &site.shop).await;
    let refund = |change: fn(&mut charges::ChargeRow)| {
        let (merchant, id) = (own.merchant_id.clone(), own.charge.id.clone());
        site.app.store.write(move |tx: &Tx<'_>| {
            let mut row = charges::existing(tx, &merchant, &id)?;
            change(&mut row);
            charges::update(tx, &mut row)
        })
    };
    let says = async || {
        let fields = [("charge", own.charge.id.as_str()), ("evidence", "statement of 3 May, line 7")];
        site.post(ARRIVED, &session, &fields).await
    };
    refund(|row| row.refunded_elsewhere = Units(1)).await.unwrap();
    let page = says().await;
    assert!(page.status == 422 && page.body.contains("wait for the provider’s report"), "{}", page.body);
    refund(|row| (row.refunded_elsewhere, row.charge.state) = (Units::ZERO, State::Reversed)).await.unwrap();
    let page = says().await;
    assert!(page.status == 422 && page.body.contains("It is not paid."), "{}", page.body);
}

#[tokio::test]
async fn what_providers_say_is_listed_and_no_line_that_fits_nothing_is_lost() {
    let (site, session) = operated("op-reports").await;
    for show in ["lines", "noted", "all", "callbacks"] {
        let page = site.get(&format!("/operator/payouts?show={show}"), &session).await;
        assert!(page.status == 200 && page.body.contains("class=\"empty\""), "{show}: {}", page.body);
    }
    let own = charged_own(&site.app, &site.shop).await;
    let account = &own.charge.account_id;
    reported(&site, account, "po_fits&x", vec![line("1", own.charge.id.as_str(), 85_000)]).await;
    reported(&site, account, "po_empty", Vec::new()).await;
    let unfit = (0..70).map(|nth| line(&format!("{nth:02}"), &format!("pay-{nth:02}&x"), 1)).collect();
    reported(&site, account, "po_unfit", unfit).await;
    reported(&site, account, HOSTILE, vec![line("1", HOSTILE, 2)]).await;
    let home = site.get("/operator/", &session).await;
    assert!(home.body.contains("<span class=\"figure\">71</span> <a href=\"/operator/payouts\">"), "{}", home.body);

    let page = site.get("/operator/payouts", &session).await;
    assert!(page.body.contains("no charge of this gateway on this account"), "{}", page.body);
    assert!(!page.body.contains(HOSTILE) && !page.body.contains("po_fits"), "{}", page.body);
    assert_eq!(all_pages(&site, &session, "/operator/payouts", "<code>pay-").await, (70, 3));
    let noted = site.get("/operator/payouts?show=noted", &session).await;
    assert!(noted.body.contains("70 of 70 lines do not fit"), "{}", noted.body);
    assert!(noted.body.contains("does not say what is in it") && !noted.body.contains("po_fits"), "{}", noted.body);
    let all = site.get("/operator/payouts?show=all", &session).await;
    assert!(all.body.contains("po_fits&#38;x") && !all.body.contains(HOSTILE), "{}", all.body);
    let one = |payout: &str, account: &str, merchant: i64| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("merchant", &merchant.to_string()).append_pair("account", account);
        format!("/operator/payouts/one?{}", query.append_pair("payout", payout).finish())
    };
    let of = |payout: &str| one(payout, account.as_str(), site.shop.number);
    assert!(all.body.contains(&of("po_fits&x").replace('&', "&#38;")), "{}", all.body);
    let page = site.get(&of("po_fits&x"), &session).await;
    let charge = format!("/operator/withheld/{}/{}", site.shop.number, own.charge.id);
    assert!(page.body.contains(">Booked</span>") && page.body.contains(&charge), "{}", page.body);
    assert_eq!(all_pages(&site, &session, &of("po_unfit"), "<code>pay-").await, (70, 3));
    let page = site.get(&of(HOSTILE), &session).await;
    assert!(page.status == 200 && !page.body.contains(HOSTILE), "{}", page.body);
    for gone in [of("po_none"), one("po_unfit", account.as_str(), site.other.number), one("po_unfit", "x", 1)] {
        assert_eq!(site.get(&gone, &session).await.status, 404, "{gone}");
    }
    assert_eq!(site.get("/operator/payouts/one", &session).await.location(), "/operator/payouts");
}

#[tokio::test]
async fn payouts_and_callbacks_about_nothing_are_each_on_one_page() {
    let (site, session) = operated("op-reports-pages").await;
    let own = charged_own(&site.app, &site.shop).await;
    let (account, merchant) = (own.charge.account_id.clone(), site.shop.id.clone());
    for nth in 0..65 {
        reported(&site, &account, &format!("po-{nth:02}&x"), vec![line("1", "pay_nobody", 1)]).await;
    }
    for show in ["noted", "all"] {
        let first = format!("/operator/payouts?show={show}");
        assert_eq!(all_pages(&site, &session, &first, "<code>po-").await, (65, 3), "{show}");
    }
    let events = move |tx: &Tx<'_>| {
        for nth in 0..65 {
            let row = EventRow {
                merchant_id: (nth % 2 == 0).then(|| merchant.clone()),
                account_id: account.clone(),
                event_id: format!("evt-{nth:02}&x"),
                what: "charge.stray".into(),
                about: if nth == 7 { HOSTILE.into() } else { "pay_nobody".into() },
                charges: i64::from(nth == 9),
                received_at: Time(1_700_000_000_000 + i64::from(nth / 3)),
            };
            provider_events::insert(tx, &row)?;
        }
        Ok::<_, crate::store::StoreError>(())
    };
    site.app.store.write(events).await.unwrap();
    let first = "/operator/payouts?show=callbacks";
    assert_eq!(all_pages(&site, &session, first, "<code>charge.stray").await, (64, 3), "one found its payment");
    let page = site.get(first, &session).await;
    assert!(page.body.contains("The operator’s") && !page.body.contains(HOSTILE), "{}", page.body);
}

#[tokio::test]
async fn callbacks_that_were_given_up_are_counted_by_merchant() {
    let (site, session) = operated("op-given-up").await;
    let shown = |page: &Page, count: &str| page.body.contains(&format!("<bdi dir=\"ltr\">{count}</bdi></td></tr>"));
    assert!(!site.get("/operator/parked", &session).await.body.contains("h-callbacks"));
    for nth in 0..3 {
        let new = new_invoice(&format!("payer-{nth}@example.com"), 1_504, Devise::Usd);
        create(&site.app, std::sync::Arc::new(site.shop.clone()), new).await.unwrap();
    }
    let given_up = |sql: &str| rusqlite::Connection::open(site.path()).unwrap().execute(sql, []).unwrap();
    assert_eq!(given_up("UPDATE deliveries SET state = 'parked'"), 3);
    let home = site.get("/operator/", &session).await;
    let tile = "<span class=\"figure\">3</span> <a href=\"/operator/parked#h-callbacks\">";
    assert!(home.body.contains(tile), "{}", home.body);
    let page = site.get("/operator/parked", &session).await;
    assert!(shown(&page, "3") && !page.body.contains(HOSTILE), "{}", page.body);
    let link = format!("<a href=\"/operator/merchants/{}\">", site.shop.number);
    assert!(page.body.contains(&link) && !page.body.contains("?after="), "{}", page.body);
    // more of one merchant's than are counted
    let more = format!(
        "WITH RECURSIVE nth (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM nth WHERE n < 1200)
         INSERT INTO deliveries SELECT '{}', 'invoice', 1000 + n, 0, 'https://x.example', '', 'parked', 9, 0 FROM nth",
        site.shop.id
    );
    assert_eq!(given_up(&more), 1_200);
    let page = site.get("/operator/parked", &session).await;
    let after = format!("/operator/parked?after={}#h-callbacks", site.shop.id);
    assert!(shown(&page, "1000+") && page.body.contains(&after), "{}", page.body);
    let page = site.get(after.split('#').next().unwrap(), &session).await;
    assert!(!page.body.contains(&link) && page.body.contains("First page"), "{}", page.body);
}
