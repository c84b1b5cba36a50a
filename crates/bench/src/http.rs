//! The smallest HTTP/1.1 client that will do: prepared requests on kept connections, answers with a length. A full client would take
//! more of the two processors than the server that is measured.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Fail;
use crate::driver::Caller;

/// A connection that sends prepared requests in turn.
#[derive(Debug)]
pub struct HttpCaller {
    stream: TcpStream,
    answer: Vec<u8>,
    requests: Arc<[Vec<u8>]>,
    next: usize,
    /// What every answer's body begins with.
    begins: &'static str,
}

/// `connections` callers that begin at different places of `requests`.
pub async fn callers(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    connections: usize,
    begins: &'static str,
) -> Result<Vec<HttpCaller>, Fail> {
    let requests: Arc<[Vec<u8>]> = requests.into();
    let mut callers = Vec::with_capacity(connections);
    for number in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let next = number * requests.len() / connections.max(1);
        callers.push(HttpCaller { stream, answer: Vec::new(), requests: requests.clone(), next, begins });
    }
    Ok(callers)
}

/// Asks once and gives the body.
pub async fn ask(address: SocketAddr, request: Vec<u8>) -> Result<String, Fail> {
    let mut caller = callers(address, vec![request], 1, "").await?.remove(0);
    caller.exchange().await
}

pub fn get(path: &str, api_key: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\napi-key: {api_key}\r\n\r\n").into_bytes()
}

pub fn post(path: &str, api_key: &str, json: &str) -> Vec<u8> {
    let length = json.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: bench\r\napi-key: {api_key}\r\ncontent-type: application/json\r\n");
    format!("{head}content-length: {length}\r\n\r\n{json}").into_bytes()
}

/// As a browser with these cookies asks for a page.
pub fn get_as(path: &str, cookies: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\ncookie: {cookies}\r\n\r\n").into_bytes()
}

/// As a browser with these cookies sends a form.
pub fn post_form(path: &str, cookies: &str, body: &str) -> Vec<u8> {
    let head = format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncookie: {cookies}\r\nsec-fetch-site: same-origin\r\n");
    let form = format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n", body.len());
    format!("{head}{form}\r\n{body}").into_bytes()
}

/// Asks once and gives the whole answer, whatever its status.
pub async fn whole(address: SocketAddr, request: &[u8]) -> Result<String, Fail> {
    let mut stream = TcpStream::connect(address).await?;
    let end = request.windows(2).position(|two| two == b"\r\n").ok_or("a request without a line")?;
    stream.write_all(&request[..end]).await?;
    stream.write_all(b"\r\nconnection: close").await?;
    stream.write_all(&request[end..]).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

impl HttpCaller {
    async fn exchange(&mut self) -> Result<String, Fail> {
        let body = self.round_trip().await?;
        Ok(String::from_utf8_lossy(&self.answer[body]).into_owned())
    }

    /// Sends the next request and reads the answer; where its body is.
    async fn round_trip(&mut self) -> Result<std::ops::Range<usize>, Fail> {
        self.stream.write_all(&self.requests[self.next]).await?;
        self.next = (self.next + 1) % self.requests.len();
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(body) = body_of(&self.answer)? {
                return Ok(body);
            }
        }
    }
}

impl Caller for HttpCaller {
    async fn call(&mut self) -> Result<(), Fail> {
        let body = self.round_trip().await?;
        match self.answer[body].starts_with(self.begins.as_bytes()) {
            true => Ok(()),
            false => Err(format!("not the expected answer: {}", String::from_utf8_lossy(&self.answer)).into()),
        }
    }
}

/// Where the body is, once all of it has come.
fn body_of(answer: &[u8]) -> Result<Option<std::ops::Range<usize>>, Fail> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&answer[..head])?;
    if !text.starts_with("HTTP/1.1 200 ") {
        return Err(format!("not a 200: {}", String::from_utf8_lossy(answer)).into());
    }
    let length = text.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    });
    let end = head + 4 + length.ok_or("an answer without its length")?;
    Ok((answer.len() >= end).then_some(head + 4..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_complete_or_waited_for_or_refused() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(body_of(whole).unwrap(), Some(whole.len() - 2..whole.len()));
        assert_eq!(body_of(&whole[..whole.len() - 1]).unwrap(), None);
        assert_eq!(body_of(b"HTTP/1.1 200 OK\r\n").unwrap(), None);
        assert!(body_of(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(body_of(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
