//! Who may call what of the new routes: the acquirer's API, its pages, the controls, and the page's own forms.

use reqwest::Method;

use crate::harness::*;

#[tokio::test]
async fn the_acquirer_answers_its_account_only() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let [key, webhook_secret] = sandbox.database().acquirer_secrets().await;
    let calls = [
        (Method::POST, "/v1/payments"),
        (Method::GET, "/v1/payments?reference=x"),
        (Method::POST, "/v1/payments/pay_x/cancel"),
        (Method::POST, "/v1/payments/pay_x/refunds"),
        (Method::GET, "/v1/refunds?reference=x"),
        (Method::GET, "/v1/nothing"),
    ];
    for (method, call) in calls {
        let path = format!("/sandbox/acquirer{call}");
        let request = || client.request_without_key(method.clone(), &path);
        for refused in [
            request(),
            request().bearer_auth(""),
            request().bearer_auth(&client.key),
            request().bearer_auth(&webhook_secret),
            request().header("authorization", format!("Basic {key}")),
        ] {
            assert_eq!(client.send(refused).await.status, 401, "{method} {call}");
        }
        assert_ne!(client.send(request().bearer_auth(&key)).await.status, 401, "{method} {call}");
    }
    assert_eq!(client.payments().await.len(), 0);
}

#[tokio::test]
async fn pages_and_controls() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (_, id, bank) = client.charge_card(&card_sale(CHALLENGED)).await;
    let charge = sandbox.database().charge(id).await.charge.id.to_string();
    let payment = client.payment(&charge).await.unwrap()["id"].as_str().unwrap().to_owned();
    // another site's page cannot press them from a visitor's browser
    for path in [
        format!("/sandbox/acquirer/payments/{charge}/approve"),
        format!("/sandbox/acquirer/challenge/{payment}"),
        "/sandbox/acquirer/orders".into(),
        format!("/sandbox/invoices/{id}/pay"),
    ] {
        for site in ["cross-site", "same-site"] {
            let request = client.request_without_key(Method::POST, &path).header("sec-fetch-site", site);
            assert_eq!(client.send(request.body("act=approve")).await.status, 403, "{path}");
        }
    }
    for (path, status) in [
        ("/sandbox/acquirer/challenge/pay_nobody".to_owned(), 404),
        // named by the page's own id alone
        (format!("/sandbox/acquirer/challenge/{charge}"), 404),
        // a card's payment has no UPI app
        (format!("/sandbox/acquirer/upi/{payment}"), 404),
        (format!("/sandbox/acquirer/challenge/{payment}"), 200),
    ] {
        assert_eq!(client.visit(&path).await.status, status, "{path}");
    }
    for act in ["", "upi_pay", "open_dispute", "release", "expire", "../approve"] {
        assert_eq!(client.press_at(&bank, act).await.status, 400, "{act}");
    }
    for (act, status) in [("nonsense", 404), ("upi_pay", 400), ("release", 400), ("win_dispute", 400)] {
        assert_eq!(client.try_act(&charge, act).await.status, status, "{act}");
    }
    assert_eq!(client.try_act("chg_nobody", "approve").await.status, 404);
    assert_eq!(client.status(id).await, OPENED, "nothing of it happened");
    // a frame around the bank's page or the payer's could steal a press
    for url in [bank.as_str(), "/sandbox/"] {
        let policy = client.visit(url).await.headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("frame-ancestors 'none'"), "{url}: {policy}");
    }
}

/// Each merchant's page tokens are his own; a form with somebody else's token, or none, does nothing.
#[tokio::test]
async fn forms_without_a_token() {
    let sandbox = Sandbox::start().await;
    let client = &sandbox.client;
    let (id, _) = client.hosted_over("15.04").await;
    let actions: [&[(&str, &str)]; 4] = [
        &[("action", "method"), ("method", "card")],
        &[("action", "pay-card"), ("number", APPROVED), ("expiry", "12/40"), ("code", "739"), ("holder", "John")],
        &[("action", "claim"), ("rrn", "527013524405")],
        &[("action", "method"), ("method", "upi")],
    ];
    for token in ["", "x", "8il5zUJKlDxOZ2Cm0dIyD5zbyOq9pE6lgioJ2HjG8jQ="] {
        for fields in actions {
            let answer = client.fill_in(token, fields).await;
            assert_eq!(answer.status, 404, "{token} {fields:?}");
            assert!(!answer.body.contains(APPROVED));
        }
    }
    assert!(sandbox.database().charges(id).await.is_empty());
    assert_eq!(client.payments().await.len(), 0);
}
