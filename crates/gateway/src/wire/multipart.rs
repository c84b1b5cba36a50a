//! `multipart/form-data` bodies.
//!
//! Our copy of the body and the values are wiped. The library's own buffer, through which the parts pass, is not.

use super::form::wiped_text;
use super::params::{BodyError, ParamValue, Params};
use axum::body::Bytes;
use std::convert::Infallible;
use zeroize::Zeroizing;

pub(super) async fn decode(content_type: &str, body: &[u8]) -> Result<Params, BodyError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| BodyError::MalformedMultipart)?;
    let stream = tokio_stream::once(Ok::<_, Infallible>(Bytes::from_owner(Zeroizing::new(body.to_vec()))));
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut params = Params::default();
    while let Some(part) = parts.next_field().await.map_err(|_| BodyError::MalformedMultipart)? {
        // A part without a name cannot be a parameter; unknown parameters are ignored, so this one is too.
        let Some(name) = part.name().map(|name| Zeroizing::new(name.to_owned())) else { continue };
        let bytes = part.bytes().await.map_err(|_| BodyError::MalformedMultipart)?;
        params.set(name, Some(ParamValue::from_wiped(wiped_text(bytes.to_vec())?)))?;
    }
    Ok(params)
}
