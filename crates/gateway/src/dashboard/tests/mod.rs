//! Every row of the table of pages, by everybody, in every wrong way. Nothing here names a page: a new row is walked like all others.

mod attention;
mod branding;
mod callbacks;
mod coin_refunds;
mod foreign_forms;
mod hostile;
mod live;
mod operators;
mod pages;
mod passkeys;
mod payer_mails;
mod payouts;
mod people;
mod read_forms;
mod roles;
mod sales;
mod settled;
mod setup;
mod sign_in;
mod soft_authenticator;
mod upi_statements;
mod ways;
mod weight;
mod words;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, Response, header};
use domain::access::Role;
use domain::fee::BasisPoints;
use domain::merchant::{Merchant, Wallet};
use domain::{Units, UserId};
use futures_util::StreamExt;
use rusqlite::types::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::route::{Method, Route};
use super::{account, client, docs, operator, table};
use crate::api::Web;
use crate::app::accounts::sessions::{Browser, begin};
use crate::app::accounts::token_hash;
use crate::app::merchants::{NewMerchant, Office};
use crate::app::switch::Switch;
use crate::app::testing::app_on;
use crate::app::{App, CardIntake, SharedApp};
use crate::random::Random;
use crate::store::users::UserRow;
use crate::store::{Database, Store, StoreError, Tx, memberships, sessions, users};

/// Makes something of a merchant's and answers the path of a page about it.
pub type Sample = fn(SharedApp, Merchant) -> Pin<Box<dyn Future<Output = String> + Send>>;

/// What no page may hold as it is.
pub const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

/// The pages over an app with two merchants.
#[derive(Clone)]
pub struct Site {
    pub app: SharedApp,
    pub shop: Merchant,
    pub other: Merchant,
    /// As at the server's end.
    pub stop: CancellationToken,
    web: Web,
    router: Router,
    path: std::path::PathBuf,
}

/// Somebody's browser: the session's cookie, and the token of its forms.
#[derive(Debug, Clone, Default)]
pub struct Session {
    pub cookie: String,
    pub csrf: String,
}

#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a cookie that this answer sets.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
    }

    pub fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }
}

/// One more merchant, in good order.
pub async fn merchant(app: &SharedApp, name: &str) -> Merchant {
    let office = Office::of(app);
    let new = NewMerchant {
        name: name.into(),
        email: "shop@shop.example".into(),
        wallet: Wallet::Active("0x0101010101010101010101010101010101010101".into()),
        fee: BasisPoints::new(100).unwrap(),
        min_amount: Units(1),
        max_amount: Units(1_000_000),
        s2s: false,
        callback_url: Some("https://shop.example/callback".into()),
    };
    let (shop, _) = app.store.write(move |tx| office.create(tx, new)).await.unwrap();
    shop
}

impl Site {
    pub async fn new(name: &str) -> Site {
        Site::of(name, false, None).await
    }

    /// Not a sandbox's.
    pub async fn live(name: &str) -> Site {
        Site::of(name, true, None).await
    }

    /// A live gateway's that has a sandbox.
    pub async fn live_with(name: &str, sandbox: Switch) -> Site {
        Site::of(name, true, Some(sandbox)).await
    }

