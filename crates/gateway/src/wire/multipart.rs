//! `multipart/form-data` bodies.

use super::params::{BodyError, ParamValue, Params};
use axum::body::Bytes;
use std::convert::Infallible;

pub(super) async fn decode(content_type: &str, body: &[u8]) -> Result<Params, BodyError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| BodyError::MalformedMultipart)?;
    let stream = tokio_stream::once(Ok::<_, Infallible>(Bytes::copy_from_slice(body)));
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut params = Params::default();
    while let Some(part) = parts.next_field().await.map_err(|_| BodyError::MalformedMultipart)? {
        // A part without a name cannot be a parameter; unknown parameters are ignored, so this one is too.
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let bytes = part.bytes().await.map_err(|_| BodyError::MalformedMultipart)?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| BodyError::NotUtf8)?;
        params.set(name, Some(ParamValue::from_text(text)))?;
    }
    Ok(params)
}
