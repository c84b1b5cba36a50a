//! What a merchant sells, through its pages: without a script, as forms and links are sent.

use domain::access::Role;
use domain::invoice::State;

use super::{HOSTILE, Page, Session, Site};
use crate::app::acts;
use crate::store::invoices;

async fn as_role(site: &Site, role: Role) -> Session {
    let person = site.person(&format!("{}@shop.example", role.name()), None, false, &[(&site.shop, role)]).await;
    site.session(&person, Some(&site.shop), true).await
}

async fn made(site: &Site, session: &Session, amount: &str, email: &str) -> i64 {
    let fields = [("amount", amount), ("devise", "USD"), ("email", email), ("way", "")];
    let page = site.post("/client/invoices/new", session, &fields).await;
    assert_eq!(page.status, 303, "{}", page.body);
    page.location().strip_prefix("/client/invoices/").unwrap().parse().unwrap()
}

/// The numbers in the list, from top to bottom.
fn listed(page: &Page) -> Vec<i64> {
    assert_eq!(page.status, 200);
    let rows = page.body.split("<th scope=\"row\"><a href=\"/client/invoices/").skip(1);
    rows.map(|row| row.split('"').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn invoices_are_made_found_filtered_and_exported() {
    let site = Site::new("sales-list").await;
    let owner = as_role(&site, Role::Owner).await;
    let first = made(&site, &owner, "15.04", "=1+1@example.com").await;
    let second = made(&site, &owner, "20", "ann@example.com").await;
    let list = |query: &'static str| site.get(query, &owner);
    for (query, numbers) in [
        ("/client/invoices", vec![second, first]),
        ("/client/invoices?q=15.04", vec![first]),
        ("/client/invoices?q=Ann%40example.com", vec![second]),
        ("/client/invoices?q=nobody%40example.com", vec![]),
        ("/client/invoices?state=created", vec![second, first]),
        ("/client/invoices?state=settled", vec![]),
        ("/client/invoices?currency=EUR", vec![]),
        ("/client/invoices?way=card", vec![]),
        ("/client/invoices?from=2000-01-01&to=2000-01-02", vec![]),
        // what is no filter of ours is none
        ("/client/invoices?state=%3Cscript%3E&older=x.y&q=", vec![second, first]),
    ] {
        assert_eq!(listed(&list(query).await), numbers, "{query}");
    }
    let evil = form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    let page = site.get(&format!("/client/invoices?q={evil}&from={evil}&way={evil}"), &owner).await;
    assert!(page.status == 200 && !page.body.contains("<script>alert") && !page.body.contains("<img src=x"));

    let file = list("/client/invoices/export.csv?state=created").await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert!(file.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(file.body.contains(",'=1+1@example.com,") && file.body.lines().count() == 3, "{}", file.body);
    assert_eq!(list("/client/invoices/export.csv?state=settled").await.body.lines().count(), 1);
    let support = as_role(&site, Role::Support).await;
    assert_eq!(site.get("/client/invoices/export.csv", &support).await.status, 403);
    assert!(!site.get("/client/invoices", &support).await.body.contains("export.csv"));
}

#[tokio::test]
async fn pages_of_the_list_follow_each_other() {
    let site = Site::new("sales-pages").await;
    let owner = as_role(&site, Role::Owner).await;
    for nth in 0..35 {
        made(&site, &owner, "5", &format!("payer{nth}@example.com")).await;
    }
    let first = site.get("/client/invoices", &owner).await;
    let (_, rest) = first.body.split_once("rel=\"next\" href=\"").unwrap();
    let older = rest.split('"').next().unwrap().replace("&amp;", "&");
    let second = site.get(&older, &owner).await;
    let mut all = listed(&first);
    assert_eq!((all.len(), listed(&second).len()), (30, 5));
    all.extend(listed(&second));
    assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{all:?}");
    assert!(!second.body.contains("rel=\"next\"") && second.body.contains("rel=\"prev\""));
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let site = Site::new("sales-wrong").await;
    let owner = as_role(&site, Role::Owner).await;
    for (amount, devise, email, words) in [
        ("", "USD", "ann@example.com", "This is not an amount"),
        ("abc", "USD", "ann@example.com", "This is not an amount"),
        ("99999999", "USD", "ann@example.com", "above the highest amount"),
        ("5", "EUR", "ann@example.com", "This currency is not possible"),
        ("5", "USD", "", "e-mail address is needed"),
        ("5", "USD", "nobody", "This is not an e-mail address."),
    ] {
        let fields = [("amount", amount), ("devise", devise), ("email", email)];
        let page = site.post("/client/invoices/new", &owner, &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{amount} {devise} {email}: {}", page.body);
    }
    assert_eq!(listed(&site.get("/client/invoices", &owner).await), Vec::<i64>::new());
}

#[tokio::test]
async fn an_invoice_is_canceled_once_and_the_log_says_who() {
    let site = Site::new("sales-cancel").await;
    let (owner, reader) = (as_role(&site, Role::Owner).await, as_role(&site, Role::ReadOnly).await);
    let number = made(&site, &owner, "15.04", "ann@example.com").await;
    let path = format!("/client/invoices/{number}");
    let page = site.get(&path, &owner).await;
    assert!(
        page.body.contains(&format!("action=\"{path}/cancel\"")) && page.body.contains("/widget/sale/create/?token=")
    );
    let looked = site.get(&path, &reader).await;
    assert!(looked.status == 200 && !looked.body.contains("/cancel\"") && !looked.body.contains("/refund\""));
    const ONCE: &str = "00112233445566778899aabbccddeeff";
    // there is nothing to give back, to confirm, or to send again, and no receipt
    for (act, fields) in [
        ("refund", vec![("of", "charge:chg_01J00000000000000000000000"), ("amount", "1"), ("once", ONCE)]),
        ("refund", vec![("of", "coins:USDT_polygon:treasury"), ("amount", "1"), ("once", ONCE)]),
        ("refund", vec![("of", ""), ("once", ONCE)]),
        ("upi", vec![("charge", "chg_01J00000000000000000000000"), ("rrn", "123456789012"), ("came", "yes")]),
        ("callbacks", vec![]),
    ] {
        let page = site.post(&format!("{path}/{act}"), &owner, &fields).await;
        // a callback is there: the shop has a URL
        let expected = if act == "callbacks" { [303, 422].contains(&page.status) } else { page.status == 422 };
        assert!(expected, "{act}: {} {}", page.status, page.body);
    }
    assert_eq!(site.get(&format!("{path}/receipt.pdf"), &owner).await.location(), path);
    assert_eq!(site.post(&format!("{path}/cancel"), &owner, &[]).await.location(), path);
    let page = site.get(&path, &owner).await;
    assert!(page.body.contains("owner@shop.example") && page.body.contains("canceled the invoice"), "{}", page.body);
    assert!(!page.body.contains("/cancel\""));
    let shop = site.shop.id.clone();
    let row = site.app.store.read(|tx| invoices::existing(tx, &shop, number)).await.unwrap();
    assert!(matches!(row.invoice.state, State::Failed(_)));
    assert_eq!(site.post(&format!("{path}/cancel"), &owner, &[]).await.status, 303, "twice is once");
    let log = site.app.store.read(acts::all).await.unwrap();
    let of_it: Vec<&str> =
        log.iter().map(|read| read.act.act.as_str()).filter(|act| act.starts_with("invoice")).collect();
    assert_eq!(of_it, ["invoice.create", "invoice.cancel"]);
}

#[tokio::test]
async fn links_and_the_till_work_without_a_script() {
    let site = Site::new("sales-links").await;
    let owner = as_role(&site, Role::Owner).await;
    let fields = [("title", HOSTILE), ("devise", "USD"), ("asks", "fixed"), ("amount", "15.04")];
    let sent = site.post("/client/links", &owner, &fields).await;
    let path = sent.location().to_owned();
    let page = site.get(&path, &owner).await;
    assert!(page.body.contains("class=\"qr\"") && page.body.contains("15.04 USD") && !page.body.contains("<img src=x"));
    for (fields, words) in [
        (vec![("title", ""), ("devise", "USD"), ("amount", "5")], "A title is needed."),
        (vec![("title", "Tea"), ("devise", "USD"), ("amount", "")], "This is not an amount"),
        (
            vec![("title", "Tea"), ("devise", "USD"), ("asks", "open"), ("min_amount", "5"), ("max_amount", "4")],
            "below the least",
        ),
        (vec![("title", "Tea"), ("devise", "USD"), ("asks", "open"), ("expires", "2000-01-01")], "This day is over"),
    ] {
        let page = site.post("/client/links", &owner, &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{words}: {}", page.body);
    }
    let reader = as_role(&site, Role::ReadOnly).await;
    assert!(!site.get(&path, &reader).await.body.contains("/off\""));
    assert_eq!(site.post(&format!("{path}/off"), &owner, &[]).await.status, 303);
    assert!(!site.get(&path, &owner).await.body.contains("/off\""));

    let keyed = site.get("/client/pos?typed=12&devise=USD&key=3", &owner).await;
    assert!(keyed.body.contains("value=\"123\""), "{}", keyed.body);
    let sold = site.post("/client/pos", &owner, &[("amount", "12.30"), ("devise", "USD"), ("email", "")]).await;
    let sale = sold.location().to_owned();
    let page = site.get(&sale, &owner).await;
    assert!(page.body.contains("every 2s") && page.body.contains("class=\"qr\"") && page.body.contains("12.30 USD"));
    let number: i64 = sale.rsplit('/').next().unwrap().parse().unwrap();
    site.post(&format!("/client/invoices/{number}/cancel"), &owner, &[]).await;
    let page = site.get(&sale, &owner).await;
    assert!(
        !page.body.contains("every 2s") && !page.body.contains("class=\"qr\"") && page.body.contains("over without")
    );
    assert_eq!(site.post("/client/pos", &owner, &[("amount", "x"), ("devise", "USD")]).await.status, 422);
}

#[tokio::test]
async fn the_book_is_empty_at_first_and_its_file_has_a_head() {
    let site = Site::new("sales-book").await;
    let owner = as_role(&site, Role::Owner).await;
    assert!(site.get("/client/balances", &owner).await.body.contains("No entries yet"));
    assert!(site.get("/client/balances/entries.csv", &owner).await.body.starts_with("entry,line,at_utc"));
    assert_eq!(site.get("/client/balances/statement?number=1", &owner).await.status, 404);
    assert_eq!(site.get("/client/?days=7", &owner).await.status, 200);
}

#[tokio::test]
async fn filters_are_kept_by_person_and_searches_are_downloaded() {
    let site = Site::new("sales-views").await;
    let owner = as_role(&site, Role::Owner).await;
    let support = as_role(&site, Role::Support).await;
    let first = made(&site, &owner, "15.04", "=cmd|1@example.com").await;
    made(&site, &owner, "20", "ann@example.com").await;
    let save = async |name: &str, fields: &[(&'static str, &str)]| {
        let fields = [&[("name", name)], fields].concat();
        let page = site.post("/client/invoices/views", &owner, &fields).await;
        assert_eq!(page.status, 303, "{}", page.body);
        (page.location().to_owned(), page.cookie("lockgate-flash").unwrap().to_owned())
    };
    let (back, said) = save(HOSTILE_NAME, &[("q", "15.04"), ("state", "created"), ("way", "<script>")]).await;
    assert_eq!((back.as_str(), said.as_str()), ("/client/invoices?q=15.04&state=created", "flash-view-saved"));
    let page = site.get(&back, &owner).await;
    assert!(page.body.contains("q=15.04&#38;state=created\" aria-current=\"true\""), "{}", page.body);
    assert!(page.body.contains("&#60;b&#62;fifteen") && !page.body.contains(HOSTILE_NAME));
    assert_eq!(listed(&page), [first]);
    // another person has none of it
    assert!(!site.get("/client/invoices", &support).await.body.contains("fifteen"));
    for (name, fields, said) in [
        ("", &[("q", "1")][..], "flash-bad-view-name"),
        (&"n".repeat(41), &[("q", "1")], "flash-bad-view-name"),
        ("4242 4242 4242 4242", &[("q", "1")], "flash-bad-view-name"),
        ("all", &[], "flash-bad-view-nothing"),
        ("card", &[("q", "4242424242424242")], "flash-bad-view-nothing"),
    ] {
        assert_eq!(save(name, fields).await.1, said, "{name}");
    }
    for nth in 1..20 {
        assert_eq!(save(&format!("view {nth}"), &[("state", "settled")]).await.1, "flash-view-saved");
    }
    assert_eq!(save("one more", &[("state", "settled")]).await.1, "flash-bad-view-many");
    assert_eq!(save(HOSTILE_NAME, &[("currency", "EUR")]).await.1, "flash-view-saved", "another of that name");
    let removed = site.post("/client/invoices/views/remove", &owner, &[("name", HOSTILE_NAME)]).await;
    assert_eq!(removed.cookie("lockgate-flash"), Some("flash-view-removed"));
    assert!(!site.get("/client/invoices", &owner).await.body.contains("fifteen"));
    assert_eq!(site.post("/client/invoices/views/remove", &owner, &[("name", "none")]).await.status, 303);
    // exactly what was searched and filtered for
    for (query, lines) in [("q=15.04", 2), ("q=15.04&state=settled", 1), ("q=nobody%40example.com", 1), ("", 3)] {
        let path = format!("/client/invoices/export.csv?{query}");
        let file = site.get(&path, &owner).await;
        assert_eq!(file.body.lines().count(), lines, "{query}: {}", file.body);
        assert!(!file.body.contains(",=cmd"), "{query}");
    }
    let list = site.get("/client/invoices?q=15.04", &owner).await;
    assert!(list.body.contains("href=\"/client/invoices/export.csv?q=15.04\""), "{}", list.body);
}

const HOSTILE_NAME: &str = "<b>fifteen";
