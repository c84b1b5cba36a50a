//! Answers: the headers of every page, and the pages that say what went wrong.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::ask::Ask;
use super::frame::Frame;
use crate::checkout::headers::page_headers;
use crate::checkout::text::Text;
use crate::papers::NoPaper;
use crate::store::StoreError;

pub type Answer = Result<Response, Failed>;

/// Why there is no page.
#[derive(Debug)]
pub enum Failed {
    /// Not there, or not his.
    NotFound,
    /// His role does not include it.
    Forbidden,
    /// The form did not come from our own page of this session.
    ForeignForm,
    TooManyRequests(u64),
    TooLarge,
    Store(StoreError),
    /// A template could not be written.
    Page(String),
    /// Something outside is not to be had now.
    Unavailable,
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Failed::Store(error)
    }
}

impl From<NoPaper> for Failed {
    fn from(error: NoPaper) -> Self {
        match error {
            NoPaper::Store(error) => Failed::Store(error),
            NoPaper::Busy => Failed::Unavailable,
            NoPaper::Unwritten(_) => Failed::Page(error.to_string()),
        }
    }
}

#[derive(Template)]
#[template(path = "dashboard/failed.html")]
struct FailedPage {
    f: Frame,
    heading: Text,
    help: Text,
}

impl Failed {
    /// The page that says so.
    pub(super) fn page(self, ask: &Ask) -> Response {
        let (status, heading, help) = match &self {
            Failed::NotFound => (StatusCode::NOT_FOUND, "not-found", "not-found-help"),
            Failed::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "forbidden-help"),
            Failed::ForeignForm => (StatusCode::FORBIDDEN, "foreign-form", "foreign-form-help"),
            Failed::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "too-many", "too-many-help"),
            Failed::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "too-large-help"),
            Failed::Store(_) | Failed::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "unavailable-help")
            }
            Failed::Page(_) => (StatusCode::INTERNAL_SERVER_ERROR, "unavailable", "unavailable-help"),
        };
        match &self {
            Failed::Store(error) => error.log("A page of the dashboard failed in the store"),
            Failed::Page(error) => tracing::error!(error, "a page of the dashboard could not be written"),
            _ => {}
        }
        let w = ask.w();
        let heading = w.text(heading);
        let page = FailedPage { f: ask.frame(heading.plain()), heading, help: w.text(help) };
        let mut response = with_headers(status, page.render().unwrap_or_default());
        if let Failed::TooManyRequests(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A file to keep, not to show.
pub fn attachment(content_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let kind = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (StatusCode::OK, page_headers(None), kind, bytes).into_response()
}

pub fn with_headers(status: StatusCode, html: String) -> Response {
    (status, page_headers(None), Html(html)).into_response()
}
