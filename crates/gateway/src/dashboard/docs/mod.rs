//! `/docs/api`: the API's calls as pages, made from the OpenAPI documents that are served, with a form to try each. For anybody: nothing here is
//! secret. A key that is typed stays in the page (`assets/docs.js`).

mod document;
mod example;

use std::sync::LazyLock;

use askama::Template;
use axum::http::header;
use axum::response::IntoResponse;
use document::{Document, Operation, Prose};

use super::ask::Ask;
use super::assets;
use super::frame::Frame;
use super::pages::{Answer, Failed};
use super::route::Method::Get;
use super::route::Route;
#[cfg(test)]
use super::tests::Sample;
use crate::checkout::text::Text;

pub const PATH: &str = "/docs/api";
const MERCHANT: &str = "/docs/api/merchant.openapi.json";
const MERCHANT_DOCUMENT: &str = include_str!("../../../assets/merchant.openapi.json");
const MOST_TYPED: usize = 100;

/// A document, where its file is served, and whether only a sandbox has its calls.
struct Source {
    document: Document,
    file: &'static str,
    title: &'static str,
    of_sandbox: bool,
}

static SOURCES: LazyLock<[Source; 3]> = LazyLock::new(|| {
    let read = |text: &str, part_of| Document::read(&serde_json::from_str(text).unwrap_or_default(), part_of);
    let of_v1 = |path: &str| path.split('/').nth(3).map_or("about", |part| part.trim_end_matches(".json")).to_owned();
    [
        Source {
            document: read(MERCHANT_DOCUMENT, |_| "calls".to_owned()),
            file: MERCHANT,
            title: "docs-merchant",
            of_sandbox: false,
        },
        Source {
            document: read(crate::api::v1::DOCUMENT, of_v1),
            file: crate::api::v1::OPENAPI,
            title: "docs-v1",
            of_sandbox: false,
        },
        Source {
            document: read(include_str!("../../../assets/sandbox.openapi.json"), |_| "controls".to_owned()),
            file: "/sandbox/openapi.json",
            title: "docs-sandbox",
            of_sandbox: true,
        },
    ]
});

/// The name of a part in addresses: documents may have parts of one name.
fn slug(source: &Source, part: &str) -> String {
    match source.title {
        "docs-merchant" => part.to_owned(),
        "docs-v1" => format!("v1-{part}"),
        _ => format!("sandbox-{part}"),
    }
}

pub fn routes() -> Vec<Route> {
    vec![
        Route::public(Get, PATH, overview),
        Route::public(Get, MERCHANT, file),
        Route::public(Get, "/docs/api/{part}", part),
    ]
}

#[derive(Clone, Copy)]
struct Line {
    operation: &'static Operation,
    source: &'static Source,
}

impl Line {
    fn path(&self) -> String {
        format!("{PATH}/{}#{}", slug(self.source, &self.operation.part), self.operation.id)
    }

    fn is_meant(&self, q: &str) -> bool {
        let Operation { method, path, summary, params, body, .. } = self.operation;
        let names = params.iter().chain(body).map(|field| field.name.as_str()).collect::<Vec<_>>().join(" ");
        let all = format!("{method} {path} {summary} {names}").to_lowercase();
        q.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

struct Group {
    title: Text,
    about: &'static Prose,
    file: &'static str,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "dashboard/docs/overview.html")]
struct Overview {
    f: Frame,
    q: String,
    base: String,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "dashboard/docs/part.html")]
struct Part {
    f: Frame,
    title: Text,
    name: String,
    base: String,
    operations: Vec<&'static Operation>,
    /// The other pages: address, name, whether it is this one.
    parts: Vec<(String, String, bool)>,
}

/// What this gateway serves.
fn sources(ask: &Ask) -> impl Iterator<Item = &'static Source> {
    let sandbox = ask.app().is_open_sandbox();
    SOURCES.iter().filter(move |source| sandbox || !source.of_sandbox)
}

fn frame(ask: &Ask, title: String) -> Frame {
    Frame { is_wide: true, scripts: vec![&assets::SCRIPT, &assets::DOCS], ..ask.frame(title) }
}

async fn overview(ask: Ask) -> Answer {
    let (w, q) = (ask.w(), ask.query("q").chars().take(MOST_TYPED).collect::<String>());
    let group = |source: &'static Source| {
        let lines = source.document.operations.iter().map(|operation| Line { operation, source });
        Group {
            title: w.text(source.title),
            about: &source.document.about,
            file: source.file,
            lines: lines.filter(|line| line.is_meant(&q)).collect(),
        }
    };
    let groups = sources(&ask).map(group).filter(|group| !group.lines.is_empty()).collect();
    let base = ask.app().base_url.clone();
    ask.show(&Overview { f: frame(&ask, w.text("docs-title").plain()), q, base, groups })
}

async fn part(ask: Ask) -> Answer {
    let (w, wanted) = (ask.w(), ask.id("part"));
    let mut parts: Vec<(String, String, bool)> = Vec::new();
    let (mut operations, mut title) = (Vec::new(), None);
    for source in sources(&ask) {
        for operation in &source.document.operations {
            let slug = slug(source, &operation.part);
            if slug == wanted {
                operations.push(operation);
                title = Some((w.text(source.title), operation.part.replace('-', " ")));
            }
            if parts.iter().all(|(known, ..)| *known != slug) {
                parts.push((slug.clone(), slug.replace('-', " "), slug == wanted));
            }
        }
    }
    let (title, name) = title.ok_or(Failed::NotFound)?;
    let f = frame(&ask, format!("{name} · {}", w.text("docs-title").plain())).under(w.text("docs-title").plain(), PATH);
    let base = ask.app().base_url.clone();
    ask.show(&Part { f, title, name, base, operations, parts })
}

/// The document itself.
async fn file(_: Ask) -> Answer {
    let kind = [(header::CONTENT_TYPE, "application/json"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((kind, MERCHANT_DOCUMENT).into_response())
}

/// As a shell takes it.
fn curl(operation: &Operation, base: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let mut query = form_urlencoded::Serializer::new(String::new());
    let needed = operation.params.iter().filter(|param| param.place == "query" && param.required);
    query.extend_pairs(needed.map(|param| (&param.name, &param.example)));
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let mut line =
        format!("curl -X {} {}", operation.method, quoted(&format!("{base}{}{mark}{query}", operation.path)));
    if operation.needs_key {
        line.push_str(" \\\n  -H \"API-KEY: $API_KEY\"");
    }
    if let Some(body) = &operation.body_example {
        line.push_str(&format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d {}", quoted(body)));
    }
    line
}

#[cfg(test)]
pub fn samples() -> Vec<(&'static str, Sample)> {
    vec![("/docs/api/{part}", |_, _| Box::pin(async { format!("{PATH}/invoices") }))]
}

#[cfg(test)]
mod tests;
