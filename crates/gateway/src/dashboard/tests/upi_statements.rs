//! A bank's statement that the merchant imports in the browser.

use domain::access::Role;
use domain::charge::State;

use super::Site;
use super::attention::{RRN, asked, claims, person};
use crate::app::acts;
use crate::store::{Tx, charges};

const PATH: &str = "/client/upi/statement";
const HEAD: &str =
    "Account No :1234,,,,,,\nDate,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n";

#[tokio::test]
async fn a_statement_confirms_what_it_shows_and_says_what_it_fits() {
    let site = Site::new("upi-statement").await;
    let (finance, reader) = (person(&site, Role::Finance).await, person(&site, Role::ReadOnly).await);
    // without a VPA of one's own there is nothing to import
    assert!(!site.get("/client/upi", &finance).await.body.contains(PATH));
    assert_eq!(site.post(PATH, &finance, &[]).await.status, 422);
    let row = asked(&site, &site.shop).await;
    claims(&site, &site.shop, &row).await;
    assert!(site.get("/client/upi", &finance).await.body.contains(PATH));
    assert!(!site.get("/client/upi", &reader).await.body.contains(PATH));
    let send =
        async |bytes: &[u8]| site.upload_as(PATH, &finance, "statement", ("statement.csv", "text/csv"), bytes).await;
    let mut large = HEAD.as_bytes().to_vec();
    large.resize(600_000, b' ');
    for (file, words) in [
        (&b""[..], "Choose a file"),
        (b"nothing of the kind", "not a bank statement"),
        (b"<!DOCTYPE x><Document/>", "not a bank statement"),
        (b":20:X\n:25:Y\n", "not a bank statement"),
        (&large[..], "too large"),
    ] {
        let before = site.everything();
        let page = send(file).await;
        assert!(page.status == 422 && page.body.contains(words), "{words}: {} {}", page.status, page.body);
        assert!(site.everything() == before, "{words}");
    }
    let theirs = asked(&site, &site.other).await;
    let fields = [("account", theirs.charge.account_id.as_str())];
    assert_eq!(site.post(PATH, &finance, &fields).await.status, 422, "another merchant's account");

    let text = format!(
        "{HEAD}14/11/23,UPI/CR/{RRN}/JOHN,{RRN},14/11/23,,850.00,0.00\n\
         14/11/23,UPI/CR/527013524499/JANE,527013524499,14/11/23,,12.00,0.00\n\
         14/11/23,RENT,,14/11/23,99.00,,0.00\n"
    );
    let charge = async || {
        let read = |tx: &Tx<'_>| charges::existing(tx, &site.shop.id, &row.charge.id);
        site.app.store.read(read).await.unwrap()
    };
    for (matched, known) in [(1, 0), (0, 1)] {
        let page = send(text.as_bytes()).await;
        assert_eq!(page.status, 200, "{}", page.body);
        for words in [
            format!("Confirmed now: {matched}"),
            format!("Confirmed before: {known}"),
            "with the next statement: 1".into(),
        ] {
            assert!(page.body.contains(&words), "{words}: {}", page.body);
        }
        assert!(page.body.contains("No UPI payment waits for you") && page.body.contains("Money that went out"));
        assert_eq!((charge().await.charge.state, charge().await.rrn.as_deref()), (State::Paid, Some(RRN)));
    }
    let log = site.app.store.read(acts::all).await.unwrap();
    let acts: Vec<_> = log.iter().map(|read| (read.act.actor.as_str(), read.act.act.as_str())).collect();
    assert_eq!(acts, [("finance@shop.example", "upi.import"); 2]);
    assert!(log[0].act.detail.starts_with("1 credits confirmed"), "{log:?}");
}
