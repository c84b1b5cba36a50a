//! Sign-up, mails, passwords, the second factor, sessions, teams: each from the first page to the last.

use domain::Time;
use domain::access::Role;
use totp_rs::{Algorithm, Secret, TOTP};

use super::{HOSTILE, Page, Session, Site};
use crate::app::accounts::token_hash;
use crate::app::acts;
use crate::store::{StoreError, mails, memberships, sessions, users};

const PASSWORD: &str = "a long enough password";
const CONFIRM: &str = "Confirm your address";
const NEW: &str = "A new browser signed in";
const OTHER: &str = "quite another password";

/// The mails to somebody: subject and body, oldest first.
async fn mails_to(site: &Site, email: &str) -> Vec<(String, String)> {
    let all = site.app.store.read(mails::list).await.unwrap();
    all.into_iter().filter(|mail| mail.recipient == email).map(|mail| (mail.subject, mail.body)).collect()
}

/// What the log says that somebody did, oldest first.
async fn acts_of(site: &Site, email: &str) -> Vec<String> {
    let all = site.app.store.read(acts::all).await.unwrap();
    all.into_iter().filter(|read| read.act.actor == email).map(|read| read.act.act).collect()
}

/// The token of the link in the last mail.
pub(super) async fn last_token(site: &Site, email: &str) -> String {
    let (_, body) = mails_to(site, email).await.pop().expect("a mail");
    let (_, rest) = body.split_once("?token=").unwrap_or_else(|| panic!("{body}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn log_in(site: &Site, email: &str, password: &str) -> Page {
    let stranger = site.stranger().await;
    site.post("/login", &stranger, &[("email", email), ("password", password)]).await
}

async fn entered(site: &Site, page: &Page) -> Session {
    let mut session = Session { cookie: format!("lockgate={}", page.cookie("lockgate").unwrap()), csrf: String::new() };
    session.csrf = site.get("/account/", &session).await.csrf();
    session
}

fn sign_up<'a>(email: &'a str, password: &'a str) -> [(&'static str, &'a str); 4] {
    [("email", email), ("company", HOSTILE), ("new-password", password), ("again", password)]
}

#[tokio::test]
async fn from_sign_up_to_the_first_page() {
    let (site, email) = (Site::new("sign-up").await, "new@company.example");
    let stranger = site.stranger().await;
    let bad = [
        ("no address", "Tea", PASSWORD, PASSWORD),
        (email, "", PASSWORD, PASSWORD),
        (email, "Tea", "short", "short"),
        (email, "Tea", PASSWORD, OTHER),
        (email, "Tea", email, email),
    ];
    for (address, company, password, again) in bad {
        let fields = [("email", address), ("company", company), ("new-password", password), ("again", again)];
        let page = site.post("/signup", &stranger, &fields).await;
        assert!(page.status == 422 && page.body.contains("aria-invalid"), "{fields:?}");
        assert!(!page.body.contains(PASSWORD), "a password is not sent back");
    }
    let first = site.post("/signup", &stranger, &sign_up(email, PASSWORD)).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(log_in(&site, email, PASSWORD).await.status, 422, "not before the address is confirmed");
    // again, before and after: the same answer
    let token = last_token(&site, email).await;
    let again = site.post("/signup", &stranger, &sign_up("New@Company.example", OTHER)).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    let newer = last_token(&site, email).await;
    let confirm = |token: String, password: &'static str| {
        let (site, stranger) = (&site, &stranger);
        async move { site.post("/confirm", stranger, &[("token", &token), ("password", password)]).await }
    };
    assert_eq!(confirm(token, PASSWORD).await.status, 422, "a newer one took its place");
    let opened = site.get(&format!("/confirm?token={newer}"), &stranger).await;
    assert!(opened.status == 200 && opened.body.contains(&newer));
    assert_eq!(log_in(&site, email, PASSWORD).await.status, 422, "a program that opens links confirms nothing");
    // who did not choose the password confirms nothing, though the mail is his
    assert_eq!(confirm(newer.clone(), OTHER).await.status, 422);
    assert_eq!(confirm(newer.clone(), PASSWORD).await.location(), "/client/");
    assert_eq!(confirm(newer.clone(), PASSWORD).await.status, 422, "once");
    assert_eq!(log_in(&site, email, OTHER).await.status, 422, "who signed up again has not changed the password");
    let page = log_in(&site, email, PASSWORD).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
    let home = site.get("/client/", &entered(&site, &page).await).await;
    assert!(home.status == 200 && home.body.contains("&#60;script&#62;") && !home.body.contains(HOSTILE));
    assert_eq!(site.post("/signup", &stranger, &sign_up(email, OTHER)).await.body, first.body);
    let subjects: Vec<_> = mails_to(&site, email).await.into_iter().map(|(subject, _)| subject).collect();
    let expected = [CONFIRM, CONFIRM, NEW, NEW, "You have an account already"];
    assert_eq!(subjects, expected);
    assert!(!format!("{:?}", site.everything()).contains(PASSWORD));
}