    async fn of(name: &str, is_live: bool, switch: Option<Switch>) -> Site {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = std::env::temp_dir().join(format!("lockgate-pages-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("lockgate.db");
        let store = Store::open(&Database::File(path.clone())).unwrap();
        let (app, other) = app_on(store, Wallet::Missing, Random::seeded(7)).await;
        let cards = CardIntake::Direct { check_expiry: true };
        let app = Arc::new(App { sandbox: !is_live, cards, switch, ..Arc::into_inner(app).unwrap() });
        let shop = merchant(&app, HOSTILE).await;
        Site::on(app, (shop, other), path, |web| {
            let more = super::switch::routes(&web);
            super::routes().merge(crate::checkout::routes::routes()).with_state(web).merge(more)
        })
    }

    /// Pages over another app.
    pub fn on(
        app: SharedApp,
        (shop, other): (Merchant, Merchant),
        path: std::path::PathBuf,
        router: impl FnOnce(Web) -> Router,
    ) -> Site {
        let limits = crate::sandbox::limits();
        let stop = CancellationToken::new();
        let web = crate::server::web(app.clone(), limits, Vec::new(), stop.clone());
        Site { stop, router: router(web.clone()), web, app, shop, other, path }
    }

    /// Somebody who can sign in with `password`, with these roles.
    pub async fn person(
        &self,
        email: &str,
        password: Option<&str>,
        is_operator: bool,
        roles: &[(&Merchant, Role)],
    ) -> UserId {
        let (app, now) = (self.app.clone(), self.app.now());
        let random = &app.random;
        let user = UserRow {
            id: UserId::new(random.ulid(now.0)),
            email: email.into(),
            confirmed_at: Some(now),
            password_hash: password.and_then(|text| crate::app::accounts::password::hash_of_no_secret(random, text)),
            totp_secret: None,
            totp_step: None,
            is_operator,
            locale: None,
            created_at: now,
            version: 1,
        };
        let roles: Vec<_> = roles.iter().map(|(merchant, role)| (merchant.id.clone(), *role)).collect();
        let id = user.id.clone();
        let make = move |tx: &Tx<'_>| {
            assert!(users::insert(tx, &user)?);
            for (merchant, role) in &roles {
                memberships::insert(tx, merchant, &user.id, *role, now)?;
            }
            Ok::<_, StoreError>(())
        };
        app.store.write(make).await.unwrap();
        id
    }

    /// A new session, without a log-in.
    pub async fn session(&self, user: &UserId, looks_at: Option<&Merchant>, is_complete: bool) -> Session {
        let (app, user, looks_at) = (self.app.clone(), user.clone(), looks_at.map(|merchant| merchant.id.clone()));
        let make = move |tx: &Tx<'_>| {
            let user = users::by_id(tx, &user)?.unwrap();
            let browser = Browser { ip: [127, 0, 0, 1].into(), user_agent: HOSTILE.into() };
            let token = begin(&app, tx, &user, &browser, is_complete)?;
            if looks_at.is_some() {
                sessions::set_merchant(tx, &token_hash(&token), looks_at.as_ref())?;
            }
            let csrf = sessions::by_token(tx, &token_hash(&token))?.unwrap().csrf;
            Ok::<_, StoreError>(Session { cookie: format!("lockgate={token}"), csrf })
        };
        self.app.store.write(make).await.unwrap()
    }

    /// Who is not signed in, with the cookie and token of his forms.
    pub async fn stranger(&self) -> Session {
        let page = self.get("/login", &Session::default()).await;
        let form = page.cookie("lockgate-form").unwrap();
        Session { cookie: format!("lockgate-form={form}"), csrf: page.csrf() }
    }

    pub async fn get(&self, path: &str, session: &Session) -> Page {
        self.send("GET", path, session, &[], "").await
    }

