//! Passkeys: added, used alone and after a password, removed; and everything that is no answer to what was asked.

use domain::UserId;
use domain::access::Role;
use serde_json::Value;

use super::soft_authenticator::Device;
use super::{HOSTILE, Page, Session, Site};
use crate::app::acts;
use crate::store::mails;

const EMAIL: &str = "owner@shop.example";
const PASSWORD: &str = "a long enough password";
const ORIGIN: &str = "http://localhost";

struct Person {
    id: UserId,
    session: Session,
}

async fn person(site: &Site, email: &str) -> Person {
    let id = site.person(email, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    Person { session: site.session(&id, None, true).await, id }
}

/// A form as a browser sends it from `localhost`, where there are passkeys.
async fn post(site: &Site, path: &str, session: &Session, fields: &[(&str, &str)]) -> Page {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("csrf", &session.csrf).extend_pairs(fields);
    let headers = [("host", "localhost"), ("sec-fetch-site", "same-origin")];
    site.send("POST", path, session, &headers, &body.finish()).await
}

/// What a device is asked for.
async fn challenge(site: &Site, path: &str, session: &Session) -> Value {
    let page = post(site, path, session, &[("name", "x"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str::<Value>(&page.body).unwrap()["publicKey"].take()
}

async fn add(site: &Site, person: &Person, number: u8, name: &str) -> (Device, Page) {
    let options = challenge(site, "/account/passkeys/challenge", &person.session).await;
    let (device, answer) = Device::create(&options, ORIGIN, number);
    let page = post(site, "/account/passkeys", &person.session, &[("name", name), ("credential", &answer)]).await;
    (device, page)
}

async fn sign_in(site: &Site, session: &Session, answer: &str) -> Page {
    let fields = [("credential", answer), ("next", "//evil.example")];
    post(site, "/login/passkey", session, &fields).await
}

async fn subjects(site: &Site, email: &str) -> Vec<String> {
    let all = site.app.store.read(mails::list).await.unwrap();
    all.into_iter().filter(|mail| mail.recipient == email).map(|mail| mail.subject).collect()
}

async fn has_act(site: &Site, act: &str) -> bool {
    site.app.store.read(acts::all).await.unwrap().iter().any(|read| read.act.act == act && read.act.actor == EMAIL)
}

fn session_of(page: &Page) -> Session {
    Session { cookie: format!("lockgate={}", page.cookie("lockgate").unwrap()), csrf: String::new() }
}

#[tokio::test]
async fn a_passkey_is_added_signs_in_and_is_removed() {
    let site = Site::new("passkey").await;
    let (owner, stranger) = (person(&site, EMAIL).await, site.stranger().await);
    let other = site.session(&owner.id, None, true).await;
    let wrong = post(&site, "/account/passkeys/challenge", &owner.session, &[("name", "x"), ("password", "no")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("not your password"), "{}", wrong.body);
    let (mut device, page) = add(&site, &owner, 1, HOSTILE).await;
    assert_eq!(page.body.matches("<li><code>").count(), 10, "{}", page.body);
    assert_eq!(site.get("/account/", &other).await.status, 303, "other sessions ended");
    let list = site.get("/account/passkeys", &owner.session).await;
    assert!(
        list.body.contains("&#60;script&#62;") && !list.body.contains(HOSTILE) && list.body.contains("Not used yet")
    );
    // no password, no address: both factors in one
    let options = challenge(&site, "/login/passkey/challenge", &stranger).await;
    let page = post(&site, "/login/passkey", &stranger, &[("credential", &device.sign(&options))]).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
    assert_eq!(site.get("/client/", &session_of(&page)).await.status, 200);
    assert!(page.cookie("lockgate-known").is_some());
    assert!(!site.get("/account/passkeys", &owner.session).await.body.contains("Not used yet"));
    // a second one has no recovery codes of its own
    let (_, page) = add(&site, &owner, 2, "phone").await;
    assert_eq!(page.location(), "/account/passkeys", "{}", page.body);
    // the same device again
    let options = challenge(&site, "/account/passkeys/challenge", &owner.session).await;
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 2);
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let (_, answer) = Device::create(&options, ORIGIN, 2);
    let page = post(&site, "/account/passkeys", &owner.session, &[("name", "x"), ("credential", &answer)]).await;
    assert_eq!(page.status, 422);
    // away with both, by the password
    for left in [1, 0] {
        let page = site.get("/account/passkeys", &owner.session).await;
        let (_, rest) = page.body.split_once("href=\"/account/passkeys/").unwrap();
        let path = format!("/account/passkeys/{}", rest.split('"').next().unwrap());
        let asked = site.get(&path, &owner.session).await;
        assert_eq!(asked.body.contains("last second step"), left == 0, "{}", asked.body);
        assert_eq!(site.post(&path, &owner.session, &[("password", "guess")]).await.status, 422);
        assert_eq!(site.post(&path, &owner.session, &[("password", PASSWORD)]).await.location(), "/account/passkeys");
    }
    let options = challenge(&site, "/login/passkey/challenge", &stranger).await;
    assert_eq!(sign_in(&site, &stranger, &device.sign(&options)).await.status, 422, "removed");
    let page = site.post("/login", &stranger, &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.location(), "/client/", "nothing else is asked for any more");
    let subjects = subjects(&site, EMAIL).await;
    for subject in ["A passkey was added", "A new browser signed in", "A passkey was removed"] {
        assert!(subjects.iter().any(|known| known == subject), "{subject}: {subjects:?}");
    }
    assert!(has_act(&site, "passkey.add").await && has_act(&site, "passkey.remove").await);
}

#[tokio::test]
async fn what_is_no_answer_to_the_challenge_signs_nobody_in() {
    let site = Site::new("passkey-bad").await;
    let (owner, stranger) = (person(&site, EMAIL).await, site.stranger().await);
    let (mut device, _) = add(&site, &owner, 1, "laptop").await;
    let another = person(&site, "another@shop.example").await;
    let (mut foreign, _) = add(&site, &another, 2, "phone").await;
    const PATH: &str = "/login/passkey/challenge";
    let fresh = || {
        // whoever has guessed before has waited
        site.app.clock.advance(15 * 60_000);
        challenge(&site, PATH, &stranger)
    };
    assert_eq!(sign_in(&site, &stranger, "{}").await.status, 422, "nothing was asked");
    for garbage in ["", "{}", "null", "[1]", HOSTILE, &"9".repeat(100_000)] {
        fresh().await;
        assert_eq!(sign_in(&site, &stranger, garbage).await.status, 422, "{garbage:.20}");
    }
    // the one before, which another took the place of
    let old = fresh().await;
    let new = fresh().await;
    assert_eq!(sign_in(&site, &stranger, &device.sign(&old)).await.status, 422);
    site.app.clock.advance(60_000);
    assert_eq!(sign_in(&site, &stranger, &device.sign(&new)).await.status, 422, "a wrong answer ends it");
    // asked for in another browser, and for another purpose
    let other_browser = site.stranger().await;
    let options = fresh().await;
    challenge(&site, PATH, &other_browser).await;
    assert_eq!(sign_in(&site, &other_browser, &device.sign(&options)).await.status, 422);
    site.app.clock.advance(15 * 60_000);
    let options = challenge(&site, "/account/passkeys/challenge", &owner.session).await;
    let answer = device.sign(&serde_json::json!({ "rpId": "localhost", "challenge": options["challenge"] }));
    assert_eq!(sign_in(&site, &owner.session, &answer).await.status, 422);
    // another place, without a look at the owner, another's credential under his name
    for origin in ["https://evil.example", "http://localhost:81", "https://localhost", "http://sub.localhost"] {
        let options = fresh().await;
        device.origin = origin.into();
        assert_eq!(sign_in(&site, &stranger, &device.sign(&options)).await.status, 422, "{origin}");
    }
    device.origin = ORIGIN.into();
    let options = fresh().await;
    device.verifies = false;
    assert_eq!(sign_in(&site, &stranger, &device.sign(&options)).await.status, 422, "not verified");
    device.verifies = true;
    let options = fresh().await;
    let own_id = std::mem::replace(&mut foreign.id, device.id.clone());
    let own_handle = std::mem::replace(&mut foreign.handle, device.handle.clone());
    assert_eq!(sign_in(&site, &stranger, &foreign.sign(&options)).await.status, 422, "another key");
    foreign.id = own_id;
    let options = fresh().await;
    assert_eq!(sign_in(&site, &stranger, &foreign.sign(&options)).await.status, 422, "his own key for another");
    foreign.handle = own_handle;
    // too late
    let options = fresh().await;
    let late = device.sign(&options);
    site.app.clock.advance(5 * 60_000);
    assert_eq!(sign_in(&site, &stranger, &late).await.status, 422);
    // and right, once
    let options = fresh().await;
    let right = device.sign(&options);
    let page = post(&site, "/login/passkey", &stranger, &[("credential", &right), ("next", "//evil.example")]).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
    assert_eq!(sign_in(&site, &stranger, &right).await.status, 422, "used");
}

#[tokio::test]
async fn guesses_with_passkeys_make_the_guesser_wait_and_nobody_else() {
    let site = Site::new("passkey-guess").await;
    let (owner, stranger) = (person(&site, EMAIL).await, site.stranger().await);
    add(&site, &owner, 1, "laptop").await;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(post(&site, "/login/passkey", &stranger, &[("credential", "{}")]).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429, 429]);
    let page = site.post("/login", &stranger, &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert!(page.location().starts_with("/login/code?next="), "{}", page.body);
}

#[tokio::test]
async fn a_passkey_is_a_second_step() {
    let site = Site::new("passkey-second").await;
    let (owner, stranger) = (person(&site, EMAIL).await, site.stranger().await);
    let (mut device, codes) = add(&site, &owner, 1, "laptop").await;
    let another = person(&site, "another@shop.example").await;
    let (mut foreign, _) = add(&site, &another, 2, "phone").await;
    let recovery = codes.body.split_once("<li><code>").unwrap().1.split('<').next().unwrap().to_owned();
    let half = || async {
        site.app.clock.advance(15 * 60_000);
        let page = site.post("/login", &stranger, &[("email", EMAIL), ("password", PASSWORD)]).await;
        assert!(page.location().starts_with("/login/code?next="), "{}", page.location());
        let mut session = session_of(&page);
        assert_eq!(site.get("/client/", &session).await.status, 303, "a password is not enough");
        let page = site.send("GET", "/login/code", &session, &[("host", "localhost")], "").await;
        assert!(page.body.contains("action=\"/login/code/passkey\""));
        session.csrf = page.csrf();
        session
    };
    const PATH: &str = "/login/code/passkey";
    let session = half().await;
    let options = challenge(&site, &format!("{PATH}/challenge"), &session).await;
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
    let page = post(&site, PATH, &session, &[("credential", &foreign.sign(&options))]).await;
    assert_eq!(page.status, 422, "another's");
    let options = challenge(&site, &format!("{PATH}/challenge"), &session).await;
    let page = post(&site, PATH, &session, &[("credential", &device.sign(&options))]).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
    assert_eq!(site.get("/client/", &session_of(&page)).await.status, 200);
    assert_eq!(site.get("/login/code", &session).await.location(), "/login", "the half session is over");
    // without the device
    let page = site.post("/login/code", &half().await, &[("code", &recovery)]).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_told_and_logged() {
    let site = Site::new("passkey-counter").await;
    let (owner, stranger) = (person(&site, EMAIL).await, site.stranger().await);
    let (mut device, _) = add(&site, &owner, 1, "laptop").await;
    for (counter, status) in [(10, 303), (11, 303), (5, 422)] {
        let options = challenge(&site, "/login/passkey/challenge", &stranger).await;
        device.counter = counter;
        let page = post(&site, "/login/passkey", &stranger, &[("credential", &device.sign(&options))]).await;
        assert_eq!(page.status, status, "{counter}: {}", page.body);
    }
    assert!(subjects(&site, EMAIL).await.iter().any(|subject| subject == "A passkey was refused"));
    assert!(has_act(&site, "passkey.refused").await);
}

#[tokio::test]
async fn at_a_number_for_an_address_the_pages_say_where_passkeys_are() {
    let site = Site::new("passkey-number").await;
    let owner = person(&site, EMAIL).await;
    let page = site.get("/account/passkeys", &owner.session).await;
    assert!(page.body.contains("http://localhost/account/passkeys") && !page.body.contains("data-challenge"));
    let page = site.post("/account/passkeys/challenge", &owner.session, &[("name", "x"), ("password", PASSWORD)]).await;
    assert!(page.status == 422 && page.body.contains("host name"), "{}", page.body);
    let page = site.send("GET", "/account/passkeys", &owner.session, &[("host", "localhost")], "").await;
    assert!(page.body.contains("data-challenge") && page.body.contains("need JavaScript"), "{}", page.body);
    // a host that somebody makes up is no site of ours
    let page = site.send("GET", "/account/passkeys", &owner.session, &[("host", "evil.example")], "").await;
    assert!(!page.body.contains("data-challenge"));
}
