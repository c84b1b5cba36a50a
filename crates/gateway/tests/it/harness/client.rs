//! A merchant's server, a payer's browser, and a hand on the sandbox's controls.

use std::net::IpAddr;

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use super::wait_until;

/// Speaks to one sandbox with one API key. Redirects are not followed: an API that answers with one is broken.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base: String,
    pub key: String,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// What to order from the sandbox's payer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pay<'a> {
    pub outcome: &'a str,
    pub currency: Option<&'a str>,
    pub amount: Option<&'a str>,
    pub wait: bool,
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The token in a `redirectUrl`, as a browser would read it.
pub fn page_token(redirect_url: &str) -> String {
    let (_, query) = redirect_url.split_once("?token=").unwrap();
    percent_encoding::percent_decode_str(query).decode_utf8().unwrap().into_owned()
}

impl Answer {
    pub fn json(&self) -> Value {
        json(&self.body)
    }

    /// The body of a call that was understood.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// Status and body at once, to be compared with what they should be.
    pub fn both(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().timeout(super::PATIENCE)
}

impl Client {
    pub fn new(base: &str, key: &str) -> Client {
        Client { http: builder().build().unwrap(), base: base.into(), key: key.into() }
    }

    /// The same merchant calling from another address of this machine.
    pub fn calling_from(&self, address: &str) -> Client {
        let address: IpAddr = address.parse().unwrap();
        Client { http: builder().local_address(address).build().unwrap(), ..self.clone() }
    }

    pub fn with_key(&self, key: &str) -> Client {
        Client { key: key.into(), ..self.clone() }
    }

    /// A request with the API key; `headers` may overrule or add.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header("API-KEY", &self.key)
    }

    pub fn request_without_key(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_send(request).await.unwrap()
    }

    pub async fn try_send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(Method::POST, path).header("Content-Type", content_type).body(body)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.post(path, "application/json", body.to_string()).await
    }

    pub async fn create(&self, parameters: &Value) -> Answer {
        self.post_json("/api/btn-create-invoice/get/", parameters).await
    }

    /// Creates an S2S crypto invoice: its number, and its page's token.
    pub async fn sell(&self, amount: &str, currency: &str) -> (i64, String) {
        let parameters = serde_json::json!({
            "email": "customer@shop.example", "amount": amount, "devise": "USD", "payableCurrencies": currency,
        });
        let made = self.create(&parameters).await.ok();
        let id = made["ID"].as_i64().unwrap_or_else(|| panic!("{made}"));
        (id, page_token(made["redirectUrl"].as_str().unwrap()))
    }

    pub async fn status(&self, id: i64) -> String {
        let answer = self.get(&format!("/api/invoice/status/?id={id}")).await.ok();
        answer["invoice"]["status"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// `data` of infos.
    pub async fn infos(&self, id: i64) -> Value {
        self.get(&format!("/api/client-invoice-info/get/?id={id}")).await.ok()["data"].clone()
    }

    pub async fn history(&self, query: &str) -> Value {
        self.get(&format!("/api/client-invoice-history/get/?{query}")).await.ok()
    }

    /// The invoice's row in history.
    pub async fn row(&self, id: i64) -> Value {
        let list = self.history("order=DESC").await["list"].clone();
        let number = Value::from(id.to_string());
        let row = list.as_array().unwrap().iter().find(|row| row["id"] == number);
        row.unwrap_or_else(|| panic!("{list}")).clone()
    }

    pub async fn status_becomes(&self, id: i64, status: &str) {
        wait_until(&format!("invoice {id} is {status}"), || self.status(id), |seen| seen == status).await;
    }

    /// What the inbox got, oldest first.
    pub async fn callbacks(&self) -> Vec<Value> {
        self.get("/sandbox/callbacks").await.ok()["callbacks"].as_array().unwrap().clone()
    }

    /// What the inbox got of one invoice, once there are so many.
    pub async fn callbacks_of(&self, id: i64, count: usize) -> Vec<Value> {
        let of_invoice = || async {
            let all = self.callbacks().await;
            let body = |callback: &Value| json(callback["raw_body"].as_str().unwrap());
            all.into_iter().filter(|callback| body(callback)["id"] == id).collect::<Vec<_>>()
        };
        wait_until(&format!("{count} callbacks of {id}"), of_invoice, |seen: &Vec<Value>| seen.len() >= count).await
    }

    /// The statuses of an invoice's callbacks in the order they came, once there are so many.
    pub async fn told(&self, id: i64, count: usize) -> Vec<String> {
        let status = |callback: &Value| json(callback["raw_body"].as_str().unwrap())["status"].as_str().unwrap().into();
        self.callbacks_of(id, count).await.iter().map(status).collect()
    }

    pub async fn pay(&self, id: i64, order: Pay<'_>) -> Value {
        let answer = self.try_pay(id, order).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    pub async fn try_pay(&self, id: i64, order: Pay<'_>) -> Answer {
        let mut body = serde_json::json!({ "outcome": order.outcome, "mine": !order.wait });
        for (name, value) in [("currency", order.currency), ("amount", order.amount)] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        self.post_json(&format!("/sandbox/invoices/{id}/pay"), &body).await
    }

    pub async fn mine(&self, blocks: u64) {
        self.post_json("/sandbox/chain/mine", &serde_json::json!({ "blocks": blocks })).await.ok();
    }

    pub async fn reorg(&self, depth: u64, keep_transactions: bool) {
        let order = serde_json::json!({ "depth": depth, "keep_transactions": keep_transactions });
        self.post_json("/sandbox/chain/reorg", &order).await.ok();
    }

    pub async fn advance(&self, seconds: u64) {
        self.post_json("/sandbox/clock/advance", &serde_json::json!({ "seconds": seconds })).await.ok();
    }

    pub async fn page(&self, token: &str) -> Answer {
        self.get(&format!("/widget/sale/create/?token={}", percent_encoded(token))).await
    }

    /// Presses a button of the page.
    pub async fn press(&self, token: &str, action: &str, currency: &str) -> Answer {
        let body = format!("token={}&action={action}&currency={currency}", percent_encoded(token));
        self.post("/widget/sale/create/", "application/x-www-form-urlencoded", body).await
    }
}

pub fn percent_encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