    /// A form as a browser sends it.
    pub async fn post(&self, path: &str, session: &Session, fields: &[(&str, &str)]) -> Page {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("csrf", &session.csrf).extend_pairs(fields);
        self.send("POST", path, session, &[("sec-fetch-site", "same-origin")], &body.finish()).await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        session: &Session,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Page {
        self.send_bytes(method, path, session, headers, body.as_bytes().to_vec()).await
    }

    /// A form with a file, as a browser sends it.
    pub async fn upload(&self, path: &str, session: &Session, file: (&str, &str), bytes: &[u8]) -> Page {
        self.upload_as(path, session, "logo", file, bytes).await
    }

    /// The same, with the name of its field.
    pub async fn upload_as(
        &self,
        path: &str,
        session: &Session,
        field: &str,
        (name, content_type): (&str, &str),
        bytes: &[u8],
    ) -> Page {
        let mut body = format!(
            "--b0undary\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n--b0undary\r\n\
             Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {content_type}\r\n\r\n",
            session.csrf
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b0undary--\r\n");
        let headers = [("sec-fetch-site", "same-origin"), ("content-type", "multipart/form-data; boundary=b0undary")];
        self.send_bytes("POST", path, session, &headers, body).await
    }

    async fn send_bytes(
        &self,
        method: &str,
        path: &str,
        session: &Session,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Page {
        let mut request = Request::builder().method(method).uri(path);
        if headers.iter().all(|(name, _)| *name != "host") {
            request = request.header("host", "127.0.0.1");
        }
        if !session.cookie.is_empty() {
            request = request.header("cookie", &session.cookie);
        }
        if method == "POST" && headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header("content-type", "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).unwrap();
        let (parts, body) = self.answer(request).await.into_parts();
        let is_stream = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = match is_stream {
            // it does not end by itself
            true => body.into_data_stream().next().await.unwrap().unwrap(),
            false => to_bytes(body, 10 << 20).await.unwrap(),
        };
        Page {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// A row that is in no table.
    pub async fn ask(&self, route: Route) -> Page {
        let path = route.path;
        let own = Site { router: route.add_to(Router::new()).with_state(self.web.clone()), ..self.clone() };
        own.get(path, &Session::default()).await
    }

    /// The status of a call of the API, without a key.
    pub async fn call(&self, method: &str, path: &str) -> u16 {
        let own = Site { router: crate::api::routes().with_state(self.web.clone()), ..self.clone() };
        own.send(method, path, &Session::default(), &[], "").await.status
    }

    /// What the API answers to a post with a key.
    pub async fn call_with(&self, key: &str, path: &str, body: &str) -> serde_json::Value {
        let own = Site { router: crate::api::routes().with_state(self.web.clone()), ..self.clone() };
        let headers = [("API-KEY", key), ("content-type", "application/json")];
        let page = own.send("POST", path, &Session::default(), &headers, body).await;
        serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{path}: {page:?}"))
    }

    /// An answer whose body is not read yet.
    pub async fn answer(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Asks for a row as it is meant to be asked for, of what is this merchant's.
    pub async fn walk(&self, route: &Route, of: &Merchant, session: &Session) -> Page {
        let path = self.sample(route, of).await;
        match route.method {
            Method::Get => self.get(&path, session).await,
            Method::Post => self.post(&path, session, &[]).await,
        }
    }

    pub async fn sample(&self, route: &Route, of: &Merchant) -> String {
        if !route.has_id() {
            return route.path.to_owned();
        }
        let samples = [account::samples(), client::samples(), operator::samples(), docs::samples()].concat();
        let (_, sample) = samples.iter().find(|(path, _)| *path == route.path).unwrap_or_else(|| {
            panic!("{} has an id in its path: put a sample of it into `samples` beside `routes`", route.path)
        });
        sample(self.app.clone(), of.clone()).await
    }

    /// Of the database.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Every row of every table.
    pub fn everything(&self) -> Vec<(String, Vec<Vec<Value>>)> {
        let connection = rusqlite::Connection::open(&self.path).unwrap();
        let all = |sql: &str| {
            let mut statement = connection.prepare(sql).unwrap();
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
            rows.map(|row: rusqlite::Result<Vec<Value>>| row.unwrap()).collect::<Vec<_>>()
        };
        let tables = all("SELECT name FROM sqlite_master WHERE type = 'table'").into_iter().flatten();
        let names = tables.filter_map(|name| if let Value::Text(name) = name { Some(name) } else { None });
        names.map(|name| (name.clone(), all(&format!("SELECT * FROM \"{name}\"")))).collect()
    }
}

/// Rows of one kind.
pub fn rows(keep: impl Fn(&Route) -> bool) -> Vec<Arc<Route>> {
    table().into_iter().filter(keep).map(Arc::new).collect()
}
