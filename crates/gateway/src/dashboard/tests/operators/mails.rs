use super::{BOSS, last_act, operated};
use crate::dashboard::tests::{HOSTILE, Site};
use crate::store::mails::{self, State};
use crate::store::{StoreError, Tx};

const LINK: &str = "https://pay.example.com/refund/0123456789abcdef0123456789abcdef";

/// So many mails that were refused.
async fn refused(site: &Site, count: usize) {
    let (now, subject) = (site.app.now(), format!("Your refund {HOSTILE}"));
    let write = move |tx: &Tx<'_>| {
        (0..count).try_for_each(|nth| mails::insert(tx, &format!("payer-{nth}@example.com"), &subject, LINK, now))?;
        Ok::<_, StoreError>(())
    };
    site.app.store.write(write).await.unwrap();
    let sql = "UPDATE mails SET state = 'failed', due_at = NULL, attempts = 4, note = 'it refused the recipient <550>'";
    rusqlite::Connection::open(site.path()).unwrap().execute(sql, []).unwrap();
}

#[tokio::test]
async fn a_mail_that_failed_is_seen_without_its_text_and_tried_again_once() {
    let (site, session) = operated("op-mails").await;
    let page = site.get("/operator/mails", &session).await;
    assert!(page.body.contains("No mail has failed"), "{}", page.body);
    refused(&site, 2).await;
    let home = site.get("/operator/", &session).await;
    assert!(home.body.contains("<span class=\"figure\">2</span> <a href=\"/operator/mails\">"), "{}", home.body);
    let page = site.get("/operator/mails", &session).await;
    for shown in ["payer-0@example.com", "payer-1@example.com", "Your refund &#60;script", "recipient &#60;550&#62;"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains(LINK) && !page.body.contains(HOSTILE), "{}", page.body);

    let all = site.app.store.read(mails::list).await.unwrap();
    let number = all.iter().map(|row| row.seq).min().unwrap().to_string();
    let page = site.post("/operator/mails", &session, &[("mail", &number)]).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-mail-again")), "{}", page.body);
    assert_eq!(last_act(&site).await, (BOSS.into(), "mail.again".into(), String::new()));
    let states = site.app.store.read(mails::list).await.unwrap();
    let states: Vec<_> = states.into_iter().map(|row| (row.state, row.body == LINK)).collect();
    assert_eq!(states, [(State::Waiting, true), (State::Failed, true)], "one goes again, as it was written");
    let before = site.everything();
    for wrong in [number.as_str(), "99", "x", ""] {
        let page = site.post("/operator/mails", &session, &[("mail", wrong)]).await;
        assert!(page.status == 422 && page.body.contains("has not failed"), "{wrong}: {}", page.body);
    }
    let acts = |rows: &[(String, Vec<Vec<rusqlite::types::Value>>)]| {
        rows.iter().find(|(table, _)| table == "audit_log").map(|(_, rows)| rows.len())
    };
    assert_eq!(acts(&site.everything()), acts(&before), "what was refused is no act");
}

#[tokio::test]
async fn no_failed_mail_is_lost_between_pages() {
    let (site, session) = operated("op-mails-pages").await;
    refused(&site, 70).await;
    let (mut path, mut found, mut pages) = ("/operator/mails".to_owned(), 0, 0);
    loop {
        let page = site.get(&path, &session).await;
        found += page.body.matches("name=\"mail\"").count();
        pages += 1;
        let mut links = page.body.split("href=\"").filter_map(|rest| rest.split('"').next());
        match links.find(|to| to.starts_with("/operator/mails?before=")) {
            Some(next) => path = next.to_owned(),
            None => break,
        }
        assert!(pages < 9);
    }
    assert_eq!((found, pages), (70, 3));
}
