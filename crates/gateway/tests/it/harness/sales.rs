//! Invoices by card and UPI: as a merchant's server creates them, and as a payer's browser without scripts fills in their pages.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Client, page_token, percent_encoded};

pub const APPROVED: &str = "4242424242424242";
pub const CHALLENGED: &str = "4000000000003220";
pub const DECLINED: &str = "4000000000000002";
pub const NO_FUNDS: &str = "4000000000009995";
pub const SOFT_DECLINE: &str = "4000000000000341";
pub const CHARGED_BACK: &str = "4000000000000259";
pub const HELD: &str = "4000000000000077";
pub const ANSWER_LOST: &str = "4000000000000119";
pub const WRONG_AMOUNT: &str = "4000000000000101";
pub const WRONG_CODE: &str = "4000000000000127";
pub const RUN_OUT: &str = "4000000000000069";
pub const AMEX: &str = "378282246310005";

/// All that is mandatory for S2S by card (contract, payin.md); 15.04 USD.
pub fn card_sale(card: &str) -> Value {
    json!({
        "email": "customer@shop.example", "amount": "15.04", "devise": "USD", "name": "John Smith",
        "phone": "020 7946 0018", "customer_ip": "127.0.0.1", "address1": "1000 Lombard St", "address2": "Floor 2",
        "city": "San Francisco", "country": "DE", "postcode": "90210", "date_of_birth": "1990-12-31",
        "card_number": card, "card_expiry_date": "02/2025", "card_ccv": if card == AMEX { "1234" } else { "000" },
    })
}

impl Client {
    /// S2S by card: the answer, its invoice's number and where it sends the payer.
    pub async fn charge_card(&self, parameters: &Value) -> (Value, i64, String) {
        let made = self.create(parameters).await.ok();
        let id = made["ID"].as_i64().unwrap_or_else(|| panic!("{made}"));
        let url = made["redirectUrl"].as_str().unwrap().to_owned();
        (made, id, url)
    }

    /// Creates a hosted invoice, opens its page, and answers its number and its page's token.
    pub async fn hosted(&self, parameters: &Value) -> (i64, String) {
        let made = self.create(parameters).await.ok();
        let url = made["redirectUrl"].as_str().unwrap_or_else(|| panic!("{made}"));
        let newest = self.history("order=DESC").await["list"][0]["id"].clone();
        let token = page_token(url);
        assert_eq!(self.page(&token).await.status, 200);
        (newest.as_str().unwrap().parse().unwrap(), token)
    }

    /// A hosted invoice over so many dollars.
    pub async fn hosted_over(&self, amount: &str) -> (i64, String) {
        self.hosted(&json!({ "email": "customer@shop.example", "amount": amount, "devise": "USD" })).await
    }

    /// Posts a form of the page, as it is without scripts.
    pub async fn fill_in(&self, token: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = format!("token={}", percent_encoded(token));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", percent_encoded(value)));
        }
        self.post("/widget/sale/create/", "application/x-www-form-urlencoded", body).await
    }

    /// Chooses card and pays with it; the page the browser then shows.
    pub async fn pay_on_page(&self, token: &str, card: &str) -> Answer {
        let code = if card == AMEX { "1234" } else { "739" };
        let entry = [("action", "pay-card"), ("number", card), ("expiry", "12/40"), ("code", code)];
        let posted = self.fill_in(token, &[&entry[..], &[("holder", "John Smith")]].concat()).await;
        self.follow(&posted).await
    }

    /// Chooses UPI; the page the browser then shows.
    pub async fn choose(&self, token: &str, method: &str) -> Answer {
        let posted = self.fill_in(token, &[("action", "method"), ("method", method)]).await;
        self.follow(&posted).await
    }

    /// What a browser does with a redirect on this host.
    pub async fn follow(&self, redirect: &Answer) -> Answer {
        assert_eq!(redirect.status, 303, "{redirect:?}");
        self.visit(redirect.headers["location"].to_str().unwrap()).await
    }

    /// A payer's browser, which has no API key.
    pub async fn visit(&self, url: &str) -> Answer {
        let path = url.strip_prefix(&self.base).unwrap_or(url);
        assert!(path.starts_with('/'), "{url} leads elsewhere");
        self.send(self.request_without_key(Method::GET, path)).await
    }

    /// Presses a button of the bank's or the UPI app's page; where it sends the browser.
    pub async fn press_at(&self, url: &str, act: &str) -> Answer {
        let path = url.strip_prefix(&self.base).unwrap_or(url);
        self.post(path, "application/x-www-form-urlencoded", format!("act={act}")).await
    }
}

/// The state a page shows (`data-state`).
pub fn shown(page: &Answer) -> &str {
    attribute(&page.body, "data-state")
}

/// The first value of an attribute in a page.
pub fn attribute<'a>(html: &'a str, name: &str) -> &'a str {
    let start = format!("{name}=\"");
    let (_, rest) = html.split_once(&start).unwrap_or_else(|| panic!("no {name}: {html}"));
    rest.split_once('"').unwrap().0
}

/// Where the link with this id leads.
pub fn link(html: &str, id: &str) -> String {
    let (_, rest) = html.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {html}"));
    attribute(rest, "href").replace("&amp;", "&").replace("&#38;", "&")
}
