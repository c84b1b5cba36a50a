//! A person's browser on the dashboard: keeps cookies, fills in forms with their token.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use serde_json::Value;

use super::{Answer, Client};

#[derive(Debug)]
pub struct Visitor {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Answer {
    /// Where it leads, or nothing.
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

impl Visitor {
    pub fn new(client: &Client) -> Visitor {
        Visitor { client: client.clone(), cookies: Mutex::default() }
    }

    /// Somebody of `sandbox.json`: `merchant_login` or `operator_login`.
    pub async fn signed_in(client: &Client, file: &Value, login: &str) -> Visitor {
        let visitor = Visitor::new(client);
        let text = |name: &str| file[login][name].as_str().unwrap_or_else(|| panic!("{file}")).to_owned();
        let entered = visitor.log_in(&text("email"), &text("password")).await;
        assert_eq!(entered.status, 303, "{entered:?}");
        visitor
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Answer {
        self.post("/login", "/login", &[("email", email), ("password", password)]).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// Opens `page`, and sends its form for `path` with what the page hid in it.
    pub async fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(page).await;
        assert_eq!(shown.status, 200, "{page}: {shown:?}");
        self.post_shown(&shown, path, fields).await
    }

    /// Sends the form for `path` of a page that was opened before.
    pub async fn post_shown(&self, shown: &Answer, path: &str, fields: &[(&str, &str)]) -> Answer {
        let form = shown.body.split_once(&format!("action=\"{path}\"")).map_or(shown.body.as_str(), |(_, form)| form);
        let form = form.split("</form>").next().unwrap();
        let mut body = form_urlencoded::Serializer::new(String::new());
        for hidden in form.split("<input type=\"hidden\" name=\"").skip(1) {
            let (name, rest) = hidden.split_once("\" value=\"").expect("a name and a value");
            if !fields.iter().any(|(own, _)| *own == name) {
                body.append_pair(name, rest.split('"').next().unwrap());
            }
        }
        body.extend_pairs(fields);
        self.send(Method::POST, path, Some(body.finish())).await
    }

    async fn send(&self, method: Method, path: &str, form: Option<String>) -> Answer {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.client.request_without_key(method, path).header(COOKIE, line.join("; "));
        if let Some(form) = form {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin")
                .body(form);
        }
        let answer = self.client.send(request).await;
        let mut kept = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for line in answer.headers.get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            match rest.split(';').next().unwrap() {
                "" => kept.remove(name),
                value => kept.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }
}
