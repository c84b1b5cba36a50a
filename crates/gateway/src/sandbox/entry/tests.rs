mod again;
mod shared;

use std::sync::Arc;

use domain::access::{Access, Role};
use domain::merchant::Merchant;
use domain::{MerchantId, UserId};

use super::super::{Reach, Sandbox, SandboxAcquirer, SandboxChain, desk, people, routes, seed};
use super::*;
use crate::app::invoices::create;
use crate::app::switch::{LASTS, Ticket};
use crate::app::testing::new_invoice;
use crate::dashboard::route::Method::Post;
use crate::dashboard::route::Needs;
use crate::dashboard::tests::{HOSTILE, Page, Session, Site, merchant};
use crate::random::Random;
use crate::store::{Database, Store, attempts, invoices, memberships, merchants, users};
use crate::wire::create::Devise;

const LIVE: &str = "http://127.0.0.1";
const SANDBOX: &str = "http://sandbox.localhost";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ADA: &str = "ada@shop.example";

fn switch(url: &str, secret: &str) -> Switch {
    Switch::new(url.into(), secret).unwrap()
}

/// A live gateway and its sandbox, without workers.
struct Two {
    live: Site,
    sandbox: Site,
    own: Sandbox,
    chain: Arc<SandboxChain>,
}

impl Two {
    async fn new(name: &str) -> Two {
        let live = Site::live_with(&format!("switch-{name}"), switch(SANDBOX, SECRET)).await;
        let dir = std::env::temp_dir().join(format!("lockgate-entry-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("lockgate.db");
        let store = Store::open(&Database::File(path.clone())).unwrap();
        let inner = "http://127.0.0.1:1".to_owned();
        let joined = Some(switch(LIVE, SECRET));
        let at = Reach { public: SANDBOX.into(), inner, joined };
        let seed = super::super::seed_of(&store, None, true).await.unwrap();
        let clock = Clock::system();
        let chain = Arc::new(SandboxChain::resume(&store, &clock, seed).await.unwrap());
        let acquirer = Arc::new(SandboxAcquirer::resume(&store, &clock, seed, &at).await.unwrap());
        let made =
            seed::gateway(&store, &clock, &Random::seeded(2), &chain, &at, (seed, Default::default())).await.unwrap();
        assert!(made.shop.is_none() && seed != 1);
        // the sandbox is some weeks ahead, and takes tickets by the true time all the same
        made.app.clock.advance(30 * 86_400_000);
        live.app.clock.advance(u64::try_from(Clock::system().now() - live.app.clock.now()).unwrap());
        let own = Sandbox { app: made.app.clone(), chain: chain.clone(), acquirer, file: None };
        let strangers = (merchant(&made.app, "Stranger").await, merchant(&made.app, "Other").await);
        let (owned, own) = (own.clone(), own);
        let sandbox = Site::on(made.app, strangers, path, move |web| {
            let all = crate::dashboard::routes().merge(crate::checkout::routes::routes()).merge(crate::api::routes());
            all.with_state(web.clone()).merge(routes(owned, web))
        });
        Two { live, sandbox, own, chain }
    }

    /// Begins the way in: what binds it to the browser, and where the live gateway is asked.
    async fn begin(&self, browser: &Session) -> (Session, String) {
        let page = self.sandbox.get(ENTER, browser).await;
        assert_eq!(page.status, 303, "{}", page.body);
        let state = page.cookie(STATE).unwrap();
        let cookie = format!("{}; {STATE}={state}", browser.cookie);
        let there = page.location().strip_prefix(LIVE).unwrap().to_owned();
        (Session { cookie, ..browser.clone() }, there)
    }

    /// The path at the sandbox with the ticket that the live gateway gives.
    async fn ticket(&self, person: &Session, asked: &str) -> String {
        let page = self.live.get(asked, person).await;
        assert_eq!(page.status, 303, "{}", page.body);
        page.location().strip_prefix(SANDBOX).unwrap().to_owned()
    }

    /// The whole way, and the session at its end.
    async fn come(&self, person: &Session, browser: &Session) -> Session {
        let (browser, asked) = self.begin(browser).await;
        let page = self.sandbox.get(&self.ticket(person, &asked).await, &browser).await;
        assert_eq!((page.status, page.location()), (303, "/client/"), "{}", page.body);
        let cookie = format!("lockgate={}", page.cookie("lockgate").unwrap());
        let home = self.sandbox.get("/client/", &Session { cookie: cookie.clone(), csrf: String::new() }).await;
        assert_eq!(home.status, 200, "{}", home.body);
        Session { cookie, csrf: home.csrf() }
    }

    async fn person(&self, email: &str, at: &[(&Merchant, Role)]) -> Session {
        let id = self.live.person(email, None, false, at).await;
        self.live.session(&id, Some(at[0].0), true).await
    }

    fn signed(&self, change: impl FnOnce(Ticket) -> Ticket) -> String {
        let ticket = Ticket {
            to: SANDBOX.into(),
            merchant: self.live.shop.id.clone(),
            merchant_name: "Shop".into(),
            email: ADA.into(),
            role: Role::Owner,
            lang: "en".into(),
            state: "ab".repeat(32),
            nonce: "cd".repeat(16),
            expires_at: Clock::system().now() + LASTS,
        };
        format!("{FINISH}?ticket={}", switch(SANDBOX, SECRET).sign(&change(ticket)))
    }

    async fn user(&self, email: &str) -> Option<UserId> {
        self.sandbox.app.store.read(|tx| users::by_email(tx, email)).await.unwrap().map(|user| user.id)
    }

    /// What somebody is in the sandbox, by merchant.
    async fn roles(&self, email: &str) -> Vec<(MerchantId, Role)> {
        let user = self.user(email).await.unwrap();
        let of = self.sandbox.app.store.read(|tx| memberships::of_user(tx, &user)).await.unwrap();
        of.into_iter().map(|of| (of.merchant_id, of.role)).collect()
    }
}

fn is_refused(page: &Page, sentence: &str) {
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.body.contains(sentence), "{sentence}: {}", page.body);
    assert!(page.body.contains(&format!("href=\"{LIVE}/client/\"")), "a way back: {}", page.body);
    assert!(page.cookie("lockgate").is_none(), "nobody is signed in, and nobody out");
}

#[tokio::test]
async fn a_person_comes_in_sells_is_paid_and_goes_back() {
    let two = Two::new("walk").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let home = two.live.get("/client/?lang=fr", &person).await;
    assert!(home.body.contains(&format!("href=\"{SANDBOX}{ENTER}\"")) && !home.body.contains("sandbox-mark"));
    let person = Session { cookie: format!("{}; lockgate-lang=fr", person.cookie), ..person };
    let guest = two.come(&person, &Session::default()).await;
    // the same merchant, in the language of there, marked, with the way back
    let french = Session { cookie: format!("{}; lockgate-lang=fr", guest.cookie), ..guest.clone() };
    let home = two.sandbox.get("/client/", &french).await;
    assert!(home.body.contains("sandbox-mark") && home.body.contains("Retour au réel"), "{}", home.body);
    assert!(home.body.contains(&format!("class=\"back\" href=\"{LIVE}/client/\"")), "{}", home.body);
    assert!(home.body.contains("&#60;script&#62;alert(1)") && !home.body.contains(HOSTILE), "its name is text");
    assert!(!home.body.contains("href=\"/client/team\"") && !home.body.contains("href=\"/account/\""));
    let shop = two.sandbox.app.store.read(|tx| merchants::existing(tx, &two.live.shop.id)).await.unwrap();
    assert_eq!((shop.name.as_str(), &shop.callback_url), (two.live.shop.name.as_str(), &None));

    create(&two.sandbox.app, shop.clone().into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
    let number = two.sandbox.app.store.read(|tx| invoices::latest_number(tx, &shop.id)).await.unwrap().unwrap();
    let desk = two.sandbox.get("/client/sandbox", &guest).await;
    assert!(desk.status == 200 && desk.body.contains("All merchants share the chain and the clock"), "{}", desk.body);
    for part in ["/client/sandbox/clock", "/client/sandbox/chain", "/sandbox/mailbox", "value=\"late\""] {
        assert!(!desk.body.contains(part), "{part}");
    }
    let head = two.chain.look(|chain| chain.head_number()).await;
    let number_text = number.to_string();
    let fields = [("invoice", number_text.as_str()), ("outcome", "paid"), ("method", "crypto")];
    let paid = two.sandbox.post("/client/sandbox/pay", &guest, &fields).await;
    assert_eq!((paid.status, paid.location()), (303, format!("/client/invoices/{number}").as_str()), "{}", paid.body);
    let made = two.sandbox.app.store.read(|tx| attempts::of_invoice(tx, &shop.id, number)).await.unwrap();
    assert_eq!((made.len(), two.chain.look(|chain| chain.head_number()).await), (1, head + 1));
    // what moves the clock of all is not done
    let now = two.sandbox.app.now();
    let late = [("invoice", number_text.as_str()), ("outcome", "late"), ("method", "crypto")];
    assert_eq!(two.sandbox.post("/client/sandbox/pay", &guest, &late).await.status, 422);
    assert!(two.sandbox.app.now().since(now) < 60_000);
    // test coins, and their report with what was sent
    let sent = two.sandbox.post("/client/sandbox/coins", &guest, &[("coin", "polygon:USDC"), ("amount", "25")]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let report = two.sandbox.get(sent.location(), &guest).await;
    let hash = sent.location().split("tx_hash=").nth(1).unwrap();
    assert!(hash.len() == 66 && report.body.contains(&format!("value=\"{hash}\"")), "{}", report.body);
    // signed out, on the way back in
    let out = two.sandbox.post("/logout", &guest, &[]).await;
    assert_eq!((out.status, out.location()), (303, "/login"));
    assert_eq!(two.sandbox.get("/login", &guest).await.location(), format!("{LIVE}/login"));
    assert_eq!(two.sandbox.get("/client/", &guest).await.location(), ENTER);
}

#[tokio::test]
async fn a_ticket_is_good_once_for_a_minute_in_one_browser() {
    let two = Two::new("ticket").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let (browser, asked) = two.begin(&Session::default()).await;
    let ticket = two.ticket(&person, &asked).await;
    let before = two.sandbox.everything();
    let elsewhere = "This way in was begun in another browser";
    // another browser, with a way in of its own begun or not, and one whose session is somebody else's
    let (other, _) = two.begin(&Session::default()).await;
    let bob = two.person("bob@shop.example", &[(&two.live.shop, Role::Finance)]).await;
    is_refused(&two.sandbox.get(&ticket, &other).await, elsewhere);
    is_refused(&two.sandbox.get(&ticket, &Session::default()).await, elsewhere);
    assert!(two.sandbox.everything() == before, "nobody was made");
    let bob = two.come(&bob, &Session::default()).await;
    is_refused(&two.sandbox.get(&ticket, &bob).await, elsewhere);
    assert_eq!(two.sandbox.get("/client/", &bob).await.status, 200, "he is signed in as before");
    // its own
    assert_eq!(two.sandbox.get(&ticket, &browser).await.status, 303);
    is_refused(&two.sandbox.get(&ticket, &browser).await, "was used before");

    // a good state does not help what is not good otherwise
    let browser = Session { cookie: format!("{STATE}={}", "ab".repeat(32)), csrf: String::new() };
    let before = two.sandbox.everything();
    let ran_out = two.signed(|ticket| Ticket { expires_at: Clock::system().now(), ..ticket });
    is_refused(&two.sandbox.get(&ran_out, &browser).await, "took too long");
    let forever = two.signed(|ticket| Ticket { expires_at: i64::MAX, ..ticket });
    is_refused(&two.sandbox.get(&forever, &browser).await, "took too long");
    let cannot_read = "cannot read who sent you";
    let of_another = two.signed(|ticket| Ticket { to: "http://other.localhost".into(), ..ticket });
    is_refused(&two.sandbox.get(&of_another, &browser).await, cannot_read);
    let good = two.signed(|ticket| ticket);
    let text = good.split_once("ticket=").unwrap().1;
    let foreign = switch(SANDBOX, &"x".repeat(32));
    let read = switch(SANDBOX, SECRET).read(text, SANDBOX, Clock::system().now()).unwrap();
    let foreign = format!("{FINISH}?ticket={}", foreign.sign(&read));
    is_refused(&two.sandbox.get(&foreign, &browser).await, cannot_read);
    // another merchant's id under the signature of the first
    let other = two.signed(|ticket| Ticket { merchant: two.live.other.id.clone(), ..ticket });
    let (body, _) = other.split_once('.').unwrap();
    let tampered = format!("{body}.{}", good.split_once('.').unwrap().1);
    is_refused(&two.sandbox.get(&tampered, &browser).await, cannot_read);
    for none in
        [FINISH.to_owned(), format!("{FINISH}?ticket="), format!("{FINISH}?ticket={}", "%3Cscript%3E".repeat(9))]
    {
        let page = two.sandbox.get(&none, &browser).await;
        is_refused(&page, cannot_read);
        assert!(!page.body.contains("<script>"));
    }
    assert!(two.sandbox.everything() == before, "nothing has changed");
    let page = two.sandbox.get(&good, &browser).await;
    assert_eq!(page.status, 303, "the same without a fault: {}", page.body);
    let line = page.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
    assert!(line.into_iter().any(|line| line.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200")));
    assert_eq!(page.cookie(STATE), None, "another tab of this browser may be on its way");
    is_refused(&two.sandbox.get(&good, &browser).await, "was used before");
}

#[tokio::test]
async fn what_somebody_is_follows_the_ticket() {
    let two = Two::new("follows").await;
    let (shop, other) = (&two.live.shop, &two.live.other);
    let id = two.live.person(ADA, None, false, &[(shop, Role::Owner), (other, Role::Support)]).await;
    let at_shop = two.live.session(&id, Some(shop), true).await;
    let first = two.come(&at_shop, &Session::default()).await;
    assert_eq!(two.roles(ADA).await, [(shop.id.clone(), Role::Owner)]);
    // another role there since, and another sandbox tab
    let changed = shop.id.clone();
    let user = id.clone();
    let set = two.live.app.store.write(move |tx| memberships::set_role(tx, &changed, &user, Role::ReadOnly)).await;
    assert!(set.unwrap());
    let second = two.come(&at_shop, &Session::default()).await;
    assert_eq!(two.roles(ADA).await, [(shop.id.clone(), Role::ReadOnly)]);
    for session in [&first, &second] {
        assert_eq!(two.sandbox.get("/client/", session).await.status, 200);
        assert_eq!(two.sandbox.get("/client/invoices/new", session).await.status, 403, "he only reads now");
    }
    // the other merchant: nothing of the first is his any more until he comes for that one again
    let at_other = two.live.session(&id, Some(other), true).await;
    let third = two.come(&at_other, &second).await;
    assert_eq!(two.roles(ADA).await, [(other.id.clone(), Role::Support)]);
    for session in [&first, &second] {
        assert_eq!(two.sandbox.get("/client/", session).await.location(), ENTER);
    }
    let user = two.sandbox.app.store.read(|tx| users::by_email(tx, ADA)).await.unwrap().unwrap();
    assert!(user.password_hash.is_none() && !user.is_operator);
    let home = two.sandbox.get("/client/", &third).await;
    assert!(home.body.contains(">Shop<") && !home.body.contains("alert(1)"), "{}", home.body);
    // after half a day he comes again
    two.sandbox.app.clock.advance(12 * 3_600_000);
    assert_eq!(two.sandbox.get("/client/", &third).await.location(), ENTER);
    // who looks on as an operator is nobody of the merchant's
    let boss = two.live.person("boss@lockgate.example", None, true, &[]).await;
    let boss = two.live.session(&boss, Some(shop), true).await;
    assert!(!two.live.get("/client/", &boss).await.body.contains(SANDBOX));
    let (_, asked) = two.begin(&Session::default()).await;
    assert_eq!(two.live.get(&asked, &boss).await.location(), "/client/");
    assert!(two.user("boss@lockgate.example").await.is_none());
    // whom this sandbox's operator has made one at the command line is one when he comes
    let bob = two.person("bob@shop.example", &[(shop, Role::ReadOnly)]).await;
    let guest = two.come(&bob, &Session::default()).await;
    assert_eq!(two.sandbox.get("/operator/", &guest).await.status, 403);
    let made = two.user("bob@shop.example").await.unwrap();
    let make = move |tx: &crate::store::Tx<'_>| {
        let user = users::by_id(tx, &made)?.unwrap();
        users::update(tx, &users::UserRow { is_operator: true, ..user })
    };
    two.sandbox.app.store.write(make).await.unwrap();
    let guest = two.come(&bob, &guest).await;
    assert_eq!(two.sandbox.get("/operator/", &guest).await.status, 200);
    // whom the sandbox's operator has disabled stays out
    let disabled = two.user(ADA).await.unwrap();
    let now = two.sandbox.app.now();
    two.sandbox.app.store.write(move |tx| users::set_disabled(tx, &disabled, Some(now))).await.unwrap();
    let (browser, asked) = two.begin(&Session::default()).await;
    is_refused(&two.sandbox.get(&two.ticket(&at_other, &asked).await, &browser).await, "disabled in this sandbox");
}

#[tokio::test]
async fn the_live_gateway_leads_to_its_sandbox_and_nowhere_else() {
    let two = Two::new("leads").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    for query in ["", "?state=", "?state=abc", "?state=//evil.example", &format!("?state={}", "z".repeat(64))] {
        let path = format!("/client/sandbox/enter{query}");
        assert_eq!(two.live.get(&path, &person).await.location(), format!("{SANDBOX}{ENTER}"), "{query}");
    }
    let state = "ab".repeat(32);
    let asked = format!("/client/sandbox/enter?state={state}&to=https://evil.example&redirect_uri=//evil.example");
    let page = two.live.get(&asked, &person).await;
    assert!(page.location().starts_with(&format!("{SANDBOX}{FINISH}?ticket=")), "{}", page.location());
    // a log-in on the way: back here first, and the browser lets that form lead on
    let stranger = two.live.stranger().await;
    let first = two.live.get(&format!("/client/sandbox/enter?state={state}"), &stranger).await;
    assert_eq!(first.location(), format!("/login?next=%2Fclient%2Fsandbox%2Fenter%3Fstate%3D{state}"));
    let form = two.live.get(first.location(), &stranger).await;
    let policy = form.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("form-action 'self' {SANDBOX};")), "{policy}");
    let form = two.sandbox.get("/sandbox/", &Session::default()).await;
    let policy = form.headers["content-security-policy"].to_str().unwrap();
    assert!(form.status == 200 && policy.contains(&format!("form-action 'self' {LIVE};")), "{policy}");
    // without a sandbox nothing is added
    let plain = Site::live("switch-none").await;
    let form = plain.get("/login", &Session::default()).await;
    assert!(form.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self';"));
}

#[tokio::test]
async fn nothing_of_a_joined_sandbox_is_open() {
    let two = Two::new("closed").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let guest = two.come(&person, &Session::default()).await;
    let everybody = [&guest, &Session::default()];
    let before = two.sandbox.everything();
    let controls = super::super::controls::calls().into_iter().map(|(path, _)| path).filter(|path| *path != "/sandbox");
    let others = [
        super::super::controls::RPC,
        "/sandbox/sandbox.js",
        "/sandbox/mailbox",
        "/sandbox/mailbox/1",
        "/sandbox/acquirer/v1/payments",
        "/client/sandbox/chain",
        "/client/sandbox/clock",
    ];
    for path in controls.chain(others) {
        let path = path.replace("{id}", "1").replace("{reference}", "x").replace("{act}", "approve");
        for session in everybody {
            for method in ["GET", "POST"] {
                let status = two.sandbox.send(method, &path, session, &[], "").await.status;
                // below /client/ there is a page that says that there is none
                assert!(
                    [404, 405].contains(&status) || status == 303 && session.cookie.is_empty(),
                    "{method} {path}: {status}"
                );
            }
        }
    }
    assert!(two.sandbox.everything() == before);
    // nobody is known, nobody has a password, and none can be had
    for login in [people::MERCHANT, people::OPERATOR] {
        assert!(two.user(login.email).await.is_none());
        let stranger = Session { csrf: "0".into(), ..Session::default() };
        let page = two.sandbox.post("/login", &stranger, &[("email", login.email), ("password", login.password)]).await;
        assert_eq!((page.status, page.location()), (303, format!("{LIVE}/login").as_str()));
    }
    for (path, there) in
        [("/signup", "/signup"), ("/forgot", "/login"), ("/reset?token=1", "/login"), ("/join", "/login")]
    {
        assert_eq!(two.sandbox.get(path, &Session::default()).await.location(), format!("{LIVE}{there}"), "{path}");
    }
    for (path, there) in
        [("/account/", "/account/"), ("/account/password", "/account/"), ("/client/team", "/client/team")]
    {
        assert_eq!(two.sandbox.get(path, &guest).await.location(), format!("{LIVE}{there}"), "{path}");
    }
    let invited = [("email", "eve@evil.example"), ("role", "owner")];
    let page = two.sandbox.post("/client/team/invite", &guest, &invited).await;
    assert_eq!(page.location(), format!("{LIVE}/client/team"));
    assert_eq!(two.sandbox.get("/operator/", &guest).await.status, 403);
    // it is no way into the network it stands in
    for url in [
        "http://127.0.0.1:9/hook",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://localhost/",
        "http://shop.example/",
    ] {
        let page = two.sandbox.post("/client/callbacks/url", &guest, &[("url", url)]).await;
        assert_eq!(page.status, 422, "{url}: {}", page.body);
    }
    let shop = two.sandbox.app.store.read(|tx| merchants::existing(tx, &two.live.shop.id)).await.unwrap();
    assert_eq!(shop.callback_url, None);
    // the API's pages show no controls, and the palette nothing that is not here
    assert!(!two.sandbox.get("/docs/api", &guest).await.body.contains("/sandbox/openapi.json"));
    let found = two.sandbox.get("/account/find", &guest).await;
    assert!(found.status == 200 && !found.body.contains("/account/password") && !found.body.contains("/client/team"));
}

/// What a person of one merchant cannot reach of another's here.
#[tokio::test]
async fn a_guest_pays_and_sees_invoices_of_his_merchant_only() {
    let two = Two::new("apart").await;
    let (shop, other) = (&two.live.shop, &two.live.other);
    let ada = two.person(ADA, &[(shop, Role::Owner)]).await;
    let bob = two.person("bob@other.example", &[(other, Role::Owner)]).await;
    let (ada, bob) = (two.come(&ada, &Session::default()).await, two.come(&bob, &Session::default()).await);
    let mut owned = Vec::new();
    for id in [&shop.id, &other.id] {
        let of = two.sandbox.app.store.read(|tx| merchants::existing(tx, id)).await.unwrap();
        create(&two.sandbox.app, of.into(), new_invoice("payer@example.com", 1504, Devise::Usd)).await.unwrap();
        owned
            .push(two.sandbox.app.store.read(|tx| invoices::latest_number(tx, id)).await.unwrap().unwrap().to_string());
    }
    let before = two.sandbox.everything();
    for (session, foreign) in [(&ada, &owned[1]), (&bob, &owned[0])] {
        let fields = [("invoice", foreign.as_str()), ("outcome", "paid"), ("method", "crypto")];
        assert_eq!(two.sandbox.post("/client/sandbox/pay", session, &fields).await.status, 422);
        assert_eq!(two.sandbox.get(&format!("/client/invoices/{foreign}"), session).await.status, 404);
        let number = two.sandbox.shop.number.to_string();
        assert_eq!(two.sandbox.post("/account/look", session, &[("merchant", &number)]).await.status, 404);
    }
    assert!(two.sandbox.everything() == before, "nothing has changed");
}

/// The rows that stand in no table, by each role as its permission says.
#[tokio::test]
async fn each_role_that_comes_may_what_it_may_there() {
    let two = Two::new("roles").await;
    let all = [desk::rows(&two.own), rows(Clock::system())].concat();
    assert_eq!(all.len(), 6);
    for role in Role::ALL {
        let person = two.person(&format!("{}@shop.example", role.name()), &[(&two.live.shop, role)]).await;
        let guest = two.come(&person, &Session::default()).await;
        for row in &all {
            let page = match row.method {
                Get => two.sandbox.get(row.path, &guest).await,
                Post => two.sandbox.post(row.path, &guest, &[]).await,
            };
            let status = match (row.needs, row.path) {
                (Needs::Merchant(permission), _) if !Access::Member(role).may(permission) => 403,
                (Needs::Merchant(_), _) if row.method == Post => 422,
                (_, ENTER) => 303,
                // without a ticket
                (_, FINISH) => 403,
                _ => 200,
            };
            assert_eq!(page.status, status, "{role:?}: {row:?}: {}", page.body);
            if row.method == Post {
                let forged = Session { csrf: "0".repeat(64), ..guest.clone() };
                assert_eq!(two.sandbox.post(row.path, &forged, &[]).await.status, 403, "{row:?}");
                let stranger = two.sandbox.post(row.path, &Session::default(), &[]).await;
                assert!([303, 403].contains(&stranger.status), "{row:?}");
            }
        }
    }
}

/// An open sandbox's database is not let to strangers, nor the other way round.
#[tokio::test]
async fn a_database_is_an_open_sandboxs_or_a_joined_ones() {
    use super::super::{SandboxFailed, seed_of};
    for (name, first) in [("open", false), ("joined", true)] {
        let dir = std::env::temp_dir().join(format!("lockgate-entry-kind-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let store = crate::store::testing::store(&dir);
        let seed = seed_of(&store, None, first).await.unwrap();
        assert_eq!(seed == 1, !first);
        assert_eq!(seed_of(&store, None, first).await.unwrap(), seed, "it stays what it is");
        let refused = seed_of(&store, None, !first).await;
        match first {
            true => assert!(matches!(refused, Err(SandboxFailed::WasJoined)), "{refused:?}"),
            false => assert!(matches!(refused, Err(SandboxFailed::WasOpen)), "{refused:?}"),
        }
    }
}
