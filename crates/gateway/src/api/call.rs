//! A merchant's call as a handler sees it.
//!
//! Its body is read to its end before the call is looked at: a server that answers while the client still sends, and closes, makes the
//! client see a broken connection instead of the answer. A body may hold a card number, so our buffer of it is wiped when the last reader
//! has dropped it. Not covered: what the kernel and the HTTP library's read buffer hold (chunks are slices of it, freed unwiped), and the
//! multipart reader's own buffer.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use futures_util::StreamExt;
use zeroize::Zeroizing;

use super::body::json;
use crate::wire::params::{BodyError, MAX_BODY_BYTES, Params, decode_body, error_body};

/// How long a body may take to arrive.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);
/// So much of a body is read at most; of what is more than [`MAX_BODY_BYTES`], nothing is kept.
const READ_AT_MOST: usize = 64 << 20;
/// Room made for a body of unknown length.
const FIRST_ROOM: usize = 4096;

pub struct Call {
    pub peer: IpAddr,
    pub headers: HeaderMap,
    pub uri: Uri,
    /// The body, or as much of one that is too large as shows that it is.
    body: Zeroizing<Vec<u8>>,
}

/// Without the headers, which have a key, and the body.
impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("peer", &self.peer).field("path", &self.uri.path()).finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequest<S> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
            return Err(json(StatusCode::INTERNAL_SERVER_ERROR, error_body("The caller's address is not known.")));
        };
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        match tokio::time::timeout(ARRIVES_WITHIN, read_to_end(body, announced.unwrap_or(FIRST_ROOM))).await {
            Ok(Ok(body)) => Ok(Call { peer: peer.ip(), headers: parts.headers, uri: parts.uri, body }),
            Ok(Err(_)) => Err(json(StatusCode::BAD_REQUEST, error_body("The body broke off."))),
            Err(_) => Err(json(StatusCode::REQUEST_TIMEOUT, error_body("The body did not arrive in time."))),
        }
    }
}

impl Call {
    fn query(&self) -> Option<&str> {
        self.uri.query().filter(|query| !query.is_empty())
    }

    /// The parameters of the body.
    pub async fn params(&self) -> Result<Params, BodyError> {
        if self.body.len() > MAX_BODY_BYTES {
            return Err(BodyError::TooLarge);
        }
        let content_type = self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        decode_body(content_type, &self.body).await
    }

    /// Parameters of a call that is a GET in the contract, from the query string; the body of the POST variant if that has none.
    pub async fn query_or_body(&self) -> Result<Params, BodyError> {
        match self.query() {
            Some(query) => Params::from_query(query),
            None => self.params().await,
        }
    }

    /// The parameters of the query string and of the body together; what the query string names wins.
    pub async fn query_over_body(&self) -> Result<Params, BodyError> {
        let body = self.params().await?;
        match self.query() {
            Some(query) => Params::from_query(query)?.over(body),
            None => Ok(body),
        }
    }
}

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
            let call = Call {
                peer: IpAddr::from([127, 0, 0, 1]),
                headers: HeaderMap::new(),
                uri: Uri::from_static("/"),
                body: read,
            };
            assert_eq!(call.params().await.err() == Some(BodyError::TooLarge), kept > MAX_BODY_BYTES);
        }
    }
}