#[tokio::test]
async fn a_forgotten_password() {
    let site = Site::new("forgotten").await;
    let email = "owner@shop.example";
    let id = site.person(email, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    let (old, stranger) = (site.session(&id, None, true).await, site.stranger().await);
    let there = site.post("/forgot", &stranger, &[("email", email)]).await;
    let none = site.post("/forgot", &stranger, &[("email", "nobody@shop.example")]).await;
    assert_eq!((there.status, &there.body), (none.status, &none.body));
    // written after the answer
    let mut tries = 0;
    while mails_to(&site, email).await.is_empty() {
        tries += 1;
        assert!(tries < 10_000, "no mail");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let token = last_token(&site, email).await;
    let choose = |token: String, password: &'static str| {
        let (site, stranger) = (&site, &stranger);
        async move {
            let fields = [("token", token.as_str()), ("new-password", password), ("again", password)];
            site.post("/reset", stranger, &fields).await
        }
    };
    assert_eq!(choose("0".repeat(64), OTHER).await.status, 422);
    assert_eq!(choose(token.clone(), "short").await.status, 422);
    let page = choose(token.clone(), OTHER).await;
    assert_eq!(page.location(), "/login", "{}", page.body);
    assert!(page.cookie("lockgate-known").is_some(), "who reads the mails is not kept out by guessers");
    assert_eq!(choose(token.clone(), PASSWORD).await.status, 422, "once");
    assert_eq!(site.get("/client/", &old).await.status, 303, "all sessions ended");
    assert_eq!(log_in(&site, email, PASSWORD).await.status, 422);
    assert_eq!(log_in(&site, email, OTHER).await.status, 303);
    assert_eq!(acts_of(&site, email).await, ["password.reset"]);
    // a link runs out
    crate::app::accounts::passwords::forgot(&site.app, email).await.unwrap();
    let token = last_token(&site, email).await;
    site.app.clock.advance(3_600_000);
    assert_eq!(choose(token, PASSWORD).await.status, 422);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let site = Site::new("changed").await;
    let email = "owner@shop.example";
    let id = site.person(email, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    let (own, other) = (site.session(&id, None, true).await, site.session(&id, None, true).await);
    let change = |old: &'static str| [("password", old), ("new-password", OTHER), ("again", OTHER)];
    assert_eq!(site.post("/account/password", &own, &change("guessed")).await.status, 422);
    assert_eq!(site.get("/client/", &other).await.status, 200);
    assert_eq!(site.post("/account/password", &own, &change(PASSWORD)).await.location(), "/account/");
    assert_eq!((site.get("/client/", &own).await.status, site.get("/client/", &other).await.status), (200, 303));
    assert_eq!(log_in(&site, email, OTHER).await.status, 303);
    assert_eq!(mails_to(&site, email).await[0].0, "Your password was changed");
    assert_eq!(acts_of(&site, email).await, ["password.change"]);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let site = Site::new("sessions").await;
    let id = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let (own, other, third) =
        (site.session(&id, None, true).await, site.session(&id, None, true).await, site.session(&id, None, true).await);
    let page = site.get("/account/", &own).await;
    assert_eq!(page.body.matches("/end\"").count(), 3);
    site.post("/account/sessions/end-others", &own, &[]).await;
    for (session, status) in [(&own, 200), (&other, 303), (&third, 303)] {
        assert_eq!(site.get("/account/", session).await.status, status);
    }
    let fourth = site.session(&id, None, true).await;
    let hash = token_hash(fourth.cookie.strip_prefix("lockgate=").unwrap());
    let rows = site.app.store.read(|tx| sessions::of_user(tx, &id)).await.unwrap();
    let end = format!("/account/sessions/{}/end", rows.iter().find(|row| row.token_hash == hash).unwrap().id);
    assert_eq!(site.post(&end, &own, &[]).await.location(), "/account/");
    assert_eq!((site.get("/account/", &fourth).await.status, site.post(&end, &own, &[]).await.status), (303, 404));
    assert_eq!(acts_of(&site, "owner@shop.example").await, ["session.end_others", "session.end"]);
}

/// The address that ends each session of the list.
fn ends(page: &Page) -> Vec<String> {
    let rows = page.body.split("action=\"/account/sessions/").skip(1).filter(|row| !row.starts_with("end-others"));
    rows.map(|row| format!("/account/sessions/{}", row.split('"').next().unwrap())).collect()
}

#[tokio::test]
async fn one_session_is_ended_and_the_others_go_on() {
    let site = Site::new("session-end").await;
    let id = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let own = site.session(&id, None, true).await;
    let [of_own] = &ends(&site.get("/account/", &own).await)[..] else { panic!("one session") };
    let (other, third) = (site.session(&id, None, true).await, site.session(&id, None, true).await);
    let all = ends(&site.get("/account/", &own).await);
    let one = all.iter().find(|path| *path != of_own).unwrap();
    let page = site.post(one, &own, &[]).await;
    assert_eq!((page.location(), page.cookie("lockgate-flash")), ("/account/", Some("flash-session-ended")));
    let mut left = Vec::new();
    for session in [&own, &other, &third] {
        left.push(site.get("/account/", session).await.status);
    }
    assert!(left[0] == 200 && left.iter().filter(|status| **status == 303).count() == 1, "{left:?}");
    assert_eq!(site.post(one, &own, &[]).await.status, 404, "once");
    // another person's is not there, and goes on
    let foreign = site.person("foreign@other.example", None, false, &[(&site.other, Role::Owner)]).await;
    let of_foreign = site.session(&foreign, None, true).await;
    assert_eq!(site.post(of_own, &of_foreign, &[]).await.status, 404);
    assert_eq!(site.get("/account/", &own).await.status, 200);
    site.post(of_own, &own, &[]).await;
    assert_eq!(site.get("/account/", &own).await.status, 303);
}

#[tokio::test]
async fn codes_of_an_app_and_recovery_codes() {
    let site = Site::new("second-factor").await;
    let email = "owner@shop.example";
    let id = site.person(email, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    let (own, other) = (site.session(&id, None, true).await, site.session(&id, None, true).await);
    let page = site.get("/account/second-factor", &own).await;
    let between =
        |text: &str, before: &str| text.split_once(before).unwrap().1.split(['"', '<']).next().unwrap().to_owned();
    let (sealed, secret) = (between(&page.body, "name=\"secret\" value=\""), between(&page.body, "<code>"));
    let secret = Secret::Encoded(secret).to_bytes().unwrap();
    let totp = TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).unwrap();
    let code = |now: Time| totp.generate(u64::try_from(now.seconds()).unwrap());
    let turn_on = |code: String| {
        let (site, own, sealed) = (&site, &own, sealed.clone());
        async move { site.post("/account/second-factor", own, &[("secret", &sealed), ("code", &code)]).await }
    };
    assert_eq!(turn_on("000000".into()).await.status, 422);
    let first = code(site.app.now());
    let page = turn_on(first.clone()).await;
    assert_eq!(page.body.matches("<li><code>").count(), 10, "{}", page.body);
    let recovery = between(&page.body, "<li><code>");
    assert_eq!(site.get("/account/", &other).await.status, 303, "other sessions ended");
    assert!(!format!("{:?}", site.everything()).contains(&recovery), "kept hashed");
    // a password is not enough any more
    let half = log_in(&site, email, PASSWORD).await;
    assert!(half.location().starts_with("/login/code?next=") && half.cookie("lockgate-known").is_none());
    let mut session = Session { cookie: format!("lockgate={}", half.cookie("lockgate").unwrap()), csrf: String::new() };
    assert_eq!(site.get("/client/", &session).await.status, 303);
    session.csrf = site.get("/login/code", &session).await.csrf();
    let give = |code: String| {
        let (site, session) = (&site, &session);
        async move { site.post("/login/code", session, &[("code", &code), ("next", "//evil.example")]).await }
    };
    assert_eq!(give(first).await.status, 422, "the code that turned it on is used");
    site.app.clock.advance(30_000);
    let second = code(site.app.now());
    let page = give(second.clone()).await;
    assert_eq!(page.location(), "/client/", "{}", page.body);
    assert_eq!(give(second.clone()).await.status, 403, "the half session is over, and its forms with it");
    let whole = entered(&site, &page).await;
    assert_eq!(site.get("/client/", &whole).await.status, 200);
    // a recovery code, once
    for expected in [303, 422] {
        let half = log_in(&site, email, PASSWORD).await;
        session = Session { cookie: format!("lockgate={}", half.cookie("lockgate").unwrap()), csrf: String::new() };
        session.csrf = site.get("/login/code", &session).await.csrf();
        let page = site.post("/login/code", &session, &[("code", &recovery)]).await;
        assert_eq!(page.status, expected);
    }
    let page = site.post("/login/code", &session, &[("code", &second)]).await;
    assert_eq!(page.status, 422, "a code used in one session is used in all");
    // off again, with the password
    let off = |password: &'static str| [("password", password)];
    assert_eq!(site.post("/account/second-factor/off", &whole, &off(OTHER)).await.status, 422);
    assert_eq!(site.post("/account/second-factor/off", &whole, &off(PASSWORD)).await.location(), "/account/");
    assert_eq!(log_in(&site, email, PASSWORD).await.location(), "/client/");
    let subjects: Vec<_> = mails_to(&site, email).await.into_iter().map(|(subject, _)| subject).collect();
    assert!(subjects.iter().any(|subject| subject == "Two-step sign-in is on"), "{subjects:?}");
    assert!(subjects.iter().any(|subject| subject == "Two-step sign-in is off"), "{subjects:?}");
    let acts = ["second_factor.on", "recovery_code.use", "second_factor.off"];
    assert_eq!(acts_of(&site, email).await, acts, "a code of the app that is given is no act");
}

async fn role_of(site: &Site, email: &'static str) -> Option<Role> {
    let merchant = site.shop.id.clone();
    let read = |tx: &crate::store::Tx<'_>| {
        let Some(user) = users::by_email(tx, email)? else { return Ok(None) };
        memberships::role_of(tx, &merchant, &user.id)
    };
    site.app.store.read::<_, StoreError>(read).await.unwrap()
}

#[tokio::test]
async fn a_team_is_invited_joins_and_leaves() {
    let site = Site::new("team").await;
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let admin = site.person("admin@shop.example", None, false, &[(&site.shop, Role::Admin)]).await;
    let (own, of_admin) = (site.session(&owner, None, true).await, site.session(&admin, None, true).await);
    let invite = |email: &'static str, role: &'static str| [("email", email), ("role", role)];
    assert_eq!(site.post("/client/team/invite", &of_admin, &invite("x@shop.example", "owner")).await.status, 403);
    assert_eq!(site.post("/client/team/invite", &own, &invite("x@shop.example", "king")).await.status, 422);
    assert_eq!(site.post("/client/team/invite", &own, &invite("admin@shop.example", "support")).await.status, 422);
    assert_eq!(
        site.post("/client/team/invite", &own, &invite("new@shop.example", "read_only")).await.location(),
        "/client/team"
    );
    // somebody without an account chooses a password
    let (token, stranger) = (last_token(&site, "new@shop.example").await, site.stranger().await);
    assert_eq!(site.get(&format!("/join?token={token}"), &stranger).await.status, 200);
    let fields = [("token", token.as_str()), ("new-password", PASSWORD), ("again", PASSWORD)];
    // another who is signed in does not take it
    let foreign = site.person("foreign@other.example", None, false, &[(&site.other, Role::Owner)]).await;
    let of_foreign = site.session(&foreign, None, true).await;
    assert_eq!(site.post("/join", &of_foreign, &[("token", &token)]).await.status, 422);
    assert_eq!(site.post("/join", &stranger, &fields).await.location(), "/login");
    assert_eq!(role_of(&site, "new@shop.example").await, Some(Role::ReadOnly));
    assert_eq!(site.post("/join", &stranger, &fields).await.status, 422, "once");
    let session = entered(&site, &log_in(&site, "new@shop.example", PASSWORD).await).await;
    assert_eq!(site.post("/client/team/invite", &session, &invite("y@shop.example", "support")).await.status, 403);
    // one with an account joins as himself, and only as himself
    site.post("/client/team/invite", &own, &invite("foreign@other.example", "support")).await;
    let token = last_token(&site, "foreign@other.example").await;
    let fields = [("token", token.as_str()), ("new-password", OTHER), ("again", OTHER)];
    assert_eq!(site.post("/join", &stranger, &fields).await.status, 422, "nobody chooses a password for him");
    assert_eq!(site.post("/join", &of_foreign, &[("token", &token)]).await.location(), "/client/");
    assert_eq!(role_of(&site, "foreign@other.example").await, Some(Role::Support));
    // roles
    let path = |id: &domain::UserId, rest: &str| format!("/client/team/members/{id}{rest}");
    assert_eq!(site.post(&path(&owner, ""), &of_admin, &[("role", "support")]).await.status, 403);
    assert_eq!(site.post(&path(&admin, ""), &of_admin, &[("role", "owner")]).await.status, 403);
    for rest in ["", "/remove"] {
        assert_eq!(site.post(&path(&owner, rest), &own, &[("role", "admin")]).await.status, 422, "the last owner");
    }
    assert_eq!(site.post(&path(&admin, ""), &own, &[("role", "owner")]).await.status, 303);
    assert_eq!(site.post(&path(&owner, "/remove"), &of_admin, &[]).await.status, 303);
    assert_eq!(role_of(&site, "owner@shop.example").await, None);
    assert_eq!(site.get("/client/", &own).await.status, 403, "at once");
    // all of it is in the log
    let log = site.get("/client/acts", &of_admin).await;
    for act in ["team.invited", "team.joined", "team.role_changed", "team.removed"] {
        assert!(log.body.contains(act), "{act}");
    }
    let page = site.get("/client/acts", &of_foreign).await;
    assert!(page.status == 403 || !page.body.contains("team.role_changed"), "of his own merchant, or none");
}

#[tokio::test]
async fn an_operator_is_made_by_a_link() {
    let site = Site::new("operator").await;
    let link = crate::app::accounts::passwords::add_operator(&site.app, "Boss@Lockgate.example").await.unwrap();
    let token = link.split_once("?token=").unwrap().1;
    let stranger = site.stranger().await;
    let fields = [("token", token), ("new-password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(site.post("/reset", &stranger, &fields).await.location(), "/login");
    let page = log_in(&site, "boss@lockgate.example", PASSWORD).await;
    assert_eq!(page.location(), "/operator/");
    assert_eq!(site.get("/operator/", &entered(&site, &page).await).await.status, 200);
}

#[tokio::test]
async fn nobody_has_anothers_mailbox_filled() {
    let (site, email) = (Site::new("mailbox").await, "victim@shop.example");
    let stranger = site.stranger().await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(site.post("/signup", &stranger, &sign_up(email, PASSWORD)).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert_eq!(site.post("/forgot", &stranger, &[("email", email)]).await.status, 429);
    assert_eq!(mails_to(&site, email).await.len(), 5);
}

#[tokio::test]
async fn mails_are_in_the_language_that_somebody_chose() {
    let (site, email) = (Site::new("mail-language").await, "nouveau@shop.example");
    let stranger = site.stranger().await;
    let french = |text: &str| text.contains("Confirmez votre adresse");
    site.post("/signup?lang=fr", &stranger, &sign_up(email, PASSWORD)).await;
    let mail = mails_to(&site, email).await.pop().unwrap();
    assert!(french(&mail.0) && mail.1.contains("/confirm?token="), "{mail:?}");
    // an invitation to who has no account is in the language of who invites
    let id = site.person("duena@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let own = site.session(&id, None, true).await;
    assert_eq!(site.get("/account/?lang=es", &own).await.status, 200);
    site.post("/client/team/invite", &own, &[("email", "x@shop.example"), ("role", "support")]).await;
    assert_eq!(mails_to(&site, "x@shop.example").await[0].0, "Le invitan a un equipo");
    // and who joins on a page in Hindi is written to in Hindi
    let token = last_token(&site, "x@shop.example").await;
    let fields = [("token", token.as_str()), ("new-password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(site.post("/join?lang=hi", &stranger, &fields).await.location(), "/login");
    crate::app::accounts::passwords::forgot(&site.app, "x@shop.example").await.unwrap();
    assert_eq!(mails_to(&site, "x@shop.example").await.pop().unwrap().0, "नया पासवर्ड चुनें");
    // no language of ours: as it was
    assert_eq!(site.get("/account/?lang=tlh", &own).await.status, 200);
    crate::app::accounts::passwords::forgot(&site.app, "duena@shop.example").await.unwrap();
    assert_eq!(mails_to(&site, "duena@shop.example").await.pop().unwrap().0, "Elija una contraseña nueva");
}

/// With the password, and only where there is something to recover; those before are worth nothing.
#[tokio::test]
async fn recovery_codes_are_made_anew_and_the_old_ones_end() {
    let (site, email, here) = (Site::new("recovery-anew").await, "owner@shop.example", "/account/recovery-codes");
    let id = site.person(email, Some(PASSWORD), false, &[(&site.shop, Role::Owner)]).await;
    let own = site.session(&id, None, true).await;
    assert!(site.get(here, &own).await.body.contains("so there is nothing to recover"));
    let ask = |password: &'static str| {
        let (site, own) = (&site, &own);
        async move { site.post(here, own, &[("password", password)]).await }
    };
    let page = ask(PASSWORD).await;
    assert!(page.status == 422 && !page.body.contains("<li><code>"), "{}", page.body);
    assert_eq!(mails_to(&site, email).await.len(), 0);
    let user = id.clone();
    let guard = move |tx: &crate::store::Tx<'_>| {
        let mut user = users::by_id(tx, &user)?.unwrap();
        user.totp_secret = Some("of an app".into());
        users::update(tx, &user)
    };
    site.app.store.write(guard).await.unwrap();
    let codes = |page: &Page| -> Vec<String> {
        assert_eq!(page.status, 200, "{}", page.body);
        page.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
    };
    assert!(ask(OTHER).await.body.contains("This is not your password"));
    let (first, second) = (codes(&ask(PASSWORD).await), codes(&ask(PASSWORD).await));
    assert!(first.len() == 10 && second.len() == 10 && first.iter().all(|code| !second.contains(code)));
    assert!(!format!("{:?}", site.everything()).contains(&second[0]), "kept hashed");
    for (code, expected) in [(&first[0], 422), (&second[0], 303), (&second[0], 422)] {
        let half = log_in(&site, email, PASSWORD).await;
        let mut session =
            Session { cookie: format!("lockgate={}", half.cookie("lockgate").unwrap()), csrf: String::new() };
        session.csrf = site.get("/login/code", &session).await.csrf();
        assert_eq!(site.post("/login/code", &session, &[("code", code)]).await.status, expected);
    }
    let mails = mails_to(&site, email).await;
    assert_eq!(mails.iter().filter(|(subject, _)| subject == "New recovery codes were made").count(), 2);
    let acts = ["recovery_codes.renew", "recovery_codes.renew", "recovery_code.use"];
    assert_eq!(acts_of(&site, email).await, acts);
    assert!(mails.iter().all(|(_, body)| !body.contains(&second[0])));
}

#[tokio::test]
async fn the_confirmation_is_sent_again_and_nothing_tells_to_whom() {
    let (site, email) = (Site::new("confirm-again").await, "new@company.example");
    let known = site.person("known@company.example", Some(PASSWORD), false, &[]).await;
    let stranger = site.stranger().await;
    let page = site.post("/signup", &stranger, &sign_up(email, PASSWORD)).await;
    assert!(page.body.contains("action=\"/confirm/again\"") && page.body.contains(email), "{}", page.body);
    assert!(log_in(&site, email, PASSWORD).await.body.contains("href=\"/confirm/again\""));
    let old = last_token(&site, email).await;
    let mut pages = Vec::new();
    for address in ["New@Company.example", "known@company.example", "nobody@company.example"] {
        let page = site.post("/confirm/again", &stranger, &[("email", address)]).await;
        pages.push((page.status, page.body));
    }
    assert!(pages[0].0 == 200 && pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    // written behind the answer
    for _ in 0..10_000 {
        if mails_to(&site, email).await.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let new = last_token(&site, email).await;
    assert_ne!(new, old);
    assert_eq!(site.get(&format!("/confirm?token={old}"), &stranger).await.status, 422, "the one before is dead");
    let over = site.get("/confirm?token=x", &stranger).await;
    assert!(over.body.contains("href=\"/confirm/again\""), "{}", over.body);
    let fields = [("token", new.as_str()), ("password", PASSWORD)];
    assert_eq!(site.post("/confirm", &stranger, &fields).await.status, 303);
    assert_eq!(mails_to(&site, "known@company.example").await.len(), 0, "{known}");
    // as few as of any other mail that strangers ask for
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(site.post("/confirm/again", &stranger, &[("email", "nobody@company.example")]).await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429, 429, 429]);
}

#[tokio::test]
async fn mails_to_a_business_are_in_its_readers_language() {
    use crate::app::news::tell_merchant;
    use crate::store::{Tx, storefronts};

    let site = Site::new("news-language").await;
    let tell = async || {
        let (app, shop) = (site.app.clone(), site.shop.clone());
        let tell = move |tx: &Tx<'_>| tell_merchant(&app, tx, &shop, "news-wallet-active", &[("address", "0x1")]);
        site.app.store.write(tell).await.unwrap();
        mails_to(&site, &site.shop.email).await.pop().unwrap()
    };
    let mail = tell().await;
    assert_eq!(mail.0, "Your settlement wallet is active");
    assert!(mail.1.contains("0x1 was checked") && mail.1.contains("tell the operator"), "{}", mail.1);
    // the language that payers see, then the owner's, then that of whoever has the address
    let shop = site.shop.id.clone();
    let set = move |tx: &Tx<'_>| storefronts::set_ways(tx, &shop, Some("fr"), false);
    site.app.store.write(set).await.unwrap();
    assert_eq!(tell().await.0, "Votre portefeuille de règlement est actif");
    let owner = site.person("duena@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let set = move |tx: &Tx<'_>| users::set_locale(tx, &owner, "es");
    site.app.store.write(set).await.unwrap();
    assert_eq!(tell().await.0, "Su monedero de liquidación está activo");
    let reader = site.person(&site.shop.email, None, false, &[]).await;
    let set = move |tx: &Tx<'_>| users::set_locale(tx, &reader, "hi");
    site.app.store.write(set).await.unwrap();
    assert_eq!(tell().await.0, "आपका निपटान वॉलेट सक्रिय है");
}
