//! A question as a page's handler sees it, after the gate let it in, and the ways to answer.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::cookies;
use super::form::Form;
use super::frame::Frame;
use super::pages::{Answer, Failed, with_headers};
use super::viewer::Viewer;
use super::words::Words;
use crate::api::Web;
use crate::app::SharedApp;
use crate::app::accounts::sessions::{Browser, Desk, Person};

#[derive(Debug, Clone)]
pub struct Ask {
    pub web: Web,
    pub viewer: Viewer,
    pub ip: IpAddr,
    pub headers: HeaderMap,
    /// The path that was asked for, without its query.
    pub path: String,
    pub form: Arc<Form>,
    pub(super) ids: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    /// What a form of this page must hold.
    pub(super) csrf: String,
    pub(super) flash: Option<String>,
    /// What the operator has all pages show now.
    pub(super) announcement: Option<String>,
    pub(super) person: Option<Person>,
    /// Signed in but for the second factor.
    pub(super) half: Option<Person>,
    pub(super) desk: Option<Desk>,
}

impl Ask {
    pub fn app(&self) -> &SharedApp {
        &self.web.app
    }

    pub fn w(&self) -> Words {
        self.viewer.w
    }

    /// What stands in the path at `{name}`.
    pub fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A number in the path; what is none is not there.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn number(&self, name: &str) -> Result<i64, Failed> {
        self.id(name).parse().map_err(|_| Failed::NotFound)
    }

    /// A value of the query, without blanks around it; empty when it is not there.
    pub fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Who is signed in, also on a page for anybody.
    pub fn person(&self) -> Option<&Person> {
        self.person.as_ref()
    }

    /// Whether htmx asks for a part of a page.
    pub fn is_partial(&self) -> bool {
        self.headers.contains_key("hx-request") && !self.headers.contains_key("hx-boosted")
    }

    pub fn browser(&self) -> Browser {
        let agent = self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Browser { ip: self.ip, user_agent: agent.unwrap_or_default().to_owned() }
    }

    /// The frame of a page with this title: navigation, who is signed in, what is to be said once.
    pub fn frame(&self, title: impl Into<String>) -> Frame {
        Frame::new(self, title.into())
    }

    /// A page, or a part of one.
    pub fn show(&self, template: &impl askama::Template) -> Answer {
        self.show_as(StatusCode::OK, template)
    }

    /// A form again, with what is wrong in it.
    pub fn show_again(&self, template: &impl askama::Template) -> Answer {
        self.show_as(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    pub fn show_as(&self, status: StatusCode, template: &impl askama::Template) -> Answer {
        let html = template.render().map_err(|error| Failed::Page(error.to_string()))?;
        Ok(with_headers(status, html))
    }

    /// To another of our pages.
    pub fn go(&self, path: &str) -> Response {
        (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
    }

    /// To another page, which says the message of this key once. The key begins with `flash-`.
    pub fn go_saying(&self, path: &str, key: &str) -> Response {
        let mut response = self.go(path);
        cookies::set(self.app(), &mut response, cookies::FLASH, key, 60);
        response
    }
}

/// The path to go on to after a log-in, if it is one of our pages: nothing that a browser could take for another host.
pub fn local_path(text: &str) -> Option<&str> {
    let fits = text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let ours = ["/client", "/operator", "/account", "/join"]
        .iter()
        .any(|area| text.strip_prefix(area).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])));
    let base = Url::parse("http://gateway.invalid/").ok()?;
    let there = base.join(text).ok()?;
    (fits && ours && there.origin() == base.origin()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_our_own_pages() {
        for good in ["/client/", "/client/invoices?state=opened&page=2", "/operator", "/account/sessions"] {
            assert_eq!(local_path(good), Some(good));
        }
        let bad = [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/client/",
            "https:evil.example",
            "/%2Fevil.example",
            "/client\\..\\..\\evil",
            "/clientevil.example",
            "/client/\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            " /client/",
            "/login",
            "/client@evil.example",
        ];
        for bad in bad {
            assert_eq!(local_path(bad), None, "{bad}");
        }
    }
}
