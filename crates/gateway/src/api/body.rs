//! Parameters in, JSON out.
//!
//! A body may hold a card number, so our buffer of it is wiped when the last reader has dropped it. Not covered: what the kernel and
//! the HTTP library's read buffer hold (chunks are slices of it, freed unwiped), and the multipart reader's own buffer.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use zeroize::Zeroizing;

use crate::wire::params::{BodyError, MAX_BODY_BYTES, Params, decode_body, error_body};

/// How long a body may take to arrive.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);
/// So much of a body is read at most; of what is more than [`MAX_BODY_BYTES`], nothing is kept.
const READ_AT_MOST: usize = 64 << 20;
/// Room made for a body of unknown length.
const FIRST_ROOM: usize = 4096;

pub fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

/// Reads the body to its end before the call is looked at. A server that answers while the client still sends, and closes,
/// makes the client see a broken connection instead of the answer.
pub async fn take_in(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    match tokio::time::timeout(ARRIVES_WITHIN, read_to_end(body, announced.unwrap_or(FIRST_ROOM))).await {
        Ok(Ok(kept)) => next.run(Request::from_parts(parts, Body::from(Bytes::from_owner(kept)))).await,
        Ok(Err(_)) => json(StatusCode::BAD_REQUEST, error_body("The body broke off.")),
        Err(_) => json(StatusCode::REQUEST_TIMEOUT, error_body("The body did not arrive in time.")),
    }
}

/// The body, or as much of one that is too large as shows that it is.
async fn read_to_end(body: Body, announced: usize) -> Result<Zeroizing<Vec<u8>>, axum::Error> {
    let mut kept = Zeroizing::new(Vec::with_capacity(announced.min(MAX_BODY_BYTES + 1)));
    let (mut read, mut chunks) = (0_usize, body.into_data_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        read = read.saturating_add(chunk.len());
        if read > READ_AT_MOST {
            break;
        }
        let room = (MAX_BODY_BYTES + 1).saturating_sub(kept.len());
        append(&mut kept, &chunk[..chunk.len().min(room)]);
    }
    Ok(kept)
}

/// A vector that grows by itself leaves its old memory unwiped.
fn append(kept: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = kept.len() + chunk.len();
    if needed > kept.capacity() {
        let mut larger = Zeroizing::new(Vec::with_capacity(needed.max(kept.capacity() * 2)));
        larger.extend_from_slice(kept);
        *kept = larger;
    }
    kept.extend_from_slice(chunk);
}

/// The body's bytes, as they came: the very buffer that [`take_in`] filled.
pub async fn bytes(body: Body) -> Result<Bytes, BodyError> {
    axum::body::to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| BodyError::TooLarge)
}

pub async fn params(headers: &HeaderMap, body: &[u8]) -> Result<Params, BodyError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    decode_body(content_type, body).await
}

/// Parameters of a call that is a GET in the contract, from the query string; the body of the POST variant if that has none.
pub async fn query_or_body(uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Params, BodyError> {
    match uri.query().filter(|query| !query.is_empty()) {
        Some(query) => Params::from_query(query),
        None => params(headers, &bytes(body).await?).await,
    }
}

/// The parameters of the query string and of a body together; what the query string names wins.
pub async fn query_over_body(uri: &Uri, headers: &HeaderMap, body: Body) -> Result<Params, BodyError> {
    let body = params(headers, &bytes(body).await?).await?;
    match uri.query().filter(|query| !query.is_empty()) {
        Some(query) => Params::from_query(query)?.over(body),
        None => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_are_read_whole_or_to_the_limit() {
        for (chunks, each, announced, kept) in [
            (0, 0, 0, 0),
            (1, 100, 100, 100),
            (3, 5000, FIRST_ROOM, 15_000),
            (7, 9, 0, 63),
            (3, MAX_BODY_BYTES, usize::MAX, MAX_BODY_BYTES + 1),
        ] {
            let bytes = (0..chunks).map(move |n: u8| Ok::<_, std::convert::Infallible>(vec![n; each]));
            let body = Body::from_stream(futures_util::stream::iter(bytes));
            let read = read_to_end(body, announced).await.unwrap();
            let expected: Vec<u8> = (0..chunks).flat_map(|n| vec![n; each]).take(kept).collect();
            assert_eq!((read.len(), *read == expected), (kept, true), "{chunks} times {each}");
            let read = bytes_of(read).await;
            assert_eq!(
                read.map(|read| read.len()),
                if kept > MAX_BODY_BYTES { Err(BodyError::TooLarge) } else { Ok(kept) }
            );
        }
    }

    async fn bytes_of(read: Zeroizing<Vec<u8>>) -> Result<Bytes, BodyError> {
        let place = read.as_ptr();
        let bytes = bytes(Body::from(Bytes::from_owner(read))).await?;
        assert!(bytes.is_empty() || bytes.as_ptr() == place, "the buffer that is wiped is the one that is read");
        Ok(bytes)
    }
}
