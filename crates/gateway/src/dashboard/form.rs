//! A posted form. Its values may be passwords: they are wiped, and never shown by `Debug`.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use zeroize::Zeroizing;

/// Largest form, with its files.
pub const MAX_BYTES: usize = 2 << 20;
const MAX_FIELDS: usize = 200;

#[derive(Default)]
pub struct Form {
    fields: Vec<(String, Zeroizing<String>)>,
    files: Vec<File>,
}

/// A file as it was sent; nothing about it is known to be true.
pub struct File {
    pub field: String,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.fields.iter().map(|(name, _)| name)).finish()
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({}, {} bytes)", self.field, self.bytes.len())
    }
}

impl Form {
    /// Reads what browsers send of forms, and nothing else: `None` for any other body.
    pub async fn read(headers: &HeaderMap, body: Bytes) -> Option<Form> {
        if body.is_empty() {
            return Some(Form::default());
        }
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        match kind.split(';').next()?.trim() {
            "application/x-www-form-urlencoded" => {
                let pairs = form_urlencoded::parse(&body);
                let fields =
                    pairs.take(MAX_FIELDS).map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
                Some(Form { fields: fields.collect(), files: Vec::new() })
            }
            "multipart/form-data" => multipart(multer::parse_boundary(kind).ok()?, body).await,
            _ => None,
        }
    }

    /// The field's text, without blanks around it; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// As it was typed: of a password blanks count.
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn secret(&self, name: &str) -> Zeroizing<String> {
        Zeroizing::new(self.raw(name).to_owned())
    }

    /// Whether a box was ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// Every value of a name that may be sent several times.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub fn file(&self, field: &str) -> Option<&File> {
        self.files.iter().find(|file| file.field == field && !file.bytes.is_empty())
    }
}

async fn multipart(boundary: String, body: Bytes) -> Option<Form> {
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let (mut parts, mut form) = (multer::Multipart::new(stream, boundary), Form::default());
    while let Some(part) = parts.next_field().await.ok()? {
        if form.fields.len() + form.files.len() == MAX_FIELDS {
            return None;
        }
        let name = part.name()?.to_owned();
        if part.file_name().is_some() {
            let content_type = part.content_type().map(ToString::to_string);
            form.files.push(File { field: name, content_type, bytes: part.bytes().await.ok()? });
        } else {
            form.fields.push((name, Zeroizing::new(part.text().await.ok()?)));
        }
    }
    Some(form)
}
