//! A payer with an invoice, and what the browser shows.

use reqwest::Method;
use serde_json::{Value, json};

use super::psp::Kind;
use super::shop::Shop;
use crate::harness::{page_token, wait_until};

/// What every invoice here asks for, and the same in INR at the fixed rate.
pub const PRICE: &str = "15.04";
pub const USD: u128 = 1_504;
pub const INR: u128 = 125_584;

const MOBILE: &str = "Mozilla/5.0 (Linux; Android 14) Mobile";

/// An invoice as its payer sees it.
#[derive(Debug, Clone)]
pub struct Invoice {
    pub id: i64,
    pub token: String,
    pub method: &'static str,
    pub on_phone: bool,
}

/// What the payer's browser shows.
#[derive(Debug, Clone)]
pub struct Page {
    pub state: String,
    html: String,
}

impl Page {
    fn of(html: &str) -> Page {
        let state = html.split_once("data-state=\"").and_then(|(_, rest)| rest.split_once('"'));
        let state = state.unwrap_or_else(|| panic!("no page of an invoice: {html}")).0.to_owned();
        Page { state, html: html.replace("&#38;", "&").replace("&amp;", "&") }
    }

    pub fn shows(&self, text: &str) -> bool {
        self.html.contains(text)
    }
}

impl Shop {
    /// To be paid by this provider's method alone.
    pub async fn invoice(&self, kind: &Kind) -> Invoice {
        self.create(kind.method, &json!(kind.method)).await
    }

    pub async fn invoice_of_any_method(&self) -> Invoice {
        self.create("", &json!(null)).await
    }

    async fn create(&self, method: &'static str, only: &Value) -> Invoice {
        let mut parameters = json!({
            "email": "payer@example.com", "amount": PRICE, "devise": "USD", "phone": "+919000090000", "name": "Test Payer",
        });
        if !only.is_null() {
            parameters["payment_solution_type"] = only.clone();
        }
        let made = self.client.create(&parameters).await.ok();
        let token = page_token(made["redirectUrl"].as_str().unwrap_or_else(|| panic!("{made}")));
        let newest = self.client.history("order=DESC").await["list"][0]["id"].as_str().unwrap().parse().unwrap();
        Invoice { id: newest, token, method, on_phone: false }
    }

    pub async fn look(&self, invoice: &Invoice) -> Page {
        self.look_with(invoice, "").await
    }

    /// As the payer does who comes back from the provider; the gateway asks at once.
    pub async fn come_back(&self, invoice: &Invoice) -> Page {
        self.look_with(invoice, "&back=1").await
    }

    /// Right after the button was pressed: the page may lead on by itself.
    pub async fn led_on(&self, invoice: &Invoice) -> Page {
        self.look_with(invoice, "&go=1").await
    }

    async fn look_with(&self, invoice: &Invoice, more: &str) -> Page {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("token", &invoice.token);
        let path = format!("/widget/sale/create/?{}{more}", query.finish());
        let mut request = self.client.request_without_key(Method::GET, &path);
        if invoice.on_phone {
            request = request.header("user-agent", MOBILE);
        }
        let answer = self.client.send(request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        Page::of(&answer.body)
    }

    /// The payer presses the button of the invoice's method. The gateway may die of it: then there is no answer.
    pub async fn choose(&self, invoice: &Invoice) {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", &invoice.token).append_pair("action", "method");
        body.append_pair("method", &invoice.method.to_ascii_lowercase());
        let mut request = self.client.request_without_key(Method::POST, "/widget/sale/create/");
        if invoice.on_phone {
            request = request.header("user-agent", MOBILE);
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body.finish());
        if let Ok(answer) = self.client.try_send(request).await {
            assert_eq!(answer.status, 303, "{answer:?}");
        }
    }

    /// Waits until the page is in a state, as a payer does.
    pub async fn page_becomes(&self, invoice: &Invoice, state: &str) -> Page {
        wait_until(&format!("the page is {state}"), || self.look(invoice), |page| page.state == state).await
    }
}
