use std::collections::BTreeSet;

use serde_json::json;

use super::document::Document;
use super::*;
use crate::dashboard::tests::{Session, Site};

/// Each page of each document.
fn pages() -> BTreeSet<String> {
    let all =
        SOURCES.iter().flat_map(|source| source.document.operations.iter().map(move |one| slug(source, &one.part)));
    all.collect()
}

#[tokio::test]
async fn every_operation_of_the_documents_is_on_a_page() {
    let site = Site::new("docs").await;
    let overview = site.get(PATH, &Session::default()).await;
    assert_eq!(overview.status, 200);
    let mut shown = Vec::new();
    for slug in pages() {
        let page = site.get(&format!("{PATH}/{slug}"), &Session::default()).await;
        assert_eq!(page.status, 200, "{slug}");
        assert!(page.body.contains("<h1>") && !page.body.contains(" style="), "{slug}");
        let loaded = assets::all().into_iter().filter(|asset| page.body.contains(&asset.path));
        let weight = page.body.len() + loaded.map(|asset| asset.body.len()).sum::<usize>();
        assert!(weight < 100_000, "{slug} weighs {weight}");
        shown.push((slug, page.body));
    }
    for source in SOURCES.iter() {
        assert!(!source.document.operations.is_empty());
        for operation in &source.document.operations {
            let (slug, html) = shown.iter().find(|(known, _)| *known == slug(source, &operation.part)).unwrap();
            let Operation { id, method, path, params, body, .. } = operation;
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
            assert!(html.contains(&format!("<b>{method}</b> {}{path}", site.app.base_url)), "{method} {path}");
            assert!(html.contains(&format!("data-method=\"{method}\" data-path=\"{path}\"")), "{method} {path}");
            for field in
                params.iter().chain(body).chain(operation.replies.iter().flat_map(|reply| &reply.forms).flatten())
            {
                assert!(html.contains(&format!("<dt><code>{}</code>", field.name)), "{path}: {}", field.name);
            }
            assert!(overview.body.contains(&format!("href=\"{PATH}/{slug}#{id}\"")), "{id} is not listed");
        }
    }
    let found = site.get(&format!("{PATH}?q=refund"), &Session::default()).await;
    assert!(found.body.contains("/refund/") && !found.body.contains("payout/funds/add"), "{}", found.body);
    assert_eq!(site.get(&format!("{PATH}/nothing"), &Session::default()).await.status, 404);
}

#[tokio::test]
async fn a_live_gateway_is_marked_and_has_no_controls() {
    let (live, sandbox) = (Site::live("docs-live").await, Site::new("docs-sandbox").await);
    for (site, is_live) in [(live, true), (sandbox, false)] {
        let page = site.get("/docs/api/invoices", &Session::default()).await.body;
        assert_eq!(page.contains("This is the live gateway"), is_live);
        assert_eq!(page.contains("Send to the live gateway"), is_live);
        let (status, listed) = if is_live { (404, false) } else { (200, true) };
        assert_eq!(site.get("/docs/api/sandbox-payer", &Session::default()).await.status, status);
        assert_eq!(site.get(PATH, &Session::default()).await.body.contains("/sandbox/chain/mine"), listed);
    }
}

#[test]
fn the_merchants_document_has_the_calls_that_there_are() {
    use crate::wire::paths as known;
    let root: serde_json::Value = serde_json::from_str(MERCHANT_DOCUMENT).unwrap();
    let documented: BTreeSet<&str> = root["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let there = [
        known::CREATE,
        known::STATUS,
        known::INFOS,
        known::HISTORY[0],
        known::HISTORY[1],
        known::PAYABLE_CURRENCIES,
        known::SOLUTION_TYPES,
        known::SOLUTION_NAMES,
        known::FUNDS_ADD,
        known::FUNDS_HISTORY,
        known::FUNDS_DETAIL,
        known::PAYMENT_SEND,
        known::PAYMENT_HISTORY,
        known::PAYMENT_DETAIL,
    ];
    assert_eq!(documented, there.into_iter().collect());
    let create = &root["paths"][known::CREATE]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let devises = create["properties"]["devise"]["enum"].as_array().unwrap();
    let codes: Vec<&str> = devises.iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(codes, crate::wire::create::Devise::ALL.map(crate::wire::create::Devise::code));
}

#[tokio::test]
async fn each_call_of_the_merchants_document_is_served() {
    let site = Site::new("docs-served").await;
    for source in SOURCES.iter().filter(|source| !source.of_sandbox) {
        for operation in &source.document.operations {
            let path = operation.path.replace("{id}", "1");
            let status = site.call(&operation.method, &path).await;
            assert_eq!(status, 200, "{} {path}", operation.method);
        }
    }
}

#[tokio::test]
async fn what_a_document_says_is_escaped() {
    let hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    let root = json!({ "info": { "description": hostile }, "paths": { format!("/api/{hostile}"): { "post": {
        "summary": hostile, "description": format!("`{hostile}`"),
        "parameters": [{ "name": hostile, "in": "query", "required": true, "description": hostile,
                         "schema": { "type": "string", "example": hostile } }],
        "requestBody": { "content": { "application/json": { "schema": { "type": "object", "required": [hostile],
            "properties": { hostile: { "type": "string", "description": hostile, "example": hostile } } } } } },
        "responses": { "200": { "description": hostile, "content": { "application/json": {
            "schema": { "type": "object", "properties": { hostile: { "enum": [hostile, hostile] } } }, "example": hostile } } } }
    } } } });
    let document: &'static Document = Box::leak(Box::new(Document::read(&root, |_| "part".to_owned())));
    let [operation] = &document.operations[..] else { panic!("one") };
    let page = Route::public(Get, "/docs/hostile", move |ask: Ask| async move {
        let w = ask.w();
        let f = frame(&ask, "hostile".into());
        let base = ask.app().base_url.clone();
        ask.show(&Part {
            f,
            title: w.text("docs-v1"),
            name: "part".into(),
            base,
            operations: vec![operation],
            parts: Vec::new(),
        })
    });
    let html = Site::new("docs-hostile").await.ask(page).await.body;
    let html = html.split_once("<main").unwrap().1.to_owned();
    assert!(html.matches("alert(1)").count() >= 8, "{html}");
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    // and a shell takes what it is given as one word
    assert!(curl(operation, "http://x").contains("'\\''"));
}
